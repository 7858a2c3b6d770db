"""XMPP over WebSocket (RFC 7395): messages to the events of an ordinary stream, and its bytes to messages.

So nobody above has to know what carries the stream. `<open/>` is the stream header and `<close/>` the
closing tag; everything else is one first-level element to a message, with its namespaces declared in it.
"""

import re
from dataclasses import replace

from harness.wire.events import ElementReceived, Event, Rule, StreamEnded, StreamOpened, Violation, Whitespace
from harness.wire.reader import Limits, StreamReader
from harness.wire.tokens import in_scope
from harness.wire.writer import serialize, stream_header
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, FRAMING, STREAM, XML, Name

_OPEN, _CLOSE = Name(FRAMING, "open"), Name(FRAMING, "close")
_HEADER = Name(STREAM, "stream")
_DECLARATION = re.compile(rb"<\?xml\s[^<>]*\?>\s*")
_TAG = re.compile(rb"<[^\s<>/!?]")
_UNBOUNDED = Limits(max_stanza=1 << 30, max_header=1 << 30, max_depth=1 << 20)

#: What an element of a message is read in: it declares nothing, since a message stands for itself.
_NOWHERE = StreamOpened(name=Name("", "s"), attributes={}, namespaces={}, raw=b"<s>")


class FrameReader:
    """Reads the messages of one side. Nothing a peer sends makes it raise: faults come out as violations.

    An element that does not declare its namespace is in none, as RFC 7395, 3.3.3 has it. An XML
    declaration is passed over, for it is only not recommended.
    """

    def __init__(self, *, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._has_opened = False
        self._has_ended = False
        self._is_dead = False
        self._offset = 0

    def read(self, message: bytes) -> list[Event]:
        """Everything that a message amounts to; after a violation nothing more comes."""
        if self._is_dead:
            return []
        events = self._judged(message)
        self._offset += len(message)
        self._is_dead = any(isinstance(event, Violation) for event in events)
        return events

    def refuse(self, rule: Rule, problem: str, excerpt: bytes = b"") -> list[Event]:
        """What comes of a message that is not even text."""
        if self._is_dead:
            return []
        self._is_dead = True
        return [self._violation(rule, problem, excerpt)]

    def _judged(self, message: bytes) -> list[Event]:
        if self._has_ended:
            return [self._violation(Rule.DATA_AFTER_END, "a message after <close/>", message)]
        found = self._examined(message)
        violation = next((event for event in found if isinstance(event, Violation)), None)
        if violation is not None:
            return [self._placed(violation)]
        elements = [event for event in found if isinstance(event, ElementReceived)]
        if len(elements) == 1 and not any(isinstance(event, StreamEnded) for event in found):
            return [self._meant(elements[0], message)]
        if message and len(found) == 1 and isinstance(found[0], Whitespace):
            return found
        problem = f"a message with {'more than one element' if elements else 'no element'}"
        return [self._violation(Rule.NOT_WELL_FORMED, problem, message)]

    def _examined(self, message: bytes) -> list[Event]:
        reader = StreamReader(limits=self._limits)
        reader.feed(_NOWHERE.raw)
        declared = _DECLARATION.match(message)
        return [*reader.feed(message[declared.end() :] if declared else message), *reader.end()]

    def _placed(self, violation: Violation) -> Violation:
        """The same in this stream. To end within an element is a fault of the message, not of the end."""
        offset = self._offset + max(violation.offset - len(_NOWHERE.raw), 0)
        violation = replace(violation, offset=offset, fatal=True)
        if violation.rule is not Rule.TRUNCATED:
            return violation
        return replace(violation, rule=Rule.NOT_WELL_FORMED, message="the message ends inside an element")

    def _meant(self, element: ElementReceived, message: bytes) -> Event:
        if element.name == _CLOSE:
            self._has_ended = True
            return StreamEnded(raw=message)
        if element.name == _OPEN:
            self._has_opened = True
            return _opened(element)
        if not self._has_opened and element.name.local == _OPEN.local:
            return StreamOpened(name=element.name, attributes=element.attributes, namespaces={}, raw=message)
        return ElementReceived(
            name=element.name, attributes=element.attributes, raw=element.raw, stream=_NOWHERE
        )

    def _violation(self, rule: Rule, problem: str, message: bytes) -> Violation:
        return Violation(rule=rule, message=problem, offset=self._offset, excerpt=message[:60], fatal=True)


def _opened(element: ElementReceived) -> StreamOpened:
    """The stream header that an `<open/>` stands for."""
    known = {key: value for key, value in element.attributes.items() if Name.of(key).namespace in ("", XML)}
    return StreamOpened(
        name=_HEADER,
        attributes=element.attributes,
        namespaces={None: CLIENT, "stream": STREAM},
        raw=stream_header(attributes=known, declaration=False),
    )


class FrameWriter:
    """Turns what is written to an ordinary stream into messages."""

    def __init__(self) -> None:
        self._header = stream_header(attributes={}, declaration=False)
        self._is_header_due = True
        self._has_ended = False

    @property
    def has_ended(self) -> bool:
        """Whether `<close/>` has been written."""
        return self._has_ended

    def restart(self) -> None:
        """A new stream header may come."""
        self._is_header_due = True

    def write(self, data: bytes) -> list[bytes]:
        """The messages that these bytes become.

        What is not made of whole elements, headers and closing tags goes out as one message, broken as it
        is. White space between elements is left out: it cannot be sent here (RFC 7395, 3.8).
        """
        events = self._read_anew(data) if self._is_header_due else []
        if not events:
            reader = StreamReader(limits=_UNBOUNDED)
            reader.feed(self._header)
            events = [*reader.feed(data), *reader.end()]
        if any(isinstance(event, Violation) for event in events):
            return [in_scope(self._header, data) if _TAG.match(data) else data]
        return [message for event in events if (message := self._message(event))]

    def _read_anew(self, data: bytes) -> list[Event]:
        """What the bytes are if they begin with a stream header; nothing if they do not."""
        reader = StreamReader(limits=_UNBOUNDED)
        events = [*reader.feed(data), *reader.end()]
        is_header = bool(events) and isinstance(events[0], StreamOpened) and events[0].name == _HEADER
        return events if is_header else []

    def _message(self, event: Event) -> bytes:
        match event:
            case StreamOpened(attributes=attributes, raw=raw):
                self._header = raw
                self._is_header_due = False
                return serialize(build(_OPEN, attributes))
            case StreamEnded():
                self._has_ended = True
                return serialize(build(_CLOSE))
            case ElementReceived(raw=raw):
                return in_scope(self._header, raw)
            case _:
                return b""
