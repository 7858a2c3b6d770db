"""Registering with a room: a nickname and membership (XEP-0045, 7.10)."""

from harness.reference.addresses import prepare_resourcepart
from harness.reference.forms import Field, form, submitted
from harness.reference.forms import X as FORM
from harness.reference.host import Host
from harness.reference.muc.affiliations import change_affiliation
from harness.reference.muc.announcements import Note
from harness.reference.muc.rooms import Room
from harness.reference.muc.standing import Affiliation
from harness.reference.stanzas import Answer, Element, Refused, Result
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import MUC, REGISTER, Name

QUERY = Name(REGISTER, "query")
_PURPOSE = f"{MUC}#register"
_NICK = "muc#register_roomnick"


def get_form(host: Host, room: Room, stanza: Element, _query: Element) -> Answer:
    """The form, or that somebody is registered already."""
    bare = stanza.get("from", "").partition("/")[0]
    if host.faults.has("muc-registration-not-implemented"):
        return Refused(condition="feature-not-implemented")
    if room.affiliation_of(bare) is Affiliation.OUTCAST:
        is_wrong = host.faults.has("muc-banned-registration-forbidden")
        return Refused(condition="forbidden" if is_wrong else "not-allowed")
    if bare in room.reserved and host.faults.has("muc-registered-not-told"):
        return Result(payload=build(QUERY))
    if bare in room.reserved:
        username = build(Name(REGISTER, "username"), {}, room.reserved[bare])
        return Result(payload=build(QUERY, {}, build(Name(REGISTER, "registered")), username))
    if host.faults.has("muc-registration-asks-nothing"):
        return Result(payload=build(QUERY))
    field = Field(var=_NICK, type="text-single", label="Nickname", required=True)
    return Result(payload=build(QUERY, {}, form(_PURPOSE, [field], title="Registration")))


def set_form(host: Host, room: Room, stanza: Element, query: Element) -> Answer:
    """Keep a nickname for somebody, who becomes a member."""
    bare = stanza.get("from", "").partition("/")[0]
    given = first(query, FORM)
    values = submitted(given) if given is not None else {}
    nick = prepare_resourcepart("".join(values.get(_NICK, ())))
    if room.affiliation_of(bare) is Affiliation.OUTCAST:
        return Refused(condition="not-allowed")
    if given is None and host.faults.has("muc-registration-by-nothing"):
        return Result()
    if given is None or values.get("FORM_TYPE") != (_PURPOSE,) or not nick:
        return Refused(condition="bad-request")
    holder = room.occupants.get(nick)
    taken = any(owner != bare and name == nick for owner, name in room.reserved.items())
    if host.faults.has("muc-registered-nickname-given-twice"):
        taken, holder = False, None
    if taken or (holder is not None and holder.bare != bare):
        return Refused(condition="conflict")
    room.reserved[bare] = nick
    if host.faults.has("muc-registration-answered-wrongly"):
        return Refused(condition="internal-server-error")
    if host.faults.has("muc-new-member-not-shown"):
        room.set_affiliation(bare, max(room.affiliation_of(bare), Affiliation.MEMBER))
    if room.affiliation_of(bare) >= Affiliation.MEMBER:
        return Result()
    return Result(afterwards=lambda: change_affiliation(host, room, bare, Affiliation.MEMBER, Note()))
