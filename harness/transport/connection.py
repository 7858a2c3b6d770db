"""One connection to a server under test.

Nothing reads in the background: bytes are taken from the socket when somebody wants an event, so an
idle actor costs a socket and a reader and no task.
"""

import os
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import trio

from harness.errors import ExchangeError
from harness.transport.endpoint import Endpoint
from harness.transport.open_files import is_exhausted, limit_reached
from harness.transport.tls import secure_client
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
from harness.wire.events import (
    GOES_ON_IN_CLEAR,
    Connected,
    ConnectFailed,
    Disconnected,
    Event,
    Silence,
    TlsFailed,
    TlsStarted,
)
from harness.wire.reader import Limits, StreamReader
from harness.wire.writer import stream_footer

_CHUNK = 65536
_END = stream_footer()
_CONNECT_SECONDS = 10.0  # an address where nobody answers at all would take minutes to be given up
_LINGER_NOT = struct.pack("ii", 1, 0)  # a close with this set resets the connection
_HANDSHAKE_PATIENCES = 5  # a handshake is several answers, and some of them take arithmetic
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)


def _ignore(_: object) -> None:
    """Take no notice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tap:
    """Told of everything on a connection, in order: what was sent (the effect) and what came (the event).

    Whoever cares is told of each segment as well, before the events that come of it.
    """

    sent: Callable[[Effect], None] = _ignore
    received: Callable[[Event], None] = _ignore
    segment: Callable[[bytes], None] = _ignore


SILENT_TAP = Tap()


class Connection:
    """Carries out the effects of protocol code on one TCP connection.

    `patience` is how long, in seconds, a `Receive` without its own waits before `Silence`.
    """

    __slots__ = (
        "_context",
        "_endpoint",
        "_events",
        "_has_said_end",
        "_is_open",
        "_reader",
        "_socket",
        "_stream",
        "_tap",
        "patience",
    )

    def __init__(
        self,
        endpoint: Endpoint,
        context: ssl.SSLContext,
        *,
        tap: Tap = SILENT_TAP,
        limits: Limits | None = None,
        patience: float = 5.0,
    ) -> None:
        self._endpoint = endpoint
        self._context = context
        self._tap = tap
        self._reader = StreamReader(limits=limits or Limits())
        self._events: deque[Event] = deque()
        self._stream: trio.abc.Stream | None = None
        self._socket: trio.socket.SocketType | None = None
        self._is_open = False
        self._has_said_end = False
        self.patience = patience

    @property
    def would_end_abruptly(self) -> bool:
        """Whether closing it now drops a stream that we have not closed."""
        return self._is_open and not self._has_said_end

    async def perform(self, effect: Effect) -> Event | None:
        """Carry out one effect and return its answer."""
        match effect:
            case Send():
                await self._send(effect)
            case Receive():
                return await self._receive(self.patience if effect.patience is None else effect.patience)
            case RestartStream():
                self._reader.restart()
            case StartTls():
                return await self._start_tls()
            case OpenConnection():
                return await self._open(effect.direct_tls)
            case CloseConnection():
                await self._close(effect)
        return None

    async def aclose(self) -> None:
        """Let go of the socket, whatever state it is in."""
        if self._socket is not None:
            self._socket.close()
        self._is_open = False
        self._socket = None
        self._stream = None

    async def _open(self, direct_tls: bool) -> Event:
        self._reader = StreamReader(limits=self._reader.limits)
        self._events.clear()
        port = self._endpoint.direct_tls_port if direct_tls else self._endpoint.port
        if port is None:
            return self._saw(ConnectFailed(reason="the target has no direct TLS port"))
        reason = await self._dial(port)
        if reason:
            return self._saw(ConnectFailed(reason=f"{self._endpoint.host}:{port}: {reason}"))
        if not direct_tls:
            return self._saw(Connected())
        event = await self._secure()
        if isinstance(event, TlsFailed):
            await self.aclose()
            return self._saw(ConnectFailed(reason=event.reason))
        return self._saw(Connected(tls=event))

    async def _dial(self, port: int) -> str:
        """Connect; return why it did not work, empty when it did."""
        with trio.move_on_after(_CONNECT_SECONDS):
            try:
                stream = await _dialled(self._endpoint.host, port)
            except OSError as error:
                if is_exhausted(error):
                    raise limit_reached() from error
                return _why_unreachable(error)
            except UnicodeError:
                return "this is no host name"
            self._socket = stream.socket
            self._stream = stream
            self._is_open = True
            return ""
        return f"nobody answers within {_CONNECT_SECONDS:.0f} s"

    async def _start_tls(self) -> Event:
        if self._reader.pending.strip():
            await self.aclose()
            return self._saw(TlsFailed(reason=GOES_ON_IN_CLEAR))
        event = await self._secure()
        if isinstance(event, TlsFailed):
            await self.aclose()
        return self._saw(event)

    async def _secure(self) -> TlsStarted | TlsFailed:
        secured, event = await secure_client(
            self._open_stream(),
            self._context,
            self._endpoint.trust,
            self._endpoint.domain,
            seconds=_HANDSHAKE_PATIENCES * self.patience,
        )
        if secured is not None:
            self._stream = secured
            # Nothing that was sent in the clear may count (RFC 6120, 5.4.3.3).
            self._reader = StreamReader(limits=self._reader.limits)
        return event

    async def _send(self, effect: Send) -> None:
        self._tap.sent(effect)
        stream = self._open_stream()
        self._has_said_end = effect.data.endswith(_END)
        start = 0
        try:
            for cut in (*effect.cuts, len(effect.data)):
                await stream.send_all(effect.data[start:cut])
                start = cut
                if cut in effect.pauses:
                    await trio.sleep(effect.pauses[cut])
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._is_open = False  # the peer has gone; what it said before that is still to be read

    async def _receive(self, patience: float) -> Event:
        event = self._next()
        if event is None:
            with trio.move_on_after(patience):
                event = await self._read()
        return self._saw(Silence(seconds=patience) if event is None else event)

    def _next(self) -> Event | None:
        """Take one event at a time, so that what follows a restart is read in the new stream."""
        return self._events.popleft() if self._events else self._reader.next_event()

    async def _read(self) -> Event:
        while True:
            self._hurry()
            try:
                data = bytes(await self._receive_some())
            except trio.BrokenResourceError as error:
                self._end(Disconnected(clean=False, reason=_why_broken(error)))
            else:
                if data:
                    self._tap.segment(data)
                    self._reader.push(data)
                else:
                    self._end(Disconnected(clean=True))
            event = self._next()
            if event is not None:
                return event

    async def _receive_some(self) -> bytes | bytearray:
        if self._stream is None:
            return b""
        return await self._stream.receive_some(_CHUNK)

    def _end(self, event: Disconnected) -> None:
        self._is_open = False
        self._events.extend(self._reader.end())
        self._events.append(event)

    async def _close(self, effect: CloseConnection) -> None:
        self._tap.sent(effect)
        if effect.reset and self._socket is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        await self.aclose()

    def _open_stream(self) -> trio.abc.Stream:
        if self._stream is None:
            raise ExchangeError("the connection is not open")
        return self._stream

    def _saw(self, event: Event) -> Event:
        self._tap.received(event)
        return event

    def _hurry(self) -> None:
        """Acknowledge at once: a peer that joins its writes waits 40 ms for it.

        Linux forgets the option as soon as something is sent, so this is said whenever we begin to wait.
        """
        if _QUICKACK is not None and self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)


async def _dialled(host: str, port: int) -> trio.SocketStream:
    if not _is_literal(host):
        return await trio.open_tcp_stream(host, port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    async with AsyncExitStack() as stack:
        connecting = trio.socket.socket(family, socket.SOCK_STREAM)
        stack.callback(connecting.close)
        await connecting.connect((host, port))
        stack.pop_all()
    return trio.SocketStream(connecting)


def _why_unreachable(error: OSError) -> str:
    if error.errno is not None and error.errno > 0:  # those of name resolution are not the system's
        return os.strerror(error.errno)
    return error.strerror or str(error)


def _why_broken(error: trio.BrokenResourceError) -> str:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or cause}"
    return "connection reset"


def _is_literal(host: str) -> bool:
    return host.replace(".", "").isdigit() or ":" in host


async def drive(protocol: Protocol[T], connection: Connection) -> T:
    """Run protocol code over a connection until it returns."""
    answer: Event | None = None
    try:
        while True:
            answer = await connection.perform(protocol.send(answer))
    except StopIteration as stop:
        result: T = stop.value
        return result
