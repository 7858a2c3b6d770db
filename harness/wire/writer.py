"""From lxml trees to the bytes that stand inside a stream.

The stream header has declared the content namespace and the prefix `stream` (RFC 6120, 4.8), so
neither is declared again. Nothing prohibited is ever written: comments and processing instructions
of a tree are left out (RFC 6120, 11.1).
"""

from collections.abc import Iterable, Mapping

from lxml import etree

from harness.xmpp.namespaces import CLIENT, STREAM, XML, Name

_DECLARATION = "<?xml version='1.0'?>"
_TEXT = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("'"): "&apos;",
    ord("\r"): "&#13;",  # a parser would read it as a line feed
}
_VALUE = _TEXT | {ord("\t"): "&#9;", ord("\n"): "&#10;"}  # a parser would read them as spaces

Scope = Mapping[str | None, str]


def escape(text: str) -> str:
    """Text as it may stand between tags; white space other than tab and line feed is kept too."""
    return text.translate(_TEXT)


def stream_header(
    *, attributes: Mapping[str, str], content_namespace: str = CLIENT, declaration: bool = True
) -> bytes:
    """A stream header, after an XML declaration unless that is not wanted.

    `attributes` are keyed by `Name` text, as `StreamOpened` has them; `xmlns` and `xmlns:prefix` are
    taken as they are and win over the usual ones.
    """
    usual = {"xmlns": content_namespace, "xmlns:stream": STREAM}
    written = usual | {_header_key(key): value for key, value in attributes.items()}
    tag = "<stream:stream" + "".join(_attribute(key, value) for key, value in written.items()) + ">"
    return ((_DECLARATION if declaration else "") + tag).encode()


def stream_footer() -> bytes:
    """The closing tag that belongs to `stream_header`."""
    return b"</stream:stream>"


def serialize(element: etree._Element, *, default_namespace: str = CLIENT) -> bytes:
    """The element as it must stand inside a stream whose content namespace this is; its tail is left out.

    A prefix that the tree gives a name is kept, and declared where it is first needed.
    """
    scope: Scope = {None: default_namespace, "stream": STREAM, "xml": XML}
    written: list[str] = []
    waiting: list[str | tuple[etree._Element, Scope]] = [(element, scope)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            written.append(item)
        else:
            waiting.extend(reversed(list(_pieces(*item))))
    return "".join(written).encode()


def _pieces(element: etree._Element, scope: Scope) -> Iterable[str | tuple[etree._Element, Scope]]:
    """What an element consists of: text that is ready, and children still to be taken apart."""
    tag, attributes, scope = _start(element, scope)
    if not element.text and len(element) == 0:
        yield f"<{tag}{attributes}/>"
        return
    yield f"<{tag}{attributes}>"
    yield escape(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            yield child, scope
        yield escape(child.tail or "")
    yield f"</{tag}>"


def _start(element: etree._Element, scope: Scope) -> tuple[str, str, Scope]:
    """The tag's name, its attributes as written, and what is declared inside it."""
    declared: dict[str | None, str] = {}
    tag = _element_name(element, scope, declared)
    pairs = [
        (_attribute_name(Name.of(str(key)), element, {**scope, **declared}, declared), str(value))
        for key, value in element.attrib.items()
    ]
    declarations = [
        ("xmlns" if prefix is None else f"xmlns:{prefix}", uri) for prefix, uri in declared.items()
    ]
    text = "".join(_attribute(key, value) for key, value in declarations + pairs)
    return tag, text, {**scope, **declared} if declared else scope


def _element_name(element: etree._Element, scope: Scope, declared: dict[str | None, str]) -> str:
    name = Name.of(str(element.tag))
    prefix = element.prefix or None
    if scope[None] == name.namespace:
        return name.local
    if name.namespace == STREAM and scope.get("stream") == STREAM:
        return f"stream:{name.local}"
    if prefix is None:
        declared[None] = name.namespace
        return name.local
    if scope.get(prefix) != name.namespace:
        declared[prefix] = name.namespace
    return f"{prefix}:{name.local}"


def _attribute_name(
    name: Name, element: etree._Element, scope: Scope, declared: dict[str | None, str]
) -> str:
    if not name.namespace:
        return name.local
    prefixes = [prefix for prefix, uri in scope.items() if prefix is not None and uri == name.namespace]
    if not prefixes:
        prefixes = [_free_prefix(name.namespace, element, scope)]
        declared[prefixes[0]] = name.namespace
    return f"{prefixes[0]}:{name.local}"


def _free_prefix(namespace: str, element: etree._Element, scope: Scope) -> str:
    """The tree's own prefix for the namespace if it is free here, otherwise a new one."""
    for prefix, uri in element.nsmap.items():
        if prefix is not None and uri == namespace and prefix not in scope:
            return prefix
    number = 0
    while f"ns{number}" in scope:
        number += 1
    return f"ns{number}"


def _attribute(key: str, value: str) -> str:
    return f" {key}='{value.translate(_VALUE)}'"


def _header_key(key: str) -> str:
    name = Name.of(key)
    known = {"": "", XML: "xml:", STREAM: "stream:"}
    if name.namespace not in known:
        raise ValueError(f"no prefix for the header attribute {key}: declare one and write prefix:name")
    return known[name.namespace] + name.local
