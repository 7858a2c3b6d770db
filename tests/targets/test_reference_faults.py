"""Faults of the reference server as a process: what they cost, whom they stall, what they let in."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import psutil
import pytest
import trio

from harness.errors import UsageError
from harness.negotiation.client import ClientState, LoggedIn
from harness.targets.access import access_of
from harness.targets.description import Description, Settings, load
from harness.targets.instance import Instance
from harness.targets.launching import started
from harness.transport.connection import Connection
from harness.wire.effects import Receive, Send
from harness.wire.events import Disconnected, ElementReceived, Event, StreamEnded
from tests.waiting import until

HEADER = (
    b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
)
PING = b"<iq type='get' id='%s' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
STARTTLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


def described(*faults: str, process: bool = True) -> Description:
    return msgspec.structs.replace(load("reference"), settings=Settings(process=process, faults=faults))


class Client:
    """One session, which says bytes."""

    def __init__(self, connection: Connection, jid: str) -> None:
        self.connection = connection
        self.jid = jid

    async def say(self, *parts: bytes) -> None:
        for part in parts:
            await self.connection.perform(Send(data=part))

    async def hear(self, patience: float = 10.0) -> Event | None:
        return await self.connection.perform(Receive(patience=patience))

    async def hear_element(self) -> ElementReceived:
        event = await self.hear()
        assert isinstance(event, ElementReceived), event
        return event


class Stage:
    """A server in a process of its own, with its clients."""

    def __init__(self, description: Description, instance: Instance, stack: AsyncExitStack) -> None:
        self.instance = instance
        self._access = access_of(description, instance)
        self._stack = stack

    async def client(self, username: str) -> Client:
        assert self.instance.create_account is not None
        await self.instance.create_account(username, "secret")
        connection = await self._stack.enter_async_context(self._access.connection())
        entered = await self._access.log_in(
            connection, ClientState(domain=self.instance.domain), username, "secret"
        )
        assert isinstance(entered, LoggedIn)
        return Client(connection, entered.jid)

    async def stream(self) -> trio.SocketStream:
        return await self._stack.enter_async_context(
            await trio.open_tcp_stream(self.instance.host, self.instance.port)
        )

    def used(self) -> float:
        usage = self.instance.usage()
        assert usage is not None
        return usage.cpu_seconds

    def memory(self) -> int:
        usage = self.instance.usage()
        assert usage is not None
        return usage.rss


@asynccontextmanager
async def stage(*faults: str) -> AsyncIterator[Stage]:
    description = described(*faults)
    async with AsyncExitStack() as stack:
        instance = await stack.enter_async_context(started(description))
        yield Stage(description, instance, stack)


async def said(stream: trio.abc.ReceiveStream, end: bytes) -> bytes:
    """What comes, up to some bytes or the end of the connection."""
    got = b""
    with trio.fail_after(10):
        while end not in got:
            part = await stream.receive_some()
            if not part:
                break
            got += part
    return got


@pytest.mark.parametrize("fault", ["buffer-copied-each-time", ""])
async def test_a_copied_buffer_costs_time(fault: str) -> None:
    async with stage(*filter(None, [fault])) as it:
        romeo = await it.client("romeo")
        costs = []
        for size in (60_000, 240_000):
            before = it.used()
            await romeo.say(b"<message to='localhost'><body>", b"x" * size, b"</body></message>", PING % b"p")
            await romeo.hear_element()
            costs.append(it.used() - before)
        assert (costs[1] > 0.07) == bool(fault), costs


@pytest.mark.parametrize("fault", ["size-checked-at-end", ""])
async def test_an_unfinished_stanza_is_stopped(fault: str) -> None:
    async with stage(*filter(None, [fault])) as it:
        romeo = await it.client("romeo")
        await romeo.say(b"<message to='localhost'><body>", b"x" * (3 << 20))
        event = await romeo.hear(patience=1.0)
        assert isinstance(event, ElementReceived) != bool(fault)
        if fault:
            await romeo.say(b"</body></message>")
            event = await romeo.hear()
        assert isinstance(event, ElementReceived)
        assert b"policy-violation" in event.raw


@pytest.mark.parametrize("fault", ["failed-login-leaks", ""])
async def test_failed_logins_leak(fault: str) -> None:
    async with stage(*filter(None, [fault])) as it:
        auth = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>"

        async def fail(times: int) -> None:
            for _ in range(times):
                stream = await trio.open_tcp_stream(it.instance.host, it.instance.port)
                async with stream:
                    await stream.send_all(HEADER + auth * 3)
                    await said(stream, b"</failure>")

        await fail(20)
        before = it.memory()
        await fail(60)
        assert (it.memory() - before > 4 << 20) == bool(fault)


@pytest.mark.parametrize("fault", ["clear-bytes-survive-starttls", ""])
async def test_what_follows_starttls_in_the_clear(fault: str) -> None:
    async with stage(*filter(None, [fault])) as it:
        stream = await it.stream()
        await stream.send_all(HEADER)
        await said(stream, b"</stream:features>")
        await stream.send_all(STARTTLS + HEADER)
        await said(stream, b"<proceed")
        context = ssl.create_default_context(cafile=it.instance.ca_file)
        secured = trio.SSLStream(stream, context, server_hostname="localhost", https_compatible=True)
        await secured.do_handshake()
        heard = b""
        with trio.move_on_after(1.0):
            heard = await said(secured, b"</stream:features>")
        assert (b"<mechanism>" in heard) == bool(fault)


async def test_an_early_response_kills_the_server() -> None:
    async with stage("early-response-kills-server") as it:
        stream = await it.stream()
        await stream.send_all(HEADER + b"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        assert b"<failure" not in await said(stream, b"</stream:stream>")
        await until(lambda: not psutil.pid_exists(it.instance.pids[0]))
        assert any("PlantedCrashError" in log.read_text() for log in it.instance.logs)


async def test_only_a_process_of_its_own_is_killed() -> None:
    description = described("early-response-kills-server", process=False)
    with pytest.raises(UsageError, match="needs a process of its own"):
        async with started(description):
            pytest.fail("it was started")


@pytest.mark.parametrize("fault", ["slow-client-stalls-others", ""])
async def test_a_slow_client_stalls_others(fault: str) -> None:
    async with stage(*filter(None, [fault])) as it:
        slow, other = await it.client("slow"), await it.client("other")
        await slow.say(PING % b"first" + b"<message to='localhost'>")
        await slow.hear_element()
        await other.say(PING % b"second")
        event = await other.hear(patience=1.0)
        assert isinstance(event, ElementReceived) != bool(fault)
        await slow.say(b"</message>")
        if fault:
            await other.hear_element()


async def test_a_slow_client_that_leaves_stalls_nobody() -> None:
    async with stage("slow-client-stalls-others") as it:
        slow, other = await it.client("slow"), await it.client("other")
        await slow.say(b"<message to='localhost'>")
        await slow.connection.aclose()
        await other.say(PING % b"second")
        await other.hear_element()


async def test_each_fiftieth_answer_is_lost() -> None:
    async with stage("fiftieth-answer-lost") as it:
        romeo = await it.client("romeo")
        await romeo.say(*(PING % b"p%d" % number for number in range(100)))
        heard = [(await romeo.hear_element()).attributes["id"] for _ in range(98)]
        assert {f"p{number}" for number in range(100)} - set(heard) == {"p49", "p99"}


@pytest.mark.parametrize(
    ("fault", "sent", "wanted"),
    [
        ("control-reference-accepted", b"<body>&#1;</body>", b""),
        ("bad-utf-8-replaced", b"<body>\xff</body>", "<body>\ufffd</body>".encode()),
        ("comment-becomes-text", b"<body><!--hello--></body>", b"<body>hello</body>"),
        ("cdata-ends-late", b"<body><![CDATA[]]]></body></message><message><body>]]></body>", b"]]]&gt;&lt;"),
    ],
)
async def test_bytes_are_altered(fault: str, sent: bytes, wanted: bytes) -> None:
    async with stage(fault) as it:
        romeo = await it.client("romeo")
        await romeo.say(b"<message to='%s'>%s</message>" % (romeo.jid.encode(), sent))
        event = await romeo.hear()
        if wanted:
            assert isinstance(event, ElementReceived)
            assert wanted in event.raw
        else:  # our own reader refuses what the server passes on
            assert not isinstance(event, ElementReceived | StreamEnded | Disconnected)


async def test_an_error_in_a_handler_is_in_the_log() -> None:
    async with stage("roster-crash-swallowed") as it:
        romeo = await it.client("romeo")
        await romeo.say(b"<iq type='set' id='a'><query xmlns='jabber:iq:roster'/></iq>", PING % b"p")
        assert (await romeo.hear_element()).attributes["id"] == "p"
        assert any("an item in a roster" in log.read_text() for log in it.instance.logs)
