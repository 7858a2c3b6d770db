"""Sockets between clients and a server, with a recording of what they say.

A connection to the server is opened for each client that comes. After STARTTLS, or when the client
begins with TLS, both sides are secured: the server as its client would, the client with a certificate
that an authority made for this recording has issued for the domain it asks for.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import trio
import trustme

from harness.recording.middle import HandOn, Middle, SecureBoth, Source
from harness.recording.session import Listening, Recording
from harness.transport.endpoint import Endpoint
from harness.transport.tls import secure_client, secure_server
from harness.wire.events import TlsFailed

_CHUNK = 65536
_TLS_RECORD = b"\x16"  # the first byte of a handshake (RFC 8446, 5.1)
_LINGER_SECONDS = 2.0
_CONNECT_SECONDS = 10.0
_SECTION = "RFC 6120, 5.4.3.1"
_DOMAIN = "--domain names the one that is served"
_TRUST = "--ca, --pin or --insecure say what to trust"


class Authority:
    """Issues certificates for the domains that clients ask for."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}

    def publish(self, path: Path) -> None:
        """Write down, in PEM form, what clients have to trust."""
        self._authority.cert_pem.write_to_path(path)

    def context(self, domain: str) -> ssl.SSLContext:
        """Present a certificate for a domain, or for the one that the handshake names."""
        if domain not in self._contexts:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._authority.issue_cert(domain).configure_cert(context)
            context.sni_callback = self._named
            self._contexts[domain] = context
        return self._contexts[domain]

    def _named(self, handshake: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        with contextlib.suppress(UnicodeError, ValueError):  # then it is shown the usual one
            handshake.context = self.context(name or "")


@dataclass(kw_only=True)
class Relay:
    """Serves clients on behalf of the server at `upstream`, whose domain is empty where clients know it."""

    upstream: Endpoint
    recording: Recording
    authority: Authority
    warn: Callable[[str], None]
    most: int = 0  # logins after whose end it is over; 0 for no such number
    _gone: int = 0
    _over: trio.Event = field(default_factory=trio.Event)

    async def serve(self, listeners: list[trio.SocketListener]) -> None:
        """Go on until so many clients have come and gone as there are to be."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, self._handle, listeners)
            await self._over.wait()
            nursery.cancel_scope.cancel()

    async def _handle(self, client: trio.SocketStream) -> None:
        listening = self.recording.session()
        try:
            await self._joined(client, listening)
        except (OSError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            self.warn(f"a client has gone: {error or 'the connection broke'}")  # the others stay
        finally:
            await trio.aclose_forcefully(client)
            self._gone += bool(listening.session.jid)
            if self.most and self._gone >= self.most:
                self._over.set()

    async def _joined(self, client: trio.SocketStream, listening: Listening) -> None:
        is_direct = await client.socket.recv(1, socket.MSG_PEEK) == _TLS_RECORD
        port = self.upstream.direct_tls_port if is_direct else self.upstream.port
        if port is None:
            self.warn(
                "a client began with TLS, and the server's port for that is not known "
                "(--direct-tls-port names it; or have the client use STARTTLS)"
            )
            return
        try:
            with trio.fail_after(_CONNECT_SECONDS):
                server = await trio.open_tcp_stream(self.upstream.host, port)
        except (OSError, trio.TooSlowError) as error:
            self.warn(f"the server at {self.upstream.host}:{port} cannot be reached: {error}")
            return
        async with server:
            joint = _Joint(self, listening, client, server)
            if not is_direct or await joint.secure():
                await joint.run()


class _Joint:
    """One client with its connection to the server."""

    def __init__(
        self, relay: Relay, listening: Listening, client: trio.abc.Stream, server: trio.abc.Stream
    ) -> None:
        self._relay = relay
        self._listening = listening
        self._middle = Middle(listening.hear)
        self._streams: dict[Source, trio.abc.Stream] = {Source.CLIENT: client, Source.SERVER: server}
        self._reading = {source: trio.CancelScope() for source in Source}
        self._saying = {source: trio.Lock() for source in Source}  # one at a time to each of the two
        self._secured = trio.Event()  # set unless a handshake is under way
        self._secured.set()

    async def run(self) -> None:
        """Hand on until one of the two has gone."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._hand_on_all, Source.SERVER, nursery.cancel_scope)
            await self._hand_on_all(Source.CLIENT, nursery.cancel_scope)

    async def _hand_on_all(self, source: Source, both: trio.CancelScope) -> None:
        try:
            while data := await self._received(source):
                for act in self._middle.take(source, data):
                    await self._do(act, both)
            for rest in self._middle.ended(source):
                await self._do(rest, both)
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError):
            pass  # told as the end of the connection; the last of who talks into a handshake
        self._listening.dropped(source)
        # What the server still has to say is heard, for a while.
        both.deadline = trio.current_time() + (_LINGER_SECONDS if source is Source.CLIENT else 0)

    async def _received(self, source: Source) -> bytes:
        """What comes next, of whichever stream it is by then; empty at its end."""
        while True:
            while not self._secured.is_set():  # asked again, for it may have become another one
                await self._secured.wait()
            with trio.CancelScope() as self._reading[source]:
                return bytes(await self._streams[source].receive_some(_CHUNK))

    async def _do(self, act: HandOn | SecureBoth, both: trio.CancelScope) -> None:
        if isinstance(act, HandOn):
            async with self._saying[act.to]:
                await self._streams[act.to].send_all(act.data)
        elif not await self.secure(act.proceed):
            both.cancel()

    async def secure(self, proceed: bytes = b"") -> bool:
        """Shake hands on both sides, with the client when it was told to; whether that worked on both."""
        self._secured = trio.Event()
        self._reading[Source.CLIENT].cancel()  # it waits on the stream that is to be secured
        domain = self._relay.upstream.domain or self._relay.recording.domain or self._relay.upstream.host
        trust = self._relay.upstream.trust
        with trio.move_on_after(_LINGER_SECONDS) as waiting:  # until what was said before is out
            async with self._saying[Source.SERVER]:
                pass
        if waiting.cancelled_caught:
            return self._failed("client", TlsFailed(reason="it went on talking after <starttls/>"), _SECTION)
        try:
            context = self._relay.authority.context(domain)
            server, event = await secure_client(self._streams[Source.SERVER], trust.context(), trust, domain)
        except (UnicodeError, ValueError):
            return self._failed("server", TlsFailed(reason=f"{domain!a} is no name of a host"), _DOMAIN)
        if server is None:
            return self._failed("server", event, _TRUST)
        await self._streams[Source.CLIENT].send_all(proceed)
        client, event = await secure_server(self._streams[Source.CLIENT], context, b"")
        if client is None:
            return self._failed("client", event, "it has to trust the authority of this recording")
        self._streams = {Source.CLIENT: client, Source.SERVER: server}
        self._middle.secured()
        self._secured.set()
        return True

    def _failed(self, who: str, event: object, advice: str) -> bool:
        reason = event.reason if isinstance(event, TlsFailed) else "TLS"
        self._relay.warn(f"no TLS with the {who}: {reason} ({advice})")
        return False
