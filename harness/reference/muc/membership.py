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
    bare, faults = stanza.get("from", "").partition("/")[0], host.faults
    if room.affiliation_of(bare) is Affiliation.OUTCAST and not faults.has("muc-outcast-may-register"):
        return Refused(condition="not-allowed")
    if faults.has("muc-register-unsupported-misnamed"):
        return Refused(condition="feature-not-implemented")
    if faults.has("muc-register-without-form"):
        return Result(payload=build(QUERY))
    if bare in room.reserved and not faults.has("muc-registered-not-told"):
        username = build(Name(REGISTER, "username"), {}, room.reserved[bare])
        return Result(payload=build(QUERY, {}, build(Name(REGISTER, "registered")), username))
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
    if given is None and host.faults.has("muc-register-takes-anything"):
        return Result()
    if given is None or values.get("FORM_TYPE") != (_PURPOSE,) or not nick:
        return Refused(condition="bad-request")
    holder = room.occupants.get(nick)
    taken = any(owner != bare and name == nick for owner, name in room.reserved.items())
    if taken or (holder is not None and holder.bare != bare):
        return Refused(
            condition="not-allowed" if host.faults.has("muc-register-conflict-misnamed") else "conflict"
        )
    if host.faults.has("muc-register-refused"):
        return Refused(condition="not-acceptable")
    room.reserved[bare] = nick
    if room.affiliation_of(bare) >= Affiliation.MEMBER or host.faults.has("muc-registered-stays-stranger"):
        return Result()
    return Result(afterwards=lambda: change_affiliation(host, room, bare, Affiliation.MEMBER, Note()))
