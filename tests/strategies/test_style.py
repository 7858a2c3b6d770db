import random

import pytest
from lxml import etree

from harness.strategies.payloads import PAYLOADS
from harness.strategies.reading import read, read_all
from harness.strategies.sample import Element
from harness.strategies.serializing import serialize
from harness.strategies.style import PLAIN, STYLES, Style
from harness.strategies.values import TEXTS, filled
from harness.xmpp.namespaces import CLIENT, STREAM, XML, Name

HEADER = f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode()
FOOTER = b"</stream:stream>"
NAMESPACES = ["", CLIENT, STREAM, "urn:one", "urn:two", "urn:a b", "urn:'\"<&>", "urn:\n|}", "é", " "]
LOCALS = ["a", "b", "message", "xmlns", "é", "a.b-c_d"]


def tree(chance: random.Random, depth: int = 0) -> Element:
    attributes = {
        Name(
            chance.choice(["", "", "", XML, "urn:one", "urn:\n"]), chance.choice(["a", "b", "lang", "é"])
        ): text(chance)
        for _ in range(chance.choice([0, 0, 1, 3]))
    }
    children = [
        text(chance) if chance.random() < 0.5 else tree(chance, depth + 1)
        for _ in range(0 if depth > 3 else chance.choice([0, 1, 2, 3]))
    ]
    namespace = chance.choice(NAMESPACES) if depth else CLIENT
    name = Name(namespace, chance.choice(LOCALS[:3] if namespace == XML else LOCALS))
    return Element(name=name, attributes=tuple(attributes.items()), children=tuple(children))


def text(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(TEXTS)
    if kind < 0.8:
        return chance.choice(["${peer's JID}", "a${token}b", "${me}${PEER}", "<${domain}'>", "${unknown}"])
    return "".join(chance.choice("]>[<&'\" \t\r\né\U0001f600-") for _ in range(chance.randrange(8)))


def as_lxml_takes(data: bytes) -> Element:
    """A second opinion; libxml2 is made to go on where a namespace is no URI."""
    parser = etree.XMLParser(resolve_entities=False, remove_blank_text=False, recover=True)
    (child,) = etree.fromstring(HEADER + data + FOOTER, parser)
    return _converted(child)


def _converted(element: etree._Element) -> Element:
    children: list[Element | str] = [element.text or ""]
    for child in element:
        children += [_converted(child), child.tail or ""]
    attributes = tuple((_name(str(key)), str(value)) for key, value in element.attrib.items())
    return Element(name=_name(str(element.tag)), attributes=attributes, children=tuple(children))


def _name(clark: str) -> Name:
    """`Name.of` for a namespace that may itself hold a brace."""
    namespace, brace, local = clark.rpartition("}")
    return Name(namespace[1:] if brace else "", local)


def test_what_is_written_is_read_back_whatever_the_style():
    chance = random.Random(6120)
    for turn in range(2000):
        element = tree(chance)
        data = serialize(element, Style.of(turn if turn < 500 else chance.randrange(STYLES)))
        assert (back := read(data)) is not None, data
        assert back.normal() == element.normal(), data
        assert as_lxml_takes(data).normal() == element.normal(), data


def test_valid_stanzas_are_read_back():
    chance = random.Random(6121)
    for payload in PAYLOADS:
        for _ in range(5):
            element = payload.make(chance.getrandbits(48))
            data = serialize(element, Style.of(chance.randrange(STYLES)))
            assert (back := read(data)) is not None, data
            assert back.normal() == element.normal(), data


def test_the_first_style_is_plain():
    assert Style.of(0) == PLAIN == Style()
    assert (
        serialize(PAYLOADS[0].make(0))
        == b"<message to=\"${peer's JID}\" id='${token}'><body>hello</body></message>"
    )


def test_styles_differ():
    assert len({Style.of(number) for number in range(STYLES)}) == STYLES


def test_placeholders_stay_whatever_the_style():
    element = Element(
        name=Name(CLIENT, "message"),
        attributes=((Name("", "to"), "${peer's JID}"),),
        children=("a${token}b",),
    )
    for number in range(STYLES):
        data = serialize(element, Style.of(number)).decode()
        assert "${peer's JID}" in data
        assert "${token}" in data
        assert read(filled(data).encode()) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"<a>",
        b"<a/><b/>",
        b"",
        b"x<a/>",
        b"<a><!----></a>",
        b"<a/><?x?>",
        b"<!DOCTYPE a><a/>",
        b"<x:a/>",
        b"<a>\xff</a>",
        b"<a/></stream:stream>",
        b"<a/></stream:stream><stream:stream>",
        b"<a>&x;</a>",
    ],
)
def test_nothing_else_is_an_element(data):
    assert read(data) is None


def test_several_are_read_in_order():
    found = read_all(b"<a/> <b/>\n<c xmlns='urn:x'/>")
    assert [one.name.local for one in found or ()] == ["a", "b", "c"]
