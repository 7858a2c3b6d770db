"""People in a room (XEP-0045): how they get there, and the steps by which scripts get them there."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.fuzz.measures.asking import is_result, request
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.station import Station, logged_in
from harness.fuzz.servers.steps import ANYTHING
from harness.wire.events import Event
from harness.xmpp.elements import children, first
from harness.xmpp.namespaces import DATA_FORMS, DISCO_INFO, MUC, MUC_OWNER, Name

MERCUTIO = "Mercutio"
#: What a room is asked by whoever wants in.
ENTRANCE = f"<presence to='{{room}}/{{nick}}'><x xmlns='{MUC}'/></presence>"
_FORM = f"<query xmlns='{MUC_OWNER}'><x xmlns='{DATA_FORMS}' type='submit'>{{fields}}</x></query>"
#: The form by which only moderators are told addresses, and the one that takes a room as it is.
SEMI_ANONYMOUS = _FORM.format(
    fields=f"<field var='FORM_TYPE'><value>{MUC}#roomconfig</value></field>"
    "<field var='muc#roomconfig_whois'><value>moderators</value></field>"
)
AS_IT_IS = _FORM.format(fields="")


async def enter(station: Station, room: str) -> None:
    """Enter a room under the own name, and wait until the server has dealt with it."""
    await station.say(ENTRANCE.format(room=room, nick=station.name).encode())
    await station.ask()


async def opened(owner: Station, service: str, form: str = AS_IT_IS) -> str | None:
    """A new room with its owner in it; None where the form is not taken."""
    room = f"{owner.fresh('room')}@{service}"
    await enter(owner, room)
    return room if is_result(await request(owner, "set", form, room)) else None


async def is_semi_anonymous(owner: Station, room: str) -> bool:
    """Whether the room says so of itself (XEP-0045, 6.4)."""
    answer = await request(owner, "get", f"<query xmlns='{DISCO_INFO}'/>", room)
    query = first(answer.tree) if answer is not None and is_result(answer) else None
    found = [] if query is None else [one.get("var") for one in children(query, Name(DISCO_INFO, "feature"))]
    return "muc_semianonymous" in found


@dataclass(frozen=True, kw_only=True)
class Company:
    """Juliet owns the rooms, Romeo and Mercutio are ordinary people in them."""

    juliet: Station
    romeo: Station
    mercutio: Station
    service: str

    @property
    def everybody(self) -> Sequence[Station]:
        """All three."""
        return self.juliet, self.romeo, self.mercutio

    async def settle(self) -> tuple[Mapping[str, Sequence[Event]], bool]:
        """What each has been told so far, by name, and whether all are still answered."""
        told: dict[str, Sequence[Event]] = {}
        is_well = True
        for station in self.everybody:
            events, is_answered = await station.ask()
            await station.refuse_requests(events)
            told[station.name] = events
            is_well &= is_answered
        return told, is_well


@asynccontextmanager
async def company(bench: Bench, service: str) -> AsyncIterator[Company]:
    """Two that the bench has, and a third one for the time of the block."""
    pair = await bench.pair()
    account = await bench.session.account()
    try:
        log = CaseLog(trio.current_time, Secrets())
        async with logged_in(bench.session, log, MERCUTIO, account) as mercutio:
            await mercutio.say(b"<presence/>")
            await mercutio.ask()
            yield Company(juliet=pair.juliet, romeo=pair.romeo, mercutio=mercutio, service=service)
    finally:
        await bench.session.done_with(account)


def seated(names: Sequence[str], form: str = AS_IT_IS) -> list[str]:
    """The steps of a script: the first makes the room and opens it, the others enter."""
    steps = []
    for number, name in enumerate(names):
        steps += [f"{name} connects", f"{name} sends:\n\t{ENTRANCE.format(room='${room}', nick=name)}"]
        steps += [ANYTHING.format(name), f"{name} receives:\n\t<presence from='${{room}}/{name}'/>"]
        if not number:
            steps += asked(name, "set", form, "open")
    return steps


def asked(
    name: str, type: str, payload: str, identity: str, answer: str = "{one of: result, error}"
) -> list[str]:
    """The steps by which somebody asks the room something, and is answered."""
    return [
        f"{name} sends:\n\t<iq type='{type}' id='{identity}' to='${{room}}'>{payload}</iq>",
        ANYTHING.format(name),
        f"{name} receives:\n\t<iq type='{answer}' id='{identity}'/>",
    ]
