"""Changes to what a stanza holds: elements, their names and order, their attributes and texts."""

from collections.abc import Sequence
from dataclasses import replace

from harness.strategies.answers import BAD_NAMESPACE
from harness.strategies.choices import Choices
from harness.strategies.mutation import Mutation, mutation, somewhere
from harness.strategies.payloads import VALUES
from harness.strategies.sample import Element
from harness.strategies.trees import Child, changed, leaf, with_attribute, with_child
from harness.strategies.values import TEXTS
from harness.xmpp.namespaces import CLIENT, XML, Name

_LONG = (1023, 1024, 4096)
_NAMES = ("unknown", "x", "query", "item", "body", "error", "message", "iq", "stream", "é", "_", "a" * 1024)
_NAMESPACES = (
    *("urn:example:unknown", "", "jabber:client", "jabber:server", "jabber:iq:roster", "urn:xmpp:ping"),
    *(
        "http://etherx.jabber.org/streams",
        "urn:ietf:params:xml:ns:xmpp-stanzas",
        "JABBER:CLIENT",
        "jabber:client/",
    ),
    *(f"urn:{'x' * (length - 4)}" for length in _LONG),
)
#: Legal, but no URI references, so that a parser may refuse them (Namespaces in XML, 2.1).
_ODD_NAMESPACES = (
    "urn:a\nb",
    "urn:a|b",
    "urn:a b",
    "urn:a}b",
    "jabber:client ",
    " jabber:client",
    "jabber:client\n",
    " ",
)
_RETYPED = {
    "integer": (
        *(
            "",
            "-1",
            "0",
            "2147483647",
            "2147483648",
            "4294967296",
            "9223372036854775808",
            "1" + "0" * 308,
            "1e309",
        ),
        *("0x10", "010", "+1", " 1 ", "1.0", "1,000", "٣", "NaN", "Infinity", "-0", "true", "x"),
    ),
    "datetime": (
        *(
            "",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "-0001-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
        ),
        *(
            "1970-01-01T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2002-13-01T00:00:00Z",
            "2002-02-30T00:00:00Z",
            "2002-09-10",
        ),
        *(
            "2002-09-10T23:08:25",
            "2002-09-10 23:08:25Z",
            "2002-09-10T25:00:00Z",
            "2002-09-10T23:08:25+99:99",
            "now",
        ),
        *("20020910T23:08:25Z", "2002-09-10T23:08:25." + "9" * 400 + "Z", "٢٠٠٢-09-10T23:08:25Z", "0", "NaN"),
    ),
    "jid": (
        *(
            "",
            " ",
            "@",
            "/",
            "a@",
            "@a",
            "a/",
            "a@b@c",
            "a@/b",
            "//",
            "a b@${domain}",
            "a&b@${domain}",
            "'@${domain}",
        ),
        *(
            "${peer}/",
            "${PEER}",
            "${domain}",
            "${me}",
            "\u200d@${domain}",
            "x" * 1024 + "@${domain}",
            "ß" * 512 + "@a.b",
        ),
        *(
            "a@" + "b." * 600 + "c",
            "a@-b.example",
            "a@b..c",
            "a@[::1",
            "a@1.2.3.4.5",
            "a@xn--a",
            "null",
            "*@*",
        ),
    ),
    "base64": (
        "",
        "=",
        "====",
        "a",
        "aGVsbG8",
        "aGVsbG8= ",
        "aGVs\nbG8=",
        "!!!!",
        "aGVsbG9=",
        "_-_-",
        "A" * 4096,
    ),
    "uri": (
        "",
        " ",
        "http://",
        "//a",
        ":",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
        "%",
        "é",
    ),
    "lang": ("", " ", "-", "en_US", "x" * 100, "*", "é", "en-"),
    "word": ("", " ", "unknown", "TRUE", "True", "yes", "2", "-1", "null", "nil", "x" * 1024, "é", "0"),
}
_ANY = (
    "",
    " ",
    "\t\n",
    "-1",
    "null",
    "' or '1'='1",
    "%s%n",
    "${domain}",
    "../../..",
    "\u202e",
    "\U0010ffff",
    "&<>'\"",
    "x" * 1024,
)


def _without(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    return found and changed(element, found[0], lambda _: ())


def _twice(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    count = choices.among((2, 3, 16))
    return found and changed(element, found[0], lambda one: [one] * count)


def _emptied(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.children))
    return found and changed(element, found[0], lambda one: [replace(one, children=())])


def _bare(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.attributes))
    return found and changed(element, found[0], lambda one: [replace(one, attributes=())])


def _reversed(element: Element, choices: Choices) -> Element | None:
    if not choices.below(2) and len(element.children) > 1:
        return replace(element, children=element.children[::-1])
    found = somewhere(element, choices, lambda one: len(one.children) > 1)
    return found and changed(element, found[0], lambda one: [replace(one, children=one.children[::-1])])


def _renamed(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    local = choices.among(_NAMES)
    return found and changed(
        element, found[0], lambda one: [replace(one, name=Name(one.name.namespace, local))]
    )


def _in_other_case(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    return found and changed(
        element, found[0], lambda one: [replace(one, name=Name(one.name.namespace, one.name.local.upper()))]
    )


def _moved(element: Element, choices: Choices, namespaces: Sequence[str]) -> Element | None:
    found = somewhere(element, choices)
    namespace = choices.among(namespaces)
    return found and changed(
        element, found[0], lambda one: [replace(one, name=Name(namespace, one.name.local))]
    )


def _in_another_namespace(element: Element, choices: Choices) -> Element | None:
    return _moved(element, choices, _NAMESPACES)


def _in_an_odd_namespace(element: Element, choices: Choices) -> Element | None:
    return _moved(element, choices, _ODD_NAMESPACES)


def _in_a_longer_namespace(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.name.namespace))
    if found is None:
        return None
    namespace, local = found[1].name
    others = (
        namespace + "x",
        namespace[:-1],
        namespace.upper(),
        namespace + "#",
        namespace + "/",
        namespace + "%20",
    )
    other = choices.among(others)
    return changed(element, found[0], lambda one: [replace(one, name=Name(other, local))])


def _wrapped(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    wrapper = choices.among((Name("urn:example:wrapper", "wrapper"), Name(CLIENT, "unknown"), Name("", "x")))
    return found and changed(element, found[0], lambda one: [Element(name=wrapper, children=(one,))])


def _unwrapped(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.elements))
    return found and changed(element, found[0], lambda one: one.elements)


def _within_itself(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    return found and changed(element, found[0], lambda one: [with_child(one, one)])


def _moved_up(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.elements))
    if found is None:
        return None
    child = choices.among(found[1].elements)

    def lifted(one: Element) -> Sequence[Child]:
        kept = tuple(each for each in one.children if each is not child)
        return [replace(one, children=kept), child]

    return changed(element, found[0], lifted)


def _with_text(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    text = choices.among(TEXTS)
    return found and changed(element, found[0], lambda one: [with_child(one, text)])


def _with_other_text(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.children) and not one.elements)
    if found is None:
        return None
    known = VALUES.get((found[1].name, None))
    options = _RETYPED.get(known.name, _ANY) if known is not None else _ANY
    text = choices.among(options)
    return changed(element, found[0], lambda one: [replace(one, children=(text,))])


def _with_unknown_child(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    child = leaf("urn:example:unknown", "unknown", choices.among(TEXTS))
    return found and changed(
        element, found[0], lambda one: [with_child(one, child, first=choices.below(2) == 1)]
    )


def _with_unknown_attribute(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices)
    name = choices.among(
        (Name("", "unknown"), Name("urn:example", "unknown"), Name(CLIENT, "to"), Name(XML, "space"))
    )
    return found and changed(element, found[0], lambda one: [with_attribute(one, name, "preserve")])


def _without_attribute(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.attributes))
    if found is None:
        return None
    name, _ = choices.among(found[1].attributes)
    return changed(element, found[0], lambda one: [with_attribute(one, name, None)])


def _retyped(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.attributes))
    if found is None:
        return None
    name, _ = choices.among(found[1].attributes)
    known = VALUES.get((found[1].name, name))
    options = _RETYPED.get(known.name, _ANY) if known is not None else _ANY
    value = choices.among(options)
    return changed(element, found[0], lambda one: [with_attribute(one, name, value)])


def _attribute_elsewhere(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: bool(one.attributes))
    other = somewhere(element, choices)
    if found is None or other is None:
        return None
    name, value = choices.among(found[1].attributes)
    return changed(element, other[0], lambda one: [with_attribute(one, name, value)])


def _attributes_swapped(element: Element, choices: Choices) -> Element | None:
    found = somewhere(element, choices, lambda one: len(one.attributes) > 1)
    if found is None:
        return None
    first, second, *rest = found[1].attributes
    swapped = ((first[0], second[1]), (second[0], first[1]), *rest)
    return changed(element, found[0], lambda one: [replace(one, attributes=swapped)])


STRUCTURES: tuple[Mutation, ...] = (
    mutation("an element is missing", _without),
    mutation("an element is repeated", _twice),
    mutation("an element is empty", _emptied),
    mutation("an element has no attributes", _bare),
    mutation("children in reverse order", _reversed),
    mutation("an element has another name", _renamed),
    mutation("an element is in upper case", _in_other_case),
    mutation("an element is in another namespace", _in_another_namespace),
    mutation("an element is in a namespace like its own", _in_a_longer_namespace),
    mutation("an element is in an odd namespace", _in_an_odd_namespace, BAD_NAMESPACE),
    mutation("an element is wrapped", _wrapped),
    mutation("children in the place of an element", _unwrapped),
    mutation("an element within itself", _within_itself),
    mutation("a child beside its parent", _moved_up),
    mutation("text where none belongs", _with_text),
    mutation("text of another kind", _with_other_text),
    mutation("an unknown child", _with_unknown_child),
    mutation("an unknown attribute", _with_unknown_attribute),
    mutation("an attribute is missing", _without_attribute),
    mutation("a value of another kind", _retyped),
    mutation("an attribute on another element", _attribute_elsewhere),
    mutation("two values in the wrong places", _attributes_swapped),
)
