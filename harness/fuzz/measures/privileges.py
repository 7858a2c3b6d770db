"""What one needs a role or an affiliation for, and who wants it without (XEP-0045, 5, 8 to 10).

Requests that the tables of privileges leave open, or that the configuration may give to everybody, are not
among them: the list of members (5.2.1, 7.11), the subject, invitations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.fuzz.measures.asking import is_result, request
from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.measures.seats import (
    MERCUTIO,
    SEMI_ANONYMOUS,
    Company,
    asked,
    company,
    enter,
    is_semi_anonymous,
    opened,
    seated,
)
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.scripts import head_of
from harness.fuzz.servers.station import JULIET, ROMEO
from harness.fuzz.servers.steps import ANYTHING
from harness.fuzz.troubles import Trouble
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import DATA_FORMS, MUC, MUC_ADMIN, MUC_OWNER, Name

_MODERATORS, _ADMINS = "xep0045-8-moderator-only", "xep0045-9-admin-only"
_OWNERS, _GRANTS = "xep0045-10.3-grant-owner-forbidden", "xep0045-10.6-grant-admin-forbidden"
_REVOKES = "xep0045-10.4-revoke-owner-forbidden"
_CONFIGURATION, _DESTRUCTION = "xep0045-10.2-config-forbidden", "xep0045-10.9-destroy-forbidden"
_ADMIN_LIST, _OWNER_LIST = "xep0045-10.8-admin-list-forbidden", "xep0045-10.5-owner-list-forbidden"
_BOTH = "xep0045-17.4-admin-role-and-affiliation"

PRIVILEGED = Property(
    name="rooms-keep-to-their-ranks",
    number="P-33b",
    title="Who lacks the role or affiliation that a request to a room needs is refused, and it has no effect",
    requirements=(
        *(_MODERATORS, _ADMINS, _OWNERS, _GRANTS, _REVOKES),
        *(_ADMIN_LIST, _OWNER_LIST, _CONFIGURATION, _DESTRUCTION, _BOTH),
    ),
    is_grave=True,
)
_MOST = 12  # requests that are granted; after so many the rest is not tried


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request to a room that needs a rank; `{juliet}`, `{romeo}` and `{mercutio}` stand for bare JIDs."""

    name: str
    type: str
    payload: str
    requirement: str


@dataclass(frozen=True, kw_only=True)
class Rank:
    """Who wishes. `made` is what the owner asks for so that he is that; who `is_away` is not in the room."""

    name: str
    made: str = ""
    is_away: bool = False


def _admin(name: str, items: str, requirement: str, type: str = "set") -> Wish:
    return Wish(
        name=name,
        type=type,
        payload=f"<query xmlns='{MUC_ADMIN}'>{items}</query>",
        requirement=requirement,
    )


def _role(name: str, nick: str, role: str, requirement: str = _MODERATORS) -> Wish:
    return _admin(name, f"<item nick='{nick}' role='{role}'/>", requirement)


def _rank(name: str, who: str, affiliation: str, requirement: str = _ADMINS) -> Wish:
    return _admin(name, f"<item jid=\"{{{who}}}\" affiliation='{affiliation}'/>", requirement)


def _owner(name: str, type: str, content: str, requirement: str) -> Wish:
    return Wish(
        name=name,
        type=type,
        payload=f"<query xmlns='{MUC_OWNER}'>{content}</query>",
        requirement=requirement,
    )


_RENAMING = (
    f"<x xmlns='{DATA_FORMS}' type='submit'><field var='FORM_TYPE'><value>{MUC}#roomconfig</value></field>"
    "<field var='muc#roomconfig_roomname'><value>Mantua</value></field></x>"
)
WISHES = (
    _admin("to read the list of outcasts", "<item affiliation='outcast'/>", _ADMINS, "get"),
    _admin("to read the list of moderators", "<item role='moderator'/>", _ADMINS, "get"),
    _admin("to read the list of participants", "<item role='participant'/>", _MODERATORS, "get"),
    _owner("to read the configuration", "get", "", _CONFIGURATION),
    _role("to silence somebody", MERCUTIO, "visitor"),
    _role("to make himself a moderator", ROMEO, "moderator", _ADMINS),
    _role("to make somebody a moderator", MERCUTIO, "moderator", _ADMINS),
    _role("to silence the owner", JULIET, "visitor"),
    _role("to make the owner a mere participant", JULIET, "participant", _ADMINS),
    _rank("to make himself an admin", "romeo", "admin", _GRANTS),
    _rank("to make himself an owner", "romeo", "owner", _OWNERS),
    _rank("to make somebody a member", "mercutio", "member"),
    _rank("to make somebody an admin", "mercutio", "admin", _GRANTS),
    _rank("to make somebody an owner", "mercutio", "owner", _OWNERS),
    _rank("to degrade the owner", "juliet", "member", _REVOKES),
    _rank("to make the owner nothing", "juliet", "none", _REVOKES),
    _rank("to ban the owner", "juliet", "outcast"),
    _owner(
        "to become an owner in the old way", "set", "<item jid=\"{romeo}\" affiliation='owner'/>", _OWNERS
    ),
    _owner("to configure the room", "set", _RENAMING, _CONFIGURATION),
    _owner("to take the room as it is", "set", f"<x xmlns='{DATA_FORMS}' type='submit'/>", _CONFIGURATION),
    _admin("to kick and degrade at once", f"<item nick='{MERCUTIO}' role='none' affiliation='none'/>", _BOTH),
    _role("to kick the owner", JULIET, "none"),
    _role("to kick somebody", MERCUTIO, "none"),
    _rank("to ban somebody", "mercutio", "outcast"),
    _owner("to destroy the room", "set", "<destroy/>", _DESTRUCTION),
)
#: What rooms that are not semi-anonymous may tell everybody (XEP-0045, 10.5 and 10.8).
_OF_HIDING_ROOMS = (
    _admin("to read the list of admins", "<item affiliation='admin'/>", _ADMIN_LIST, "get"),
    _admin("to read the list of owners", "<item affiliation='owner'/>", _OWNER_LIST, "get"),
)
RANKS = (
    Rank(name="a participant"),
    Rank(name="a visitor", made=f"<item nick='{ROMEO}' role='visitor'/>"),
    Rank(name="a member", made="<item jid=\"{romeo}\" affiliation='member'/>"),
    Rank(name="an outsider", is_away=True),
)
_OPEN = (
    _admin("to read the list of members", "<item affiliation='member'/>", _ADMINS, "get"),
    _admin("to read the list of visitors", "<item role='visitor'/>", _MODERATORS, "get"),
)
#: What the owner reads to know whether anything has changed.
_STATE = (*(one for one in WISHES if one.type == "get"), *_OF_HIDING_ROOMS, *_OPEN)
_ITEM, _FIELD = Name(MUC_ADMIN, "item"), Name(DATA_FORMS, "field")


async def _privileges(bench: Bench) -> Sequence[Shown] | None:
    """By each rank all requests; a new room when one of them was granted."""
    service = bench.session.services.get("muc")
    if service is None:
        return None
    shown: list[Shown] = []
    is_judged = False
    async with company(bench, service) as people:
        for rank in RANKS:
            left = [*_OF_HIDING_ROOMS, *WISHES]
            while left and len(shown) < _MOST:
                room = await _room(people, rank)
                if room is None:
                    break
                is_judged = True
                if not await is_semi_anonymous(people.juliet, room):
                    left = [one for one in left if one not in _OF_HIDING_ROOMS]
                granted, left = await _tried(people, room, left)
                shown += [_shown(rank, one, how) for one, how in granted.items()]
    return shown if is_judged else None


async def _room(people: Company, rank: Rank) -> str | None:
    """A new room where all are, and Romeo is of this rank; None where that cannot be had."""
    room = await opened(people.juliet, people.service, SEMI_ANONYMOUS)
    if room is None:
        return None
    await enter(people.mercutio, room)
    if not rank.is_away:
        await enter(people.romeo, room)
    if rank.made:
        payload = f"<query xmlns='{MUC_ADMIN}'>{_filled(rank.made, people)}</query>"
        if not is_result(await request(people.juliet, "set", payload, room)):
            return None
    await people.settle()
    return room


async def _tried(people: Company, room: str, wishes: list[Wish]) -> tuple[Mapping[Wish, str], list[Wish]]:
    """One after the other until one is granted: that one and how, and those that are left."""
    before = await _state(people, room)
    for number, wish in enumerate(wishes):
        answer = await request(people.romeo, wish.type, _filled(wish.payload, people), room)
        if answer is None:
            return {}, []  # others judge what is not answered
        if is_result(answer):
            return {wish: "is not refused"}, wishes[number + 1 :]
        if wish.type == "set" and await _state(people, room) != before:
            return {wish: "is refused, and gets what he wants"}, wishes[number + 1 :]
    return {}, []


async def _state(people: Company, room: str) -> Sequence[Sequence[str]]:
    """What the owner reads of the room: items of lists, and values of the form."""
    answers = [await request(people.juliet, one.type, one.payload, room) for one in _STATE]
    return [_told(one) for one in answers]


def _told(answer: ElementReceived | None) -> Sequence[str]:
    if answer is None or not is_result(answer):
        return []
    items = [sorted(one.attrib.items()) for one in answer.tree.iter(str(_ITEM))]
    values = [(field.get("var"), list(field.itertext())) for field in answer.tree.iter(str(_FIELD))]
    return sorted(map(repr, [*items, *values]))


def _filled(text: str, people: Company) -> str:
    for station in people.everybody:
        text = text.replace(f"{{{station.name.lower()}}}", station.account.jid)
    return text


def _shown(rank: Rank, wish: Wish, how: str) -> Shown:
    payload = wish.payload.replace("{romeo}", "${me}").replace("{juliet}", "${peer}")
    return Shown(
        data=f"<iq type='{wish.type}' id='wish' to='${{room}}'>{payload}</iq>".encode(),
        cause=f"{rank.name} {how}: {wish.name}",
        requirements=(wish.requirement,),
        script=(lambda trouble: _script(trouble, rank, wish)) if how == "is not refused" else None,
    )


def _script(trouble: Trouble, rank: Rank, wish: Wish) -> str:
    names = (JULIET, MERCUTIO) if rank.is_away else (JULIET, MERCUTIO, ROMEO)
    steps = seated(names, SEMI_ANONYMOUS)
    if rank.is_away:
        steps.append(f"{ROMEO} connects")
    if rank.made:
        payload = f"<query xmlns='{MUC_ADMIN}'>{_written(rank.made)}</query>"
        steps += asked(JULIET, "set", payload, "rank", "result")
    steps += asked(ROMEO, wish.type, _written(wish.payload), "wish", "error")
    steps += [ANYTHING.format(name) for name in (JULIET, MERCUTIO, ROMEO)]
    return "\n".join([*head_of(trouble, (JULIET, MERCUTIO, ROMEO), needs="muc"), *steps, ""])


def _written(text: str) -> str:
    for name in (JULIET, ROMEO, MERCUTIO):
        text = text.replace(f"{{{name.lower()}}}", f"${{{name}'s JID}}")
    return text


ROOMS = Measure(name="rooms", judges=PRIVILEGED, take=_privileges)
