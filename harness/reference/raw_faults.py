"""Faults between the socket and the server: bytes are altered before they are read.

Each alteration belongs to one connection and is given what came at a time.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from typing import Protocol

from harness.reference.pieces import DOCUMENT_TYPE, Pieces
from harness.reference.spoilers import without_control_references
from harness.wire.events import Event
from harness.wire.reader import Limits, StreamReader

_UNREADABLE = "\ufffd".encode()
_LONGEST_NAME = 1023  # octets
_EXPANDED_DEPTH = 3
_MOST_EXPANDED = 1 << 20  # bytes of one piece
_LATE_LIMIT = 1 << 16
_UNBOUNDED = 1 << 26
_COPIED_EVERY = 16  # bytes
_KEPT_FOR_EACH_TAG = 1024  # bytes

_TAG = re.compile(rb"</?[^!?/]")
_ATTRIBUTE = re.compile(rb"""(\s)([^\s=<>/"']+)(\s*=\s*)(?:"([^"]*)"|'([^']*)')""")
_NAME = re.compile(rb"(</?)([^\s/>]+)")
_SINGLE_QUOTED = re.compile(rb"""="[^"]*"|='([^']*)'""")
_ENTITY = re.compile(rb"""<!ENTITY\s+([^\s%]+)\s+(?:"([^"]*)"|'([^']*)')\s*>""")
_REFERENCE = re.compile(rb"&([^\s#;&<]+);")
_LATE_END = re.compile(rb"(?<!\])\]\]>")
_CDATA = b"<![CDATA["


class Alteration(Protocol):
    """One fault on one connection."""

    def take(self, data: bytes) -> bytes:
        """What is read in place of these bytes, and of what waited."""
        ...

    def rest(self) -> bytes:
        """What waits when the connection ends."""
        ...


class _SplitCharacters:
    """A decoder that begins anew with each segment."""

    def __init__(self) -> None:
        self._is_inside = False

    def take(self, data: bytes) -> bytes:
        if self._is_inside:
            tail = data.lstrip(bytes(range(0x80, 0xC0)))
            data = _UNREADABLE * (len(data) - len(tail)) + tail
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        whole = decoder.decode(data).encode("utf-8", "surrogateescape")
        self._is_inside = len(whole) < len(data)
        return whole + _UNREADABLE if self._is_inside else whole

    def rest(self) -> bytes:
        return b""


class _Replaced:
    """A decoder that makes something of everything."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def take(self, data: bytes) -> bytes:
        return self._decoder.decode(data).encode()

    def rest(self) -> bytes:
        return self._decoder.decode(b"", final=True).encode()


class _LateCdata(Pieces):
    """A search for `]]>` that forgets what it has seen at the third `]`."""

    def __init__(self) -> None:
        super().__init__(self._alter_piece)
        self._late = b""

    def _alter_piece(self, piece: bytes) -> bytes:
        if not self._late and not (piece.startswith(_CDATA) and piece.endswith(b"]]]>")):
            return piece
        self._late += piece
        found = _LATE_END.search(self._late)
        if found is None and len(self._late) < _LATE_LIMIT:
            return b""
        end = found.start() if found else len(self._late)
        text, after = self._late[len(_CDATA) : end], self._late[found.end() :] if found else b""
        self._late = b""
        return _as_text(text) + after


class _Entities(Pieces):
    """A parser that believes what a document says of itself."""

    takes_types = True

    def __init__(self) -> None:
        super().__init__(self._alter_piece)
        self._known: dict[bytes, bytes] = {}

    def _alter_piece(self, piece: bytes) -> bytes:
        declared = DOCUMENT_TYPE.match(piece)
        if declared is not None:
            entities = _ENTITY.findall(declared[1] or b"")
            self._known |= {name: double or single for name, double, single in entities}
            return b""
        for _ in range(_EXPANDED_DEPTH):
            if len(piece) > _MOST_EXPANDED or piece.startswith((b"<!", b"<?")):
                break
            piece = _REFERENCE.sub(lambda found: self._known.get(found[1], found[0]), piece)
        return piece


def _as_text(data: bytes) -> bytes:
    return data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _comment_as_text(piece: bytes) -> bytes:
    return _as_text(piece[4:-3]) if piece.startswith(b"<!--") else piece


def _ended_at_first_sign(piece: bytes) -> bytes:
    """A tag that ends inside of single quotes if a > stands there; what follows is text."""
    if not _TAG.match(piece):
        return piece
    for value in _SINGLE_QUOTED.finditer(piece):
        at = (value[1] or b"").find(b">")
        if at >= 0:
            end = value.start(1) + at
            return piece[:end] + b"'" + piece[end:]
    return piece


def _with_cut_namespaces(piece: bytes) -> bytes:
    return _ATTRIBUTE.sub(_cut_at_bar, piece) if _TAG.match(piece) else piece


def _cut_at_bar(found: "re.Match[bytes]") -> bytes:
    is_namespace = found[2] == b"xmlns" or found[2].startswith(b"xmlns:")
    return found[0].partition(b"|")[0] + found[0][-1:] if is_namespace and b"|" in found[0] else found[0]


def _with_short_names(piece: bytes) -> bytes:
    if not _TAG.match(piece) or len(piece) <= _LONGEST_NAME:
        return piece
    piece = _NAME.sub(lambda found: found[1] + _short(found[2]), piece, count=1)
    return _ATTRIBUTE.sub(_shortened, piece)


def _shortened(found: "re.Match[bytes]") -> bytes:
    quote = found[0][-1:]
    value = found[4] if quote == b'"' else found[5]
    if found[2].startswith(b"xmlns"):
        value = _short(value)
    return found[1] + _short(found[2]) + found[3] + quote + value + quote


def _short(name: bytes) -> bytes:
    return name[:_LONGEST_NAME].decode("utf-8", "ignore").encode() if len(name) > _LONGEST_NAME else name


def _outside_of_sections(piece: bytes) -> bytes:
    return piece if piece.startswith((b"<!", b"<?")) else without_control_references(piece)


_ALTERATIONS: Mapping[str, Callable[[], Alteration]] = {
    "split-characters-broken": _SplitCharacters,
    "bad-utf-8-replaced": _Replaced,
    "single-quotes-ignored": lambda: Pieces(_ended_at_first_sign),
    "cdata-ends-late": _LateCdata,
    "comment-becomes-text": lambda: Pieces(_comment_as_text),
    "entities-expanded": _Entities,
    "control-reference-accepted": lambda: Pieces(_outside_of_sections),
    "namespace-cut-at-bar": lambda: Pieces(_with_cut_namespaces),
    "long-names-cut": lambda: Pieces(_with_short_names),
}

#: The faults of this module.
READING_FAULTS = frozenset(_ALTERATIONS) | {
    "buffer-copied-each-time",
    "each-tag-costs-memory",
    "clear-bytes-survive-starttls",
    "size-checked-at-end",
}


class FaultyReader(StreamReader):
    """A reader of a server with faults. `former` is that of the connection before it was secured."""

    __slots__ = ("_alterations", "_is_copying", "_is_wasteful", "_waste")

    def __init__(self, faults: frozenset[str], limits: Limits, former: StreamReader | None) -> None:
        if "size-checked-at-end" in faults:
            limits = Limits(max_stanza=_UNBOUNDED, max_header=limits.max_header, max_depth=limits.max_depth)
        super().__init__(limits=limits)
        self._alterations = [make() for name, make in _ALTERATIONS.items() if name in faults]
        self._is_copying = "buffer-copied-each-time" in faults
        self._is_wasteful = "each-tag-costs-memory" in faults
        self._waste = bytearray()
        if former is not None and "clear-bytes-survive-starttls" in faults:
            super().push(former.pending)

    def push(self, data: bytes) -> None:
        """Take bytes, altered."""
        for alteration in self._alterations:
            data = alteration.take(data)
        if self._is_wasteful:
            self._take_up(data)
        super().push(data)
        if self._is_copying:
            for _ in range(0, len(data), _COPIED_EVERY):
                bytes(bytearray(self.pending))

    def _take_up(self, data: bytes) -> None:
        """A kibibyte for each tag of a stanza, written to so that it takes up memory."""
        if not self.pending:
            self._waste = bytearray()
        self._waste += b"x" * (_KEPT_FOR_EACH_TAG * data.count(b"<"))

    def end(self) -> list[Event]:
        """The connection has ended; what waited comes too late to be altered."""
        data = b""
        for alteration in self._alterations:
            data = alteration.take(data) + alteration.rest()
        super().push(data)
        return super().end()


def make_reader(faults: frozenset[str], limits: Limits, former: StreamReader | None) -> StreamReader:
    """The reader of a connection of a server with these faults; the ordinary one if none is of its kind."""
    wanted = faults & READING_FAULTS
    return FaultyReader(wanted, limits, former) if wanted else StreamReader(limits=limits)
