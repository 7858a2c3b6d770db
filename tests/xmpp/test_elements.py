from lxml import etree

from harness.xmpp.elements import build, children, first, name_of, stanza_error
from harness.xmpp.namespaces import CLIENT, STANZA_ERRORS, Name

MESSAGE = Name(CLIENT, "message")
BODY = Name(CLIENT, "body")


def test_build_joins_text_and_elements() -> None:
    element = build(MESSAGE, {"to": "a"}, "x", "y", build(BODY, None, "b"), "z")
    assert etree.tostring(element) == b'<message xmlns="jabber:client" to="a">xy<body>b</body>z</message>'


def test_children_and_first_look_at_names() -> None:
    element = build(MESSAGE, None, build(BODY), build(Name("u", "x")), build(BODY, {"n": "2"}))
    element.append(etree.Comment("c"))
    assert [name_of(child).local for child in children(element)] == ["body", "x", "body"]
    assert len(list(children(element, BODY))) == 2
    assert first(element, Name("u", "x")) is element[1]
    assert first(element, Name("u", "y")) is None


def test_stanza_error_swaps_addresses_and_keeps_the_id() -> None:
    stanza = build(Name(CLIENT, "iq"), {"type": "get", "id": "7", "from": "a@b/c", "to": "d"})
    error = stanza_error(stanza, "item-not-found", "cancel", "no such node", 404)
    assert dict(error.attrib) == {"type": "error", "id": "7", "to": "a@b/c", "from": "d"}
    [child] = children(error)
    assert name_of(child) == Name(CLIENT, "error")
    assert dict(child.attrib) == {"type": "cancel", "code": "404"}
    condition, text = children(child)
    assert name_of(condition) == Name(STANZA_ERRORS, "item-not-found")
    assert text.text == "no such node"


def test_stanza_error_of_a_stanza_without_addresses() -> None:
    error = stanza_error(build(MESSAGE), "bad-request", "modify")
    assert dict(error.attrib) == {"type": "error"}
    assert len(error[0]) == 1
