"""Entering, leaving and changing nicknames (XEP-0045, 7.1, 7.2, 7.6, 7.14)."""

from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.reference.muc.announcements import (
    Note,
    X,
    announce,
    dismiss,
    farewell,
    show_self_to,
    show_to,
    statuses,
)
from harness.reference.muc.past import tell_past
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.muc.standing import Affiliation, Role, role_on_entry
from harness.reference.stanzas import (
    BODY,
    ERROR,
    MESSAGE,
    Element,
    Refused,
    child_elements,
    kind_of,
    presence,
    text_of,
)
from harness.xmpp.elements import build, first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import MUC, MUC_USER, Name

JOIN = Name(MUC, "x")

#: The errors by which a ghost is known (XEP-0045, 18.1.2).
_UNREACHABLE = frozenset(
    {
        "gone",
        "item-not-found",
        "recipient-unavailable",
        "redirect",
        "remote-server-not-found",
        "remote-server-timeout",
    }
)


def arrive(host: Host, room: Room, stanza: Element, to: Jid) -> None:
    """Available presence for a room: a join, a new nickname, or a change of availability."""
    if not to.resource:
        if host.faults.has("muc-join-without-nick-silent"):
            return
        host.refuse(stanza, Refused(condition="jid-malformed", text="A nickname is missing."))
        return
    jid = stanza.get("from", "")
    occupant = room.occupant_at(jid)
    if occupant is None:
        _enter(host, room, stanza, to.resource)
    elif occupant.nick != to.resource:
        _rename(host, room, occupant, stanza, to.resource)
    elif first(stanza, JOIN) is not None and not host.faults.has("muc-entering-again-ignored"):
        occupant.update(jid, stanza)
        _welcome(host, room, occupant, jid, stanza, ())
    else:
        occupant.update(jid, stanza)
        if not host.faults.has("muc-availability-not-told"):
            _tell_availability(host, room, occupant)


def _tell_availability(host: Host, room: Room, occupant: Occupant) -> None:
    role = occupant.role
    if host.faults.has("muc-role-of-the-entry-shown"):
        occupant.role = role_on_entry(room.affiliation(occupant), moderated=False)
    announce(host, room, occupant)
    occupant.role = role


def leave(host: Host, room: Room, stanza: Element) -> None:
    """Unavailable presence: an exit; from somebody outside it is ignored (XEP-0045, 17.3)."""
    jid = stanza.get("from", "")
    occupant = room.occupant_at(jid)
    if occupant is None:
        if host.faults.has("muc-outsider-leaving-refused"):
            host.refuse(stanza, Refused(condition="not-acceptable"))
        return
    if len(occupant.sessions) > 1:
        farewell(host, room, occupant, Note(), stanza, to_self=[jid], to_others=False)
        del occupant.sessions[jid]
    else:
        dismiss(host, room, occupant, content=stanza)


def bounce(host: Host, room: Room, stanza: Element) -> None:
    """An error that tells that somebody cannot be reached takes the ghost out (XEP-0045, 11.1, 18.1.2)."""
    occupant = room.occupant_at(stanza.get("from", ""))
    error = first(stanza, ERROR)
    conditions = {kind_of(child).local for child in child_elements(error)} if error is not None else set()
    is_ghost = occupant is not None and not conditions.isdisjoint(_UNREACHABLE)
    if occupant is None or not is_ghost or host.faults.has("muc-ghost-stays"):
        return
    note = Note(codes=(333,))
    if host.faults.has("muc-ghost-not-told-why"):
        del room.occupants[occupant.nick]
        farewell(host, room, occupant, Note(), None, to_self=list(occupant.sessions), to_others=False)
        farewell(host, room, occupant, note, None, to_self=())
    else:
        dismiss(host, room, occupant, note)


def _enter(host: Host, room: Room, stanza: Element, nick: str) -> None:
    is_old = first(stanza, JOIN) is None
    if is_old and host.faults.has("muc-old-client-ignored"):
        return
    if is_old and (not host.settings.groupchat_1_0 or host.faults.has("muc-kick-without-codes")):
        _turn_away(host, room, stanza, nick)
        return
    address = parse(stanza.get("from", ""))
    if address is None:
        return
    if host.faults.has("muc-nickname-corrected-silently"):
        nick = room.reserved.get(address.bare, nick)
    refused = _why_not(host, room, stanza, address, nick)
    if refused is not None:
        host.refuse(stanza, refused)
        return
    is_new = not room.affiliations and not room.occupants and room.is_locked
    if is_new:
        room.affiliations[address.bare] = Affiliation.OWNER
        room.is_locked = not is_old and not host.faults.has("muc-new-room-unlocked")
    occupant = _seated(room, address, nick)
    occupant.update(str(address), stanza)
    if is_old:
        occupant.old.add(str(address))
    _welcome(host, room, occupant, str(address), stanza, (201,) if is_new else ())
    _tell_old_clients(host, room, nick)


def _seated(room: Room, address: Jid, nick: str) -> Occupant:
    """The occupant under a nickname: a new one, or the one that another session of the user has already."""
    occupant = room.occupants.get(nick)
    if occupant is None:
        affiliation = room.affiliation_of(address.bare)
        role = role_on_entry(affiliation, moderated=room.configuration.moderatedroom)
        occupant = room.occupants[nick] = Occupant(nick=nick, bare=address.bare, role=role)
    return occupant


def _why_not(host: Host, room: Room, stanza: Element, address: Jid, nick: str) -> Refused | None:
    """Why somebody may not enter (XEP-0045, 7.2.5 to 7.2.10)."""
    affiliation, faults = room.affiliation_of(address.bare), host.faults
    configuration = room.configuration
    if not nick.strip() and not faults.has("muc-nickname-of-spaces"):
        return Refused(condition="not-acceptable", text="A nickname is more than spaces.")
    if faults.has("muc-nickname-locked-in-secret") and room.reserved.get(address.bare, nick) != nick:
        return Refused(condition="not-acceptable")
    if affiliation is Affiliation.OUTCAST and not faults.has("muc-banned-admitted"):
        return Refused(condition="forbidden")
    if room.is_locked and room.affiliations and affiliation is not Affiliation.OWNER:
        return Refused(condition="item-not-found", text="The room is not open yet.")
    outside = configuration.membersonly and affiliation < Affiliation.MEMBER
    if outside and not faults.has("muc-members-only-ignored"):
        return Refused(condition="registration-required")
    if configuration.passwordprotectedroom and not faults.has("muc-password-ignored"):
        join = first(stanza, JOIN)
        if text_of(join, Name(MUC, "password")) != configuration.roomsecret:
            return Refused(condition="not-authorized")
    has_place_kept = affiliation >= Affiliation.ADMIN and not faults.has("muc-full-for-owners-too")
    if 0 < configuration.maxusers <= len(room.occupants) and not has_place_kept:
        is_wrong = faults.has("muc-full-room-refuses-wrongly")
        return Refused(condition="not-allowed" if is_wrong else "service-unavailable")
    return _why_not_nick(host, room, address.bare, nick)


def _why_not_nick(host: Host, room: Room, bare: str, nick: str) -> Refused | None:
    """A nickname that is in use by another user, or kept for one (XEP-0045, 7.2.8)."""
    if host.faults.has("muc-nick-conflict-accepted"):
        return None
    holder = room.occupants.get(nick)
    reserved = any(name == nick and owner != bare for owner, name in room.reserved.items())
    if reserved or (holder is not None and holder.bare != bare):
        return Refused(condition="conflict")
    return None


def _welcome(
    host: Host, room: Room, occupant: Occupant, jid: str, stanza: Element, codes: tuple[int, ...]
) -> None:
    """Presence of the others, to the others, of oneself; then the past (XEP-0045, 7.1)."""
    if not room.configuration.is_anonymous and not host.faults.has("muc-non-anonymous-without-100"):
        codes = (100, *codes)
    if room.configuration.enablelogging and not host.faults.has("muc-logged-without-170"):
        codes = (170, *codes)
    if host.faults.has("muc-new-room-without-201"):
        codes = tuple(code for code in codes if code != 201)
    if host.faults.has("muc-self-presence-first"):
        show_self_to(host, room, occupant, jid, *codes)
    others = [each for each in room.occupants.values() if each is not occupant]
    if not host.faults.has("muc-occupants-not-shown"):
        for other in others:
            if host.faults.has("muc-occupants-under-real-addresses"):
                host.deliver(presence(other.jid, jid))
            else:
                show_to(host, room, other, occupant, jid)
    if not host.faults.has("muc-join-not-told"):
        for other in others:
            for each in other.sessions:
                show_to(host, room, occupant, other, each)
    if not host.faults.has("muc-self-presence-first"):
        show_self_to(host, room, occupant, jid, *codes)
    join = first(stanza, JOIN)
    tell_past(host, room, occupant, jid, first(join, Name(MUC, "history")) if join is not None else None)


def _tell_old_clients(host: Host, room: Room, nick: str) -> None:
    """Groupchat 1.0 told of joins by a message of the room."""
    for occupant in room.occupants.values():
        for jid in occupant.old:
            attributes = {"type": "groupchat", "from": room.jid, "to": jid}
            host.deliver(build(MESSAGE, attributes, build(BODY, {}, f"{nick} has joined")))


def _rename(host: Host, room: Room, occupant: Occupant, stanza: Element, nick: str) -> None:
    """Another nickname: gone under the old one, there under the new one (XEP-0045, 7.6)."""
    if room.reserved.get(occupant.bare, nick) != nick:
        if host.faults.has("muc-nickname-change-undone"):
            announce(host, room, occupant)
            return
        if host.faults.has("muc-nickname-change-forbidden"):
            host.refuse(stanza, Refused(condition="forbidden"))
            return
    refused = _why_not_nick(host, room, occupant.bare, nick)
    if refused is None and nick in room.occupants and not host.faults.has("muc-nick-conflict-accepted"):
        refused = Refused(condition="conflict")
    if refused is not None or not nick.strip():
        host.refuse(stanza, refused or Refused(condition="not-acceptable"))
        return
    codes = () if host.faults.has("muc-nick-change-without-303") else (303,)
    shown = "" if host.faults.has("muc-nick-change-without-nick") else nick
    dismiss(host, room, occupant, Note(codes=codes, nick=shown))
    occupant.nick = nick
    occupant.update(stanza.get("from", ""), stanza)
    room.occupants[nick] = occupant
    announce(host, room, occupant)


def _turn_away(host: Host, room: Room, stanza: Element, nick: str) -> None:
    """Who believes to be in the room learns otherwise (XEP-0045, 7.2.18)."""
    item = build(Name(MUC_USER, "item"), {"affiliation": Affiliation.NONE.word, "role": Role.NONE.word})
    codes = (110,) if host.faults.has("muc-kick-without-codes") else (110, 307, 333)
    x = build(X, {}, item, *statuses(*codes))
    host.deliver(presence(room.occupant_jid(nick), stanza.get("from", ""), "unavailable", x))
