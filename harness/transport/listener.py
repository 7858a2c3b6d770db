"""Serves a pure peer (the reference server, or a fake server) on real sockets."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import trio

from harness.transport.connection import SILENT_TAP, Tap
from harness.transport.open_files import is_exhausted, limit_reached
from harness.transport.tls import secure_server
from harness.wire.effects import CloseConnection, Directed, Peer, RestartStream, Send, StartTls
from harness.wire.events import Connected, Disconnected, Event, TlsStarted
from harness.wire.reader import Limits, StreamReader

_CHUNK = 65536
_LINGER_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A server's certificate: the TLS context that presents it, and its DER form for channel binding."""

    context: ssl.SSLContext
    certificate: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where a listener listens on 127.0.0.1."""

    plain: int
    direct_tls: int


class Accepted(Protocol):
    """One accepted connection, whatever carries it."""

    tap: Tap

    def put(self, directed: Directed) -> None:
        """Note an effect; the connection's own tasks carry it out."""
        ...


class _Accepted:
    """One accepted connection: its stream, its reader and what waits to be written."""

    def __init__(self, stream: trio.abc.Stream, reader: StreamReader, tap: Tap) -> None:
        self.stream = stream
        self.tap = tap
        self.reader = reader
        self.outgoing: list[Send] = []
        self.wakeup = trio.Event()
        self.drained = trio.Event()
        self.read = trio.Event()
        self.is_closing = False
        self.is_reset = False
        self.must_start_tls = False

    def put(self, directed: Directed) -> None:
        """Note an effect; the connection's own tasks carry it out."""
        if isinstance(directed.effect, Send | CloseConnection):
            self.tap.sent(directed.effect)
        match directed.effect:
            case Send():
                self.outgoing.append(directed.effect)
            case RestartStream():
                self.reader.restart()
            case StartTls():
                self.must_start_tls = True
            case CloseConnection(reset=reset):
                self.is_closing = True
                self.is_reset = reset
        self.wakeup.set()


#: Makes the reader of a connection; told of the one that it had before it was secured.
ReaderMaker = Callable[[Limits, StreamReader | None], StreamReader]


def _ordinary_reader(limits: Limits, _former: StreamReader | None) -> StreamReader:
    return StreamReader(limits=limits)


class Turns(Protocol):
    """Says who is heard next, where not everybody is."""

    async def wait(self, number: int) -> None:
        """Return when a connection may be heard."""
        ...

    def end(self, number: int, *, is_inside: bool) -> None:
        """What came on it has been heard; `is_inside` when it stopped in the middle of something."""
        ...


def _ignore(_: str) -> None:
    """Take no notice."""


class Listener:
    """Accepts connections and feeds the peer; one writer task a connection keeps order.

    Connections come through doors, each with a port for streams that begin in the clear and one for
    direct TLS. `tap` makes what watches a connection, from its door; `on_refusal` hears of the door where
    such a handshake has failed. `make_reader` and `turns` are for servers with faults. One that `lingers`
    goes on reading for a little after it has closed, so that a client that still writes is not reset and
    loses what it was told last.
    """

    def __init__(
        self,
        peer: Peer,
        identity: Identity,
        limits: Limits | None = None,
        tap: Callable[[str], Tap] | None = None,
        on_refusal: Callable[[str], None] = _ignore,
        make_reader: ReaderMaker = _ordinary_reader,
        turns: Turns | None = None,
        lingers: bool = False,
    ) -> None:
        self._lingers = lingers
        self._make_reader = make_reader
        self._turns = turns
        self._peer = peer
        self._identity = identity
        self._limits = limits or Limits()
        self._on_refusal = on_refusal
        self._tap = tap or (lambda _: SILENT_TAP)
        self._accepted: dict[int, Accepted] = {}
        self._doors: dict[int, str] = {}
        self._begun: dict[int, float] = {}

    def door_of(self, number: int) -> str:
        """The door through which a connection has come."""
        return self._doors[number]

    async def handle_plain(self, door: str, stream: trio.SocketStream) -> None:
        """Serve a connection that begins in the clear."""
        await self._handle(door, stream, Connected())

    async def handle_direct_tls(self, door: str, stream: trio.SocketStream) -> None:
        """Serve a connection that begins with a TLS handshake."""
        secured, event = await secure_server(stream, self._identity.context, self._identity.certificate)
        if secured is None:
            await trio.aclose_forcefully(stream)
            self._on_refusal(door)
            return
        assert isinstance(event, TlsStarted)
        await self._handle(door, secured, Connected(tls=event))

    async def _handle(self, door: str, stream: trio.abc.Stream, event: Connected) -> None:
        accepted = _Accepted(stream, self._make_reader(self._limits, None), self._tap(door))
        number = self._enter(door, accepted)
        try:
            self._greet(number, accepted, event)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, accepted, nursery.cancel_scope)
                await self._read(number, accepted)
                accepted.read.set()
                self._tell_end(number, accepted)
                accepted.is_closing = True
                accepted.wakeup.set()
            if not accepted.is_closing:  # writing has met the end of the connection before reading has
                self._tell_end(number, accepted)
        finally:
            if self._turns is not None:
                self._turns.end(number, is_inside=False)
            await trio.aclose_forcefully(accepted.stream)
            del self._accepted[number]

    def _tell_end(self, number: int, accepted: _Accepted) -> None:
        for event in (*accepted.reader.end(), Disconnected(clean=True)):
            self._take(number, accepted, event)

    def _enter(self, door: str, accepted: Accepted) -> int:
        """Give a connection its number."""
        number = len(self._doors) + 1
        self._doors[number] = door
        self._begun[number] = trio.current_time()
        self._accepted[number] = accepted
        return number

    def older_than(self, seconds: float) -> list[int]:
        """The connections that were accepted longer ago."""
        latest = trio.current_time() - seconds
        return [number for number in self._accepted if self._begun[number] < latest]

    def _greet(self, number: int, accepted: Accepted, event: Connected) -> None:
        accepted.tap.received(event)
        self.carry_out(self._peer.connected(number, event))

    async def _read(self, number: int, accepted: _Accepted) -> None:
        while True:
            try:
                data = bytes(await accepted.stream.receive_some(_CHUNK))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                data = b""
            if not data:
                return
            accepted.reader.push(data)
            if self._turns is None:
                await self._tell(number, accepted)
            else:
                await self._turns.wait(number)
                await self._tell(number, accepted)
                self._turns.end(number, is_inside=bool(accepted.reader.pending))

    async def _tell(self, number: int, accepted: _Accepted) -> None:
        """Tell the peer of one event at a time: it may restart the stream or start TLS in between."""
        while (event := accepted.reader.next_event()) is not None:
            self._take(number, accepted, event)
            if accepted.must_start_tls:
                await self._start_tls(number, accepted)

    async def _start_tls(self, number: int, accepted: _Accepted) -> None:
        accepted.must_start_tls = False
        if accepted.outgoing:  # `<proceed/>` has to leave before the handshake begins
            accepted.drained = trio.Event()
            await accepted.drained.wait()
        secured, event = await secure_server(
            accepted.stream, self._identity.context, self._identity.certificate
        )
        if secured is not None:
            accepted.stream = secured
            accepted.reader = self._make_reader(self._limits, accepted.reader)
        self._take(number, accepted, event)

    def _take(self, number: int, accepted: Accepted, event: Event) -> None:
        accepted.tap.received(event)
        self.carry_out(self._peer.received(number, event))

    def carry_out(self, directed: Sequence[Directed]) -> None:
        """Have effects carried out; those on a connection that has gone are lost."""
        for one in directed:
            target = self._accepted.get(one.connection)
            if target is not None:
                target.put(one)

    async def _write(self, accepted: _Accepted, scope: trio.CancelScope) -> None:
        """Write what waits, joined; when the peer wants the connection closed, end its tasks."""
        try:
            while True:
                await self._flush(accepted)
                if accepted.is_closing and not accepted.outgoing:
                    break
                await accepted.wakeup.wait()
                accepted.wakeup = trio.Event()
            if not accepted.is_reset and self._lingers:
                await _linger(accepted)
            if not accepted.is_reset:
                await _half_close(accepted.stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        scope.cancel()

    async def _flush(self, accepted: _Accepted) -> None:
        while accepted.outgoing:
            waiting = accepted.outgoing[:]
            if any(send.cuts for send in waiting):
                for send in waiting:
                    await _send_in_segments(accepted.stream, send)
            else:
                await accepted.stream.send_all(b"".join(send.data for send in waiting))
            del accepted.outgoing[: len(waiting)]
        accepted.drained.set()


async def _linger(accepted: _Accepted) -> None:
    stream = (
        accepted.stream.transport_stream if isinstance(accepted.stream, trio.SSLStream) else accepted.stream
    )
    assert isinstance(stream, trio.SocketStream)
    await stream.send_eof()
    with trio.move_on_after(_LINGER_SECONDS):
        await accepted.read.wait()


async def _half_close(stream: trio.abc.Stream) -> None:
    with trio.move_on_after(1):
        await stream.aclose()


async def _send_in_segments(stream: trio.abc.Stream, send: Send) -> None:
    start = 0
    for cut in (*send.cuts, len(send.data)):
        await stream.send_all(send.data[start:cut])
        start = cut
        if cut in send.pauses:
            await trio.sleep(send.pauses[cut])


class _Accepting(trio.abc.Listener[trio.SocketStream]):
    """Tells when no more files can be opened: who waits at the door would blame the peer."""

    def __init__(self, listener: trio.SocketListener, exhausted: trio.Event) -> None:
        self._listener = listener
        self._exhausted = exhausted

    async def accept(self) -> trio.SocketStream:
        try:
            return await self._listener.accept()
        except OSError as error:
            if not is_exhausted(error):
                raise
            self._exhausted.set()
            return await trio.sleep_forever()

    async def aclose(self) -> None:
        await self._listener.aclose()


async def _end_when(exhausted: trio.Event) -> None:
    """Raised from here, the error ends clients in this process before they see their connections break."""
    await exhausted.wait()
    raise limit_reached()


async def _opened(host: str) -> trio.SocketListener:
    try:
        return (await trio.open_tcp_listeners(0, host=host))[0]
    except OSError as error:
        if is_exhausted(error):
            raise limit_reached() from error
        raise


@asynccontextmanager
async def listening(
    peer: Peer, identity: Identity, *, limits: Limits | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Ports]:
    """Serve a peer on two free ports until the block ends, which LimitError does before its time."""
    async with at_doors(Listener(peer, identity, limits), [""], host=host) as ports:
        yield ports[""]


@asynccontextmanager
async def at_doors(
    listener: Listener, doors: Sequence[str], *, host: str = "127.0.0.1"
) -> AsyncIterator[Mapping[str, Ports]]:
    """Listen at some doors, each with two ports of its own, as `listening` does."""
    exhausted = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_end_when, exhausted)
        ports = {}
        for door in doors:
            plain, direct = await _opened(host), await _opened(host)
            nursery.start_soon(
                trio.serve_listeners, partial(listener.handle_plain, door), [_Accepting(plain, exhausted)]
            )
            nursery.start_soon(
                trio.serve_listeners,
                partial(listener.handle_direct_tls, door),
                [_Accepting(direct, exhausted)],
            )
            ports[door] = Ports(
                plain=plain.socket.getsockname()[1], direct_tls=direct.socket.getsockname()[1]
            )
        yield ports
        nursery.cancel_scope.cancel()
