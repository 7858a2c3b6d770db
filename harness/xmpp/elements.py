"""Small lxml trees: made, looked into, answered with errors."""

from collections.abc import Iterator, Mapping

from lxml import etree

from harness.xmpp.namespaces import STANZA_ERRORS, Name


def build(
    name: Name, attributes: Mapping[str, str] | None = None, *children: etree._Element | str
) -> etree._Element:
    """An element. Attributes are keyed by `Name` text; a child that has a parent is moved here.

    >>> build(Name("jabber:client", "message"), {"to": "juliet@example.org"}, "hello").text
    'hello'
    """
    namespaces: dict[str, str] = {None: name.namespace} if name.namespace else {}  # type: ignore[dict-item]
    element = etree.Element(str(name), dict(attributes or {}), nsmap=namespaces)
    for child in children:
        if isinstance(child, str):
            _append_text(element, child)
        else:
            element.append(child)
    return element


def _append_text(element: etree._Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def name_of(element: etree._Element) -> Name:
    """The expanded name of an element."""
    return Name.of(str(element.tag))


def children(element: etree._Element, name: Name | None = None) -> Iterator[etree._Element]:
    """The child elements, of that name if one is given, in order."""
    for child in element:
        if isinstance(child.tag, str) and (name is None or child.tag == str(name)):
            yield child


def first(element: etree._Element, name: Name | None = None) -> etree._Element | None:
    """The first child element, of that name if one is given."""
    return next(children(element, name), None)


def stanza_error(
    stanza: etree._Element,
    condition: str,
    type: str,
    text: str | None = None,
    code: int | None = None,
) -> etree._Element:
    """The error stanza that answers a stanza: same kind and id, addresses swapped (RFC 6120, 8.3.1).

    `condition` and `type` are those of RFC 6120, 8.3.3 and 8.3.2; `code` is the older numeric one of
    XEP-0086. The stanza itself is left as it is and not repeated in the answer.
    """
    kind = name_of(stanza)
    attributes = {"type": "error"}
    for key, source in (("id", "id"), ("to", "from"), ("from", "to")):
        value = stanza.get(source)
        if value is not None:
            attributes[key] = value
    error = {"type": type} if code is None else {"code": str(code), "type": type}
    parts = [build(Name(STANZA_ERRORS, condition))]
    if text is not None:
        parts.append(build(Name(STANZA_ERRORS, "text"), None, text))
    return build(kind, attributes, build(Name(kind.namespace, "error"), error, *parts))
