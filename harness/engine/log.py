"""What is seen during one case: for the record as exchanges, for the monitors as events."""

from collections.abc import Callable

from harness.monitors.observed import Direction, Observed
from harness.results.records import Exchange
from harness.transport.connection import Tap
from harness.wire.effects import CloseConnection, Effect, Send
from harness.wire.events import (
    Connected,
    ConnectFailed,
    Disconnected,
    ElementReceived,
    Event,
    StreamEnded,
    StreamOpened,
    TlsFailed,
    TlsStarted,
    Violation,
    Whitespace,
)
from harness.wire.reader import StreamReader

_LONGEST = 20_000  # characters of one exchange that are kept


class CaseLog:
    """Collects everything on all connections of a case. `clock` gives seconds since its start."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._connections = 0
        self.exchanges: list[Exchange] = []
        self.observed: list[Observed] = []

    def tap(self, actor: str) -> Tap:
        """Return the tap for a new connection of an actor."""
        self._connections += 1
        number = self._connections
        reader = StreamReader()

        def sent(effect: Effect) -> None:
            nonlocal reader
            at = self._clock()
            if isinstance(effect, CloseConnection):
                self._note(at, actor, "sent", "disconnected", "we close the connection")
                self._observe(at, actor, number, Direction.SENT, Disconnected(clean=not effect.reset))
            elif isinstance(effect, Send):
                self._note(
                    at, actor, "sent", "bytes", _text(effect.data if effect.masked is None else effect.masked)
                )
                if effect.data.lstrip().startswith((b"<?xml", b"<stream:stream")):
                    reader = StreamReader()
                for event in reader.feed(effect.data):
                    self._observe(at, actor, number, Direction.SENT, event)

        def received(event: Event) -> None:
            at = self._clock()
            kind, text = _told(event)
            self._note(at, actor, "received", kind, text)
            self._observe(at, actor, number, Direction.RECEIVED, event)

        return Tap(sent=sent, received=received)

    def _note(self, at: float, actor: str, direction: str, kind: str, text: str) -> None:
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]} … ({len(text) - _LONGEST} more characters)"
        self.exchanges.append(
            Exchange(at=round(at, 6), actor=actor, direction=direction, kind=kind, text=text)
        )

    def _observe(self, at: float, actor: str, number: int, direction: Direction, event: Event) -> None:
        self.observed.append(
            Observed(at=at, actor=actor, connection=number, direction=direction, event=event)
        )


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
        case _:
            return "note", type(event).__name__


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
