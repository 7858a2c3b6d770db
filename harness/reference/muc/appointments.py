"""Owners and admins, as the configuration form lists them (XEP-0045, 10.2)."""

from collections.abc import Mapping

from harness.reference.addresses import parse
from harness.reference.forms import Field
from harness.reference.host import Host
from harness.reference.muc.affiliations import change_affiliation
from harness.reference.muc.announcements import Note
from harness.reference.muc.rooms import Room
from harness.reference.muc.standing import Affiliation
from harness.reference.stanzas import Refused

#: The fields, and what who is taken out of each becomes.
_LISTS = (
    ("muc#roomconfig_roomowners", Affiliation.OWNER, Affiliation.ADMIN),
    ("muc#roomconfig_roomadmins", Affiliation.ADMIN, Affiliation.NONE),
)


def appointed(room: Room) -> list[Field]:
    """The fields of the form, as things are."""
    return [
        Field(var=var, type="jid-multi", values=tuple(room.having(affiliation)))
        for var, affiliation, _ in _LISTS
    ]


def planned(
    host: Host, room: Room, values: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Affiliation] | Refused:
    """Who becomes what: the fields are the full lists, and one that is left out stays as it was."""
    changes: dict[str, Affiliation] = {}
    for var, affiliation, otherwise in _LISTS:
        given = {str(parse(each) or "").partition("/")[0] for each in values.get(var, ()) if each}
        if "" in given:
            return Refused(condition="not-acceptable")
        if var in values:
            changes |= {bare: otherwise for bare in room.having(affiliation) if bare not in given}
            changes |= {bare: affiliation for bare in given if room.affiliation_of(bare) is not affiliation}
    owners = {bare for bare in room.having(Affiliation.OWNER) if bare not in changes}
    is_left = bool(owners) or Affiliation.OWNER in changes.values()
    if not is_left and not host.faults.has("muc-last-owner-may-go"):
        return Refused(condition="conflict")
    return changes


def appoint(host: Host, room: Room, changes: Mapping[str, Affiliation]) -> None:
    """Change the affiliations, which shows who is present."""
    for bare, affiliation in sorted(changes.items()):
        change_affiliation(host, room, bare, affiliation, Note())
