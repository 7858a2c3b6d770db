"""Who somebody is, in a room that tells only moderators (XEP-0045, 7.2.4).

Each deed is followed by a question of everybody's, so that what came of it is known; whoever is no moderator
is then looked at for the addresses of the others. Nobody is made a moderator meanwhile, and nobody's
affiliation changes who is not there, which a room may tell by address (XEP-0045, 9.3).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from harness.fuzz.measures.asking import exchange
from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.measures.seats import (
    ENTRANCE,
    MERCUTIO,
    SEMI_ANONYMOUS,
    Company,
    asked,
    company,
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
from harness.wire.events import ElementReceived, Event
from harness.xmpp.elements import name_of
from harness.xmpp.namespaces import DISCO_INFO, DISCO_ITEMS, MUC_ADMIN, MUC_OWNER, MUC_USER, VERSION, Name

HIDDEN = Property(
    name="rooms-hide-addresses",
    number="P-33",
    title="In a semi-anonymous room nobody but moderators is told who somebody is",
    requirements=(
        "xep0045-7.2.4-semianon-jid-moderators",
        "xep0045-17.4-iq-no-jid-leak",
        "xep0045-10.5-owner-list-forbidden",
        "xep0045-10.8-admin-list-forbidden",
        "xep0045-9-admin-only",
    ),
    is_grave=True,
)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Somebody sends something to the room, or into it; `room` and `mercutio` stand for addresses."""

    name: str
    by: str
    stanza: str

    def written(self, room: str, mercutio: str) -> str:
        """What is sent."""
        return self.stanza.replace("{room}", room).replace("{mercutio}", mercutio)


_MERCUTIO = "${Mercutio's JID}"


def _said(name: str, by: str, content: str, attributes: str = "type='groupchat' to='{room}'") -> Deed:
    return Deed(name=name, by=by, stanza=f"<message {attributes}>{content}</message>")


def _shown(name: str, by: str, attributes: str = "", content: str = "", nick: str = "") -> Deed:
    return Deed(
        name=name, by=by, stanza=f"<presence to='{{room}}/{nick or by}'{attributes}>{content}</presence>"
    )


def _asked(name: str, by: str, type: str, payload: str, to: str = "{room}") -> Deed:
    identity = f"{name.replace(' ', '-')}-{by}"
    return Deed(name=name, by=by, stanza=f"<iq type='{type}' id='{identity}' to='{to}'>{payload}</iq>")


def _changed(name: str, attributes: str) -> Deed:
    return _asked(name, JULIET, "set", f"<query xmlns='{MUC_ADMIN}'><item {attributes}/></query>")


def _listed(attributes: str) -> Deed:
    payload = f"<query xmlns='{MUC_ADMIN}'><item {attributes}/></query>"
    return _asked(f"the list of {attributes.partition(chr(39))[2][:-1]}", ROMEO, "get", payload)


def _entered(by: str) -> Deed:
    return Deed(name="an entrance", by=by, stanza=ENTRANCE.replace("{nick}", by))


_QUESTION = f"<query xmlns='{VERSION}'/>"
DEEDS = (
    _entered(MERCUTIO),
    _said("a message", JULIET, "<body>Peace</body>"),
    _said("a message", MERCUTIO, "<body>A plague</body>"),
    _said("a subject", JULIET, "<subject>Verona</subject>"),
    _entered(ROMEO),
    _said("a private message", MERCUTIO, "<body>x</body>", "type='chat' to='{room}/Romeo'"),
    _shown("a change of availability", MERCUTIO, content="<show>away</show>"),
    _shown("a change of availability", JULIET, content="<show>away</show>"),
    _shown("a change of nickname", MERCUTIO, nick="Queen Mab"),
    _shown("a change of nickname", MERCUTIO),
    _asked("a question to an occupant", MERCUTIO, "get", _QUESTION, "{room}/Romeo"),
    _asked("a question to an occupant", ROMEO, "get", _QUESTION, "{room}/Mercutio"),
    _changed("a change of role", "nick='Mercutio' role='visitor'"),
    _changed("a change of role", "nick='Mercutio' role='participant'"),
    _changed("a change of affiliation", "jid=\"{mercutio}\" affiliation='member'"),
    _changed("a change of affiliation", "jid=\"{mercutio}\" affiliation='none'"),
    _asked("the list of occupants", ROMEO, "get", f"<query xmlns='{DISCO_ITEMS}'/>"),
    *(_listed(f"affiliation='{one}'") for one in ("owner", "admin", "outcast")),
    *(_listed(f"role='{one}'") for one in ("moderator", "participant", "visitor")),
    _shown("a farewell", MERCUTIO, " type='unavailable'"),
    _entered(MERCUTIO),
    _changed("a kick", "nick='Mercutio' role='none'"),
    _entered(MERCUTIO),
    _changed("a ban", "jid=\"{mercutio}\" affiliation='outcast'"),
    _asked("the end of the room", JULIET, "set", f"<query xmlns='{MUC_OWNER}'><destroy/></query>"),
)


#: Where the rule is another than that for presence.
_LEAST: Mapping[str, str] = {
    "a question to an occupant": "xep0045-17.4-iq-no-jid-leak",
    "the list of owner": "xep0045-10.5-owner-list-forbidden",
    "the list of admin": "xep0045-10.8-admin-list-forbidden",
    "the list of outcast": "xep0045-9-admin-only",
}
_KINDS = {"iq": "an iq", "message": "a message", "presence": "a presence"}
_ROOM = f"<query xmlns='{DISCO_INFO}'/>"


@dataclass(frozen=True, kw_only=True)
class Leak:
    """`viewer` was told the address of `of`: the names around it, and of the attribute, if it is in one."""

    viewer: str
    of: str
    path: tuple[Name, ...]
    attribute: str = ""

    @property
    def pattern(self) -> str:
        """What must not come, as scripts write it."""
        value = f"${{{self.of}'s JID}}{{any}}"
        text = "" if self.attribute else value
        for number, name in reversed(list(enumerate(self.path))):
            inner = f' {self.attribute}="{value}"' if self.attribute and number == len(self.path) - 1 else ""
            outer = f" xmlns='{name.namespace}'" if number else " type='{optional}'"
            text = f"<{name.local}{outer}{inner}>{text}</{name.local}>"
        return text


async def _anonymity(bench: Bench) -> Sequence[Shown] | None:
    """One deed after the other, in a new room."""
    service = bench.session.services.get("muc")
    if service is None:
        return None
    async with company(bench, service) as people:
        room = await opened(people.juliet, service, SEMI_ANONYMOUS)
        if room is None or not await is_semi_anonymous(people.juliet, room):
            return None
        return await _looked_at(people, room)


async def _looked_at(people: Company, room: str) -> list[Shown]:
    shown: dict[str, Shown] = {}
    addresses = {one.name: one.account.jid for one in people.everybody}
    await people.settle()
    for number, deed in enumerate(DEEDS):
        told, is_well = await _done(people, room, deed)
        for leak in leaks(told, addresses):
            kind = leak.path[0].local
            cause = f"{_KINDS.get(kind, kind)} tells the address of somebody else after {deed.name}"
            shown.setdefault(cause, _found(cause, number, leak))
        if not is_well:
            break
    return list(shown.values())


async def _done(people: Company, room: str, deed: Deed) -> tuple[Mapping[str, Sequence[Event]], bool]:
    """What each is told of a deed. The room is asked first, for it may take longer than the server."""
    actor = next(one for one in people.everybody if one.name == deed.by)
    await actor.say(deed.written(room, people.mercutio.account.jid).encode())
    events, _ = await exchange(actor, "get", _ROOM, room)
    told, _ = await people.settle()
    more, is_well = await people.settle()  # with what came of what they have answered
    heard = {name: [*told[name], *more[name]] for name in told}
    return {**heard, deed.by: [*events, *heard[deed.by]]}, is_well


def leaks(told: Mapping[str, Sequence[Event]], addresses: Mapping[str, str]) -> Iterator[Leak]:
    """Where somebody who is no moderator is told the address of another; `addresses` are by name."""
    for viewer in (ROMEO, MERCUTIO):
        for event in told[viewer]:
            for name, jid in addresses.items():
                if isinstance(event, ElementReceived) and name != viewer and jid.encode() in event.raw:
                    yield from _leaks_in(event.tree, jid, viewer, name)


def _leaks_in(stanza: "etree._Element", jid: str, viewer: str, of: str) -> Iterator[Leak]:
    """Each place where the address is, but for who has done it, whose address the schema allows."""
    whole = re.compile(rf"(?<![\w.@-]){re.escape(jid)}(?![\w.-])")
    for element in stanza.iter(etree.Element):
        path = tuple(name_of(one) for one in (*reversed(list(element.iterancestors())), element))
        if path[-1] == Name(MUC_USER, "actor"):
            continue
        named = [str(name) for name, value in element.attrib.items() if whole.search(str(value))]
        if whole.search(element.text or ""):
            named.append("")
        yield from (Leak(viewer=viewer, of=of, path=path, attribute=one) for one in named)


def _found(cause: str, number: int, leak: Leak) -> Shown:
    deed = DEEDS[number]
    usual = HIDDEN.requirements[:1] if leak.path[0].local == "presence" else ()
    named = _LEAST.get(deed.name)
    return Shown(
        data=deed.written("${room}", "${peer}").encode(),
        cause=cause,
        requirements=(named,) if named else usual,
        script=lambda trouble: _script(trouble, number, leak),
    )


def _script(trouble: Trouble, number: int, leak: Leak) -> str:
    """All deeds so far; before the last one whoever is told has heard all that it may."""
    steps = seated((JULIET,), SEMI_ANONYMOUS)
    steps += [f"{name} connects" for name in (MERCUTIO, ROMEO)]
    for one, deed in enumerate(DEEDS[: number + 1]):
        if one == number:
            steps += asked(leak.viewer, "get", _ROOM, "before")
        steps.append(f"{deed.by} sends:\n\t{deed.written('${room}', _MERCUTIO)}")
        if not (one == number and deed.by == leak.viewer):
            steps += asked(deed.by, "get", _ROOM, f"after-{one}")
    steps += [f"{leak.viewer} receives nothing like:\n\t{leak.pattern}"]
    steps += [ANYTHING.format(name) for name in (JULIET, ROMEO, MERCUTIO)]
    return "\n".join([*head_of(trouble, (JULIET, ROMEO, MERCUTIO), needs="muc"), *steps, ""])


HIDING = Measure(name="anonymity", judges=HIDDEN, take=_anonymity)
