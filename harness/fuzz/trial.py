"""One sample that was sent, and everything that came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from harness.play.hosted import Fence
from harness.strategies.sample import Place, Sample
from harness.wire.driver import Report
from harness.wire.events import (
    Disconnected,
    ElementReceived,
    Event,
    Rule,
    Silence,
    StreamEnded,
    Violation,
)
from harness.wire.reader import StreamReader
from harness.wire.writer import stream_footer
from harness.xmpp.namespaces import STANZA_ERRORS, STREAM, STREAM_ERRORS, TLS, Name

_ERROR = Name(STREAM, "error")
_STARTTLS = Name(TLS, "starttls")
_TEXT = Name(STREAM_ERRORS, "text")
_HEADER = (
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    b"xmlns:fuzz='urn:example:fuzz' version='1.0'>"
)
#: What our stream headers declare besides, so that stanzas may use it (Namespaces in XML, 6.1).
DECLARED = {"fuzz": "urn:example:fuzz"}


class Reading(Enum):
    """How our own reader takes what was sent, with a closing tag after it."""

    WHOLE = "whole"
    BROKEN = "broken"
    UNFINISHED = "unfinished"  # what was opened swallows the rest, so that nothing can be asked of anybody


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How the target ended a stream. `conditions` are those of its stream errors, in order."""

    conditions: tuple[str, ...] = ()
    errors: int = 0
    closing_tags: int = 0
    is_gone: bool = False  # the connection has ended
    after: int = 0  # elements behind the first stream error
    is_illegible: bool = False

    @property
    def is_error(self) -> bool:
        """Whether it said why."""
        return self.errors > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct:
    """What a client did besides: what its driver told, and the connections that it made.

    Without a driver nobody `tells` anything; `is_bound` says that it came to a session. `crash` says how its
    program ended when it should not have; `headers` counts the streams that it opened on its first
    connection, `returns` how often it came back within a moment. `counted` is what is wrong with the stanzas
    that it says to have had, in words.
    """

    reports: tuple[Report, ...] = ()
    tells: bool = True
    is_bound: bool = False
    crash: str = ""
    headers: int = 0
    returns: int = 0
    counted: str = ""
    fence: Fence = Fence.PING  # how it shows that it has dealt with what it was sent

    @property
    def can_tell(self) -> bool:
        """Whether it shows that at all."""
        return self.fence is not Fence.NONE

    @property
    def has_logged_in(self) -> bool:
        """Whether it takes itself for logged in: it says so, or else has gone on to a session."""
        return any(one.event == "connected" for one in self.reports) if self.tells else self.is_bound


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A sample that was sent, and what came of it. `data` is what was on the wire.

    `answers` came to the sender and carry the sample's token, `arrivals` came to the other user and do;
    `strays` came to the other user from the sender with no token at all. `replies` are all elements that came
    to the sender, where it sent nothing else. `ending` is there when the stream ended, `is_settled` when a
    request behind the sample was answered; with `is_peer_well` the other user was still answered. A client's
    `answers` are what it sent, and its `conduct` is what there is besides; `peer` is its own address.
    """

    sample: Sample
    token: str
    data: bytes
    reading: Reading
    sent: tuple[ElementReceived, ...] = ()  # what our own reader finds whole in the data
    sender: str = ""
    peer: str = ""
    domain: str = ""
    answers: tuple[ElementReceived, ...] = ()
    arrivals: tuple[ElementReceived, ...] = ()
    strays: tuple[ElementReceived, ...] = ()
    replies: tuple[ElementReceived, ...] = ()
    is_peer_well: bool = True
    ending: Ending | None = None
    is_settled: bool = False
    conduct: Conduct = Conduct()

    @property
    def label(self) -> str:
        """What was done to make the sample."""
        return ", ".join(self.sample.labels) or self.sample.family

    @property
    def stanza(self) -> ElementReceived | None:
        """What was sent, where it is one element that can be read."""
        return self.sent[0] if len(self.sent) == 1 and self.reading is Reading.WHOLE else None

    @property
    def begins_tls(self) -> bool:
        """Whether starttls was sent: from there on a server waits for a handshake."""
        return any(one.name == _STARTTLS for one in self.sent)

    @property
    def is_in_session(self) -> bool:
        """Whether the sender was logged in."""
        return self.sample.place is Place.SESSION


def read_as_sent(data: bytes, *, has_header: bool = True) -> tuple[Reading, tuple[ElementReceived, ...]]:
    """Read what was sent as a target should, and the elements that are whole in it."""
    events = StreamReader().feed((_HEADER if has_header else b"") + data + stream_footer())
    elements = tuple(event for event in events if isinstance(event, ElementReceived))
    violations = [event.rule for event in events if isinstance(event, Violation)]
    if any(rule is not Rule.DATA_AFTER_END for rule in violations):
        return Reading.BROKEN, elements
    is_whole = any(isinstance(event, StreamEnded) for event in events)
    return Reading.WHOLE if is_whole else Reading.UNFINISHED, elements


def ending_of(events: Sequence[Event]) -> Ending | None:
    """Tell how a stream ended from what came; None when it did not end."""
    errors = [index for index, event in enumerate(events) if is_stream_error(event)]
    closing = sum(isinstance(event, StreamEnded) for event in events)
    is_gone = any(isinstance(event, Disconnected) for event in events)
    is_illegible = any(isinstance(event, Violation) and event.fatal for event in events)
    if not (errors or closing or is_gone or is_illegible):
        return None
    behind = events[errors[0] + 1 :] if errors else ()
    return Ending(
        conditions=tuple(name for index in errors for name in conditions_of(events[index])),
        errors=len(errors),
        closing_tags=closing,
        is_gone=is_gone,
        after=sum(isinstance(event, ElementReceived) and not is_stream_error(event) for event in behind),
        is_illegible=is_illegible,
    )


def is_stream_error(event: Event) -> bool:
    """Whether it is one."""
    return isinstance(event, ElementReceived) and event.name == _ERROR


def conditions_of(event: Event) -> tuple[str, ...]:
    """The defined conditions in a stream error."""
    if not isinstance(event, ElementReceived):
        return ()
    names = (Name.of(str(child.tag)) for child in event.tree if isinstance(child.tag, str))
    return tuple(name.local for name in names if name.namespace == STREAM_ERRORS and name != _TEXT)


def has_condition(answer: ElementReceived, condition: str) -> bool:
    """Whether it is an error stanza with this condition."""
    return any(Name.of(str(child.tag)) == Name(STANZA_ERRORS, condition) for child in answer.tree.iter())


def is_end(event: Event) -> bool:
    """Whether nothing more is to be awaited: what can no longer be read is of no use."""
    return isinstance(event, Disconnected | Silence) or (isinstance(event, Violation) and event.fatal)
