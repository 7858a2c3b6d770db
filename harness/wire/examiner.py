"""What of a stream is waiting in a buffer, and what expat says of it.

Expat may stop us for good, but nobody else: whatever it refuses becomes a violation, with its place.
"""

import pyexpat
from dataclasses import dataclass

from harness.wire.events import Event, Rule, Violation
from harness.wire.refusals import UNFINISHED, judge
from harness.wire.tokens import Buffer, Mode, scan, token_end

#: Stands between namespace and local name in what expat reports. No legal XML can hold it, not even
#: as a character reference, so no namespace name can be misread.
SEPARATOR = "\x01"

_MUCH_MORE = 4
_BEFORE, _AFTER = 40, 20  # bytes shown of what surrounds a fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much of one thing a reader takes; sizes in bytes.

    `max_stanza` also bounds text between stanzas; `max_header` counts all before the end of the
    stream header's tag; `max_depth` counts elements, the stanza itself being the first.
    """

    max_stanza: int = 1 << 20
    max_header: int = 1 << 16
    max_depth: int = 512


class Examiner:
    """Hands expat the buffer's tokens; knows how places in it, in the stream and in expat correspond."""

    __slots__ = (
        "_base",
        "_buffer",
        "_events",
        "_fed",
        "_mode",
        "_namespaces",
        "_parser",
        "_scan",
        "_start",
        "_started",
        "_unfed",
        "limits",
    )

    def __init__(self, *, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._buffer: Buffer = b""
        self._events: list[Event] = []
        self._begin()

    def _begin(self) -> None:
        """Start over with a fresh parser, at the beginning of the buffer."""
        self._parser = self._new_parser()
        self._namespaces: dict[str | None, str] = {}  # of the header
        self._started: tuple[str, dict[str, str]] | None = None  # what expat last told of a start tag
        self._base = 0  # offset in the stream of the buffer's first byte
        self._unfed = 0  # bytes of the stream that expat was spared
        self._at(0)

    def _new_parser(self) -> pyexpat.XMLParserType:
        parser = pyexpat.ParserCreate("UTF-8", SEPARATOR)
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)
        parser.XmlDeclHandler = self._on_declaration
        parser.StartNamespaceDeclHandler = self._on_namespace
        parser.StartElementHandler = self._on_start
        parser.CommentHandler = self._on_comment
        parser.ProcessingInstructionHandler = self._on_instruction
        return parser

    def _release(self) -> None:
        """Let go of the handlers, which hold the reader, which holds the parser."""
        for handler in _HANDLERS:
            setattr(self._parser, handler, None)

    def _die(self) -> None:
        self._release()
        self._buffer = b""
        self._at(0)

    # --- the buffer -------------------------------------------------------------------------------

    def push(self, data: bytes) -> None:
        """Take bytes without looking at them yet."""
        if not data:
            return
        if not self._buffer:
            self._buffer = bytes(data)
        elif isinstance(self._buffer, bytes) and len(self._buffer) > _MUCH_MORE * len(data):
            self._buffer = bytearray(self._buffer) + data  # to be extended without copying it each time
        else:
            self._buffer += data

    @property
    def pending(self) -> bytes:
        """Bytes that no event has told of yet."""
        return bytes(self._buffer[self._start :])

    def _at(self, position: int) -> None:
        self._start = position  # of the item being read: the header, text, a stanza
        self._pass(position)

    def _pass(self, position: int) -> None:
        self._fed = position  # what lies before it, expat has seen
        self._resume(position)

    def _resume(self, position: int) -> None:
        self._scan = position  # where to go on looking for the end of a token
        self._mode = Mode.TEXT

    def _trim(self) -> None:
        """Forget what has been told of."""
        done = min(self._start, self._fed)
        if not done:
            return
        self._buffer = bytes(self._buffer[done:]) if done < len(self._buffer) else b""
        self._base += done
        self._start -= done
        self._fed -= done
        self._scan -= done

    # --- tokens and expat -------------------------------------------------------------------------

    def _find_token(self, cap: int) -> int:
        """The end of the token that is being read; -1 when it has not come, or cannot."""
        limit = self._start + cap
        mode, position = scan(self._mode, self._buffer, self._scan, min(limit, len(self._buffer)))
        if mode is Mode.COMPLETE:
            return position
        if mode is Mode.BROKEN:
            if self._parse(position):
                self._refuse(Rule.NOT_WELL_FORMED, "a < inside a tag", position - 1, position)
        elif mode in _DECLARATIONS:
            rule, message, length = _DECLARATIONS[mode]
            if self._parse(position):
                self._refuse(rule, message, position, position + length)
        else:
            self._mode, self._scan = mode, position
            self._check_size(limit)
        return -1

    def _check_size(self, limit: int) -> bool:
        if len(self._buffer) > limit:
            self._refuse(
                Rule.TOO_LARGE, f"more than {limit - self._start} bytes in one piece", limit, limit + 1
            )
        return False

    def _parse(self, end: int, *, is_final: bool = False) -> bool:
        """Hand expat what it has not seen before `end`; False when it refuses."""
        try:
            self._parser.Parse(self._buffer[self._fed : end], is_final)
        except pyexpat.ExpatError as error:
            return (is_final and error.code in UNFINISHED) or self._refuse_as(error)
        return True

    def _refuse_as(self, error: pyexpat.ExpatError) -> bool:
        """End the reading with the rule that an error of expat's stands for."""
        at = self._parser.ErrorByteIndex + self._unfed - self._base
        rule, message = judge(error.code, self._buffer, at)
        return self._refuse(rule, message, at, token_end(self._buffer, self._fed, at))

    def _refuse(self, rule: Rule, message: str, at: int, end: int) -> bool:
        self._violate(rule, message, at, end, fatal=True)
        self._die()
        return False

    def _violate(self, rule: Rule, message: str, at: int, end: int, *, fatal: bool = False) -> None:
        """Tell of a fault at `at`; of what follows it nothing from `end` on is shown.

        However the bytes are cut, those before `end` are here by now, so the excerpt is always the same.
        """
        begin = max(0, self._start if at >= self._start else self._fed, at - _BEFORE)
        excerpt = bytes(self._buffer[begin : min(end, at + _AFTER)])
        self._events.append(
            Violation(rule=rule, message=message, offset=self._base + at, excerpt=excerpt, fatal=fatal)
        )

    # --- what expat tells -------------------------------------------------------------------------

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._started = (name, attributes)
        self._parser.StartElementHandler = None  # what is inside is judged without our help

    def _on_namespace(self, prefix: str | None, uri: str | None) -> None:
        self._namespaces[prefix] = uri or ""

    def _on_declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0":  # RFC 6120, 11.8
            self._violate_here(Rule.BAD_ENCODING, f"XML version {version}")
        if encoding is not None and encoding.upper() != "UTF-8":  # RFC 6120, 11.6
            self._violate_here(Rule.BAD_ENCODING, f"the declared encoding is {encoding}")
        if standalone >= 0:  # RFC 6120, 11.5
            self._violate_here(Rule.RESTRICTED_XML, "a standalone declaration")

    def _on_comment(self, text: str) -> None:
        self._violate_here(Rule.RESTRICTED_XML, "a comment")

    def _on_instruction(self, target: str, data: str) -> None:
        self._violate_here(Rule.RESTRICTED_XML, "a processing instruction")

    def _violate_here(self, rule: Rule, message: str) -> None:
        at = self._parser.CurrentByteIndex + self._unfed - self._base
        self._violate(rule, message, at, token_end(self._buffer, self._fed, at))


_HANDLERS = (
    "XmlDeclHandler",
    "StartNamespaceDeclHandler",
    "StartElementHandler",
    "CommentHandler",
    "ProcessingInstructionHandler",
)
_DECLARATIONS = {
    Mode.DOCTYPE: (Rule.RESTRICTED_XML, "a document type declaration", len("<!DOCTYPE")),
    Mode.UNKNOWN: (Rule.NOT_WELL_FORMED, "an unknown declaration", len("<!")),
}
