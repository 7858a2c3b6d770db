"""What little costs much: in the target's memory, and in bytes that it sends.

Of memory the highest of many looks counts, against what there was before; of bytes what comes to both users.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import trio

from harness.fuzz.examining import TargetGoneError
from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.results.verdicts import Level
from harness.strategies.sample import Claim, Sample, filled
from harness.wire.events import ElementReceived, Event
from harness.xmpp.namespaces import DISCO_INFO, DISCO_ITEMS

MULTIPLIED = Property(
    name="costs-are-in-proportion",
    number="P-23",
    title="What is sent costs no more than two hundred times its size in memory, and comes back no more than "
    "twenty times",
    level=Level.SHOULD,
    steps=None,
)

_NAME = "amplification"
_KIB = 1024
_SHOWN = 128  # bytes
_SIZE = 120 * _KIB  # no more than servers usually take
_MOST_MEMORY = 200  # bytes of memory for each that was sent
_INTERVAL = 0.003  # seconds
#: A sign may be written as an entity of six, for the sender, the recipient, and once more inside an error.
_MOST_SENT = 20  # bytes for each that was sent
_ANSWER = 16 * _KIB  # what an answer may have by itself, however small the question

_OPEN, _CLOSE = b"<message to=\"${peer's JID}\" id='${token}'>", b"</message>"
_ASK = b"<iq type='%s' id='${token}' to='%s'>%s</iq>"


def _message(content: bytes) -> bytes:
    return _OPEN + content + _CLOSE


def _many(size: int, piece: bytes) -> bytes:
    return piece * (size // len(piece))


def _attributes(size: int) -> bytes:
    return b"".join([b" a%d=''" % number for number in range(size // 9)])


#: What costs by the byte, by a size: what parsers and trees keep for a piece is many times as large. What
#: costs least comes first, for memory that has once been taken is often kept, and taken again unseen.
LOADS: Mapping[str, Callable[[int], bytes]] = {
    "a long text": lambda size: _message(b"<body>" + b"x" * size + b"</body>"),
    "a long value": lambda size: _message(b"<a xmlns='urn:x' b='" + b"x" * size + b"'/>"),
    "a long section": lambda size: _message(b"<body><![CDATA[" + b"<" * size + b"]]></body>"),
    "attributes": lambda size: _message(b"<a xmlns='urn:x'" + _attributes(size) + b"/>"),
    "tiny elements": lambda size: _message(b"<a xmlns='urn:x'>" + _many(size, b"<b/>") + b"</a>"),
    "deep elements": lambda size: _message(
        b"<a xmlns='urn:x'>" + b"<a>" * (size // 7) + b"</a>" * (size // 7) + b"</a>"
    ),
}
#: What asks for much.
QUESTIONS: Mapping[str, bytes] = {
    "what there is": _ASK % (b"get", b"${domain}", b"<query xmlns='%s'/>" % DISCO_INFO.encode()),
    "what belongs to it": _ASK % (b"get", b"${domain}", b"<query xmlns='%s'/>" % DISCO_ITEMS.encode()),
    "something unknown": _ASK % (b"get", b"${domain}", b"<q xmlns='urn:x'>" + b"x" * 8 * _KIB + b"</q>"),
    "a message to nobody": b"<message to='nobody@${domain}' id='${token}'><body>"
    + b"x" * 8 * _KIB
    + b"</body></message>",
}


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Bytes of memory at the worst moment beyond those before, and bytes that came to both users."""

    memory: int
    back: int

    def is_dear(self, sent: int, most: int = _MOST_MEMORY) -> bool:
        """Whether it took more memory than so many bytes for each."""
        return self.memory > most * sent

    def is_multiplied(self, sent: int) -> bool:
        """Whether far more came back."""
        return self.back > _MOST_SENT * sent + _ANSWER


async def _amplification(bench: Bench) -> Sequence[Shown] | None:
    """Each of them, and what it costs; of memory twice where it is much. Only of what was started here."""
    if not bench.health.instance.pids:
        return None
    shown = []
    for name, make in LOADS.items():
        data = make(_SIZE)
        cost = await _cost(bench, name, data)
        if cost.is_dear(len(data)) and (await _cost(bench, name, data)).is_dear(len(data), _MOST_MEMORY // 2):
            shown.append(Shown(data=make(_SHOWN), cause=f"{name}: far more memory than bytes"))
        if cost.is_multiplied(len(data)):
            shown.append(Shown(data=make(_SHOWN), cause=f"{name}: many times as much comes back"))
    for name, data in QUESTIONS.items():
        if (await _cost(bench, name, data)).is_multiplied(len(data)):
            shown.append(Shown(data=data[:_SHOWN], cause=f"{name}: many times as much comes back"))
    return shown


async def _cost(bench: Bench, name: str, data: bytes) -> Cost:
    """Send it, and look on; TargetGoneError when the target has ended."""
    pair = await bench.pair()
    names = {"peer's JID": pair.juliet.jid, "domain": pair.juliet.account.domain}
    sent = filled(data, {**names, "token": pair.romeo.fresh("cost")})
    before = peak = bench.health.memory()
    heard: list[Event] = []
    is_well = False

    async def work(looking: trio.CancelScope) -> None:
        nonlocal is_well
        await pair.romeo.say(sent)
        heard.extend((await pair.romeo.ask())[0])
        events, is_well = await pair.juliet.ask()
        heard.extend(events)
        looking.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(work, nursery.cancel_scope)
        while before:
            peak = max(peak, bench.health.memory())
            await trio.sleep(_INTERVAL)  # nobody tells of what is taken
    pair.is_over = True
    if not is_well and await bench.has_died():
        raise TargetGoneError([Sample(family=_NAME, data=data[:_SHOWN], claim=Claim.LEGAL, labels=(name,))])
    back = sum(len(one.raw) for one in heard if isinstance(one, ElementReceived))
    return Cost(memory=peak - before, back=back)


WORTH = Measure(name=_NAME, judges=MULTIPLIED, take=_amplification)
