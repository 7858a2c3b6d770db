"""Presence that a room sends: who is there, as what, and who is gone (XEP-0045, 7.2.2, 7.14, 8, 9)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harness.reference.host import Host
from harness.reference.muc.occupant_ids import mark
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.muc.standing import Affiliation, Role
from harness.reference.stanzas import PRESENCE, Element, child_elements, copied, kind_of
from harness.xmpp.elements import build
from harness.xmpp.namespaces import MUC, MUC_USER, Name

X = Name(MUC_USER, "x")
ITEM = Name(MUC_USER, "item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What goes with an announcement: status codes for all, new nickname, reason, who did it, destruction."""

    codes: tuple[int, ...] = ()
    nick: str = ""
    reason: str = ""
    actor: str = ""
    destroy: Element | None = None


NOTHING = Note()


def announce(host: Host, room: Room, occupant: Occupant, *own_codes: int, note: Note = NOTHING) -> None:
    """Show an occupant to everybody; it comes to itself last, with 110 and `own_codes`."""
    for viewer in room.occupants.values():
        if viewer is not occupant:
            show(host, room, occupant, viewer, note=note)
    show_self(host, room, occupant, *own_codes, note=note)


def show(host: Host, room: Room, occupant: Occupant, viewer: Occupant, *, note: Note = NOTHING) -> None:
    """Show an occupant to every session of another."""
    for jid in viewer.sessions:
        show_to(host, room, occupant, viewer, jid, note=note)


def show_to(
    host: Host, room: Room, occupant: Occupant, viewer: Occupant, jid: str, *, note: Note = NOTHING
) -> None:
    """Show an occupant to one session of another."""
    x = _x(host, room, occupant, viewer, note, occupant.role)
    _send(host, room, occupant, viewer, jid, occupant.presence, x)


def show_self(host: Host, room: Room, occupant: Occupant, *codes: int, note: Note = NOTHING) -> None:
    """Send an occupant its own presence."""
    for jid in list(occupant.sessions):
        show_self_to(host, room, occupant, jid, *codes, note=note)


def show_self_to(
    host: Host, room: Room, occupant: Occupant, jid: str, *codes: int, note: Note = NOTHING
) -> None:
    """Send one session of an occupant its own presence."""
    own = Note(codes=(*codes, *note.codes, *_self_code(host)), reason=note.reason, actor=note.actor)
    x = _x(host, room, occupant, occupant, own, occupant.role)
    _send(host, room, occupant, occupant, jid, occupant.presence, x)


def dismiss(
    host: Host, room: Room, occupant: Occupant, note: Note = NOTHING, content: Element | None = None
) -> None:
    """Take an occupant out and tell everybody; `content` is its own unavailable presence, if it sent one."""
    if room.occupants.pop(occupant.nick, None) is None:
        return  # one request may name somebody twice
    farewell(host, room, occupant, note, content, to_self=list(occupant.sessions))


def farewell(
    host: Host,
    room: Room,
    occupant: Occupant,
    note: Note,
    content: Element | None,
    *,
    to_self: Iterable[str],
    to_others: bool = True,
) -> None:
    """Show an occupant as gone: to its own sessions with 110, and to who remains."""
    gone = content if content is not None else build(PRESENCE)
    own = replace(note, codes=(*note.codes, *_self_code(host)))
    role = occupant.role if note.nick else Role.NONE  # under another nickname the role stays
    for jid in to_self:
        x = _x(host, room, occupant, occupant, own, role)
        _send(host, room, occupant, occupant, jid, gone, x, "unavailable")
    if not to_others or host.faults.has("muc-leave-not-told"):
        return
    for viewer in room.occupants.values():
        for jid in viewer.sessions:
            x = _x(host, room, occupant, viewer, note, role)
            _send(host, room, occupant, viewer, jid, gone, x, "unavailable")


def without_muc(stanza: Element) -> Element:
    """A copy without what only the service may say (XEP-0045, 17.3)."""
    copy = copied(stanza)
    for child in child_elements(copy):
        if kind_of(child).namespace in (MUC, MUC_USER):
            copy.remove(child)
    return copy


def statuses(*codes: int) -> list[Element]:
    """Status elements."""
    return [build(Name(MUC_USER, "status"), {"code": str(code)}) for code in codes]


def _self_code(host: Host) -> tuple[int, ...]:
    return () if host.faults.has("muc-self-presence-without-110") else (110,)


def _x(host: Host, room: Room, occupant: Occupant, viewer: Occupant, note: Note, role: Role) -> Element:
    affiliation = Affiliation.NONE if note.destroy is not None else room.affiliation(occupant)
    if host.faults.has("muc-moderator-shown-as-participant"):
        role = min(role, Role.PARTICIPANT)
    attributes = _standing(host, affiliation, role)
    is_told = bool(note.actor) and host.faults.has("muc-changes-show-addresses")
    if is_told or may_see_jids(host, room, viewer):
        attributes["jid"] = (
            occupant.jid.partition("/")[0] if host.faults.has("muc-jid-bare") else occupant.jid
        )
    if note.nick:
        attributes["nick"] = note.nick
    details = [build(Name(MUC_USER, "actor"), {"nick": note.actor})] if note.actor else []
    if note.reason:
        details.append(build(Name(MUC_USER, "reason"), {}, note.reason))
    content = [build(ITEM, attributes, *details), *statuses(*sorted(note.codes))]
    if note.destroy is not None and not host.faults.has("muc-destroy-without-element"):
        content.append(copied(note.destroy))
    return build(X, {}, *content)


def _standing(host: Host, affiliation: Affiliation, role: Role) -> dict[str, str]:
    attributes = {"affiliation": affiliation.word, "role": role.word}
    if host.faults.has("muc-owner-shown-as-admin") and affiliation is Affiliation.OWNER:
        attributes["affiliation"] = Affiliation.ADMIN.word
    if host.faults.has("muc-participants-shown-as-visitors") and role is Role.PARTICIPANT:
        attributes["role"] = Role.VISITOR.word
    if host.faults.has("muc-affiliation-missing"):
        del attributes["affiliation"]
    if host.faults.has("muc-role-missing"):
        del attributes["role"]
    return attributes


def may_see_jids(host: Host, room: Room, viewer: Occupant) -> bool:
    """Tell whether an occupant sees full JIDs (XEP-0045, 7.2.3 and 7.2.4)."""
    if host.faults.has("muc-jid-shown-to-all"):
        return True
    if host.faults.has("muc-jid-never-shown"):
        return False
    return viewer.role is Role.MODERATOR or not room.configuration.is_anonymous


def _send(
    host: Host,
    room: Room,
    occupant: Occupant,
    viewer: Occupant,
    jid: str,
    content: Element,
    x: Element,
    type: str | None = None,
) -> None:
    keeps_all = host.faults.has("muc-forged-x-reflected")
    copy = copied(content) if keeps_all else without_muc(content)
    sent = copied(copy, sender=room.occupant_jid(occupant.nick), to=jid, type=type)
    mark(host, room, occupant, sent)
    if jid not in viewer.old:  # those who came by groupchat 1.0 do not know the element
        sent.append(x)
    host.deliver(sent)
