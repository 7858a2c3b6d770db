"""Joins a case and a server in memory: no sockets, no clock, nothing left to chance.

The client's acts become events of the peer and the peer's effects become events of the client. When
the client waits and the peer has nothing more to say, that is `Silence` at once.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.play.acts import Act, Outcome, Playing
from harness.wire.effects import (
    CloseConnection,
    Directed,
    Effect,
    OpenConnection,
    Peer,
    Receive,
    RestartStream,
    Send,
    StartTls,
)
from harness.wire.events import (
    GOES_ON_IN_CLEAR,
    Connected,
    Disconnected,
    Event,
    Silence,
    TlsFailed,
    TlsStarted,
)
from harness.wire.reader import StreamReader

#: What a handshake in memory gives; both sides hold the same channel binding data.
MEMORY_TLS = TlsStarted(
    version="TLSv1.2",
    cipher="memory",
    bindings={"tls-unique": b"in memory", "tls-server-end-point": b"in memory"},
)

#: Told of everything on the wire: actor, connection, whether the harness sent it, the event or effect.
Watcher = Callable[[str, int, bool, Event | Effect], None]


@dataclass(kw_only=True)
class _Line:
    actor: str
    number: int
    is_open: bool = True
    wants_tls: bool = False
    ending: Disconnected | None = None
    events: deque[Event] = field(default_factory=deque)
    client_reader: StreamReader = field(default_factory=StreamReader)
    server_reader: StreamReader = field(default_factory=StreamReader)


class Joint:
    """Carries acts and effects between one case and one peer."""

    def __init__(
        self,
        peer: Peer,
        watcher: Watcher | None = None,
        hush: Callable[[], Sequence[Directed]] | None = None,
    ) -> None:
        self._hush = hush  # tells a peer that waits that the client has nothing to say
        self._peer = peer
        self._watcher = watcher
        self._lines: dict[int, _Line] = {}
        self._by_actor: dict[str, _Line] = {}

    def run(self, playing: Playing[Outcome]) -> Outcome:
        """Play to the end."""
        answer: Event | None = None
        try:
            while True:
                answer = self._perform(playing.send(answer))
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    def actor_of(self, number: int) -> str:
        """Name the actor behind a connection."""
        return self._lines[number].actor

    def _perform(self, act: Act) -> Event | None:
        if isinstance(act.effect, OpenConnection):
            return self._open(act.actor, act.effect)
        line = self._by_actor[act.actor]
        match act.effect:
            case Send():
                self._watch(line, True, act.effect)
                self._to_peer(line, act.effect.data)
            case Receive():
                return self._next(line)
            case RestartStream():
                line.client_reader.restart()
            case StartTls():
                return self._start_tls(line)
            case CloseConnection():
                self._watch(line, True, act.effect)
                self._hang_up(line)
        return None

    def _open(self, actor: str, effect: OpenConnection) -> Event:
        line = _Line(actor=actor, number=len(self._lines) + 1)
        self._lines[line.number] = self._by_actor[actor] = line
        event = Connected(tls=MEMORY_TLS if effect.direct_tls else None)
        self._watch(line, False, event)
        self._from_peer(self._peer.connected(line.number, event))
        return event

    def _to_peer(self, line: _Line, data: bytes) -> None:
        if not line.is_open:
            return
        line.server_reader.push(data)
        was_securing = line.wants_tls
        while line.wants_tls is was_securing and (event := line.server_reader.next_event()) is not None:
            self._from_peer(self._peer.received(line.number, event))

    def _start_tls(self, line: _Line) -> Event:
        if not line.wants_tls:
            return TlsFailed(reason="the server does not begin a handshake")
        line.wants_tls = False
        if line.client_reader.pending.strip():
            self._hang_up(line)
            return TlsFailed(reason=GOES_ON_IN_CLEAR)
        line.server_reader, line.client_reader = StreamReader(), StreamReader()
        self._watch(line, False, MEMORY_TLS)
        self._from_peer(self._peer.received(line.number, MEMORY_TLS))
        return MEMORY_TLS

    def _hang_up(self, line: _Line) -> None:
        if line.is_open:
            line.is_open = False
            self._from_peer(self._peer.received(line.number, Disconnected(clean=True)))

    def _from_peer(self, directed: Sequence[Directed]) -> None:
        for one in directed:
            line = self._lines[one.connection]
            match one.effect:
                case Send():
                    if line.is_open:
                        line.client_reader.push(one.effect.data)
                case StartTls():
                    line.wants_tls = True
                case RestartStream():
                    line.server_reader.restart()
                case CloseConnection(reset=reset):
                    if line.is_open:
                        line.is_open = False
                        line.ending = Disconnected(clean=not reset)
                        self._from_peer(self._peer.received(line.number, Disconnected(clean=True)))

    def perform(self, directed: Sequence[Directed]) -> None:
        """Carry out what the peer wants for another reason than an event."""
        self._from_peer(directed)

    def _next(self, line: _Line) -> Event:
        event = self._waiting(line)
        if event is None and self._hush is not None:
            self._from_peer(self._hush())
            event = self._waiting(line)
        if event is None:
            return Silence(seconds=0)
        self._watch(line, False, event)
        return event

    @staticmethod
    def _waiting(line: _Line) -> Event | None:
        event = line.client_reader.next_event()
        if event is None and line.ending is not None:
            line.events.extend((*line.client_reader.end(), line.ending))
            line.ending = None
        if event is None and line.events:
            event = line.events.popleft()
        return event

    def _watch(self, line: _Line, is_sent: bool, what: Event | Effect) -> None:
        if self._watcher is not None:
            self._watcher(line.actor, line.number, is_sent, what)
