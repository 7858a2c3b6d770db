"""Connections to real sockets on this machine that behave, and to some that do not."""

import datetime
import hashlib
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing
import trustme

from harness.errors import ExchangeError, TargetError
from harness.transport.connection import Connection, Tap
from harness.transport.endpoint import Endpoint, Trust
from harness.wire.effects import (
    CloseConnection,
    Effect,
    OpenConnection,
    Receive,
    RestartStream,
    Send,
    StartTls,
)
from harness.wire.events import (
    Connected,
    ConnectFailed,
    Disconnected,
    ElementReceived,
    Event,
    Rule,
    Silence,
    StreamOpened,
    TlsFailed,
    Violation,
)
from harness.wire.reader import Limits

HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
Handler = Callable[[trio.SocketStream], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    """Serve on a free port; what a handler does to a client that has gone does not matter."""

    async def handle(stream: trio.SocketStream) -> None:
        try:
            await handler(stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, handle, listeners)
        with trio.fail_after(10):
            yield listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def connection(
    port: int, *, trust: Trust | None = None, limits: Limits | None = None, tap: Tap | None = None
) -> AsyncIterator[Connection]:
    endpoint = Endpoint(
        host="127.0.0.1", port=port, direct_tls_port=port, domain="xmpp.example", trust=trust or Trust()
    )
    extra = {"tap": tap} if tap else {}
    made = Connection(endpoint, endpoint.trust.context(), limits=limits, patience=0.3, **extra)
    try:
        yield made
    finally:
        await made.aclose()


def saying(data: bytes) -> Handler:
    async def say(stream: trio.SocketStream) -> None:
        await stream.send_all(data)
        await trio.sleep_forever()

    return say


async def test_a_closed_port_is_a_fact_and_no_exception() -> None:
    async with serving(saying(b"")) as port:
        pass
    async with connection(port) as made:
        event = await made.perform(OpenConnection())
    assert event == ConnectFailed(reason=f"127.0.0.1:{port}: Connection refused")


@pytest.mark.parametrize(("host", "told"), [("a..b", "no host name"), ("x" * 70, "no host name")])
async def test_what_is_no_host_name(host: str, told: str) -> None:
    made = Connection(Endpoint(host=host, port=5222, domain="x"), Trust(insecure=True).context())
    event = await made.perform(OpenConnection())
    assert isinstance(event, ConnectFailed)
    assert told in event.reason


async def test_nothing_can_be_sent_on_what_is_not_open() -> None:
    async with connection(1) as made:
        with pytest.raises(ExchangeError):
            await made.perform(Send(data=b"x"))


# --- certificates -------------------------------------------------------------------------------


class Certificates:
    """One good and some bad ones."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca_file = str(folder / "ca.pem")
        self.authority.cert_pem.write_to_path(self.ca_file)
        past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        self.by_name = {
            "good": self.authority.issue_cert("xmpp.example"),
            "other-name": self.authority.issue_cert("mail.example"),
            "expired": self.authority.issue_cert("xmpp.example", not_after=past),
            "unknown-issuer": trustme.CA().issue_cert("xmpp.example"),
        }

    def context(self, name: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.by_name[name].configure_cert(context)
        return context

    def pin(self, name: str) -> str:
        pem = self.by_name[name].cert_chain_pems[0].bytes().decode()
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


async def shake_hands(certificates: Certificates, name: str, trust: Trust) -> Event | None:
    async def handle(stream: trio.SocketStream) -> None:
        secured = trio.SSLStream(stream, certificates.context(name), server_side=True)
        await secured.do_handshake()
        await trio.sleep_forever()

    async with serving(handle) as port, connection(port, trust=trust) as made:
        return await made.perform(OpenConnection(direct_tls=True))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("other-name", "Hostname mismatch, certificate is not valid for 'xmpp.example'"),
        ("expired", "certificate has expired"),
        ("unknown-issuer", "unable to get local issuer certificate"),
    ],
)
async def test_a_wrong_certificate_is_named(certificates: Certificates, name: str, told: str) -> None:
    event = await shake_hands(certificates, name, Trust(ca_file=certificates.ca_file))
    assert isinstance(event, ConnectFailed)
    assert event.reason.startswith("certificate not accepted: ")
    assert told in event.reason


@pytest.mark.parametrize("name", ["good", "other-name", "expired", "unknown-issuer"])
async def test_a_pin_and_insecure_replace_all_checks(certificates: Certificates, name: str) -> None:
    for trust in (Trust(pin=certificates.pin(name)), Trust(insecure=True)):
        assert isinstance(await shake_hands(certificates, name, trust), Connected)


async def test_a_wrong_pin_is_told(certificates: Certificates) -> None:
    event = await shake_hands(certificates, "good", Trust(pin=certificates.pin("expired")))
    assert event == ConnectFailed(reason="the certificate's SHA-256 is not the pinned one")


async def test_a_good_certificate_gives_channel_binding(certificates: Certificates) -> None:
    event = await shake_hands(certificates, "good", Trust(ca_file=certificates.ca_file))
    assert isinstance(event, Connected)
    assert event.tls is not None
    assert "tls-server-end-point" in event.tls.bindings


def test_a_missing_ca_file_is_an_error_of_the_environment(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="cannot read CA certificates"):
        Trust(ca_file=str(tmp_path / "none.pem")).context()


# --- handshakes that do not succeed -------------------------------------------------------------


async def end_at_once(stream: trio.SocketStream) -> None:
    await stream.receive_some(1)


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (saying(HEADER), "TLS: "),
        (end_at_once, "the connection broke during the TLS handshake"),
        (saying(b""), "the TLS handshake did not end within 1.5 s"),
    ],
    ids=["no-tls", "end", "silence"],
)
async def test_a_handshake_that_fails_says_why(handler: Handler, told: str) -> None:
    async with serving(handler) as port, connection(port) as made:
        await made.perform(OpenConnection())
        event = await made.perform(StartTls())
    assert isinstance(event, TlsFailed)
    assert event.reason.startswith(told)


# --- what comes ---------------------------------------------------------------------------------


async def received(handler: Handler, count: int, limits: Limits | None = None) -> list[Event]:
    async with serving(handler) as port, connection(port, limits=limits) as made:
        await made.perform(OpenConnection())
        events = [await made.perform(Receive()) for _ in range(count)]
    return [event for event in events if event is not None]


async def test_bytes_may_come_one_by_one() -> None:
    async def handle(stream: trio.SocketStream) -> None:
        for byte in HEADER + b"<message><body>a</body></message>":
            await stream.send_all(bytes([byte]))

    header, message, end = await received(handle, 3)
    assert isinstance(header, StreamOpened)
    assert isinstance(message, ElementReceived)
    assert message.raw == b"<message><body>a</body></message>"
    assert end == Disconnected(clean=True)


async def test_silence_is_an_answer() -> None:
    assert await received(saying(b""), 1) == [Silence(seconds=0.3)]


async def test_a_reset_is_not_a_clean_end() -> None:
    async def handle(stream: trio.SocketStream) -> None:
        await stream.send_all(HEADER)
        await stream.receive_some(1)
        stream.setsockopt(1, 13, struct.pack("ii", 1, 0))
        stream.socket.close()

    async with serving(handle) as port, connection(port) as made:
        await made.perform(OpenConnection())
        await made.perform(Receive())
        await made.perform(Send(data=b"x"))
        event = await made.perform(Receive())
    assert event == Disconnected(clean=False, reason="connection reset")


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"<message>" + b"x" * 2000, Rule.TOO_LARGE),
        (b"<a>" * 600, Rule.TOO_DEEP),
        (b"<message>\xff</message>", Rule.BAD_ENCODING),
        (b"<message>&nbsp;</message>", Rule.RESTRICTED_XML),
        (b"</message>", Rule.NOT_WELL_FORMED),
    ],
)
async def test_what_cannot_be_read_is_told_once_and_read_no_further(data: bytes, rule: Rule) -> None:
    limits = Limits(max_stanza=1800, max_depth=100)
    _, violation, silence = await received(saying(HEADER + data + b"<presence/>"), 3, limits)
    assert isinstance(violation, Violation)
    assert violation.rule is rule
    assert isinstance(silence, Silence)


async def test_a_huge_stanza_is_read_when_it_is_allowed() -> None:
    data = HEADER + b"<message><body>" + b"x" * (3 << 20) + b"</body></message>"
    _, refused = await received(saying(data), 2)
    assert isinstance(refused, Violation)
    _, allowed = await received(saying(data), 2, Limits(max_stanza=8 << 20))
    assert isinstance(allowed, ElementReceived)


async def test_what_follows_a_restart_is_read_in_the_new_stream() -> None:
    data = HEADER + b"<success/>" + HEADER + b"<features/>"
    async with serving(saying(data)) as port, connection(port) as made:
        await made.perform(OpenConnection())
        events = [await made.perform(Receive()) for _ in range(2)]
        await made.perform(RestartStream())
        events += [await made.perform(Receive()) for _ in range(2)]
    kinds = [type(event) for event in events]
    assert kinds == [StreamOpened, ElementReceived, StreamOpened, ElementReceived]


# --- what is sent -------------------------------------------------------------------------------


async def test_cuts_are_segments_and_pauses_are_kept() -> None:
    pieces: list[bytes] = []

    async def handle(stream: trio.SocketStream) -> None:
        async for data in stream:
            pieces.append(bytes(data))

    async with serving(handle) as port, connection(port) as made:
        await made.perform(OpenConnection())
        await made.perform(Send(data=b"abcdef", cuts=(2, 4), pauses={2: 0.1, 4: 0.1}))
        await made.perform(CloseConnection())
        await trio.testing.wait_all_tasks_blocked(0.05)
    assert pieces == [b"ab", b"cd", b"ef"]


async def test_everything_is_told_to_the_tap() -> None:
    sent: list[Effect] = []
    came: list[Event] = []
    pieces: list[bytes] = []
    tap = Tap(sent=sent.append, received=came.append, segment=pieces.append)
    async with serving(saying(HEADER)) as port, connection(port, tap=tap) as made:
        await made.perform(OpenConnection())
        await made.perform(Send(data=b"x"))
        for _ in range(2):
            await made.perform(Receive())
        assert made.would_end_abruptly
        await made.perform(Send(data=b"</stream:stream>"))
        assert not made.would_end_abruptly
        await made.perform(CloseConnection(reset=True))
        await made.perform(CloseConnection(reset=True))
    assert b"".join(pieces) == HEADER
    assert [type(event) for event in came] == [Connected, StreamOpened, Silence]
    assert [type(effect) for effect in sent] == [Send, Send, CloseConnection, CloseConnection]
