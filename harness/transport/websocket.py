"""Serves a pure peer over WebSocket (RFC 7395). Framing is `wire.framing`'s; here are only sockets."""

from collections import deque
from contextlib import suppress
from dataclasses import replace

import trio
from trio_websocket import CloseReason, ConnectionClosed, WebSocketConnection, wrap_server_stream

from harness.errors import ExchangeError
from harness.transport.connection import Tap
from harness.transport.listener import Listener
from harness.transport.tls import HANDSHAKE_SECONDS
from harness.wire.effects import CloseConnection, Directed, RestartStream, Send, StartTls
from harness.wire.events import Connected, ConnectFailed, Disconnected, Event, Rule, StreamOpened
from harness.wire.framing import FrameReader, FrameWriter
from harness.wire.reader import Limits

PATH = "/xmpp-websocket"

_SUBPROTOCOL = "xmpp"
_SHOWN = 60  # bytes of what is refused
_ROOM = 4
_CLOSE_SECONDS = 1.0
_ABNORMAL = 1006  # RFC 6455, 7.4.1: there was no closing handshake


class _Accepted:
    """One accepted connection: how its messages are read and written, and what waits to be sent."""

    def __init__(self, socket: WebSocketConnection, limits: Limits, tap: Tap) -> None:
        self.socket = socket
        self.tap = tap
        self.reader = FrameReader(limits=limits)
        self.writer = FrameWriter()
        self.outgoing: deque[str] = deque()
        self.wakeup = trio.Event()
        self.is_closing = False
        self.is_reset = False

    def put(self, directed: Directed) -> None:
        """Note an effect; the connection's own task carries it out."""
        match directed.effect:
            case Send():
                self._send(directed.effect)
            case RestartStream():
                self.writer.restart()
            case StartTls():
                raise ExchangeError("there is no STARTTLS over WebSocket (RFC 7395, 3.9)")
            case CloseConnection(reset=reset):
                self.tap.sent(directed.effect)
                self.is_closing = True
                self.is_reset = reset
        self.wakeup.set()

    def _send(self, effect: Send) -> None:
        messages = self.writer.write(effect.data)
        self.outgoing.extend(map(_text, messages))
        shown = b"\n".join(messages) if effect.masked is None else effect.masked
        self.tap.sent(replace(effect, masked=shown))

    def read(self, message: str | bytes) -> list[Event]:
        """What a message amounts to; RFC 7395, 3.2 wants text."""
        if isinstance(message, str):
            return self.reader.read(message.encode())
        return self.reader.refuse(Rule.BAD_ENCODING, "a binary message", message[:_SHOWN])


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        raise ExchangeError(
            f"what is not UTF-8 cannot be sent over WebSocket: {message[:_SHOWN]!r}",
            advice="a scenario that sends such bytes has to say: ## needs: tcp",
        ) from error


class WebSocketListener(Listener):
    """Accepts WebSocket connections at any path. To the peer and the tap they look like ordinary streams.

    The record shows messages as they went. The peer hears of a connection when the handshake of WebSocket
    is done.
    """

    async def _handle(self, door: str, stream: trio.abc.Stream, event: Connected) -> None:
        try:
            async with trio.open_nursery() as nursery:
                socket = await self._shake_hands(nursery, door, stream)
                if socket is not None:
                    await self._serve(door, socket, event)
                nursery.cancel_scope.cancel()
        finally:
            await trio.aclose_forcefully(stream)

    async def _shake_hands(
        self, nursery: trio.Nursery, door: str, stream: trio.abc.Stream
    ) -> WebSocketConnection | None:
        """RFC 7395, 3.1; None when it has failed, which the record tells."""
        reason = f"the handshake of WebSocket did not end within {HANDSHAKE_SECONDS:g} s"
        with trio.move_on_after(HANDSHAKE_SECONDS), suppress(ConnectionClosed):
            most = _ROOM * self._limits.max_stanza  # the reader tells of a message that is too large
            request = await wrap_server_stream(nursery, stream, max_message_size=most)
            if _SUBPROTOCOL in request.proposed_subprotocols:
                return await request.accept(subprotocol=_SUBPROTOCOL)
            reason = "the client does not ask for the subprotocol xmpp (RFC 7395, 3.1)"
            await request.reject(400, body=f"{reason}\n".encode())
        self._tap(door).received(ConnectFailed(reason=reason))
        return None

    async def _serve(self, door: str, socket: WebSocketConnection, event: Connected) -> None:
        accepted = _Accepted(socket, self._limits, self._tap(door))
        number = self._enter(door, accepted)
        try:
            self._greet(number, accepted, event)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_write, accepted, nursery.cancel_scope)
                await self._listen(number, accepted)
                accepted.is_closing = True
                accepted.wakeup.set()
        finally:
            del self._accepted[number]

    async def _listen(self, number: int, accepted: _Accepted) -> None:
        while True:
            try:
                message = await accepted.socket.get_message()
            except ConnectionClosed as closed:
                self._end(number, accepted, closed.reason)
                return
            for event in accepted.read(message):
                accepted.tap.received(_as_sent(event, message))
                self.carry_out(self._peer.received(number, event))

    def _end(self, number: int, accepted: _Accepted, reason: CloseReason | None) -> None:
        """When it is we who close, nothing is held against the client."""
        clean = reason is not None and reason.code != _ABNORMAL
        event = Disconnected(clean=clean, reason="" if clean else "the connection ends without a close frame")
        if not accepted.is_closing:
            accepted.tap.received(event)
        self.carry_out(self._peer.received(number, event))


def _as_sent(event: Event, message: str | bytes) -> Event:
    """A header as it stood in its message; the peer is given the one that it stands for."""
    if isinstance(event, StreamOpened) and isinstance(message, str):
        return replace(event, raw=message.encode())
    return event


async def _write(accepted: _Accepted, scope: trio.CancelScope) -> None:
    """Send what waits; when the peer wants the connection closed, end its tasks.

    There is a closing handshake only if the stream was closed before (RFC 7395, 3.6): otherwise the client
    is to see a connection that breaks.
    """
    with suppress(ConnectionClosed):
        while True:
            while accepted.outgoing:
                await accepted.socket.send_message(accepted.outgoing.popleft())
            if accepted.is_closing:
                break
            await accepted.wakeup.wait()
            accepted.wakeup = trio.Event()
        if accepted.writer.has_ended and not accepted.is_reset:
            with trio.move_on_after(_CLOSE_SECONDS):
                await accepted.socket.aclose()
    scope.cancel()
