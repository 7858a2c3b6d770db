"""Occupant ids: who somebody is in a room, whatever the nickname (XEP-0421)."""

from hashlib import sha256

from harness.reference.host import Host
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.stanzas import PRESENCE, Element, kind_of
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import OCCUPANT_ID, Name

_TAG = Name(OCCUPANT_ID, "occupant-id")
_TOO_MANY = 3  # times 64 characters; 128 are allowed


def mark(host: Host, room: Room, occupant: Occupant, stanza: Element) -> None:
    """Put the occupant's id on a stanza, in place of what it claims to have (XEP-0421, 4)."""
    if not host.faults.has("muc-occupant-id-forged"):
        for claimed in list(children(stanza, _TAG)):
            stanza.remove(claimed)
    kind = "presence" if kind_of(stanza) == PRESENCE else "message"
    is_left_out = {
        "presence": host.faults.has("muc-occupant-id-missing-in-presence"),
        "message": host.faults.has("muc-occupant-id-missing-in-messages"),
    }
    if not is_left_out[kind]:
        stanza.append(build(_TAG, {"id": _id(host, room, occupant)}))


def without_id(stanza: Element) -> None:
    """Take the id off a stanza."""
    for claimed in list(children(stanza, _TAG)):
        stanza.remove(claimed)


def _id(host: Host, room: Room, occupant: Occupant) -> str:
    """Made of the user and of what the room alone knows, so that nobody else can make it (XEP-0421, 4.1)."""
    if host.faults.has("muc-occupant-id-shows-jid"):
        return occupant.bare
    user = "" if host.faults.has("muc-occupant-id-same-for-all") else occupant.bare
    nick = occupant.nick if host.faults.has("muc-occupant-id-by-nickname") else ""
    made = sha256(f"{room.secret} {user} {nick}".encode()).hexdigest()
    return made * _TOO_MANY if host.faults.has("muc-occupant-id-too-long") else made
