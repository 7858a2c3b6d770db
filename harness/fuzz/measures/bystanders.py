"""What one user sends, and what belongs to another (RFC 6121, 2.3.3; XEP-0049, 4; XEP-0054, 3.2)."""

from collections.abc import Mapping, Sequence

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.errors import HarnessError
from harness.fuzz.measures.asking import answer_in
from harness.fuzz.measures.belongings import ADDRESSINGS, BELONGINGS, Demand, demands, look, put
from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.property import Property
from harness.fuzz.raw import raw_lines
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.scripts import WRITTEN, head_of
from harness.fuzz.servers.station import JULIET, ROMEO, Pair, logged_in
from harness.fuzz.servers.steps import ANYTHING, STILL_ANSWERED
from harness.fuzz.troubles import Trouble
from harness.strategies.sample import filled
from harness.xmpp.namespaces import SASL

_NO_FORGERY = "rfc6120-8.1.2.1-from-spoof-overridden"
OTHERS = Property(
    name="what-is-anothers-stays",
    number="P-30",
    title="Nothing that one user sends changes what belongs to another",
    requirements=(*(name for one in BELONGINGS for name in one.requirements), _NO_FORGERY),
    is_grave=True,
)
_LOGIN = "login"
_MOST_ENDS = 3  # streams of which one way of addressing may end as many


async def _bystanders(bench: Bench) -> Sequence[Shown] | None:
    """Requests that are another's to make; then all that is hers is looked at, and she logs in again."""
    shown: dict[str, Shown] = {}
    judged = False
    is_lent = bench.session.accounts.capacity is not None  # accounts that have to be given back
    for addressing in ADDRESSINGS:
        left, ends = [one for one in demands(addressing) if not (is_lent and one.is_seizing)], 0
        while left and ends < (1 if addressing.sender else _MOST_ENDS):
            pair = await bench.pair()
            there = await _there(bench, pair)
            tried, left = left, await _send(pair, left)
            ends += pair.is_over
            judged |= bool(there)
            if await _changed(bench, pair, there):
                for name, one in (await _blamed(bench, tried)).items():
                    shown.setdefault(name, one)
    return list(shown.values()) if judged else None


async def _there(bench: Bench, pair: Pair) -> Mapping[str, object]:
    """What is hers, by name, and that she is let in a second time, if she is."""
    there = await put(pair.juliet, _names(pair))
    return {**there, _LOGIN: True} if await _is_let_in(bench, pair) else there


async def _send(pair: Pair, asked: Sequence[Demand]) -> list[Demand]:
    """Send them all; those that are left when the stream has ended, without the one that ended it."""
    token = pair.romeo.fresh("demand")
    names = {**_names(pair), "token": token}
    await pair.romeo.say(b"".join(filled(one.data, names) for one in asked))
    events, is_answered = await pair.romeo.ask()
    arrived, _ = await pair.juliet.ask()
    await pair.juliet.refuse_requests(arrived)
    if is_answered:
        return []
    pair.is_over = True
    answered = [number for number in range(len(asked)) if answer_in(events, f"{token}-{number}")]
    return list(asked[max(answered, default=-1) + 2 :])


async def _changed(bench: Bench, pair: Pair, there: Mapping[str, object]) -> list[str]:
    """What is not as it was: of her belongings, and whether she can log in."""
    names = _names(pair)
    changed = []
    if (await pair.juliet.ask())[1]:
        for one in BELONGINGS:
            if one.name in there and await look(pair.juliet, one, names) != there[one.name]:
                changed.append(one.name)
    else:
        pair.is_over = True
    if _LOGIN in there and not await _is_let_in(bench, pair):
        pair.is_over = True
        changed.append(_LOGIN)
    return changed


async def _is_let_in(bench: Bench, pair: Pair) -> bool:
    log = CaseLog(trio.current_time, Secrets())
    try:
        async with logged_in(bench.session, log, JULIET, pair.juliet.account):
            return True
    except HarnessError:
        return False


async def _blamed(bench: Bench, tried: Sequence[Demand]) -> Mapping[str, Shown]:
    """Each once more by itself: which of them changes what."""
    found: dict[str, Shown] = {}
    for one in tried:
        pair = await bench.pair()
        there = await _there(bench, pair)
        await _send(pair, [one])
        for name in await _changed(bench, pair, there):
            found.setdefault(name, _shown(name, one))
    return found


def _shown(name: str, demand: Demand) -> Shown:
    what = "password is of no use any more" if name == _LOGIN else f"{name} is changed"
    broken = tuple(each for one in BELONGINGS if one.name == name for each in one.requirements)
    return Shown(
        data=demand.data,
        cause=f"another user's {what}: {demand.words}",
        requirements=(*broken, *([_NO_FORGERY] if demand.addressing.sender else [])),
        script=lambda trouble: _script(trouble, name),
    )


def _names(pair: Pair) -> Mapping[str, str]:
    romeo, juliet = pair.romeo, pair.juliet
    return {
        "domain": romeo.account.domain,
        "me": romeo.account.jid,
        "my JID": romeo.jid,
        "peer": juliet.account.jid,
        "peer's JID": juliet.jid,
        "peer's username": juliet.account.username,
    }


#: By steps of its own, for who cannot connect proves nothing.
_LETS_IN = (
    "Juliet opens a connection",
    "Juliet starts TLS",
    "Juliet opens a stream",
    "Juliet receives a stream header",
    "Juliet receives:\n\t<stream:features/>",
    f"Juliet sends:\n\t<auth xmlns='{SASL}' mechanism='PLAIN'>${{Juliet's credentials}}</auth>",
    f"Juliet receives:\n\t<success xmlns='{SASL}'/>",
    "Juliet closes the connection",
)


def _script(trouble: Trouble, name: str) -> str:
    """She sets it, he sends his request, and hers is as she set it."""
    belonging = next((one for one in BELONGINGS if one.name == name), None)
    before = ["Juliet connects"]
    if belonging is not None:
        before += [f"Juliet sends:\n\t<iq type='set' id='put'>{belonging.set}</iq>", ANYTHING.format(JULIET)]
        before += ["Juliet receives:\n\t<iq type='result' id='put'/>"]
        after = [f"Juliet sends:\n\t<iq type='get' id='look'>{belonging.get}</iq>", ANYTHING.format(JULIET)]
        after += [f"Juliet receives:\n\t<iq type='result' id='look'>{belonging.shown}</iq>"]
    else:
        after = ["Juliet disconnects", *_LETS_IN]
    sent = raw_lines(trouble.trial.sample, {**WRITTEN, "peer's username": "${Juliet's username}"})
    middle = ["Romeo connects", "Romeo sends raw:", *sent, ANYTHING.format(ROMEO), *STILL_ANSWERED]
    needs = "" if belonging else "starttls, PLAIN"
    return "\n".join([*head_of(trouble, needs=needs), *before, *middle, *after, ""])


BYSTANDERS = Measure(name="bystanders", judges=OTHERS, take=_bystanders)
