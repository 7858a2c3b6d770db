"""A peer that is served over WebSocket, and a small client that talks to it (RFC 7395)."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
import trustme
from trio_websocket import (
    ConnectionClosed,
    ConnectionRejected,
    WebSocketConnection,
    wrap_client_stream,
)

from harness.errors import ExchangeError
from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings
from harness.transport.connection import Tap
from harness.transport.listener import Identity, Ports, at_doors
from harness.transport.websocket import PATH, WebSocketListener
from harness.wire.effects import CloseConnection, Directed, Effect, Peer, Send, StartTls
from harness.wire.events import (
    Connected,
    ConnectFailed,
    Disconnected,
    ElementReceived,
    Event,
    Rule,
    StreamEnded,
    StreamOpened,
    Violation,
)

OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>"
CLOSE = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"
HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s1'>"
FOOTER = b"</stream:stream>"
AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAGp1bGlldA==</auth>"
BIND = "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"

Answers = dict[type[Event], Sequence[Effect]]


class Scripted:
    """A peer with one answer to each kind of event."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.events: list[Event] = []
        self.gone = trio.Event()

    def connected(self, connection: int, event: Connected) -> list[Directed]:
        return self.received(connection, event)

    def received(self, connection: int, event: Event) -> list[Directed]:
        self.events.append(event)
        if isinstance(event, Disconnected):
            self.gone.set()
        return [Directed(connection=connection, effect=one) for one in self.answers.get(type(event), ())]


class Watch:
    """What a tap is told."""

    def __init__(self) -> None:
        self.sent: list[Effect] = []
        self.received: list[Event] = []
        self.tap = Tap(sent=self.sent.append, received=self.received.append)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def identity(authority: trustme.CA, tmp_path: Path) -> Identity:
    leaf = authority.issue_cert("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    pem = leaf.cert_chain_pems[0].bytes().decode()
    return Identity(context=context, certificate=ssl.PEM_cert_to_DER_cert(pem))


@asynccontextmanager
async def serving(peer: Peer, identity: Identity, watch: Watch | None = None) -> AsyncIterator[Ports]:
    seen = watch or Watch()
    listener = WebSocketListener(peer, identity, tap=lambda _: seen.tap)
    with trio.fail_after(10):
        async with at_doors(listener, ["Romeo"]) as ports:
            yield ports["Romeo"]


@asynccontextmanager
async def client(
    ports: Ports, *subprotocols: str, trusting: trustme.CA | None = None
) -> AsyncIterator[WebSocketConnection]:
    """A client; its stream is ours, since the library leaves it open when a server breaks off."""
    async with await dialled(ports, trusting) as stream, trio.open_nursery() as nursery:
        made = await wrap_client_stream(nursery, stream, "localhost", PATH, subprotocols=subprotocols)
        yield made
        await made.aclose()
        nursery.cancel_scope.cancel()


async def dialled(
    ports: Ports, trusting: trustme.CA | None
) -> trio.SocketStream | trio.SSLStream[trio.SocketStream]:
    if trusting is None:
        return await trio.open_tcp_stream("127.0.0.1", ports.plain)
    context = ssl.create_default_context()
    trusting.configure_trust(context)
    stream = await trio.open_tcp_stream("127.0.0.1", ports.direct_tls)
    return trio.SSLStream(stream, context, server_hostname="localhost", https_compatible=True)


async def ask(socket: WebSocketConnection, message: str, answers: int) -> list[str]:
    await socket.send_message(message)
    return [str(await socket.get_message()) for _ in range(answers)]


async def test_a_client_logs_in_over_tls(identity: Identity, authority: trustme.CA) -> None:
    settings = Settings(domain="localhost", accounts={"romeo": "juliet"})
    server = ReferenceServer(settings, clock=lambda: 0.0, fresh=partial(next, iter(map(str, range(99)))))
    async with serving(server, identity) as ports, client(ports, "xmpp", trusting=authority) as socket:
        assert socket.subprotocol == "xmpp"
        opened, features = await ask(socket, OPEN, 2)
        assert opened.startswith("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'")
        assert "starttls" not in features
        assert "PLAIN" in features
        assert "<success" in (await ask(socket, AUTH, 1))[0]
        assert "<bind" in (await ask(socket, OPEN, 2))[1]
        assert "romeo@localhost/" in (await ask(socket, BIND, 1))[0]
        assert (await ask(socket, CLOSE, 1))[0].startswith("<close ")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.get_message()
    assert closed.value.reason is not None
    assert closed.value.reason.code == 1000


async def test_the_tap_sees_events_of_a_stream_and_the_record_messages(identity: Identity) -> None:
    watch = Watch()
    peer = Scripted({StreamOpened: [Send(data=HEADER + b"<stream:features/>")]})
    async with serving(peer, identity, watch) as ports:
        async with client(ports, "xmpp") as socket:
            opened, features = await ask(socket, OPEN, 2)
            await socket.send_message("<presence xmlns='jabber:client'/>")
        await peer.gone.wait()
    kinds = [Connected, StreamOpened, ElementReceived, Disconnected]
    assert [type(event) for event in peer.events] == [type(event) for event in watch.received] == kinds
    told, shown = peer.events[1], watch.received[1]
    assert isinstance(told, StreamOpened)
    assert isinstance(shown, StreamOpened)
    assert told.raw.startswith(b"<stream:stream ")
    assert shown.raw == OPEN.encode()
    (sent,) = watch.sent
    assert isinstance(sent, Send)
    assert sent.data == HEADER + b"<stream:features/>"
    assert sent.masked == f"{opened}\n{features}".encode()
    assert watch.received[-1] == Disconnected(clean=True)


async def test_without_the_subprotocol_there_is_no_connection(identity: Identity) -> None:
    watch, peer = Watch(), Scripted({})
    async with serving(peer, identity, watch) as ports:
        with pytest.RaisesGroup(ConnectionRejected):
            async with client(ports):
                pass
    assert peer.events == []
    assert watch.received == [
        ConnectFailed(reason="the client does not ask for the subprotocol xmpp (RFC 7395, 3.1)")
    ]


@pytest.mark.parametrize(("answer", "code"), [(Send(data=HEADER + FOOTER), 1000), (Send(data=HEADER), 1006)])
async def test_who_has_not_closed_the_stream_cuts_off(identity: Identity, answer: Send, code: int) -> None:
    peer = Scripted({StreamOpened: [answer, CloseConnection()]})
    async with serving(peer, identity) as ports, client(ports, "xmpp") as socket:
        await socket.send_message(OPEN)
        for _ in range(answer.data.count(b"stream:stream")):
            await socket.get_message()
        with pytest.raises(ConnectionClosed) as closed:
            await socket.get_message()
        assert closed.value.reason is not None
        assert closed.value.reason.code == code


async def test_a_client_that_is_cut_off_says_so(identity: Identity) -> None:
    peer = Scripted({})
    async with serving(peer, identity) as ports:
        stream = await trio.open_tcp_stream("127.0.0.1", ports.plain)
        request = (
            f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: xmpp\r\n\r\n"
        )
        await stream.send_all(request.encode())
        assert b"101 " in await stream.receive_some()
        await stream.aclose()
        await peer.gone.wait()
    assert peer.events[-1] == Disconnected(clean=False, reason="the connection ends without a close frame")


async def test_a_binary_message_is_a_violation(identity: Identity) -> None:
    peer = Scripted({Violation: [Send(data=HEADER + FOOTER), CloseConnection()]})
    async with serving(peer, identity) as ports, client(ports, "xmpp") as socket:
        await socket.send_message(OPEN.encode())
        await peer.gone.wait()
    violation = peer.events[1]
    assert isinstance(violation, Violation)
    assert violation.rule is Rule.BAD_ENCODING


async def test_the_end_is_told_once_we_have_closed(identity: Identity) -> None:
    watch = Watch()
    peer = Scripted({StreamEnded: [Send(data=FOOTER), CloseConnection()]})
    async with serving(peer, identity, watch) as ports, client(ports, "xmpp") as socket:
        await socket.send_message(OPEN)
        assert await ask(socket, CLOSE, 1) == [CLOSE]
        await peer.gone.wait()
    assert isinstance(watch.received[-1], StreamEnded)
    assert watch.sent[-1] == CloseConnection()


@pytest.mark.parametrize(
    ("effect", "told"),
    [(StartTls(), "no STARTTLS over WebSocket"), (Send(data=b"<a>\xc0\xbc</a>"), "not UTF-8")],
)
async def test_what_is_impossible_is_an_error_of_ours(identity: Identity, effect: Effect, told: str) -> None:
    peer = Scripted({StreamOpened: [effect]})
    with pytest.RaisesGroup(pytest.RaisesExc(ExchangeError, match=told), flatten_subgroups=True):
        async with serving(peer, identity) as ports, client(ports, "xmpp") as socket:
            await socket.send_message(OPEN)
            await trio.sleep_forever()
