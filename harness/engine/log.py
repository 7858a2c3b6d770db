"""What is seen during one case: for the record as exchanges, for the monitors as events."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.engine.secrets import Secrets
from harness.monitors.observed import Direction, Observed
from harness.monitors.own_words import OwnWords
from harness.results.records import Exchange
from harness.transport.connection import Tap
from harness.wire.effects import CloseConnection, Effect, Send
from harness.wire.events import (
    Connected,
    ConnectFailed,
    Disconnected,
    ElementReceived,
    Event,
    Silence,
    StreamEnded,
    StreamOpened,
    TlsFailed,
    TlsStarted,
    Violation,
    Whitespace,
)
from harness.wire.reader import Limits

_LONGEST = 20_000  # characters of one exchange that are kept
_MOST_EXCHANGES = 5_000
_MANY_EVENTS = 500
_MOST_TEXT = 2_000_000  # characters of one case that are kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How much a target may send in one case: `events`, and bytes in them. More is a flood."""

    events: int = 10_000
    size: int = 16 << 20


class CaseLog:
    """Collects everything on all connections of a case. `clock` gives seconds since its start.

    `limits` are those of the connections. What is in `secrets` is masked in everything that is recorded.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        secrets: Secrets | None = None,
        *,
        limits: Limits | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits or Limits()
        self._bounds = bounds or Bounds()
        self._connections = 0
        self._events = 0
        self._size = 0
        self._kept = 0
        self.secrets = secrets or Secrets()
        self.exchanges: list[Exchange] = []
        self.observed: list[Observed] = []
        self.has_lost_target = False  # it closed a connection, could not be reached or fell silent

    @property
    def is_flooded(self) -> bool:
        """Whether the target has sent more than a case can need."""
        return self._events > self._bounds.events or self._size > self._bounds.size

    @property
    def is_busy(self) -> bool:
        """Whether the target has sent so much that it was never at rest."""
        return self._events > _MANY_EVENTS

    def tap(self, actor: str) -> Tap:
        """Return the tap for a new connection of an actor."""
        self._connections += 1
        return _Line(self, actor, self._connections, self._limits).tap

    def tell(self, actor: str, text: str, *, is_sent: bool = False) -> None:
        """Note something that was not on the wire, such as what a client's driver says."""
        self._note(actor, "sent" if is_sent else "received", "note", text)

    def take_sent(self, line: "_Line", effect: Send) -> None:
        """Note what was sent."""
        text = _text(effect.data)
        self.secrets.learn(text)
        masked = text if effect.masked is None else _text(effect.masked)
        self._note(line.actor, "sent", "bytes", masked)
        for event in line.own_words.read(effect.data):
            self._observe(line, Direction.SENT, event)

    def take_closed(self, line: "_Line", effect: CloseConnection) -> None:
        """Note that we close the connection."""
        self._note(line.actor, "sent", "disconnected", "we close the connection")
        self._observe(line, Direction.SENT, Disconnected(clean=not effect.reset))

    def take_received(self, line: "_Line", event: Event) -> None:
        """Note what came. Silence is nothing that came, and told to people only."""
        kind, text = _told(event)
        self._events += 1
        self._size += len(getattr(event, "raw", b""))
        self.has_lost_target |= isinstance(event, Disconnected | ConnectFailed | Silence)
        if isinstance(event, StreamOpened):
            self.secrets.add_stream(event.attributes.get("id", ""))
        self._note(line.actor, "" if isinstance(event, Silence) else "received", kind, text)
        if not isinstance(event, Silence):
            self._observe(line, Direction.RECEIVED, event)

    def _note(self, actor: str, direction: str, kind: str, text: str) -> None:
        if self._kept > _MOST_TEXT or len(self.exchanges) > _MOST_EXCHANGES:
            return
        text = _shortened(self.secrets.mask(text))
        self._kept += len(text)
        if self._kept > _MOST_TEXT or len(self.exchanges) == _MOST_EXCHANGES:
            direction, kind, text = "", "note", "what follows is not kept: there is too much of it"
            self._kept = _MOST_TEXT + 1
        self.exchanges.append(
            Exchange(at=round(self._clock(), 6), actor=actor, direction=direction, kind=kind, text=text)
        )

    def _observe(self, line: "_Line", direction: Direction, event: Event) -> None:
        self.observed.append(
            Observed(
                at=self._clock(), actor=line.actor, connection=line.number, direction=direction, event=event
            )
        )


class _Line:
    """One connection of a case; what we send on it is read as the target reads it."""

    def __init__(self, log: CaseLog, actor: str, number: int, limits: Limits) -> None:
        self._log = log
        self.own_words = OwnWords(limits)
        self.actor = actor
        self.number = number
        self.tap = Tap(sent=self._sent, received=self._received)

    def _sent(self, effect: Effect) -> None:
        if isinstance(effect, CloseConnection):
            self._log.take_closed(self, effect)
        elif isinstance(effect, Send):
            self._log.take_sent(self, effect)

    def _received(self, event: Event) -> None:
        self._log.take_received(self, event)


def _told(event: Event) -> tuple[str, str]:
    match event:
        case StreamOpened() | ElementReceived() | StreamEnded() | Whitespace():
            return "bytes", _text(event.raw)
        case Connected(tls=tls):
            return "connected", f"connected, {tls.version} {tls.cipher}" if tls else "connected"
        case TlsStarted(version=version, cipher=cipher):
            return "tls", f"{version} {cipher}"
        case TlsFailed(reason=reason) | ConnectFailed(reason=reason):
            return "disconnected", reason
        case Disconnected(clean=clean, reason=reason):
            return "disconnected", reason or ("the peer closes the connection" if clean else "reset")
        case Violation(rule=rule, message=message, excerpt=excerpt):
            return "violation", f"{rule.value}: {message}: {_text(excerpt)}"
        case Silence(seconds=seconds):
            return "note", f"nothing came within {seconds:g} s"
        case _:
            return "note", type(event).__name__


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]} … ({len(text) - _LONGEST} more characters)"
