"""From the bytes of one XML stream to its events.

How it works. Expat (in namespace mode) judges; this module decides what expat is given: whole tokens
only, found by `tokens`. A child of the stream that lies in the buffer complete is handed over in one
piece, and its end is found by looking for the closing tag of its name: in well-formed XML a `<`
begins markup wherever it stands, so unless a tag of the same name stands within, or a comment, CDATA
section or processing instruction does, the first such tag is the right one; and what is not
well-formed, expat refuses. All else goes the slow way, a run of whole tokens at a time. Both ways give
the same events, wherever the bytes are cut; only white space between stanzas is passed on as it comes,
because a keepalive is followed by nothing.
"""

from collections.abc import Callable
from functools import lru_cache
from pyexpat import ExpatError, XMLParserType
from typing import NamedTuple

from harness.wire.events import (
    ElementReceived,
    Event,
    Rule,
    StreamEnded,
    StreamOpened,
    Whitespace,
)
from harness.wire.examiner import SEPARATOR, Examiner
from harness.wire.examiner import Limits as Limits
from harness.wire.tokens import (
    CUT_TAG,
    LONGEST_PLAIN,
    PLAIN_ELEMENT,
    START_TAG,
    Mode,
    depth_changes,
    end_of_blanks,
    end_of_run,
    find_closing,
    tag_name,
    token_end,
)
from harness.xmpp.namespaces import Name

_BOM = b"\xef\xbb\xbf"
_LESS, _SLASH, _BRACKET = b"</["
_NOT_UTF8 = (b"\xfe", b"\xff", b"\0")
_BLANKS = frozenset(b" \t\r\n")
_BLANKS_AND_SIGN = b" \t\r\n>"
_TEXT = Mode.TEXT
_PATIENCE = 2  # pieces of data
_SHORT = 512  # bytes; so much of a tag is looked at again when it came in pieces
_CUT_SIZE = 1024  # bytes; whoever sends less at once is not cut short by a buffer or segment


@lru_cache(maxsize=4096)
def _name(text: str) -> Name:
    namespace, _, local = text.rpartition(SEPARATOR)
    return Name(namespace, local)


def _clark(attributes: dict[str, str]) -> dict[str, str]:
    for key in attributes:
        if SEPARATOR in key:
            return {str(_name(key)): value for key, value in attributes.items()}
    return attributes


class _Stream(NamedTuple):
    """A stream that another one is to follow. `offset` is where in it reading stands."""

    parser: XMLParserType
    header: StreamOpened
    offset: int
    unfed: int


def _is_no_header(raw: bytes) -> bool:
    """Whether a token begins an element that is no stream."""
    tag = raw.strip(_BLANKS_AND_SIGN)
    if tag[1:2] in (b"?", b"!", b"/"):
        return False
    return tag_name(raw, raw.rfind(b"<")).rpartition(b":")[2] != b"stream"


class StreamReader(Examiner):
    """Reads one side of a stream. Nothing a peer sends makes it raise: faults come out as violations.

    `feed` is enough for most; who must stop between two elements of one piece of data (a server that
    restarts the stream while the client's next header is already there) uses `push` and `next_event`.
    """

    __slots__ = (
        "_depth",
        "_former",
        "_header",
        "_is_single",
        "_kept",
        "_open",
        "_state",
        "_tag",
        "_tags",
        "_waits",
    )

    _kept: _Stream | None

    # --- what its owner calls ---------------------------------------------------------------------

    def feed(self, data: bytes) -> list[Event]:
        """Everything that these bytes, after those before them, amount to."""
        self.push(data)
        self._is_single = False
        while self._state(self):
            pass
        if self._start:
            self._trim()
        events = self._events
        self._events = []
        return events

    def next_event(self) -> Event | None:
        """The next event of the bytes that were pushed; None when they hold no further one."""
        self._is_single = True
        while not self._events and self._state(self):
            pass
        if self._events:
            return self._events.pop(0)
        self._trim()
        return None

    def restart(self, *, discard: bool = False) -> None:
        """Expect a new stream header (RFC 6120, 4.3.3); offsets count from here.

        What is pending is read as the beginning of the new stream, at the next call of `feed` or
        `next_event`. With `discard` it is dropped, as after STARTTLS (RFC 6120, 5.4.3.3). A peer that
        does not want to go on may close the stream that there was instead, or say something more in it.
        """
        header, offset = self._header, self._base + self._start
        former = b"" if header is None else tag_name(header.raw, header.raw.rfind(b"<"))
        is_left_open = header is not None and not discard and self._state is StreamReader._step_between
        kept = _Stream(self._parser, header, offset, self._unfed) if header and is_left_open else None
        self._buffer = b"" if discard else self.pending
        if kept is None:
            self._release()
        self._begin()
        self._former, self._kept = former, kept

    def end(self) -> list[Event]:
        """The connection has ended: a violation if it did so inside a stanza or the stream header."""
        self._waits = _PATIENCE
        while self._state(self):
            pass
        if self._state not in (StreamReader._step_ended, StreamReader._step_dead):
            self._finish()
        self._die()
        return self._hand_over()

    # --- upkeep -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        super()._begin()
        self._state: Callable[[StreamReader], bool] = StreamReader._step_header
        self._header: StreamOpened | None = None
        self._former = b""  # the name in the tags of the stream before
        self._kept = None  # that stream, while it may still go on
        self._tag = b""  # of the stanza being read: the name in its tags,
        self._open = 0  # how many elements of that name are open,
        self._tags = 0  # how many start tags it has at most,
        self._depth = -1  # and how deep we are in it, once somebody needs to know
        self._waits = 0  # how often it was left for later
        self._is_single = False  # whether the owner wants one event at a time

    def _die(self) -> None:
        super()._die()
        self._state = StreamReader._step_dead

    def _hand_over(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    # --- the states: each reads on by one item or run; False when it lacks bytes -------------------

    def _step_header(self) -> bool:
        cap = self.limits.max_header
        if self._mode is Mode.TEXT and not self._is_tag_next(self._start + cap):
            return False
        token = self._find_token(cap)
        if token < 0:
            return False
        raw = bytes(self._buffer[self._start : token])
        if self._former and raw.strip(_BLANKS_AND_SIGN) == b"</" + self._former:
            self._end_stream(raw)
            self._at(token)
            return True
        if self._kept is not None and _is_no_header(raw):
            self._go_on_with(self._kept)
            return True
        if not self._parse(token):
            return False
        self._pass(token)
        if self._started is not None:
            self._open_stream(self._started, token)
        return True

    def _go_on_with(self, stream: "_Stream") -> None:
        """The peer does not open a new stream: what comes belongs to the one before."""
        self._release()
        self._parser, self._header, self._kept = stream.parser, stream.header, None
        self._base, self._unfed = stream.offset, stream.unfed
        self._at(self._start)
        self._state = StreamReader._step_between

    def _is_tag_next(self, limit: int) -> bool:
        """Skip white space and a byte order mark before the stream header; refuse anything else."""
        self._scan = at = end_of_blanks(self._buffer, self._scan, limit)
        head = bytes(self._buffer[at : min(limit, at + len(_BOM))])
        if self._base + at == 0:
            if head == _BOM:  # RFC 6120, 11.6
                self._violate(Rule.BAD_ENCODING, "a byte order mark before the stream header", 0, len(_BOM))
                self._scan = len(_BOM)
                return self._is_tag_next(limit)
            if _BOM.startswith(head) or head == b"<":
                return False
            if head[:1] in _NOT_UTF8 or head[:2] == b"<\0":
                self._refuse(Rule.BAD_ENCODING, "the stream is not in UTF-8", 0, 1)
                return False
        if head and head[0] != _LESS:
            self._refuse(Rule.NOT_WELL_FORMED, "text before the stream header", at, at + 1)
            return False
        return True

    def _open_stream(self, started: tuple[str, dict[str, str]], end: int) -> None:
        self._started = None
        name, attributes = started
        raw = bytes(self._buffer[self._start : end])
        self._header = StreamOpened(
            name=_name(name), attributes=_clark(attributes), namespaces=self._namespaces, raw=raw
        )
        self._namespaces = {}
        self._parser.StartNamespaceDeclHandler = None
        self._parser.XmlDeclHandler = None
        self._events.append(self._header)
        self._at(end)
        self._state = StreamReader._step_between
        if raw.endswith(b"/>"):
            self._end_stream(b"")

    def _end_stream(self, raw: bytes) -> None:
        self._events.append(StreamEnded(raw=raw))
        self._state = StreamReader._step_ended

    def _step_between(self) -> bool:
        if self._scan - self._start < _SHORT:
            self._take_plain()
            if self._start == len(self._buffer) or (self._is_single and self._events):
                return False
        return self._state is StreamReader._step_between and self._take_next()

    def _take_plain(self) -> None:
        """Take the elements that lie here complete.

        Most of what a peer sends is read here, so this is one loop, without a call that can be spared.
        """
        buffer, start, fed, parser, header = self._buffer, self._start, self._fed, self._parser, self._header
        on_start, most_tags, tell = self._on_start, self.limits.max_depth, self._events.append
        limit = min(self.limits.max_stanza, LONGEST_PLAIN)
        while (match := PLAIN_ELEMENT.match(buffer, start, start + limit)) is not None:
            raw, end = match[0], match.end()
            if len(raw) > most_tags and raw.count(b"<") > most_tags:
                break
            parser.StartElementHandler = on_start
            try:
                parser.Parse(raw if fed == start else buffer[fed:end], False)
            except ExpatError as error:
                self._at_element(start, fed)
                self._refuse_as(error)
                return
            if self._started is None or header is None:
                self._at_element(start, fed)
                self._refuse_tag(end)
                return
            name, attributes = self._started
            self._started = None
            for key in attributes:
                if SEPARATOR in key:
                    attributes = _clark(attributes)
                    break
            tell(ElementReceived(name=_name(name), attributes=attributes, raw=raw, stream=header))
            start = fed = end
            if self._is_single:
                break
        self._at_element(start, fed)

    def _at_element(self, start: int, fed: int) -> None:
        if start > self._start:
            self._start = self._scan = start
            self._fed = fed
            self._mode = _TEXT
            self._waits = 0

    def _take_next(self) -> bool:
        """Begin an element whose end is not here yet, or not easily found; or take what is no element."""
        buffer, start = self._buffer, self._start
        limit = start + self.limits.max_stanza
        match = START_TAG.match(buffer, start, limit) if self._scan - start < _SHORT else None
        if match is None:
            return not self._is_cut_tag(limit) and self._step_between_slowly()
        return not self._is_to_wait(b"</" + match[1], limit) and self._open_long_tag(match.end())

    def _is_cut_tag(self, limit: int) -> bool:
        """Whether this is the beginning of a start tag whose rest is about to come."""
        is_patient = self._is_to_wait(b">", limit)
        return is_patient and CUT_TAG.match(self._buffer, self._start, limit) is not None

    def _is_to_wait(self, sign: bytes, limit: int) -> bool:
        """Whether a stanza was cut by the size of a piece, so that the rest is about to come.

        Then it is left alone a little, since whole it costs less. Little data, or data that ends with
        a tag, may be all there is, and is looked at now; so is what holds `sign`, and may be complete.
        """
        self._waits += 1
        buffer = self._buffer
        return (
            self._waits <= _PATIENCE
            and _CUT_SIZE <= len(buffer) < limit
            and buffer[-1] not in b"> \t\r\n"
            and buffer.find(sign, self._start) < 0
        )

    def _open_element(self, tag: bytes, tag_end: int) -> bool:
        """Begin an element whose end is not here yet, or not easily found."""
        self._parser.StartElementHandler = self._on_start
        if not self._parse(tag_end):
            return False
        self._tag, self._open, self._tags, self._depth = tag, 1, 1, -1
        self._pass(tag_end)
        self._state = StreamReader._step_inside
        return True

    def _emit_element(self, end: int, raw: bytes) -> bool:
        started, header = self._started, self._header
        if started is None or header is None:
            return self._refuse_tag(end)
        name, attributes = started
        self._events.append(
            ElementReceived(name=_name(name), attributes=_clark(attributes), raw=raw, stream=header)
        )
        self._started = None
        self._waits = 0
        self._at(end)
        self._state = StreamReader._step_between
        return True

    def _refuse_tag(self, end: int) -> bool:
        message = "a tag that the XML parser made nothing of"
        return self._refuse(Rule.NOT_WELL_FORMED, message, self._start, end)

    def _read_up_to(self, end: int) -> bytes:
        return bytes(self._buffer[self._start : end])

    def _step_between_slowly(self) -> bool:
        """White space, text, the stream's closing tag, something prohibited, or a broken or partial tag."""
        if self._start == len(self._buffer):
            return False
        first = self._buffer[self._start]
        if first in _BLANKS:
            return self._pass_blanks()
        if first != _LESS:
            return self._pass_text()
        start, token = self._start, self._find_token(self.limits.max_stanza)
        if token < 0:
            return False
        second = self._buffer[start + 1]
        if second not in b"/!?":
            return self._open_long_tag(token)
        if not self._parse(token):
            return False
        if second == _SLASH:
            self._end_stream(bytes(self._buffer[start:token]))
        elif self._buffer[start + 2] == _BRACKET:
            self._violate(Rule.TEXT_BETWEEN_STANZAS, "a CDATA section between stanzas", start, token)
        self._at(token)
        return True

    def _open_long_tag(self, end: int) -> bool:
        """A start tag that came in pieces."""
        is_empty = self._buffer[end - 2] == _SLASH
        opened = self._open_element(tag_name(self._buffer, self._start), end)
        return opened and (not is_empty or self._emit_element(end, self._read_up_to(end)))

    def _pass_blanks(self) -> bool:
        start, end = self._start, end_of_blanks(self._buffer, self._start, len(self._buffer))
        self._events.append(Whitespace(raw=bytes(self._buffer[start:end])))
        self._unfed += end - start
        self._at(end)
        return True

    def _pass_text(self) -> bool:
        """Text between stanzas is told of when it ends; expat sees it with the token that follows."""
        limit = self._start + self.limits.max_stanza
        found = self._buffer.find(b"<", self._scan, limit)
        if found < 0:
            self._scan = min(limit, len(self._buffer))
            return self._check_size(limit)
        self._violate(Rule.TEXT_BETWEEN_STANZAS, "text between stanzas", self._start, found)
        self._start = found
        self._resume(found)
        return True

    def _step_inside(self) -> bool:
        limit = self._start + self.limits.max_stanza
        if self._scan == self._fed and (run := end_of_run(self._buffer, self._fed, limit)) > self._fed:
            return self._pass_tags(run)
        token = self._find_token(self.limits.max_stanza)
        if token < 0:
            return False
        if self._buffer[self._buffer.find(b"<", self._fed) + 1] not in b"!?":
            return self._pass_tags(token)
        if not self._parse(token):
            return False
        self._pass(token)
        return True

    def _pass_tags(self, end: int) -> bool:
        """Hand on whole tags and the text between them, as far as the stanza's end."""
        closing, self._open = find_closing(self._buffer, self._tag, self._open, self._fed, end)
        stop = end if closing < 0 else closing
        too_deep = self._find_too_deep(stop)
        if too_deep >= 0:
            return self._parse(too_deep) and self._refuse(
                Rule.TOO_DEEP,
                f"elements nested more than {self.limits.max_depth} deep",
                too_deep,
                token_end(self._buffer, too_deep, too_deep),
            )
        if not self._parse(stop):
            return False
        self._pass(stop)
        return closing < 0 or self._emit_element(stop, self._read_up_to(stop))

    def _find_too_deep(self, end: int) -> int:
        """The position of the first tag that goes deeper than the limit, or -1.

        Depth is worked out only for a stanza with so many tags that it can matter.
        """
        start, most = self._fed, self.limits.max_depth
        self._tags += self._buffer.count(b"<", start, end) - self._buffer.count(b"</", start, end)
        if self._tags <= most:
            return -1
        if self._depth < 0:
            self._depth = sum(change for _, change in depth_changes(self._buffer, self._start, start))
        for position, change in depth_changes(self._buffer, start, end):
            self._depth += change
            if self._depth > most:
                return position
        return -1

    def _step_ended(self) -> bool:
        if self._start == len(self._buffer):
            return False
        if self._buffer[self._start] in _BLANKS:
            return self._pass_blanks()
        return self._refuse(Rule.DATA_AFTER_END, "data after the stream's end", self._start, self._start + 1)

    def _step_dead(self) -> bool:
        self._buffer = b""
        return False

    def _finish(self) -> None:
        """Let expat see what is left, and say that something is missing."""
        is_text = False
        if self._state is StreamReader._step_between:
            if self._start == len(self._buffer):
                return
            is_text = self._buffer[self._start] != _LESS
        elif self._base + self._fed == 0 and not self._buffer.strip():
            return
        if is_text:
            self._violate(Rule.TEXT_BETWEEN_STANZAS, "text between stanzas", self._start, len(self._buffer))
        if self._parse(len(self._buffer), is_final=True) and not is_text:
            end = len(self._buffer)
            what = "the stream header" if self._state is StreamReader._step_header else "an element"
            self._refuse(Rule.TRUNCATED, f"the connection ended inside {what}", end, end)
