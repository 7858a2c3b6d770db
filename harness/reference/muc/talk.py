"""Messages in a room: to all, to one, and the subject (XEP-0045, 7.4, 7.5, 8.1)."""

from collections.abc import Iterable

from harness.reference.host import Host
from harness.reference.messages import without_me
from harness.reference.muc.announcements import X, without_muc
from harness.reference.muc.occupant_ids import mark
from harness.reference.muc.past import remember
from harness.reference.muc.rooms import Occupant, Room, Spoken
from harness.reference.muc.standing import Role
from harness.reference.stanzas import BODY, SUBJECT, Element, Refused, copied, type_of
from harness.xmpp.elements import build, first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import CLIENT, Name

_THREAD = Name(CLIENT, "thread")


def say_to_all(host: Host, room: Room, stanza: Element) -> None:
    """A groupchat message for the room."""
    occupant = room.occupant_at(stanza.get("from", ""))
    if occupant is None and host.faults.has("muc-outsider-heard"):
        _reflect(host, room, without_muc(copied(stanza, sender=room.occupant_jid("outsider"))))
        return
    if occupant is None:
        host.refuse(stanza, Refused(condition="not-acceptable", text="Only occupants speak here."))
    elif _is_subject(host, stanza):
        _change_subject(host, room, occupant, stanza)
    elif occupant.role < Role.PARTICIPANT and not host.faults.has("muc-visitor-heard"):
        host.refuse(stanza, Refused(condition="forbidden"))
    else:
        _speak(host, room, occupant, stanza)


def say_to_one(host: Host, room: Room, stanza: Element, to: Jid) -> None:
    """A private message (XEP-0045, 7.5)."""
    sender = room.occupant_at(stanza.get("from", ""))
    if sender is None and host.faults.has("muc-outsider-whispers") and to.resource in room.occupants:
        whispered = copied(without_muc(stanza), sender=room.occupant_jid("outsider"))
        _hand(host, whispered, [room.occupants[to.resource]])
    elif sender is None:
        host.refuse(stanza, Refused(condition="not-acceptable", text="Only occupants speak here."))
    elif type_of(stanza) == "groupchat" and not host.faults.has("muc-private-groupchat-accepted"):
        host.refuse(stanza, Refused(condition="bad-request"))
    elif to.resource not in room.occupants:
        if not host.faults.has("muc-private-unknown-nick-silent"):
            host.refuse(stanza, Refused(condition="item-not-found"))
    else:
        _whisper(host, room, sender, room.occupants[to.resource], stanza)


def _is_subject(host: Host, stanza: Element) -> bool:
    """A subject without body and thread (XEP-0045, 8.1)."""
    if first(stanza, SUBJECT) is None:
        return False
    alone = first(stanza, BODY) is None and first(stanza, _THREAD) is None
    return alone or host.faults.has("muc-subject-with-body-taken")


def _speak(host: Host, room: Room, occupant: Occupant, stanza: Element) -> None:
    reflection = _from_occupant(host, room, occupant, stanza)
    if host.faults.has("muc-message-id-lost"):
        reflection = copied(reflection, id=None)
    _reflect(
        host, room, reflection, spared=occupant if host.faults.has("muc-message-not-to-sender") else None
    )
    if first(stanza, BODY) is not None and not host.faults.has("muc-history-lost"):
        remember(host, room, reflection)


def _from_occupant(host: Host, room: Room, occupant: Occupant, stanza: Element) -> Element:
    sender = room.occupant_jid(occupant.nick)
    if host.faults.has("muc-message-from-real-jid"):
        sender = stanza.get("from", "")
    if host.faults.has("message-me-replaced"):
        stanza = without_me(stanza)
    said = copied(without_muc(stanza), sender=sender)
    mark(host, room, occupant, said)
    return said


def _reflect(host: Host, room: Room, stanza: Element, spared: Occupant | None = None) -> None:
    hearers = [each for each in room.occupants.values() if each is not spared]
    if host.faults.has("muc-newcomer-deaf") and len(hearers) > 1:
        del hearers[-1]
    _hand(host, stanza, hearers)


def _hand(host: Host, stanza: Element, hearers: Iterable[Occupant]) -> None:
    """Give a message to all sessions of some occupants."""
    for occupant in hearers:
        sessions = list(occupant.sessions)
        for jid in sessions[:1] if host.faults.has("muc-second-session-deaf") else sessions:
            host.deliver(copied(stanza, to=jid))


def _change_subject(host: Host, room: Room, occupant: Occupant, stanza: Element) -> None:
    allowed = Role.PARTICIPANT if room.configuration.changesubject else Role.MODERATOR
    if occupant.role < allowed and not host.faults.has("muc-subject-by-anybody"):
        host.refuse(stanza, Refused(condition="forbidden"))
        return
    change = _from_occupant(host, room, occupant, stanza)
    if not host.faults.has("muc-subject-forgotten"):
        room.subject = Spoken(moment=host.clock(), stanza=copied(change, to=None))
    _reflect(host, room, change)


def _whisper(host: Host, room: Room, sender: Occupant, target: Occupant, stanza: Element) -> None:
    message = _from_occupant(host, room, sender, stanza)
    if not host.faults.has("muc-private-without-x"):
        message.append(build(X))
    targets = list(room.occupants.values()) if host.faults.has("muc-private-to-all") else [target]
    for each in targets:
        for jid in list(each.sessions):
            host.deliver(copied(message, to=jid))
