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
    PING,
    REGISTER,
    VERSION,
)

_STABLE_ID = f"{MUC}#stable_id"
_TRAFFIC = f"{MUC}#traffic"
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
        nick = room.reserved.get(stanza.get("from", "").partition("/")[0])
        identities = [("conference", "text", nick)] if nick else []
        return Result(payload=description(node, identities, []))
    if node == _TRAFFIC:
        return Refused(condition="feature-not-implemented")
    if node:
        return Refused(condition="item-not-found")
    features = [DISCO_INFO, DISCO_ITEMS, MUC, _STABLE_ID, REGISTER, *_traits(room)]
    if host.faults.has("muc-room-features-missing"):
        features = [DISCO_INFO]
    payload = description(None, [("conference", "text", _name(room))], features)
    payload.append(_room_form(room))
    return Result(payload=payload)


def room_items(_host: Host, _room: Room, _stanza: Element, query: Element) -> Answer:
    """The list of occupants is private here."""
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
