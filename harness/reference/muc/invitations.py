"""Invitations through the room, refusals of them, and requests for voice (XEP-0045, 7.8.2, 7.13, 8.6)."""

from harness.reference.addresses import parse
from harness.reference.forms import Field, form, form_in, submitted
from harness.reference.host import Host
from harness.reference.muc.announcements import X, announce
from harness.reference.muc.rooms import Occupant, Room
from harness.reference.muc.standing import Affiliation, Role
from harness.reference.settings import Feature
from harness.reference.stanzas import MESSAGE, Element, Refused, child_elements, copied, text_of
from harness.xmpp.elements import build, first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import CONFERENCE, MUC, MUC_USER, Name

_INVITE = Name(MUC_USER, "invite")
_DECLINE = Name(MUC_USER, "decline")
_REASON = Name(MUC_USER, "reason")
_VOICE = f"{MUC}#request"


def receive(host: Host, room: Room, stanza: Element) -> None:
    """A message for the room that is no groupchat."""
    x, asked = first(stanza, X), form_in(stanza)
    invite = first(x, _INVITE) if x is not None else None
    decline = first(x, _DECLINE) if x is not None else None
    if invite is not None:
        _invite(host, room, stanza, invite)
    elif decline is not None:
        _decline(host, room, stanza, decline)
    elif asked is not None:
        _voice(host, room, stanza, asked)
    elif room.occupant_at(stanza.get("from", "")) is None:
        host.refuse(stanza, Refused(condition="not-acceptable", text="Only occupants speak here."))
    else:
        host.refuse(stanza, Refused(condition="bad-request"))


def welcome_member(host: Host, room: Room, bare: str) -> None:
    """Invite who has become a member of a members-only room (XEP-0045, 9.5)."""
    _send(host, room, bare, build(_INVITE, {"from": room.jid}))


def _invite(host: Host, room: Room, stanza: Element, invite: Element) -> None:
    inviter = room.occupant_at(stanza.get("from", ""))
    invitee = parse(invite.get("to", ""))
    refused = _why_not(host, room, inviter, invitee)
    if refused is not None or inviter is None or invitee is None:
        host.refuse(stanza, refused or Refused(condition="jid-malformed"))
        return
    adds = room.configuration.membersonly or host.faults.has("muc-invite-makes-member")
    if adds and room.affiliation_of(invitee.bare) is Affiliation.NONE:
        room.set_affiliation(invitee.bare, Affiliation.MEMBER)
    if host.faults.has("muc-invite-lost"):
        return
    sender = room.jid if host.faults.has("muc-invite-from-room") else inviter.bare
    content = [copied(child) for child in child_elements(invite)]
    if host.faults.has("muc-invite-without-reason"):
        content = []
    _send(host, room, str(invitee), build(_INVITE, {"from": sender}, *content))


def _why_not(host: Host, room: Room, inviter: Occupant | None, invitee: Jid | None) -> Refused | None:
    if inviter is None:
        return Refused(condition="not-acceptable", text="Only occupants invite.")
    if invitee is None:
        return Refused(condition="jid-malformed")
    configuration = room.configuration
    restricted = configuration.membersonly and not configuration.allowinvites
    may = room.affiliation(inviter) >= Affiliation.ADMIN or host.faults.has("muc-invite-by-anybody")
    if restricted and not may:
        return Refused(condition="forbidden")
    if invitee.domain == host.domain and host.account_at(invitee) is None:
        return Refused(condition="item-not-found")
    return None


def _send(host: Host, room: Room, to: str, invite: Element) -> None:
    password = []
    if room.configuration.passwordprotectedroom and not host.faults.has("muc-invite-without-password"):
        password.append(build(Name(MUC_USER, "password"), {}, room.configuration.roomsecret))
    reason = text_of(invite, _REASON)
    message = build(
        MESSAGE, {"from": room.jid, "to": to, "id": host.fresh()}, build(X, {}, invite, *password)
    )
    if host.settings.has(Feature.LEGACY):  # what clients before XEP-0045 understand
        message.append(build(Name(CONFERENCE, "x"), {"jid": room.jid}, reason))
    host.route(message)


def _decline(host: Host, room: Room, stanza: Element, decline: Element) -> None:
    inviter, sender = parse(decline.get("to", "")), parse(stanza.get("from", ""))
    if inviter is None or sender is None:
        host.refuse(stanza, Refused(condition="jid-malformed"))
        return
    if host.faults.has("muc-decline-lost"):
        return
    content = [copied(child) for child in child_elements(decline)]
    passed_on = build(_DECLINE, {"from": sender.bare}, *content)
    present = room.occupant_of(inviter.bare)
    to = present[0].jid if present else str(inviter)
    host.route(build(MESSAGE, {"from": room.jid, "to": to, "id": host.fresh()}, build(X, {}, passed_on)))


def _voice(host: Host, room: Room, stanza: Element, asked: Element) -> None:
    """A visitor asks, moderators get a form; the form that a moderator submits decides (XEP-0045, 8.6)."""
    sender, values = room.occupant_at(stanza.get("from", "")), submitted(asked)
    if sender is None or values.get("FORM_TYPE") != (_VOICE,):
        host.refuse(stanza, Refused(condition="bad-request" if sender is not None else "not-acceptable"))
    elif sender.role is Role.MODERATOR and "muc#roomnick" in values:
        _decide(host, room, values["muc#roomnick"], values.get("muc#request_allow", ()))
    elif sender.role is Role.VISITOR and not host.faults.has("muc-voice-request-lost"):
        _ask(host, room, sender)


def _ask(host: Host, room: Room, visitor: Occupant) -> None:
    fields = (
        Field(
            var="muc#role",
            type="list-single",
            values=(Role.PARTICIPANT.word,),
            options=(Role.PARTICIPANT.word,),
        ),
        Field(var="muc#jid", type="jid-single", values=(visitor.jid,)),
        Field(var="muc#roomnick", type="text-single", values=(visitor.nick,)),
        Field(var="muc#request_allow", type="boolean", values=("false",)),
    )
    for occupant in room.occupants.values():
        if occupant.role is Role.MODERATOR:
            for jid in occupant.sessions:
                host.deliver(build(MESSAGE, {"from": room.jid, "to": jid}, form(_VOICE, fields)))


def _decide(host: Host, room: Room, nick: tuple[str, ...], allow: tuple[str, ...]) -> None:
    occupant = room.occupants.get(nick[0]) if nick else None
    if host.faults.has("muc-voice-approval-ignored"):
        return
    if occupant is not None and allow and allow[0] in ("1", "true") and occupant.role is Role.VISITOR:
        occupant.role = Role.PARTICIPANT
        announce(host, room, occupant)
