"""Bytes to elements, as a strict parser takes them."""

import pyexpat

from harness.strategies.sample import Element
from harness.xmpp.namespaces import CLIENT, STREAM, Name

_SEPARATOR = "\x01"  # no XML can hold it
_HEADER = f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}'>".encode()
_FOOTER = b"</stream:stream>"


def read(data: bytes) -> Element | None:
    """The one element that the bytes are, as the child of a stream whose default namespace is jabber:client.

    None if they are ill-formed, hold what streams must not hold, or are something other than one element
    with white space around it.
    """
    found = read_all(data)
    return found[0] if found is not None and len(found) == 1 else None


def read_all(data: bytes) -> tuple[Element, ...] | None:
    """All the elements that the bytes are, one behind the other; None as for `read`."""
    return _Builder().read(data)


class _ForbiddenError(Exception):
    """Stops the parser at what is no part of any element."""


class _Builder:
    """A parser's handlers; each open element is its name, its attributes and its children so far."""

    __slots__ = ("_found", "_open")

    def __init__(self) -> None:
        self._found: list[Element] = []
        self._open: list[tuple[Name, tuple[tuple[Name, str], ...], list[Element | str]]] = []

    def read(self, data: bytes) -> tuple[Element, ...] | None:
        parser = pyexpat.ParserCreate("UTF-8", _SEPARATOR)
        parser.ordered_attributes = True
        parser.buffer_text = True
        try:
            parser.Parse(_HEADER, False)
            parser.StartElementHandler = self._on_start
            parser.EndElementHandler = self._on_end
            parser.CharacterDataHandler = self._on_text
            parser.CommentHandler = parser.StartDoctypeDeclHandler = self._on_forbidden
            parser.ProcessingInstructionHandler = self._on_forbidden
            parser.Parse(data, False)
            is_whole = not self._open
            parser.EndElementHandler = None
            parser.Parse(_FOOTER, True)
        except (pyexpat.ExpatError, _ForbiddenError):
            return None
        return tuple(self._found) if is_whole else None

    def _on_start(self, name: str, pairs: list[str]) -> None:
        attributes = tuple((_name(key), value) for key, value in zip(pairs[::2], pairs[1::2], strict=True))
        self._open.append((_name(name), attributes, []))

    def _on_end(self, _: str) -> None:
        if not self._open:
            raise _ForbiddenError  # the stream's own end
        name, attributes, children = self._open.pop()
        element = Element(name=name, attributes=attributes, children=tuple(children))
        if self._open:
            self._open[-1][2].append(element)
        else:
            self._found.append(element)

    def _on_text(self, text: str) -> None:
        if self._open:
            children = self._open[-1][2]
            if children and isinstance(children[-1], str):
                children[-1] += text
            else:
                children.append(text)
        elif text.strip(" \t\r\n"):
            raise _ForbiddenError

    def _on_forbidden(self, *_: object) -> None:
        raise _ForbiddenError


def _name(text: str) -> Name:
    namespace, separator, local = text.rpartition(_SEPARATOR)
    return Name(namespace, local) if separator else Name("", text)
