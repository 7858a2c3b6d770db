"""What is done to a service, and what others notice of it.

A room is asked for things by malformed requests; somebody else, in the room, has to be answered afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.measures.seats import enter, opened, seated
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.scripts import head_of, raw_of
from harness.fuzz.servers.station import Pair
from harness.fuzz.servers.steps import ANYTHING
from harness.fuzz.troubles import Trouble
from harness.strategies.families import FAMILIES, LACKING, derived
from harness.strategies.payload import ROOM
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Sample, filled
from harness.wire.events import ElementReceived, Event
from harness.xmpp.namespaces import CLIENT, DISCO_INFO, Name

SERVED = Property(
    name="services-stay",
    number="P-20b",
    title="Whatever one user asks a service, another one is still answered by it",
    requirements=("rfc6120-stanza-iq-reply",),
    is_grave=True,
)
_DESTROYING = ("room destroyed",)
_ASK = "<iq type='get' id='{id}' to='{to}'><query xmlns='" + DISCO_INFO + "'/></iq>"


async def _served(bench: Bench) -> Sequence[Shown] | None:
    """Malformed requests to a room, each followed by a question of somebody who is in it."""
    service = bench.session.services.get("muc")
    if service is None:
        return None
    pair = await bench.pair()
    room = await _room(pair, service)
    if room is None or not await _is_answered(pair, room):
        return None
    for sample in _requests():
        names = {"muc": service, "token": pair.romeo.fresh("token"), "room": room, "domain": _domain(pair)}
        names |= {"me": pair.romeo.account.jid, "peer": pair.juliet.account.jid, "my JID": pair.romeo.jid}
        await pair.romeo.say(filled(sample.data, {**names, "peer's JID": pair.juliet.jid}))
        if not (await pair.romeo.ask())[1]:
            break  # a stream that has ended is for others to judge
        if not await _is_answered(pair, room):
            pair.is_over = True
            return await _confirmed(bench, sample, service)
    return []


def _domain(pair: Pair) -> str:
    return pair.romeo.account.domain


def _requests() -> Iterator[Sample]:
    """What a room is asked, with something missing; none of it says that the room shall go."""
    for payload in PAYLOADS:
        if payload.kind == "iq" and payload.to == ROOM and payload.name not in _DESTROYING:
            for number in LACKING:
                sample = derived(FAMILIES["stanza"], payload.make(0).having("to", "${room}"), number)
                if sample.element is not None and sample.element.get("from") is None:
                    yield replace(sample, family="services")


async def _room(pair: Pair, service: str) -> str | None:
    """A new room, of which Juliet is the owner and where Romeo is too; None where none can be made."""
    room = await opened(pair.juliet, service)
    if room is not None:
        await enter(pair.romeo, room)
    return room


async def _is_answered(pair: Pair, room: str) -> bool:
    """Whether the room tells Juliet anything, be it an error."""
    identity = pair.juliet.fresh("served")
    await pair.juliet.say(_ASK.format(id=identity, to=room).encode())
    events = await pair.juliet.hear([identity])
    last: Event | None = events[-1] if events else None
    await pair.juliet.refuse_requests(events)
    return isinstance(last, ElementReceived) and last.name == Name(CLIENT, "iq")


async def _confirmed(bench: Bench, sample: Sample, service: str) -> Sequence[Shown]:
    """Once more, with others and in another room, where nothing else was asked."""
    pair = await bench.pair()
    room = await _room(pair, service)
    if room is None or not await _is_answered(pair, room):
        return []
    names: Mapping[str, str] = {"room": room, "token": pair.romeo.fresh("token"), "muc": service}
    data = filled(sample.data, {**names, "domain": _domain(pair), "me": pair.romeo.account.jid})
    await pair.romeo.say(data)
    await pair.romeo.ask()
    if await _is_answered(pair, room):
        return []
    cause = "a room does not answer any more"
    return [Shown(data=sample.data, cause=cause, script=lambda trouble: _script(trouble, sample))]


def _script(trouble: Trouble, sample: Sample) -> str:
    seats = seated(("Juliet", "Romeo"))
    shown = [f"Juliet sends:\n\t{_ASK.format(id='served', to='${room}')}", ANYTHING.format("Juliet")]
    shown += [
        "Juliet receives:\n\t<iq type='{one of: result, error}' id='served'/>",
        ANYTHING.format("Romeo"),
    ]
    return "\n".join(
        [*head_of(trouble, needs="muc"), *seats, "Romeo sends raw:", *raw_of(sample), *shown, ""]
    )


SERVICES = Measure(name="services", judges=SERVED, take=_served)
