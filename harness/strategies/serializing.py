"""Elements to bytes, in a style."""

from collections.abc import Mapping

from harness.strategies.escapes import write_text, write_value
from harness.strategies.sample import Element
from harness.strategies.style import PLAIN, Empty, Order, Prefixes, Style
from harness.xmpp.namespaces import CLIENT, STREAM, XML

_BOUND = {STREAM: "stream", XML: "xml"}  # by the stream header, and by Namespaces in XML
_EMPTY = {Empty.SHORT: "/>", Empty.BLANK: " />"}
_Pairs = list[tuple[str, str]]


def serialize(element: Element, style: Style = PLAIN) -> bytes:
    """An element as the child of a stream whose default namespace is jabber:client, in UTF-8.

    Placeholders stand in the bytes as they stand in values and texts.
    """
    return _Writer(style).write(element).encode()


class _Writer:
    """What is the same for a whole element: its style, and the prefixes that it declares itself."""

    __slots__ = ("_early", "_quote", "_style")

    def __init__(self, style: Style) -> None:
        self._style = style
        self._quote = '"' if style.is_double_quoted else "'"
        self._early: dict[str, str] = {}

    def write(self, element: Element) -> str:
        declarations: _Pairs = []
        if self._style.prefixes in (Prefixes.EARLY, Prefixes.DOUBLE):
            self._early = {uri: f"p{index}" for index, uri in enumerate(_foreign(element))}
            declarations = [(f"xmlns:{prefix}", uri) for uri, prefix in self._early.items()]
            if self._style.prefixes is Prefixes.DOUBLE:
                declarations += [(f"xmlns:{prefix}x", uri) for uri, prefix in self._early.items()]
        parts: list[str] = []
        self._add(parts, element, CLIENT, declarations, 0)
        return "".join(parts)

    def _add(self, parts: list[str], element: Element, default: str, declared: _Pairs, depth: int) -> None:
        """Add an element for which `default` is the default namespace around it."""
        pairs = list(declared)
        name = self._named(element, default, pairs, depth)
        if name == element.name.local:
            default = element.name.namespace
        self._add_attributes(element, pairs)
        blanks = self._style.blanks.value
        parts.append(f"<{name}{self._tag_rest(pairs)}")
        if not element.children and self._style.empty in _EMPTY:
            parts.append(blanks + _EMPTY[self._style.empty])
            return
        parts.append(blanks + ">")
        for child in element.children:
            if isinstance(child, Element):
                self._add(parts, child, default, [], depth + 1)
            else:
                parts.append(write_text(child, self._style.text))
        parts.append(f"</{name}{blanks}>")

    def _named(self, element: Element, default: str, pairs: _Pairs, depth: int) -> str:
        """The name with its prefix; what it needs for that is added to the declarations."""
        namespace, local = element.name
        if namespace in _BOUND:
            return f"{_BOUND[namespace]}:{local}"
        if namespace == default:
            return local
        if namespace in self._early and depth:
            is_second = self._style.prefixes is Prefixes.DOUBLE and depth % 2 == 0
            return f"{self._early[namespace]}{'x' if is_second else ''}:{local}"
        if namespace in ("", CLIENT) or not depth or self._style.prefixes is not Prefixes.OWN:
            pairs.append(("xmlns", namespace))
            return local
        pairs.append(("xmlns:n", namespace))
        return f"n:{local}"

    def _add_attributes(self, element: Element, pairs: _Pairs) -> None:
        for (namespace, local), value in element.attributes:
            if not namespace:
                pairs.append((local, value))
            else:
                pairs.append((f"{self._prefix_for(namespace, pairs)}:{local}", value))

    def _prefix_for(self, namespace: str, pairs: _Pairs) -> str:
        known: Mapping[str, str] = {**_BOUND, **self._early}
        if namespace in known:
            return known[namespace]
        for name, value in pairs:
            if value == namespace and name.startswith("xmlns:"):
                return name.removeprefix("xmlns:")
        prefix = f"a{len(pairs)}"
        pairs.append((f"xmlns:{prefix}", namespace))
        return prefix

    def _tag_rest(self, pairs: _Pairs) -> str:
        style = self._style
        if style.order is not Order.AS_GIVEN:
            pairs = sorted(pairs) if style.order is Order.SORTED else pairs[::-1]
        blanks = style.blanks.value
        return "".join(
            [
                f"{blanks or ' '}{name}{blanks}={blanks}{write_value(value, style.values, self._quote)}"
                for name, value in pairs
            ]
        )


def _foreign(element: Element) -> dict[str, None]:
    """The namespaces of descendants that take a prefix, in the order of the document."""
    found: dict[str, None] = {}
    waiting = list(element.elements)
    while waiting:
        child = waiting.pop(0)
        if child.name.namespace not in ("", CLIENT, *_BOUND):
            found[child.name.namespace] = None
        waiting += child.elements
    return found
