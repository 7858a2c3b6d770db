"""Joins a play and reference clients in memory: no sockets, no clock, nothing left to chance.

What a client does becomes events of the play and the reverse. When nobody has anything more to say, the
play is told of the silence.
"""

import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.play.hosted import HostedPlay
from harness.play.joint import MEMORY_TLS
from harness.reference_client.client import ReferenceClient
from harness.wire.driver import Report
from harness.wire.effects import (
    CloseConnection,
    Directed,
    Effect,
    OpenConnection,
    RestartStream,
    Send,
    StartTls,
)
from harness.wire.events import Connected, ConnectFailed, Disconnected, Event, TlsFailed
from harness.wire.reader import StreamReader

_MOST_SILENCES = 500

_REFUSED = TlsFailed(reason="certificate not accepted: in memory, it is never the right one")


@dataclass(kw_only=True)
class _Line:
    actor: str
    number: int
    is_open: bool = True
    wants_tls: bool = False
    segments: list[bytes] = field(default_factory=list)  # that hold what is not told yet
    to_client: StreamReader = field(default_factory=StreamReader)
    to_play: StreamReader = field(default_factory=StreamReader)


class Meeting:
    """One play with its clients; `trusts` tells which of them take the certificate that they are shown."""

    def __init__(
        self,
        play: HostedPlay,
        clients: Mapping[str, ReferenceClient],
        lines: dict[int, str],
        trusts: Mapping[str, bool],
    ) -> None:
        self._play = play
        self._clients = clients
        self._actors = lines  # by connection; the play looks them up here
        self._trusts = trusts
        self._lines: dict[int, _Line] = {}
        self._present: dict[str, _Line] = {}
        self._work: deque[tuple[str, Sequence[Effect | Report]]] = deque()

    def run(self) -> None:
        """Play to the end."""
        self._carry_out(self._play.begin())
        silences = 0
        while not self._play.is_over and silences < _MOST_SILENCES:
            if self._has_worked():
                continue
            silences += 1
            self._carry_out(self._play.silence())
        for actor, client in self._clients.items():
            if client.has_crashed:
                self._play.exited(actor, "crashed")
                self._play.note_crash(actor)

    def _has_worked(self) -> bool:
        if self._play.told:
            actor, command = self._play.told.popleft()
            self._work.append((actor, self._clients[actor].command(command)))
        elif self._work:
            actor, items = self._work.popleft()
            for item in items:
                self._do(actor, item)
        else:
            return False
        return True

    def _do(self, actor: str, item: Effect | Report) -> None:
        if isinstance(item, Report):
            self._carry_out(self._play.reported(actor, item))
        elif isinstance(item, OpenConnection):
            self._open(actor, item)
        else:
            self._act(self._present[actor], item)

    def _open(self, actor: str, effect: OpenConnection) -> None:
        number = len(self._lines) + 1
        line = _Line(actor=actor, number=number)
        self._lines[number] = self._present[actor] = line
        self._actors[number] = actor
        event = Connected(tls=MEMORY_TLS if effect.direct_tls else None)
        self._carry_out(self._play.connected(number, event))
        if effect.direct_tls and not self._trusts[actor]:
            self._end(line)
            self._tell(line, ConnectFailed(reason=_REFUSED.reason))
            return
        self._tell(line, event)

    def _act(self, line: _Line, effect: Effect) -> None:
        match effect:
            case Send():
                self._to_play(line, effect.data)
            case RestartStream():
                line.to_client.restart()
            case StartTls():
                self._start_tls(line)
            case CloseConnection():
                self._end(line)

    def _to_play(self, line: _Line, data: bytes) -> None:
        if not line.is_open:
            return
        line.to_play.push(data)
        while (event := line.to_play.next_event()) is not None:
            self._carry_out(self._play.received(line.number, event))

    def _start_tls(self, line: _Line) -> None:
        if not line.wants_tls:
            self._tell(line, TlsFailed(reason="the server does not begin a handshake"))
            return
        line.wants_tls = False
        for early in StreamReader().feed(line.to_client.pending):
            self._tell(line, early)  # it came in the clear, and is not to count
        line.to_client, line.to_play, line.segments = StreamReader(), StreamReader(), []
        event: Event = MEMORY_TLS if self._trusts[line.actor] else _REFUSED
        self._carry_out(self._play.received(line.number, event))
        self._tell(line, event)

    def _end(self, line: _Line) -> None:
        if line.is_open:
            line.is_open = False
            self._carry_out(self._play.received(line.number, Disconnected(clean=True)))

    def _tell(self, line: _Line, event: Event) -> bool:
        """Tell the client; whether it begins with TLS, so that its stream is read no further."""
        items = self._clients[line.actor].received(event, tuple(line.segments))
        self._work.append((line.actor, items))
        return any(isinstance(one, StartTls) for one in items)

    def _carry_out(self, directed: Sequence[Directed]) -> None:
        for one in directed:
            line = self._lines[one.connection]
            match one.effect:
                case Send():
                    self._to_client(line, one.effect)
                case StartTls():
                    line.wants_tls = True
                case RestartStream():
                    line.to_play.restart()
                case CloseConnection():
                    if line.is_open:
                        line.is_open = False
                        self._carry_out(self._play.received(line.number, Disconnected(clean=True)))
                        for event in (*line.to_client.end(), Disconnected(clean=True)):
                            self._tell(line, event)

    def _to_client(self, line: _Line, effect: Send) -> None:
        for begin, end in itertools.pairwise((0, *effect.cuts, len(effect.data))):
            if not line.is_open:
                return
            line.segments.append(effect.data[begin:end])
            line.to_client.push(effect.data[begin:end])
            while (event := line.to_client.next_event()) is not None:
                if self._tell(line, event):
                    return
                line.segments = line.segments[-1:]
            if not line.to_client.pending:
                line.segments = []
