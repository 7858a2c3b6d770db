"""One line of an element for people, as pieces that know whether they are at fault."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from harness.pattern.nodes import Node
from harness.xmpp.namespaces import STREAM, XML, Name

_LONGEST_VALUE = 100


class Piece(NamedTuple):
    """A part of a line, and whether it is what differs."""

    text: str
    is_faulty: bool = False


Line = tuple[Piece, ...]


def text_of(line: Line) -> str:
    """The line as it is shown."""
    return "".join(piece.text for piece in line)


def carets(line: Line) -> str:
    """A line with `^` under each piece at fault, empty if there is none."""
    return "".join(("^" if piece.is_faulty else " ") * len(piece.text) for piece in line).rstrip()


def expected_tag(node: Node, parent_namespace: str, faulty: Collection[Name], *, end: str) -> Line:
    """The start tag of a pattern, its placeholders as written."""
    written = {name: template.source for name, template in node.attributes.items()}
    hidden = {name: f"{{optional: {template.source}}}" for name, template in node.optional_attributes.items()}
    hidden |= dict.fromkeys(node.absent_attributes, "{absent}")
    written |= {name: source for name, source in hidden.items() if name in faulty}
    return tuple(_tag(node.name, written, parent_namespace, faulty, end))


def received_tag(
    element: "etree._Element",
    parent_namespace: str,
    faulty: Collection[Name],
    first: Collection[Name],
    *,
    end: str,
) -> Line:
    """The start tag of a received element; the attributes named in `first` come first."""
    values = {Name.of(str(key)): str(value) for key, value in element.attrib.items()}
    ordered = [name for name in first if name in values]
    ordered += [name for name in values if name not in ordered]
    written = {name: escape(values[name], {"'": "&apos;"}) for name in ordered}
    return tuple(_tag(Name.of(str(element.tag)), written, parent_namespace, faulty, end))


def _tag(
    name: Name, values: Mapping[Name, str], parent_namespace: str, faulty: Collection[Name], end: str
) -> Iterator[Piece]:
    yield Piece(f"<{shown_name(name)}")
    if name.namespace not in (parent_namespace, STREAM):
        yield Piece(f" xmlns='{name.namespace}'")
    for attribute, value in values.items():
        yield Piece(" ")
        yield Piece(f"{shown_name(attribute)}='{shorten(value)}'", attribute in faulty)
    yield Piece(end)


def shown_name(name: Name) -> str:
    """A name with the prefix that people know, or alone."""
    prefix = {STREAM: "stream:", XML: "xml:"}.get(name.namespace, "")
    return prefix + name.local


def shorten(value: str) -> str:
    """A value without line ends and not too long for a line."""
    flat = value.replace("\n", "\\n").replace("\t", "\\t")
    return flat if len(flat) <= _LONGEST_VALUE else flat[: _LONGEST_VALUE - 1] + "…"
