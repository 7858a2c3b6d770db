"""Make an element from a pattern: the bytes that go into the stream, and what its captures now mean."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from harness.errors import ScriptError
from harness.pattern.nodes import Node, Template
from harness.pattern.template import make_template
from harness.xmpp.namespaces import CLIENT, STREAM, XML, Name

_TEXT_ENTITIES = {"\r": "&#13;"}
_VALUE_ENTITIES = {"'": "&apos;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEADER = f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode()


@dataclass(frozen=True, kw_only=True)
class Made:
    """`data` are the bytes as they stand in a stream whose default namespace is `jabber:client`."""

    data: bytes
    element: "etree._Element"
    captures: Mapping[str, str]


def make(node: Node, scope: Mapping[str, str], fresh: Callable[[str], str]) -> Made:
    """Fill every hole of a pattern; optional and absent attributes are left out.

    `fresh(kind)` gives a token that is new each time. Raises `ScriptError` for a variable that the scope
    does not have and for a value that XML cannot hold.
    """
    writer = _Writer(scope, fresh)
    text = writer.element(node, CLIENT)
    data = text.encode()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(_HEADER + data + b"</stream:stream>", parser)
    return Made(data=data, element=root[0], captures=writer.made)


class _Writer:
    def __init__(self, scope: Mapping[str, str], fresh: Callable[[str], str]) -> None:
        self.scope = scope
        self.fresh = fresh
        self.made: dict[str, str] = {}

    def element(self, node: Node, outer: str) -> str:
        """The element as text, where `outer` is the default namespace in force."""
        namespace = node.name.namespace
        prefix = "stream:" if namespace == STREAM else ""
        inner = outer if prefix else namespace
        declared = f" xmlns='{escape(inner, _VALUE_ENTITIES)}'" if inner != outer else ""
        attributes = "".join(
            self._attribute(name, template, index)
            for index, (name, template) in enumerate(node.attributes.items())
        )
        content = self._text(node.text) + "".join(
            self.element(child, inner) + self._text(child.tail) for child in node.children
        )
        tag = f"{prefix}{node.name.local}"
        return (
            f"<{tag}{declared}{attributes}>{content}</{tag}>"
            if content
            else f"<{tag}{declared}{attributes}/>"
        )

    def _attribute(self, name: Name, template: Template, index: int) -> str:
        value = escape(self._fill(template), _VALUE_ENTITIES)
        if not name.namespace:
            return f" {name.local}='{value}'"
        if name.namespace == XML:
            return f" xml:{name.local}='{value}'"
        prefix = f"ns{index}"
        return f" xmlns:{prefix}='{escape(name.namespace, _VALUE_ENTITIES)}' {prefix}:{name.local}='{value}'"

    def _text(self, template: Template | None) -> str:
        return escape(self._fill(template), _TEXT_ENTITIES) if template is not None else ""

    def _fill(self, template: Template) -> str:
        value, made = make_template(template, {**self.scope, **self.made}, self.fresh)
        self.made |= made
        if _NOT_XML.search(value):
            raise ScriptError(
                f"{template.source!r} became {value!r}, which XML cannot hold",
                where=template.place,
                advice="use `sends raw:` for what is not XML",
            )
        return value
