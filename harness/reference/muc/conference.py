"""Rooms as before XEP-0045: the conference protocol and browsing."""

from harness.reference.addresses import prepare_resourcepart
from harness.reference.host import Host
from harness.reference.legacy import entry, namespaces
from harness.reference.muc.entrance import arrive
from harness.reference.muc.rooms import Room
from harness.reference.stanzas import PRESENCE, Answer, Element, Refused, Result
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import IQ_CONFERENCE, Name

QUERY = Name(IQ_CONFERENCE, "query")
_NICK = Name(IQ_CONFERENCE, "nick")


def get_needs(host: Host, room: Room, _stanza: Element, _query: Element) -> Answer:
    """The room's name and what one needs to enter."""
    content = [build(Name(IQ_CONFERENCE, "name"), {}, room.address.local), build(_NICK)]
    if host.faults.has("conference-nick-not-asked"):
        del content[1]
    if room.configuration.passwordprotectedroom:
        content.append(build(Name(IQ_CONFERENCE, "secret")))
    return Result(payload=build(QUERY, {}, *content))


def claim_nick(host: Host, room: Room, stanza: Element, query: Element) -> Answer:
    """Enter under the first nickname that is free."""
    wanted = [prepare_resourcepart(each.text or "") for each in children(query, _NICK)]
    free = [nick for nick in wanted if nick and nick not in room.occupants]
    if host.faults.has("conference-first-nick-only"):
        free = [nick for nick in free if nick == wanted[0]]
    if not wanted or host.faults.has("conference-nick-refused"):
        return Refused(condition="not-acceptable")
    if not free and not host.faults.has("conference-nick-shared"):
        return Refused(condition="conflict")
    nick = free[0] if free else wanted[0] or ""
    sender = stanza.get("from", "")

    def enter() -> None:
        to = room.occupant_jid(nick)
        arrive(host, room, build(PRESENCE, {"from": sender, "to": to}), room.address.with_resource(nick))

    content = [build(_NICK, {}, nick), build(Name(IQ_CONFERENCE, "id"), {}, room.occupant_jid(nick))]
    return Result(payload=build(QUERY, {}, *content), afterwards=enter)


def browse(host: Host, room: Room, _stanza: Element, _query: Element) -> Answer:
    """The room with who is in it."""
    users = [entry("user", room.occupant_jid(nick), nick, "client") for nick in room.occupants]
    if host.faults.has("browse-user-without-jid"):
        for user in users:
            del user.attrib["jid"]
    return Result(payload=entry("conference", room.jid, room.address.local, "public", *users))


def browse_service(host: Host, rooms: list[Room]) -> Answer:
    """The service with its public rooms."""
    listed = [room for room in rooms if room.configuration.publicroom]
    shown = [entry("conference", room.jid, room.address.local, "public") for room in listed]
    if host.faults.has("browse-room-without-jid"):
        for each in shown:
            del each.attrib["jid"]
    own = namespaces(IQ_CONFERENCE)
    return Result(payload=entry("conference", host.settings.muc_domain, "Chat rooms", "public", *shown, *own))
