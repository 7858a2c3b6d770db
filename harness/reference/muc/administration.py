"""Who may do what: roles and affiliations, their lists and changes (XEP-0045, 8 to 10)."""

from collections.abc import Callable

from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.reference.muc.affiliations import change_affiliation
from harness.reference.muc.announcements import Note, announce, dismiss, may_see_jids
from harness.reference.muc.rights import Actor, actor_of, least_for_list, why_no_affiliation, why_no_role
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.muc.standing import AFFILIATIONS, ROLES, Affiliation, Role
from harness.reference.stanzas import Answer, Element, Refused, Result, text_of
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import MUC_ADMIN, Name

QUERY = Name(MUC_ADMIN, "query")
_ITEM = Name(MUC_ADMIN, "item")
_REASON = Name(MUC_ADMIN, "reason")

Change = Callable[[], None]


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
            return _refused(host, planned, changes)
        changes.append(planned)
    if not changes:
        return Refused(condition="bad-request")
    if host.faults.has("muc-only-first-item-counts"):
        del changes[1:]

    def carry_out() -> None:
        for change in changes:
            change()

    return Result(afterwards=carry_out)


def _refused(host: Host, refused: Refused, before: list[Change]) -> Refused:
    """Nothing of a list with a bad item is carried out."""
    for change in before if host.faults.has("muc-list-applied-in-part") else ():
        change()
    return refused


def _affiliation_list(host: Host, room: Room, actor: Actor, affiliation: Affiliation) -> Answer:
    if not host.faults.has("muc-lists-open") and actor.affiliation < least_for_list(room, affiliation):
        return Refused(condition="forbidden")
    found = room.having(affiliation)
    if host.faults.has("muc-list-empty"):
        found = []
    role = {"role": Role.NONE.word} if host.faults.has("muc-affiliation-list-with-roles") else {}
    items = [build(_ITEM, {"affiliation": affiliation.word, "jid": bare, **role}) for bare in found]
    return Result(payload=build(QUERY, {}, *items))


def _role_list(host: Host, room: Room, actor: Actor, role: Role) -> Answer:
    needs_admin = role is Role.MODERATOR and actor.affiliation < Affiliation.ADMIN
    if host.faults.has("muc-role-lists-for-admins-only"):
        needs_admin = actor.affiliation < Affiliation.ADMIN
    if actor.role is not Role.MODERATOR or needs_admin:
        return Refused(condition="forbidden")
    items = [_role_item(host, room, actor, each) for each in room.occupants.values() if each.role is role]
    if host.faults.has("muc-role-list-empty"):
        items = []
    return Result(payload=build(QUERY, {}, *items))


def _role_item(host: Host, room: Room, actor: Actor, occupant: Occupant) -> Element:
    attributes = {"nick": occupant.nick, "role": occupant.role.word}
    attributes["affiliation"] = room.affiliation(occupant).word
    if host.faults.has("muc-role-list-without-nicknames"):
        del attributes["nick"]
    if actor.occupant is None or may_see_jids(host, room, actor.occupant):
        attributes["jid"] = occupant.bare if host.faults.has("muc-role-list-bare-jid") else occupant.jid
    return build(_ITEM, attributes)


def _plan(host: Host, room: Room, actor: Actor, item: Element) -> Change | Refused:
    """The change that an item asks for, or why it cannot be."""
    note = Note(reason=text_of(item, _REASON), actor=actor.nick)
    affiliation, role = item.get("affiliation"), item.get("role")
    if role in ROLES and (affiliation is None or host.faults.has("muc-role-with-affiliation-taken")):
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
    refused = why_no_role(host, room, actor, occupant, role)
    if refused is not None:
        return refused
    return lambda: _change_role(host, room, occupant, role, note)


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
    refused = why_no_affiliation(host, room, actor, bare, affiliation)
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
