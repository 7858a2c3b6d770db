"""Service discovery of the room service, of rooms and of occupants (XEP-0045, 6)."""

from collections.abc import Iterable

from harness.reference.discovery import description, listing
from harness.reference.forms import Field, form
from harness.reference.host import Host
from harness.reference.muc.rooms import Room
from harness.reference.settings import Feature
from harness.reference.stanzas import Answer, Element, Refused, Result
from harness.xmpp.namespaces import (
    BROWSE,
    DISCO_INFO,
    DISCO_ITEMS,
    IQ_CONFERENCE,
    MUC,
    OCCUPANT_ID,
    PING,
    REGISTER,
    VERSION,
)

_STABLE_ID = f"{MUC}#stable_id"
_TRAFFIC = f"{MUC}#traffic"
_SELF_PING = f"{MUC}#self-ping-optimization"
_ROOM_NICK = "x-roomuser-item"


def service_info(host: Host, node: str | None) -> Answer:
    """What the service is."""
    if node:
        return Refused(condition="item-not-found")
    features = [DISCO_INFO, DISCO_ITEMS, MUC, _STABLE_ID, PING, VERSION]
    if host.settings.has(Feature.LEGACY):
        features += ["gc-1.0", BROWSE, IQ_CONFERENCE]
    if host.faults.has("muc-feature-missing"):
        features.remove(MUC)
    return Result(payload=description(None, [("conference", "text", "Chat rooms")], features))


def service_items(host: Host, rooms: Iterable[Room], node: str | None) -> Answer:
    """The public rooms."""
    if node:
        return Refused(condition="item-not-found")
    hidden = host.faults.has("muc-hidden-room-listed")
    shown = [room for room in rooms if room.configuration.publicroom or hidden]
    if host.faults.has("muc-public-room-not-listed"):
        shown = []
    return Result(payload=listing(None, [(room.jid, _name(room)) for room in shown]))


def room_info(host: Host, room: Room, stanza: Element, query: Element) -> Answer:
    """What a room is; two nodes have answers of their own."""
    node = query.get("node")
    if node == _ROOM_NICK:
        return _nick_of(host, room, stanza.get("from", ""))
    if node == _TRAFFIC:
        is_wrong = host.faults.has("muc-traffic-node-bad-request")
        return Refused(condition="bad-request" if is_wrong else "feature-not-implemented")
    if node:
        return Refused(condition="item-not-found")
    features = [DISCO_INFO, DISCO_ITEMS, MUC, _STABLE_ID, REGISTER, *_traits(room)]
    if not host.faults.has("muc-self-ping-not-listed"):
        features.append(_SELF_PING)
    if not host.faults.has("muc-occupant-ids-not-listed"):
        features.append(OCCUPANT_ID)
    if host.faults.has("muc-room-features-missing"):
        features = [DISCO_INFO]
    payload = description(None, [("conference", "text", _name(room))], features)
    payload.append(_room_form(room))
    return Result(payload=payload)


def _nick_of(host: Host, room: Room, jid: str) -> Answer:
    """The nickname that is kept for who asks (XEP-0045, 7.12)."""
    nick = room.reserved.get(jid.partition("/")[0], "")
    is_locked = host.faults.has("muc-nickname-locked-in-secret")
    if is_locked or (
        room.occupant_at(jid) is not None and host.faults.has("muc-nickname-asked-outside-only")
    ):
        return Refused(condition="feature-not-implemented")
    if host.faults.has("muc-nickname-node-unavailable"):
        return Refused(condition="service-unavailable")
    if not nick and host.faults.has("muc-nickname-of-nobody"):
        nick = room.address.local
    identities = [("conference", "text", nick)] if nick else []
    if nick and host.faults.has("muc-nickname-not-named"):
        identities = [("conference", "text", _name(room))]
    return Result(payload=description(_ROOM_NICK, identities, []))


def room_items(host: Host, _room: Room, _stanza: Element, query: Element) -> Answer:
    """The list of occupants is private here."""
    if host.faults.has("muc-room-items-refused"):
        return Refused(condition="service-unavailable")
    return Refused(condition="item-not-found") if query.get("node") else Result(payload=listing(None, []))


def _name(room: Room) -> str:
    return room.configuration.roomname or room.address.local


def _traits(room: Room) -> list[str]:
    configuration = room.configuration
    return [
        "muc_passwordprotected" if configuration.passwordprotectedroom else "muc_unsecured",
        "muc_public" if configuration.publicroom else "muc_hidden",
        "muc_persistent" if configuration.persistentroom else "muc_temporary",
        "muc_membersonly" if configuration.membersonly else "muc_open",
        "muc_moderated" if configuration.moderatedroom else "muc_unmoderated",
        "muc_semianonymous" if configuration.is_anonymous else "muc_nonanonymous",
    ]


def _room_form(room: Room) -> Element:
    subject = room.subject.stanza.findtext("{jabber:client}subject") if room.subject else ""
    fields = (
        Field(var="muc#roominfo_description", type="text-single", values=(room.configuration.roomdesc,)),
        Field(var="muc#roominfo_occupants", type="text-single", values=(str(len(room.occupants)),)),
        Field(var="muc#roominfo_subject", type="text-single", values=(subject or "",)),
    )
    return form(f"{MUC}#roominfo", fields, type="result")
