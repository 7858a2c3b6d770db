"""Servers that misbehave: each case ends with the right verdict, in bounded memory, and the run goes on.

The server is the reference server behind a relay, which passes everything on until a client says the
word; then the trouble begins. The relay is a real peer on a real socket.
"""

import dataclasses
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest
import trio

from harness.catalogue.requirements import load_requirements
from harness.catalogue.scenarios import Scenario, find
from harness.engine.batch import Options
from harness.engine.campaign import Books, ExitCode, Plan, run_targets
from harness.results.records import CaseFinished, Record, TargetFinished, TargetStarted
from harness.results.verdicts import Verdict
from harness.targets.description import AccountSource, Description, Given, Provider, Tls, load
from harness.targets.launching import started
from harness.transcript.script import Side

WORD = b"urn:example:trouble"
OTHER_WORD = b"urn:example:patience"  # of cases that do well until the trouble of another begins
PATIENCE = 0.4
SCRIPT = """# Romeo asks for trouble
## dialect: harness

[Client] Romeo

---------

Romeo connects
Romeo sends:
	<iq type='get' id='x' to='${domain}'><trouble xmlns='urn:example:trouble'/></iq>
Romeo receives:
	<iq type='error' id='x'>
		<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
	</iq>
"""
QUIET = SCRIPT.replace("urn:example:trouble", "urn:example:peace").replace("trouble", "peace")

Trouble = Callable[["Relay", trio.SocketStream], Awaitable[None]]


class Relay:
    """Stands before a server."""

    def __init__(self, port: int, trouble: Trouble) -> None:
        self._port = port
        self._trouble = trouble
        self.is_dead = False
        self.is_stuck = False
        self.is_closed = False  # to the next who comes
        self.requests = trio.Semaphore(0)
        self.listeners: list[trio.SocketListener] = []

    async def serve(self, client: trio.SocketStream) -> None:
        if self.is_stuck:
            await trio.sleep_forever()
        if self.is_closed:
            self.is_closed = False
            await client.receive_some()
            await client.send_all(HEADER + REFUSAL)
            return
        server = await trio.open_tcp_stream("127.0.0.1", self._port)
        async with client, server, trio.open_nursery() as nursery:
            nursery.start_soon(self._answer, server, client, nursery.cancel_scope)
            await self._pass_on(client, server, nursery)
            nursery.cancel_scope.cancel()

    async def _pass_on(
        self, client: trio.SocketStream, server: trio.SocketStream, nursery: trio.Nursery
    ) -> None:
        try:
            async for data in client:
                if self.is_dead or self.is_stuck:
                    return
                if WORD in data:
                    await self._trouble(self, client)
                    if self.is_dead:
                        return
                else:
                    await server.send_all(data)
                    if OTHER_WORD in data:
                        self.requests.release()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    async def _answer(
        self, server: trio.SocketStream, client: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        try:
            async for data in server:
                if self.is_stuck:
                    await trio.sleep_forever()
                await client.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        scope.cancel()


async def silence(relay: Relay, client: trio.SocketStream) -> None:
    """Say nothing more on this connection."""
    await trio.sleep_forever()


async def death(relay: Relay, client: trio.SocketStream) -> None:
    relay.is_dead = True
    for listener in relay.listeners:
        await listener.aclose()


async def standstill(relay: Relay, client: trio.SocketStream) -> None:
    relay.is_stuck = True
    await trio.sleep_forever()


async def end(relay: Relay, client: trio.SocketStream) -> None:
    await client.send_eof()


async def without_end(data: bytes, relay: Relay, client: trio.SocketStream) -> None:
    while True:
        await client.send_all(data)


async def once(
    pieces: Callable[[], list[tuple[bytes, int]]], relay: Relay, client: trio.SocketStream
) -> None:
    for data, count in pieces():
        for _ in range(count):
            await client.send_all(data)


async def byte_by_byte(relay: Relay, client: trio.SocketStream) -> None:
    client.setsockopt(6, 1, 1)
    for byte in ANSWER:
        await client.send_all(bytes([byte]))
        await trio.lowlevel.checkpoint()


async def trickle(relay: Relay, client: trio.SocketStream) -> None:
    """Begin an answer and never get to its end."""
    await client.send_all(b"<iq type='error' id='x'>")
    while True:
        await client.send_all(b"x")
        await trio.lowlevel.checkpoint()  # whoever reads has its turn


HEADER = (
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'"
    b" id='1' from='odd.example'>"
)
ANSWER = (
    b"<iq type='error' id='x' from='localhost'><error type='cancel'>"
    b"<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
)
WAIT = ANSWER.replace(b"cancel", b"wait").replace(b"service-unavailable", b"resource-constraint")
REFUSAL = (
    b"<stream:error><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    b"</stream:stream>"
)
MEGABYTE = b"x" * (1 << 20)


def sent(*pieces: tuple[bytes, int]) -> Trouble:
    return partial(once, lambda: list(pieces))


GOES_ON = {
    "silence": (silence, Verdict.FAIL, "nothing instead of <iq type='error'/>"),
    "end": (end, Verdict.FAIL, "the end of the connection instead of <iq type='error'/>"),
    "byte-by-byte": (byte_by_byte, Verdict.PASS, ""),
    "trickle": (trickle, Verdict.FAIL, "nothing instead of <iq type='error'/>"),
    "flood-of-messages": (
        partial(without_end, b"<message from='localhost'><body>more</body></message>" * 100),
        Verdict.ERROR,
        "the target sends without end",
    ),
    "flood-of-blanks": (partial(without_end, b" \n" * 9000), Verdict.ERROR, "the target sends without end"),
    "stanza-of-100-megabytes": (
        sent((b"<message><body>", 1), (MEGABYTE, 100), (b"</body></message>", 1)),
        Verdict.FAIL,
        "a violation (too-large) instead of <iq type='error'/>",
    ),
    "attribute-of-100-megabytes": (
        sent((b"<message id='", 1), (MEGABYTE, 100), (b"'/>", 1)),
        Verdict.FAIL,
        "a violation (too-large) instead of <iq type='error'/>",
    ),
    "nested-100000-deep": (
        sent((b"<message>", 1), (b"<a>" * 1000, 100), (b"</a>" * 1000, 100), (b"</message>", 1)),
        Verdict.FAIL,
        "a violation (too-deep) instead of <iq type='error'/>",
    ),
    "nested-as-deep-as-allowed": (
        sent((b"<iq type='error' id='x'>" + b"<a>" * 511 + b"</a>" * 511 + b"</iq>", 1)),
        Verdict.FAIL,
        "",
    ),
    "not-utf-8": (
        sent((b"<message><body>\xff\xfe</body></message>", 1)),
        Verdict.FAIL,
        "a violation (bad-encoding) instead of <iq type='error'/>",
    ),
    "not-xml": (
        sent((b"\x16\x03\x01\x02<<<&&&", 1)),
        Verdict.FAIL,
        "a violation (not-well-formed) instead of <iq type='error'/>",
    ),
    "limits": (sent((WAIT, 1)), Verdict.ERROR, ""),
}


@asynccontextmanager
async def troubled(trouble: Trouble) -> AsyncIterator[Description]:
    """Serve, with trouble; attached to, so that nothing is known of the inside."""
    async with started(load("reference")) as instance, trio.open_nursery() as nursery:
        assert instance.create_account is not None
        given = [Given(name=f"user-{number}", password=f"secret {number}") for number in range(6)]
        for one in given:
            await instance.create_account(one.name, one.password)
        relay = Relay(instance.port, trouble)
        relay.listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(accept, relay)
        description = msgspec.structs.replace(
            Description(),
            name="troubled",
            host="127.0.0.1",
            port=relay.listeners[0].socket.getsockname()[1],
            domain="localhost",
            tls=Tls.NONE,
            patience=PATIENCE,
            accounts=AccountSource(provider=Provider.GIVEN, list=tuple(given)),
        )
        with trio.fail_after(30):
            yield description
        nursery.cancel_scope.cancel()


async def accept(relay: Relay) -> None:
    """Accept until the listener is closed."""
    try:
        await trio.serve_listeners(relay.serve, relay.listeners)
    except* trio.ClosedResourceError:
        pass


def plan(tmp_path: Path, description: Description, **scripts: str) -> Plan:
    table = load_requirements()
    for name, text in scripts.items():
        (tmp_path / f"{name}.scs").write_text(text, encoding="utf-8")
    sanity = next(one for one in find(table=table) if one.name == "sanity/log_in_and_ping")
    scenarios: list[Scenario] = find([tmp_path], table=table)
    return Plan(
        descriptions=[description],
        scenarios=scenarios,
        sanity={Side.SERVER: sanity},
        options=Options(at_once=1),
    )


def by_name(records: list[Record]) -> dict[str, CaseFinished]:
    return {
        one.case.rpartition("/")[2]: one
        for one in records
        if isinstance(one, CaseFinished) and one.family != "monitors"
    }


def peak() -> int:
    """The most memory that this process has had since `forget_peak`, in bytes."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024


def forget_peak() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


@pytest.mark.parametrize("name", GOES_ON)
async def test_a_case_ends_and_the_run_goes_on(name: str, tmp_path: Path) -> None:
    trouble, verdict, cause = GOES_ON[name]
    records: list[Record] = []
    async with troubled(trouble) as description:
        before = forget_peak()
        await run_targets(plan(tmp_path, description, a_trouble=SCRIPT, b_peace=QUIET), records.append)
        assert peak() - before < 64 << 20
    cases = by_name(records)
    assert cases["a_trouble"].verdict is verdict, cases["a_trouble"].findings
    if cause:
        assert [one.cause for one in cases["a_trouble"].findings] == [cause]
    assert cases["b_peace"].verdict is Verdict.PASS
    finished = records[-1]
    assert isinstance(finished, TargetFinished)
    assert not finished.died
    assert len(msgspec.json.encode(records)) < 4 << 20
    if name == "limits":
        assert "--gentle" in cases["a_trouble"].findings[0].hint


async def test_an_expression_without_end_is_an_error_of_its_case(tmp_path: Path) -> None:
    """Of the script, and soon: the server does what it is asked to."""
    endless = """Romeo connects
Romeo sends:
	<message type='chat' to="${Romeo's full JID}"><body>LONG</body></message>
Romeo receives:
	<message type='chat'><body>{regex:(a|aa)+b}</body></message>
"""
    script = SCRIPT.partition("Romeo connects")[0] + endless.replace("LONG", "a" * 200)
    records: list[Record] = []
    with trio.fail_after(10):
        await run_targets(plan(tmp_path, load("reference"), a_trouble=script, b_peace=QUIET), records.append)
    cases = by_name(records)
    assert cases["a_trouble"].verdict is Verdict.ERROR
    assert "12:29: there are too many ways to match this" in cases["a_trouble"].findings[0].cause
    assert cases["b_peace"].verdict is Verdict.PASS


LOGIN = "Romeo connects\n"
HEADERS = "Romeo opens a connection\nRomeo opens a stream\nRomeo receives a stream header\n"
STREAM = f"{HEADERS}Romeo receives:\n\t<stream:features/>\n"


@pytest.mark.parametrize(
    ("refused", "then", "verdict"),
    [
        (2, LOGIN, Verdict.PASS),
        (3, LOGIN, Verdict.ERROR),
        (2, STREAM, Verdict.PASS),
        (3, STREAM, Verdict.FAIL),
    ],
)
async def test_what_the_server_itself_fails_in_by_chance_is_tried_again(
    refused: int, then: str, verdict: Verdict, tmp_path: Path
) -> None:
    tries = iter(range(refused))

    async def refusal(relay: Relay, client: trio.SocketStream) -> None:
        relay.is_closed = next(tries, None) is not None

    script = SCRIPT.partition("Romeo receives")[0] + f"Romeo disconnects\n{then}"
    records: list[Record] = []
    async with troubled(refusal) as description:
        await run_targets(plan(tmp_path, description, a_trouble=script), records.append)
    case = by_name(records)["a_trouble"]
    assert case.verdict is verdict, case.findings
    assert next(tries, None) is None
    (note,) = case.notes
    assert note.startswith("played again, after: ")
    assert "internal-server-error" in note or "error came instead" in note


@pytest.mark.parametrize("trouble", [death, standstill], ids=["death", "standstill"])
async def test_a_target_that_dies_is_told_and_not_accused(trouble: Trouble, tmp_path: Path) -> None:
    records: list[Record] = []
    async with troubled(trouble) as description:
        await run_targets(plan(tmp_path, description, a_trouble=SCRIPT, b_peace=QUIET), records.append)
    cases = by_name(records)
    assert cases["a_trouble"].verdict is Verdict.ERROR
    assert "the target died" in cases["a_trouble"].findings[0].hint
    assert cases["a_trouble"].exchanges
    finished = records[-1]
    assert isinstance(finished, TargetFinished)
    assert "after a_trouble" in finished.died or "/a_trouble" in finished.died
    books = Books()
    for record in records:
        books.record(record)
    assert books.exit_code(interrupted=False) is ExitCode.ENVIRONMENT


async def test_what_is_played_when_the_target_dies_is_told_too(tmp_path: Path) -> None:
    records: list[Record] = []
    scripts = {f"case_{number}": QUIET.replace("peace'", "patience'") for number in range(3)}

    async def late_death(relay: Relay, client: trio.SocketStream) -> None:
        for _ in scripts:
            await relay.requests.acquire()  # the others are being played
        await death(relay, client)

    async with troubled(late_death) as description:
        made = plan(tmp_path, description, a_trouble=SCRIPT, **scripts)
        await run_targets(dataclasses.replace(made, options=Options(at_once=8)), records.append)
    started_ = next(one for one in records if isinstance(one, TargetStarted))
    assert started_.planned == 4
    assert set(by_name(records)) >= {"a_trouble", *scripts}


@pytest.mark.parametrize(("tag", "verdict"), [("huge", Verdict.PASS), ("large", Verdict.FAIL)])
async def test_a_scenario_can_raise_the_limits(tag: str, verdict: Verdict, tmp_path: Path) -> None:
    records: list[Record] = []
    head, body = ANSWER.split(b"<error", 1)
    padded = sent((head + b"<pad xmlns='urn:example:pad'>", 1), (MEGABYTE, 3), (b"</pad><error" + body, 1))
    script = SCRIPT.replace("## dialect", f"## tags: {tag}\n## dialect")
    script = script.replace("\t\t<error", "\t\t<pad xmlns='urn:example:pad'>{any}</pad>\n\t\t<error")
    async with troubled(padded) as description:
        await run_targets(plan(tmp_path, description, a_trouble=script), records.append)
    assert by_name(records)["a_trouble"].verdict is verdict, by_name(records)["a_trouble"].findings


#: What a server says to whoever connects, and what the one line about it holds.
AT_ONCE = {
    "nothing": (b"", "nothing came within"),
    "not-xmpp": (b"220 mail.example ESMTP\r\n", "cannot be read"),
    "not-xmpp-but-xml": (b"<html>", "<html> came in place of a stream (does an XMPP server"),
    "endless-blanks": (None, "has not told what it offers within"),
}


@pytest.mark.parametrize("name", AT_ONCE)
async def test_a_server_that_cannot_be_talked_to(name: str, tmp_path: Path) -> None:
    greeting, told = AT_ONCE[name]

    async def greet(client: trio.SocketStream) -> None:
        try:
            await client.receive_some(1)
            await client.send_all(HEADER if greeting is None else greeting)
            for _ in itertools.count() if greeting is None else ():
                await client.send_all(b" ")
                await trio.lowlevel.checkpoint()
            await trio.sleep_forever()
        except trio.BrokenResourceError:
            return

    records: list[Record] = []
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, greet, listeners)
        port = listeners[0].socket.getsockname()[1]
        description = msgspec.structs.replace(
            Description(), name="odd", host="127.0.0.1", port=port, domain="odd.example", patience=0.05
        )
        with trio.fail_after(10):
            await run_targets(plan(tmp_path, description, a=QUIET), records.append)
        nursery.cancel_scope.cancel()
    (finished,) = records
    assert isinstance(finished, TargetFinished)
    assert told in finished.died
    assert "\n" not in finished.died
