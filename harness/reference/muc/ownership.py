"""What owners do: configure a room and destroy it (XEP-0045, 10)."""

from dataclasses import replace

from harness.reference.forms import X as FORM
from harness.reference.forms import submitted
from harness.reference.host import Host
from harness.reference.muc.announcements import Note, X, dismiss, farewell, statuses
from harness.reference.muc.appointments import appoint, appointed, planned
from harness.reference.muc.configuration import Configuration, changed, configuration_form
from harness.reference.muc.rooms import Room
from harness.reference.muc.standing import Affiliation
from harness.reference.stanzas import MESSAGE, Answer, Element, Refused, Result, child_elements, kind_of
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import MUC_OWNER, MUC_USER, Name

QUERY = Name(MUC_OWNER, "query")
_DESTROY = Name(MUC_OWNER, "destroy")


def get_form(host: Host, room: Room, stanza: Element, _query: Element) -> Answer:
    """The configuration form (XEP-0045, 10.2)."""
    if not _is_owner(room, stanza) and not host.faults.has("muc-configuration-shown-to-all"):
        return Refused(condition="forbidden")
    if host.faults.has("muc-configuration-form-empty"):
        return Result(payload=build(QUERY, {}, build(FORM, {"type": "form"})))
    return Result(payload=build(QUERY, {}, configuration_form(room.configuration, appointed(room))))


def set_form(host: Host, room: Room, stanza: Element, query: Element) -> Answer:
    """A filled-in form, its cancellation, or the end of the room."""
    destroy, form = first(query, _DESTROY), first(query, FORM)
    may = _is_owner(room, stanza)
    if not may and not (destroy is not None and host.faults.has("muc-destroyed-by-anybody")):
        return Refused(condition="forbidden")
    if destroy is not None:
        return Result(afterwards=lambda: _destroy(host, room, destroy))
    if form is None or form.get("type") not in ("submit", "cancel"):
        return Refused(condition="bad-request")
    if form.get("type") == "cancel" and not (
        host.faults.has("muc-cancel-takes-the-form") and not room.is_locked
    ):
        return Result(afterwards=lambda: _cancel(host, room))
    return _configure(host, room, form)


def _is_owner(room: Room, stanza: Element) -> bool:
    bare = stanza.get("from", "").partition("/")[0]
    return room.affiliation_of(bare) is Affiliation.OWNER


def _cancel(host: Host, room: Room) -> None:
    """To cancel the first configuration is to give the room up (XEP-0045, 10.1.3)."""
    if room.is_locked and not host.faults.has("muc-cancelled-room-stays"):
        _destroy(host, room, None)


def _configure(host: Host, room: Room, form: Element) -> Answer:
    """An empty form takes the configuration as it is: an instant room (XEP-0045, 10.1.2)."""
    values = submitted(form)
    before, after = room.configuration, changed(room.configuration, values)
    if after is None:
        misnamed = host.faults.has("muc-bad-configuration-misnamed")
        return Refused(condition="bad-request" if misnamed else "not-acceptable")
    appointments = planned(host, room, values)
    if isinstance(appointments, Refused):
        return appointments
    if not host.faults.has("muc-configuration-ignored"):
        room.configuration = after
    if not host.faults.has("muc-room-stays-locked"):
        room.is_locked = False

    def carry_out() -> None:
        appoint(host, room, appointments)
        _tell_of_change(host, room, before)

    return Result(afterwards=carry_out)


def _tell_of_change(host: Host, room: Room, before: Configuration) -> None:
    """Who must go, and what the others are told (XEP-0045, 10.2.1)."""
    after = room.configuration
    if (
        after.membersonly
        and not before.membersonly
        and not host.faults.has("muc-members-only-keeps-strangers")
    ):
        for occupant in list(room.occupants.values()):
            if room.affiliation(occupant) < Affiliation.MEMBER:
                dismiss(host, room, occupant, Note(codes=(322,)))
    rest = replace(after, whois=before.whois, enablelogging=before.enablelogging)
    codes = [104] if rest != before else []
    if after.is_anonymous != before.is_anonymous and not host.faults.has("muc-change-of-visibility-not-told"):
        codes.append(173 if after.is_anonymous else 172)
    if after.enablelogging != before.enablelogging and not host.faults.has("muc-change-of-logging-not-told"):
        codes.append(170 if after.enablelogging else 171)
    if codes:
        _tell_codes(host, room, sorted(codes))


def _tell_codes(host: Host, room: Room, codes: list[int]) -> None:
    if host.faults.has("muc-configuration-change-not-told"):
        return
    for occupant in room.occupants.values():
        for jid in occupant.sessions:
            attributes = {"type": "groupchat", "from": room.jid, "to": jid, "id": host.fresh()}
            host.deliver(build(MESSAGE, attributes, build(X, {}, *statuses(*codes))))


def _destroy(host: Host, room: Room, destroy: Element | None) -> None:
    """Everybody gets own unavailable presence that says so (XEP-0045, 10.9)."""
    room.is_gone = True
    shown = build(Name(MUC_USER, "destroy"))
    if destroy is not None:
        shown.attrib.update({"jid": destroy.get("jid", "")} if destroy.get("jid") else {})
        for child in child_elements(destroy):
            shown.append(build(Name(MUC_USER, kind_of(child).local), {}, child.text or ""))
    for occupant in list(room.occupants.values()):
        note = Note(destroy=shown)
        farewell(host, room, occupant, note, None, to_self=list(occupant.sessions), to_others=False)
    room.occupants.clear()
