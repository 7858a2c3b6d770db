"""Who asks something of a room, and what roles and affiliations allow (XEP-0045, 5, 8 to 10)."""

from dataclasses import dataclass

from harness.reference.host import Host
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.muc.standing import Affiliation, Role
from harness.reference.stanzas import Refused


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


def actor_of(room: Room, jid: str) -> Actor:
    """Who a full JID is to the room."""
    bare = jid.partition("/")[0]
    return Actor(bare=bare, affiliation=room.affiliation_of(bare), occupant=room.occupant_at(jid))


def least_for_list(room: Room, affiliation: Affiliation) -> Affiliation:
    """Who may read a list (XEP-0045, 9.2, 9.5, 10.5, 10.8)."""
    if affiliation >= Affiliation.ADMIN:
        return Affiliation.OWNER
    if affiliation is Affiliation.MEMBER and not room.configuration.is_anonymous:
        return Affiliation.MEMBER
    return Affiliation.ADMIN


def why_no_role(host: Host, room: Room, actor: Actor, occupant: Occupant, role: Role) -> Refused | None:
    """The limits of moderators and admins (XEP-0045, 5.1.1, 8.2, 8.4, 9.6, 9.7)."""
    if host.faults.has("muc-owner-may-be-kicked") and role is Role.NONE:
        return None
    if host.faults.has("muc-owner-may-be-silenced") and role is Role.VISITOR:
        return None
    if host.faults.has("muc-owner-may-be-degraded") and role is Role.PARTICIPANT:
        return None
    theirs = room.affiliation(occupant)
    if role in (Role.NONE, Role.VISITOR) and theirs > actor.affiliation:
        return Refused(condition="not-allowed")
    touches_moderator = Role.MODERATOR in (role, occupant.role) and role is not Role.NONE
    if touches_moderator and actor.affiliation < Affiliation.ADMIN:
        return Refused(condition="forbidden")
    if role in (Role.VISITOR, Role.PARTICIPANT) and theirs >= Affiliation.ADMIN:
        return Refused(condition="not-allowed")
    return None


def why_no_affiliation(
    host: Host, room: Room, actor: Actor, bare: str, affiliation: Affiliation
) -> Refused | None:
    """The limits of admins and owners (XEP-0045, 5.2.2, 9.1, 10.3 to 10.8)."""
    theirs, faults = room.affiliation_of(bare), host.faults
    if affiliation is Affiliation.OUTCAST and bare == actor.bare and not faults.has("muc-self-ban-accepted"):
        return Refused(condition="conflict")
    loses_ownership = theirs is Affiliation.OWNER and affiliation is not theirs
    if actor.affiliation is Affiliation.OWNER:
        return _why_no_resignation(host, room, actor, bare) if loses_ownership else None
    if affiliation is Affiliation.OUTCAST and _ban_each_other(host, theirs):
        return None
    if affiliation is Affiliation.OUTCAST and theirs >= Affiliation.ADMIN:
        return None if faults.has("muc-admin-bans-owner") else Refused(condition="not-allowed")
    if max(theirs, affiliation) >= Affiliation.ADMIN and not faults.has("muc-admin-makes-owners"):
        return Refused(condition="forbidden")
    return None


def _ban_each_other(host: Host, theirs: Affiliation) -> bool:
    return theirs is Affiliation.ADMIN and host.faults.has("muc-admins-ban-admins")


def _why_no_resignation(host: Host, room: Room, actor: Actor, bare: str) -> Refused | None:
    """A room has always an owner (XEP-0045, 10 and 10.4)."""
    is_last = len(room.having(Affiliation.OWNER)) == 1
    if is_last and not host.faults.has("muc-last-owner-may-go"):
        return Refused(condition="conflict")
    if bare != actor.bare and host.faults.has("muc-owner-removal-misnamed"):
        return Refused(condition="not-allowed")
    return None
