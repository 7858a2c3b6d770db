"""The room service: which room a stanza is for, and which module handles it."""

from collections.abc import Callable, Mapping

from harness.reference.answers import answer
from harness.reference.host import Host
from harness.reference.information import PING_NAME, VERSION_NAME, version_fields
from harness.reference.legacy import BROWSE_NAMES
from harness.reference.muc import (
    administration,
    conference,
    discovery,
    entrance,
    invitations,
    membership,
    ownership,
    talk,
)
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.settings import Feature
from harness.reference.stanzas import (
    IQ,
    PRESENCE,
    Answer,
    Element,
    Refused,
    Result,
    child_elements,
    copied,
    is_request,
    kind_of,
    payload_of,
    type_of,
)
from harness.xmpp.elements import first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import DISCO_INFO, DISCO_ITEMS, Name

_INFO = Name(DISCO_INFO, "query")
_ITEMS = Name(DISCO_ITEMS, "query")

RoomHandler = Callable[[Host, Room, Element, Element], Answer]


def _pong(_host: Host, _room: Room, _stanza: Element, _payload: Element) -> Answer:
    return Result()


#: What a room answers, by type and payload.
ROOM_HANDLERS: Mapping[tuple[str, Name], RoomHandler] = {
    ("get", _INFO): discovery.room_info,
    ("get", _ITEMS): discovery.room_items,
    ("get", administration.QUERY): administration.get_list,
    ("set", administration.QUERY): administration.set_list,
    ("get", ownership.QUERY): ownership.get_form,
    ("set", ownership.QUERY): ownership.set_form,
    ("get", membership.QUERY): membership.get_form,
    ("set", membership.QUERY): membership.set_form,
    ("get", PING_NAME): _pong,
    ("get", conference.QUERY): conference.get_needs,
    ("set", conference.QUERY): conference.claim_nick,
    **{("get", name): conference.browse for name in BROWSE_NAMES},
}


class RoomService:
    """All rooms of one domain."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._dead: set[str] = set()

    def __call__(self, host: Host, stanza: Element, to: Jid) -> None:
        """Take a stanza for the service, a room or an occupant."""
        kind = kind_of(stanza)
        if to.local in self._dead:
            return
        if not to.local:
            self._service(host, stanza)
        elif kind == PRESENCE:
            self._presence(host, stanza, to)
        elif kind == IQ:
            self._iq(host, stanza, to)
        else:
            self._message(host, stanza, to)
        self._forget_empty(host)

    def _room(self, to: Jid) -> Room | None:
        return self._rooms.get(to.local)

    def _forget_empty(self, host: Host) -> None:
        """A temporary room ends with its last occupant; one that is locked is given up (XEP-0045, 10.1.3)."""
        for name, room in list(self._rooms.items()):
            lasts = room.configuration.persistentroom and not room.is_locked
            lasts = lasts or (room.is_locked and host.faults.has("muc-given-up-room-stays"))
            if room.is_gone or not (room.occupants or lasts):
                del self._rooms[name]

    def _service(self, host: Host, stanza: Element) -> None:
        if is_request(stanza):
            answer(host, stanza, self._service_answer(host, stanza))

    def _service_answer(self, host: Host, stanza: Element) -> Answer:
        payload = payload_of(stanza)
        name = kind_of(payload) if payload is not None else None
        if payload is None or type_of(stanza) != "get":
            return Refused(condition="service-unavailable")
        if name == _INFO:
            return discovery.service_info(host, payload.get("node"))
        if name == _ITEMS:
            return discovery.service_items(host, self._rooms.values(), payload.get("node"))
        if name in BROWSE_NAMES and host.settings.has(Feature.LEGACY):
            return conference.browse_service(host, list(self._rooms.values()))
        if name == VERSION_NAME:
            return version_fields(host)
        return Result() if name == PING_NAME else Refused(condition="service-unavailable")

    def _presence(self, host: Host, stanza: Element, to: Jid) -> None:
        room = self._room(to)
        kind = "" if _is_entering_probe(host, stanza) else type_of(stanza)
        if kind == "":
            if room is None and host.faults.has("muc-creation-refusal-misnamed"):
                host.refuse(stanza, Refused(condition="forbidden"))
                return
            if room is None:
                room = self._rooms[to.local] = _new_room(host, to)
            if to.resource or not _is_conference(host, stanza):
                entrance.arrive(host, room, stanza, to)
        elif kind in ("unavailable", "error", *_more_exits(host)) and room is not None:
            entrance.leave(host, room, stanza)

    def _message(self, host: Host, stanza: Element, to: Jid) -> None:
        room = self._room(to)
        if room is None or (room.is_locked and room.occupant_at(stanza.get("from", "")) is None):
            host.refuse(stanza, Refused(condition="item-not-found"))
        elif type_of(stanza) == "error":
            entrance.bounce(host, room, stanza)
        elif to.resource:
            talk.say_to_one(host, room, stanza, to)
        elif type_of(stanza) == "groupchat":
            talk.say_to_all(host, room, stanza)
        else:
            invitations.receive(host, room, stanza)

    def _iq(self, host: Host, stanza: Element, to: Jid) -> None:
        room = self._room(to)
        if room is not None and _is_deadly(host, stanza):
            host.complain(f"error in the room {to.local}: there is no item")
            self._dead.add(to.local)
            return
        if room is None and host.faults.has("muc-no-room-registers-wrongly") and _is_registration(stanza):
            host.refuse(stanza, Refused(condition="bad-request"))
        elif room is not None and bool(to.resource):
            _to_occupant(host, room, stanza, to)
        elif is_request(stanza):
            if room is None and _opens_conference(host, stanza):
                room = self._rooms[to.local] = _new_room(host, to)
            answer(host, stanza, _room_answer(host, room, stanza))


def _new_room(host: Host, to: Jid) -> Room:
    return Room(address=to.with_resource(""), secret=host.fresh())


def _is_entering_probe(host: Host, stanza: Element) -> bool:
    return type_of(stanza) == "probe" and host.faults.has("muc-probe-enters")


def _more_exits(host: Host) -> tuple[str, ...]:
    return ("probe",) if host.faults.has("muc-probe-leaves") else ()


def _is_registration(stanza: Element) -> bool:
    payload = payload_of(stanza)
    return payload is not None and kind_of(payload) == membership.QUERY


def _is_deadly(host: Host, stanza: Element) -> bool:
    payload = payload_of(stanza) if host.faults.has("bad-admin-query-kills-room") else None
    return payload is not None and kind_of(payload) == administration.QUERY and not child_elements(payload)


def _is_conference(host: Host, stanza: Element) -> bool:
    """Presence without `x` to a bare room JID began the old protocol; it says nothing yet."""
    return host.settings.has(Feature.LEGACY) and first(stanza, entrance.JOIN) is None


def _opens_conference(host: Host, stanza: Element) -> bool:
    """The old protocol made a room by claiming a nickname in it."""
    payload = payload_of(stanza)
    is_claim = payload is not None and kind_of(payload) == conference.QUERY and type_of(stanza) == "set"
    return is_claim and host.settings.has(Feature.LEGACY)


def _room_answer(host: Host, room: Room | None, stanza: Element) -> Answer:
    payload = payload_of(stanza)
    if room is None or payload is None:
        return Refused(condition="item-not-found")
    handler = ROOM_HANDLERS.get((type_of(stanza), kind_of(payload)))
    return handler(host, room, stanza, payload) if handler else Refused(condition="service-unavailable")


def _to_occupant(host: Host, room: Room, stanza: Element, to: Jid) -> None:
    """An iq from occupant to occupant goes on under occupant JIDs (XEP-0045, 17.4)."""
    sender = room.occupant_at(stanza.get("from", ""))
    target = room.occupants.get(to.resource)
    if sender is None:
        host.refuse(stanza, Refused(condition=_why_not_to_occupant(host, stanza)))
    elif target is None:
        host.refuse(stanza, Refused(condition="item-not-found"))
    elif target is sender and _is_answered_ping(host, stanza):
        answer(host, stanza, Result())  # XEP-0410: who asks whether it is still in the room is told
    else:
        _forward(host, room, sender, target, stanza)


def _why_not_to_occupant(host: Host, stanza: Element) -> str:
    """The condition for somebody outside (XEP-0045, 6.6; XEP-0410, 3.2)."""
    if any(kind_of(child) in (_INFO, _ITEMS) for child in stanza):
        return "not-acceptable" if host.faults.has("muc-stranger-asks-occupants") else "bad-request"
    is_ping = any(kind_of(child) == PING_NAME for child in stanza)
    is_wrong = is_ping and host.faults.has("muc-self-ping-outside-not-found")
    return "item-not-found" if is_wrong else "not-acceptable"


def _is_answered_ping(host: Host, stanza: Element) -> bool:
    payload = payload_of(stanza)
    is_ping = is_request(stanza) and payload is not None and kind_of(payload) == PING_NAME
    return is_ping and not host.faults.has("muc-self-ping-passed-on")


def _forward(host: Host, room: Room, sender: Occupant, target: Occupant, stanza: Element) -> None:
    shown = (
        stanza.get("from", "") if host.faults.has("muc-iq-shows-real-jid") else room.occupant_jid(sender.nick)
    )
    host.deliver(copied(stanza, sender=shown, to=target.jid))
