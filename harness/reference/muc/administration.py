"""Who may do what: roles and affiliations, their lists and changes (XEP-0045, 8 to 10)."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.reference.muc.announcements import Note, announce, dismiss, may_see_jids
from harness.reference.muc.invitations import welcome_member
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.muc.standing import AFFILIATIONS, ROLES, Affiliation, Role, role_on_entry
from harness.reference.stanzas import Answer, Element, Refused, Result, text_of
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import MUC_ADMIN, Name

QUERY = Name(MUC_ADMIN, "query")
_ITEM = Name(MUC_ADMIN, "item")
_REASON = Name(MUC_ADMIN, "reason")


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who asks: the occupant, if it is one, its bare JID and affiliation."""

    bare: str
    affiliation: Affiliation
    occupant: Occupant | None

    @property
    def role(self) -> Role:
        """The role; an admin outside the room has the rights of a moderator all the same."""
        if self.occupant is not None:
            return self.occupant.role
        return Role.MODERATOR if self.affiliation >= Affiliation.ADMIN else Role.NONE

    @property
    def nick(self) -> str:
        """The nickname, or nothing for one outside."""
        return self.occupant.nick if self.occupant is not None else ""


Change = Callable[[], None]


def actor_of(room: Room, jid: str) -> Actor:
    """Who a full JID is to the room."""
    bare = jid.partition("/")[0]
    return Actor(bare=bare, affiliation=room.affiliation_of(bare), occupant=room.occupant_at(jid))


def get_list(host: Host, room: Room, stanza: Element, query: Element) -> Answer:
    """A list of those who have an affiliation or a role."""
    items = list(children(query, _ITEM))
    actor = actor_of(room, stanza.get("from", ""))
    if len(items) != 1:
        return Refused(condition="bad-request")
    affiliation, role = items[0].get("affiliation"), items[0].get("role")
    if affiliation in AFFILIATIONS and role is None:
        return _affiliation_list(host, room, actor, AFFILIATIONS[affiliation])
    if role in ROLES and affiliation is None:
        return _role_list(host, room, actor, ROLES[role])
    return Refused(condition="bad-request")


def set_list(host: Host, room: Room, stanza: Element, query: Element) -> Answer:
    """Changes of roles or affiliations; all of them, or none (XEP-0045, 9.2)."""
    actor = actor_of(room, stanza.get("from", ""))
    changes: list[Change] = []
    for item in children(query, _ITEM):
        planned = _plan(host, room, actor, item)
        if isinstance(planned, Refused):
            return planned
        changes.append(planned)
    if not changes:
        return Refused(condition="bad-request")

    def carry_out() -> None:
        for change in changes:
            change()

    return Result(afterwards=carry_out)


def change_affiliation(host: Host, room: Room, bare: str, affiliation: Affiliation, note: Note) -> None:
    """Give a bare JID an affiliation, with all that follows for who is present."""
    before = room.affiliation_of(bare)
    if affiliation is Affiliation.OUTCAST and host.faults.has("muc-ban-forgotten"):
        room.set_affiliation(bare, Affiliation.NONE)
    else:
        room.set_affiliation(bare, affiliation)
    if affiliation is Affiliation.OUTCAST:
        room.reserved.pop(bare, None)
    present = [
        each for each in room.occupants.values() if each.bare == bare or _is_in_domain(each.bare, bare)
    ]
    for occupant in present:
        _adjust(host, room, occupant, affiliation, note)
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
        dismiss(host, room, occupant, Note(codes=(321,), reason=note.reason, actor=note.actor))
    else:
        entry = role_on_entry(affiliation, moderated=room.configuration.moderatedroom)
        lost = occupant.role is Role.MODERATOR and affiliation < Affiliation.ADMIN
        occupant.role = entry if lost else max(entry, occupant.role)
        if not host.faults.has("muc-affiliation-change-not-told"):
            announce(host, room, occupant, note=note)


def _affiliation_list(host: Host, room: Room, actor: Actor, affiliation: Affiliation) -> Answer:
    if not host.faults.has("muc-lists-open") and actor.affiliation < _least_for_list(room, affiliation):
        return Refused(condition="forbidden")
    found = room.having(affiliation)
    if host.faults.has("muc-list-empty"):
        found = []
    items = [build(_ITEM, {"affiliation": affiliation.word, "jid": bare}) for bare in found]
    return Result(payload=build(QUERY, {}, *items))


def _least_for_list(room: Room, affiliation: Affiliation) -> Affiliation:
    """Who may read a list (XEP-0045, 9.2, 9.5, 10.5, 10.8)."""
    if affiliation >= Affiliation.ADMIN:
        return Affiliation.OWNER
    if affiliation is Affiliation.MEMBER and not room.configuration.is_anonymous:
        return Affiliation.MEMBER
    return Affiliation.ADMIN


def _role_list(host: Host, room: Room, actor: Actor, role: Role) -> Answer:
    needs_admin = role is Role.MODERATOR and actor.affiliation < Affiliation.ADMIN
    if actor.role is not Role.MODERATOR or needs_admin:
        return Refused(condition="forbidden")
    items = [_role_item(host, room, actor, each) for each in room.occupants.values() if each.role is role]
    return Result(payload=build(QUERY, {}, *items))


def _role_item(host: Host, room: Room, actor: Actor, occupant: Occupant) -> Element:
    attributes = {"nick": occupant.nick, "role": occupant.role.word}
    attributes["affiliation"] = room.affiliation(occupant).word
    if actor.occupant is None or may_see_jids(host, room, actor.occupant):
        attributes["jid"] = occupant.jid
    return build(_ITEM, attributes)


def _plan(host: Host, room: Room, actor: Actor, item: Element) -> Change | Refused:
    """The change that an item asks for, or why it cannot be."""
    note = Note(reason=text_of(item, _REASON), actor=actor.nick)
    affiliation, role = item.get("affiliation"), item.get("role")
    if role in ROLES and affiliation is None:
        return _plan_role(host, room, actor, item, ROLES[role], note)
    if affiliation in AFFILIATIONS and role is None:
        return _plan_affiliation(host, room, actor, item, AFFILIATIONS[affiliation], note)
    return Refused(condition="bad-request")


def _plan_role(
    host: Host, room: Room, actor: Actor, item: Element, role: Role, note: Note
) -> Change | Refused:
    occupant = room.occupants.get(item.get("nick", ""))
    if occupant is not None and occupant is actor.occupant and host.faults.has("muc-own-role-free"):
        return lambda: _change_role(host, room, occupant, role, note)
    if actor.role is not Role.MODERATOR and not host.faults.has("muc-kick-by-anybody"):
        return Refused(condition="forbidden")
    if not item.get("nick"):
        return Refused(condition="bad-request")
    if occupant is None:
        return Refused(condition="item-not-found")
    refused = _why_no_role(room, actor, occupant, role)
    if refused is not None and not host.faults.has("muc-owner-may-be-kicked"):
        return refused
    return lambda: _change_role(host, room, occupant, role, note)


def _why_no_role(room: Room, actor: Actor, occupant: Occupant, role: Role) -> Refused | None:
    """The limits of moderators and admins (XEP-0045, 5.1.1, 8.2, 8.4, 9.6, 9.7)."""
    theirs = room.affiliation(occupant)
    if role in (Role.NONE, Role.VISITOR) and theirs > actor.affiliation:
        return Refused(condition="not-allowed")
    touches_moderator = Role.MODERATOR in (role, occupant.role) and role is not Role.NONE
    if touches_moderator and actor.affiliation < Affiliation.ADMIN:
        return Refused(condition="forbidden")
    if role in (Role.VISITOR, Role.PARTICIPANT) and theirs >= Affiliation.ADMIN:
        return Refused(condition="not-allowed")
    return None


def _change_role(host: Host, room: Room, occupant: Occupant, role: Role, note: Note) -> None:
    if role is Role.NONE:
        codes = () if host.faults.has("muc-kick-without-307") else (307,)
        actor = note.actor
        dismiss(host, room, occupant, Note(codes=codes, reason=note.reason, actor=actor))
        return
    occupant.role = role
    if not host.faults.has("muc-role-change-not-told"):
        announce(host, room, occupant, note=note)


def _plan_affiliation(
    host: Host, room: Room, actor: Actor, item: Element, affiliation: Affiliation, note: Note
) -> Change | Refused:
    bare = _bare_jid_of(room, item)
    if actor.affiliation < Affiliation.ADMIN and not host.faults.has("muc-ban-by-anybody"):
        return Refused(condition="forbidden")
    if bare is None:
        return Refused(condition="bad-request" if not item.get("jid") else "jid-malformed")
    refused = _why_no_affiliation(host, room, actor, bare, affiliation)
    if refused is not None:
        return refused
    return lambda: change_affiliation(host, room, bare, affiliation, note)


def _bare_jid_of(room: Room, item: Element) -> str | None:
    """Whom an item means; a full JID counts as its bare one (XEP-0045, 10.3)."""
    if item.get("jid"):
        address = parse(item.get("jid", ""))
        return address.bare if address is not None else None
    occupant = room.occupants.get(item.get("nick", ""))
    return occupant.bare if occupant is not None else None


def _why_no_affiliation(
    host: Host, room: Room, actor: Actor, bare: str, affiliation: Affiliation
) -> Refused | None:
    """The limits of admins and owners (XEP-0045, 5.2.2, 9.1, 10.3 to 10.8)."""
    theirs = room.affiliation_of(bare)
    if affiliation is Affiliation.OUTCAST and bare == actor.bare:
        return Refused(condition="conflict")
    last = theirs is Affiliation.OWNER and affiliation is not theirs and len(room.having(theirs)) == 1
    if last and actor.affiliation is Affiliation.OWNER and not host.faults.has("muc-last-owner-may-go"):
        return Refused(condition="conflict")
    if actor.affiliation is Affiliation.OWNER:
        return None
    if affiliation is Affiliation.OUTCAST and theirs >= Affiliation.ADMIN:
        return Refused(condition="not-allowed")
    if max(theirs, affiliation) >= Affiliation.ADMIN and not host.faults.has("muc-admin-makes-owners"):
        return Refused(condition="forbidden")
    return None
