"""What shows in figures only: time that grows too fast, memory that is kept, limits that act too late.

Each measure is small, is taken again before it counts, and is put down as the sample that it repeats.
"""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.errors import HarnessError
from harness.fuzz.measures.serving import ANONYMOUS, SERVED, anonymous, served
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.station import ROMEO, Pair, connection_to
from harness.fuzz.servers.steps import STILL_ANSWERED
from harness.fuzz.trial import Reading, Trial, is_end, is_stream_error
from harness.fuzz.troubles import Trouble
from harness.results.verdicts import Level
from harness.strategies.sample import Claim, Place, Sample
from harness.transport.connection import Connection
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import Connected, Disconnected, ElementReceived, Event
from harness.wire.writer import escape, stream_header
from harness.xmpp.namespaces import ROSTER, SASL, STREAM_MANAGEMENT, Name

_KIB = 1024
_PIECE = 512  # bytes
_SIZES = (60 * _KIB, 240 * _KIB)  # a quarter, and the whole
_MOST_GROWTH = 2.0  # times as much work for one whole as for its four quarters
_SHORTEST = 0.03  # seconds of the processor, below which its clock is too coarse
_SLACK = 0.08  # seconds of the processor
_COMPLETE = 2 << 20
_ENDLESS = 3 << 20
_LOGINS, _WARMING = 60, 30
_MOST_KEPT = 24 * _KIB  # bytes for each login that has failed
_STALL_SECONDS = 0.3


TIME = Property(
    name="time-grows-evenly",
    number="P-21",
    title="What is four times as long takes no more than eight times as much work",
    steps=None,
    level=Level.SHOULD,
)
MEMORY = Property(
    name="memory-is-given-back",
    number="P-22",
    title="Logins that fail leave nothing behind in memory",
    steps=None,
    level=Level.SHOULD,
)
STALLS = Property(
    name="half-a-stanza-stops-nobody",
    number="P-20c",
    title="While somebody is in the middle of a stanza, others are answered",
    requirements=("rfc6120-10.1-in-order-processing",),
    is_grave=True,
    steps=(*STILL_ANSWERED, "Romeo closes the connection"),
)
LIMITS = Property(
    name="limits-act-early",
    number="P-25",
    title="A stanza that is too large is refused before it has ended",
    requirements=("rfc6120-13.12-oversized-stanza",),
    steps=None,
    level=Level.SHOULD,
)
COUNTS = Property(
    name="acknowledged-as-sent",
    number="P-14",
    title="The number of stanzas that a server acknowledges is that of the stanzas it was sent",
    requirements=("xep0198-4-count-stanzas-only",),
    steps=None,
)
ADDRESSES = Property(
    name="addresses-stay",
    number="P-39",
    title="An address that has been prepared is its own prepared form",
    level=Level.SHOULD,
    steps=None,
)
MEASURED = (STALLS, TIME, MEMORY, LIMITS, COUNTS, ADDRESSES, SERVED, ANONYMOUS)

#: Localparts of which the lower case or the compatible form is not the last word.
_LOCALS = (
    "Romeo",
    *"\u1d2c\u00df\u1e9e\u0130\u03c2\ufb01\u2126\u212b\u0345\u1f88\u01c5\u33a2\u2160",
    "\uff32omeo",
    "e\u0301",
)


@asynccontextmanager
async def _stranger(bench: Bench) -> AsyncIterator[Connection]:
    """A connection with an open stream, before any login."""
    session = bench.session
    log = CaseLog(trio.current_time, Secrets())
    connection = connection_to(session, log, ROMEO)
    try:
        if not isinstance(await connection.perform(OpenConnection()), Connected):
            raise HarnessError("no connection can be opened")
        header = stream_header(attributes={"to": session.endpoint.domain, "version": "1.0"})
        await connection.perform(Send(data=header))
        yield connection
    finally:
        await connection.aclose()


async def _ends(connection: Connection, patience: float) -> bool:
    """Whether the stream ends, or is said to be in error, before nothing comes any more."""
    event: Event | None = None
    while event is None or not is_end(event):
        event = await connection.perform(Receive(patience=patience))
        if event is None or isinstance(event, Disconnected) or is_stream_error(event):
            return True
    return False


async def _limits(bench: Bench) -> list[Trouble] | None:
    """Where a large stanza is refused, one that does not end has to be refused as well."""
    opening = b"<message to='x' id='large'><body>"
    async with _stranger(bench) as one:
        await one.perform(Send(data=opening + b"x" * _COMPLETE + b"</body></message>"))
        if not await _ends(one, bench.session.patience):
            return None  # no limit is known
    async with _stranger(bench) as other:
        await other.perform(Send(data=opening + b"x" * _ENDLESS))
        if await _ends(other, bench.session.patience):
            return []
    return [_trouble(LIMITS, opening + b"x" * 64, "a stanza that does not end is read on and on")]


async def _time(bench: Bench) -> list[Trouble] | None:
    """Work for a text in many small pieces, and for four that are together as long.

    Of the same bytes even work is the same, and work with the square of the length four times as much.
    """
    if not bench.health.instance.pids:
        return None
    ratios = []
    for _ in range(3):
        quarter, whole = _SIZES
        short = sum([await _work_for(bench, quarter) for _ in range(whole // quarter)])
        long = await _work_for(bench, whole)
        if long < _SLACK:
            return []
        ratios.append(long / max(short, _SHORTEST))
        if ratios[-1] <= _MOST_GROWTH:
            return []
    cause = "work grows faster than what is sent"
    return [_trouble(TIME, b"<message><body>" + b"x" * 64, cause)] if ratios else []


async def _work_for(bench: Bench, size: int) -> float:
    """Seconds of the processor that a text in pieces costs the target."""
    pair = await bench.pair()
    data = (
        b"<message to='%s' id='long'><body>" % pair.juliet.jid.encode() + b"x" * size + b"</body></message>"
    )
    before = bench.health.cpu_seconds()
    await pair.romeo.say(data, range(_PIECE, len(data), _PIECE))
    await pair.romeo.ask()
    await pair.juliet.ask()
    pair.is_over = True
    return bench.health.cpu_seconds() - before


async def _memory(bench: Bench) -> list[Trouble] | None:
    """What each failed login leaves behind."""
    if not bench.health.memory():
        return None
    await _fail(bench, _WARMING)
    figures = []
    for _ in range(3):
        before = bench.health.memory()
        await _fail(bench, _LOGINS)
        figures.append((bench.health.memory() - before) / _LOGINS)
    if median(figures) <= _MOST_KEPT or min(figures) <= _MOST_KEPT / 2:
        return []
    return [_trouble(MEMORY, _auth("somebody"), "each failed login leaves memory behind")]


async def _fail(bench: Bench, number: int) -> None:
    for _ in range(number):
        async with _stranger(bench) as one:
            await one.perform(Send(data=_auth(bench.session.fresh("nobody"))))
            await one.perform(Receive())  # the header
            await one.perform(Receive())  # the features
            await one.perform(Receive())  # the failure


def _auth(name: str) -> bytes:
    message = base64.b64encode(f"n,,n={name},r=abcdef".encode()).decode()
    final = base64.b64encode(b"c=biws,r=wrong,p=d3Jvbmc=").decode()
    text = f"<auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'>{message}</auth>"
    return f"{text}<response xmlns='{SASL}'>{final}</response>".encode()


async def _stalls(bench: Bench) -> list[Trouble] | None:
    """Somebody in the middle of a stanza keeps nobody else waiting."""
    pair = await bench.pair()
    await pair.romeo.say(b"<message to='%s'><body>" % pair.juliet.jid.encode())
    await trio.sleep(_STALL_SECONDS)
    _, is_answered = await pair.juliet.ask()
    pair.is_over = True
    if is_answered:
        return []
    return [_trouble(STALLS, b"<message to='${peer}'><body>", "a stanza that is not yet whole stops others")]


async def _acknowledgements(bench: Bench) -> list[Trouble] | None:
    """What a server says it has handled is what it was sent: stanzas, and nothing else (XEP-0198, 4)."""
    pair = await bench.pair()
    ping = b"<iq type='get' id='%s'><ping xmlns='urn:xmpp:ping'/></iq>"
    request = f"<r xmlns='{STREAM_MANAGEMENT}'/>".encode()
    await pair.romeo.say(f"<enable xmlns='{STREAM_MANAGEMENT}'/>".encode())
    if not (await pair.romeo.ask())[1]:
        return None
    wrong = []
    handled = await _handled(pair, request)
    if handled is None:
        return None  # nothing is acknowledged
    for name, data, number in (
        ("white space", b" \n ", 0),
        ("requests for acknowledgement", request * 2, 0),
        ("stanzas", ping % b"a1" + ping % b"a2", 2),
    ):
        if handled is None:
            break
        now = await _handled(pair, data + request)
        if now is not None and now - handled != number + 1:  # the question behind the last request
            wrong.append((name, data))
        handled = now
    pair.is_over = True
    return [_trouble(COUNTS, data, f"{name} are counted wrongly") for name, data in wrong]


async def _handled(pair: Pair, data: bytes) -> int | None:
    """Send something that ends in a request for acknowledgement; what the last answer says."""
    await pair.romeo.say(data)
    events, is_answered = await pair.romeo.ask()
    told = [
        int(one.attributes.get("h", "0"))
        for one in events
        if isinstance(one, ElementReceived) and one.name == Name(STREAM_MANAGEMENT, "a")
    ]
    return told[-1] if told and is_answered else None


async def _addresses(bench: Bench) -> list[Trouble] | None:
    """An address that a server has prepared stays as it is when it is prepared again (RFC 7622, 3)."""
    pair = await bench.pair()
    wrong, taken = [], 0
    await pair.romeo.say(b"<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
    await pair.romeo.ask()
    for local in _LOCALS:
        first = await _pushed(pair, f"{local}@{pair.romeo.account.domain}")
        second = await _pushed(pair, first) if first else None
        taken += bool(first and second)
        if first and second and first != second:
            wrong.append(local)
        if pair.is_over:
            break
    pair.is_over = True
    if not taken:
        return None
    cause = "an address is prepared into another one the second time"
    return [_trouble(ADDRESSES, _item(f"{wrong[0]}@${{domain}}"), cause)] if wrong else []


async def _pushed(pair: Pair, jid: str) -> str | None:
    """Add a contact, and see by which address it is told; None if it is refused."""
    await pair.romeo.say(_item(jid))
    events, is_answered = await pair.romeo.ask()
    pair.is_over |= not is_answered
    pushes = [
        one for one in events if isinstance(one, ElementReceived) and one.attributes.get("type") == "set"
    ]
    for push in pushes:
        identity = escape(push.attributes.get("id", ""))
        await pair.romeo.say(f"<iq type='result' id='{identity}'/>".encode())
    items = [item for push in pushes for item in push.tree.iter(f"{{{ROSTER}}}item")]
    return str(items[-1].get("jid", "")) if items else None


def _item(jid: str) -> bytes:
    item = f"<item jid='{escape(jid)}'/>"
    return f"<iq type='set' id='add'><query xmlns='{ROSTER}'>{item}</query></iq>".encode()


async def _prefixes(bench: Bench) -> list[Trouble] | None:
    """What the stream header declares may be used in stanzas, and means the same where they are delivered."""
    data = b"<message to=\"${peer's JID}\" id='${token}'><body>x</body><fuzz:mark fuzz:a='1'/></message>"
    sample = Sample(family="valid", data=data, claim=Claim.LEGAL)
    return list((await bench.examine([sample])).troubles)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`take` tells what is wrong, or None where it could not judge. `judges` is None for samples, which are
    judged as all others are.
    """

    take: Callable[[Bench], Awaitable[list[Trouble] | None]]
    judges: Property | None = None


#: By the names that `--family` knows. Time comes before limits, which send much more.
MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "time": Measure(take=_time, judges=TIME),
        "stalls": Measure(take=_stalls, judges=STALLS),
        "prefixes": Measure(take=_prefixes),
        "limits": Measure(take=_limits, judges=LIMITS),
        "acknowledgements": Measure(take=_acknowledgements, judges=COUNTS),
        "addresses": Measure(take=_addresses, judges=ADDRESSES),
        "services": Measure(take=served, judges=SERVED),
        "users": Measure(take=anonymous, judges=ANONYMOUS),
        "memory": Measure(take=_memory, judges=MEMORY),
    }
)


def _trouble(broken: Property, data: bytes, cause: str) -> Trouble:
    family = next(name for name, one in MEASURES.items() if one.judges is broken)
    sample = Sample(family=family, data=data, claim=Claim.LEGAL, place=Place.SESSION)
    trial = Trial(sample=sample, token="", data=data, reading=Reading.UNFINISHED)
    return Trouble(broken=broken, trial=trial, cause=cause)
