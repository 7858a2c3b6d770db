"""Stanzas that are too large, and stanzas that are not yet whole."""

from collections.abc import Sequence

from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.measures.strangers import ends, stranger
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.steps import STILL_ANSWERED
from harness.results.verdicts import Level
from harness.wire.effects import Send

_COMPLETE = 2 << 20


_ENDLESS = 3 << 20


LIMITS = Property(
    name="limits-act-early",
    number="P-25",
    title="A stanza that is too large is refused before it has ended",
    requirements=("rfc6120-13.12-oversized-stanza",),
    steps=None,
    level=Level.SHOULD,
)


STALLS = Property(
    name="half-a-stanza-stops-nobody",
    number="P-20c",
    title="While somebody is in the middle of a stanza, others are answered",
    requirements=("rfc6120-stanza-iq-reply",),
    is_grave=True,
    steps=(*STILL_ANSWERED, "Romeo closes the connection"),
)


async def _limits(bench: Bench) -> Sequence[Shown] | None:
    """Where a large stanza is refused, one that does not end has to be refused as well."""
    opening = b"<message to='x' id='large'><body>"
    async with stranger(bench) as one:
        await one.perform(Send(data=opening + b"x" * _COMPLETE + b"</body></message>"))
        if not await ends(one, bench.session.patience):
            return None  # no limit is known
    async with stranger(bench) as other:
        await other.perform(Send(data=opening + b"x" * _ENDLESS))
        if await ends(other, bench.session.patience):
            return []
    return [Shown(data=opening + b"x" * 64, cause="a stanza that does not end is read on and on")]


async def _stalls(bench: Bench) -> Sequence[Shown] | None:
    """Somebody in the middle of a stanza keeps nobody else waiting."""
    pair = await bench.pair()
    await pair.romeo.say(b"<message to='%s'><body>" % pair.juliet.jid.encode())
    answered = [(await pair.juliet.ask())[1] for _ in range(2)]  # at least the second comes after it
    if all(answered):
        return []
    data = b"<message to='${peer}'><body>"
    return [Shown(data=data, cause="a stanza that is not yet whole stops others")]


EARLY = Measure(name="limits", judges=LIMITS, take=_limits)
HALF = Measure(name="stalls", judges=STALLS, take=_stalls)
