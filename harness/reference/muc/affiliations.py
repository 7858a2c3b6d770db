"""A change of affiliation, and what follows for who is present (XEP-0045, 9 and 10)."""

from harness.reference.host import Host
from harness.reference.muc.announcements import ITEM, Note, X, announce, dismiss
from harness.reference.muc.invitations import welcome_member
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.muc.standing import Affiliation, Role, role_on_entry
from harness.reference.stanzas import MESSAGE
from harness.xmpp.elements import build


def change_affiliation(host: Host, room: Room, bare: str, affiliation: Affiliation, note: Note) -> None:
    """Give a bare JID an affiliation, with all that follows for who is present."""
    before = room.affiliation_of(bare)
    if affiliation is Affiliation.OUTCAST and host.faults.has("muc-ban-forgotten"):
        room.set_affiliation(bare, Affiliation.NONE)
    else:
        room.set_affiliation(bare, affiliation)
    if affiliation is Affiliation.OUTCAST and not host.faults.has("muc-ban-keeps-nickname"):
        room.reserved.pop(bare, None)
    present = [
        each for each in room.occupants.values() if each.bare == bare or _is_in_domain(each.bare, bare)
    ]
    for occupant in present:
        _adjust(host, room, occupant, affiliation, note)
    if not present and host.faults.has("muc-absent-told-without-code"):
        x = build(X, {}, build(ITEM, {"affiliation": affiliation.word, "role": Role.NONE.word}))
        host.route(build(MESSAGE, {"from": room.jid, "to": bare}, x))
    is_new = before is Affiliation.NONE and affiliation is Affiliation.MEMBER
    if is_new and room.configuration.membersonly and not present:
        welcome_member(host, room, bare)


def _is_in_domain(bare: str, domain: str) -> bool:
    return "@" not in domain and bare.endswith(f"@{domain}")


def _adjust(host: Host, room: Room, occupant: Occupant, affiliation: Affiliation, note: Note) -> None:
    if affiliation is Affiliation.OUTCAST:
        codes = () if host.faults.has("muc-ban-without-301") else (301,)
        dismiss(host, room, occupant, Note(codes=codes, reason=note.reason, actor=note.actor))
    elif affiliation is Affiliation.NONE and room.configuration.membersonly:
        _send_out(host, room, occupant, note)
    else:
        entry = role_on_entry(affiliation, moderated=room.configuration.moderatedroom)
        lost = occupant.role is Role.MODERATOR and affiliation < Affiliation.ADMIN
        occupant.role = entry if lost else max(entry, occupant.role)
        if not host.faults.has("muc-affiliation-change-not-told"):
            announce(host, room, occupant, note=note)


def _send_out(host: Host, room: Room, occupant: Occupant, note: Note) -> None:
    """Who is no member any more does not stay in a members-only room (XEP-0045, 9.4)."""
    if host.faults.has("muc-lost-member-shown-first"):
        announce(host, room, occupant, note=note)
    codes = () if host.faults.has("muc-lost-member-without-321") else (321,)
    dismiss(host, room, occupant, Note(codes=codes, reason=note.reason, actor=note.actor))
