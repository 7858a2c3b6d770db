"""Joins a client's and a server's protocol in memory: no sockets, no clock, nothing left to chance."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from harness.wire.effects import (
    CloseConnection,
    Effect,
    OpenConnection,
    Protocol,
    Receive,
    RestartStream,
    Send,
    StartTls,
    T,
)
from harness.wire.events import Connected, Disconnected, Event, Silence, TlsFailed, TlsStarted
from harness.wire.reader import StreamReader

#: What a handshake in memory gives: both sides see the same channel.
MEMORY_TLS = TlsStarted(
    version="TLSv1.2",
    cipher="memory",
    bindings={"tls-unique": b"one channel", "tls-server-end-point": b"one certificate"},
)


@dataclass(kw_only=True)
class Side(Generic[T]):
    """One end: its protocol, what it has still to be told, and how it ended.

    `tls` is what a handshake gives this side, and None makes handshakes fail. `log` holds its effects.
    """

    protocol: Protocol[T]
    tls: TlsStarted | None = MEMORY_TLS
    log: list[Effect] = field(default_factory=list)
    events: deque[Event] = field(default_factory=deque)
    result: T | None = None
    is_done: bool = False
    is_open: bool = True
    _effect: Effect | None = None
    _reader: StreamReader = field(default_factory=StreamReader)

    @property
    def sent(self) -> bytes:
        """All bytes that this side has sent."""
        return b"".join(effect.data for effect in self.log if isinstance(effect, Send))

    def take(self, data: bytes) -> None:
        """Bytes from the other side."""
        self._reader.push(data)

    def hang_up(self) -> None:
        """The other side has closed the connection."""
        while (event := self._reader.next_event()) is not None:
            self.events.append(event)
        self.events.extend([*self._reader.end(), Disconnected(clean=True)])

    def begin_anew(self) -> None:
        """Read a new stream, of which the first bytes may be here already."""
        self._reader.restart()

    def start(self) -> None:
        """Let the protocol say what it wants first."""
        self._advance(None, is_first=True)

    def answer(self, event: Event | None) -> None:
        """Answer the effect that is waited for."""
        self._advance(event)

    @property
    def wants(self) -> Effect | None:
        """The effect that waits to be carried out; None at the end."""
        return self._effect

    def next_event(self) -> Event | None:
        """What there is to receive, if anything."""
        return self.events.popleft() if self.events else self._reader.next_event()

    def _advance(self, event: Event | None, *, is_first: bool = False) -> None:
        try:
            self._effect = next(self.protocol) if is_first else self.protocol.send(event)
            self.log.append(self._effect)
        except StopIteration as stop:
            self.result, self._effect, self.is_done = stop.value, None, True


#: `Any` because a joint does not care how its two ends end.
AnySide = Side[Any]


def join(client: AnySide, server: AnySide) -> None:
    """Run both until both have ended; who waits for what cannot come any more gets `Silence`."""
    client.start()
    server.start()
    while not (client.is_done and server.is_done):
        moved = [_move(client, server), _move(server, client)]
        if not any(moved):
            waiting = client if isinstance(client.wants, Receive) else server
            waiting.answer(Silence(seconds=0))


def _move(side: AnySide, other: AnySide) -> bool:
    """Carry out what a side wants as far as that is possible now; tell whether anything was."""
    has_moved = False
    while (effect := side.wants) is not None:
        answers = _carry_out(side, other, effect)
        if not answers:
            break
        has_moved = True
        side.answer(answers[0])
    return has_moved


def _carry_out(side: AnySide, other: AnySide, effect: Effect) -> Sequence[Event | None]:
    """The answer to an effect; nothing while it cannot be given."""
    match effect:
        case OpenConnection(direct_tls=direct_tls):
            return [Connected(tls=side.tls if direct_tls else None)]
        case Send(data=data):
            if side.is_open:
                other.take(data)
        case Receive():
            event = side.next_event()
            return [] if event is None else [event]
        case RestartStream():
            side.begin_anew()
        case StartTls():
            return _start_tls(side, other)
        case CloseConnection():
            _close(side, other)
    return [None]


def _start_tls(side: AnySide, other: AnySide) -> Sequence[Event | None]:
    """A handshake takes both sides, and fails at what is still in the clear."""
    stray = side.next_event()
    if stray is not None:
        return [stray]
    if other.is_done:
        return [TlsFailed(reason="the other side has gone")]
    if not isinstance(other.wants, StartTls):
        return []
    is_made_to_fail = side.tls is None or other.tls is None
    other.answer(TlsFailed(reason="made to fail") if is_made_to_fail else other.tls)
    return [TlsFailed(reason="made to fail") if is_made_to_fail else side.tls]


def _close(side: AnySide, other: AnySide) -> None:
    if side.is_open:
        side.is_open = other.is_open = False
        other.hang_up()
        side.events.append(Disconnected(clean=True))
