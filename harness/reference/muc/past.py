"""What was said before somebody came: history and subject (XEP-0045, 7.2.13 to 7.2.15)."""

from harness.reference.host import Host
from harness.reference.moments import legacy_timestamp, seconds_of, timestamp
from harness.reference.muc.occupant_ids import without_id
from harness.reference.muc.rooms import Occupant, Room, Spoken
from harness.reference.stanzas import MESSAGE, SUBJECT, Element, copied, delay, legacy_delay
from harness.wire.writer import serialize
from harness.xmpp.elements import build


def tell_past(host: Host, room: Room, occupant: Occupant, jid: str, wish: Element | None) -> None:
    """Send history as far as `wish` (the `history` element of a join) wants it, then the subject."""
    if host.faults.has("muc-subject-before-history"):
        _tell_subject(host, room, jid)
    for spoken in _wanted(host, room, wish):
        host.deliver(_delayed(host, room, spoken, jid, old=jid in occupant.old))
    if not host.faults.has("muc-subject-before-history") and not host.faults.has("muc-subject-not-sent"):
        _tell_subject(host, room, jid)


def remember(host: Host, room: Room, stanza: Element) -> None:
    """Keep a message for those who come later."""
    room.history.append(Spoken(moment=host.clock(), stanza=copied(stanza, to=None)))
    del room.history[: -host.settings.limits.history]


def _wanted(host: Host, room: Room, wish: Element | None) -> list[Spoken]:
    """The smallest set that meets all limits (XEP-0045, 7.2.14)."""
    found = list(room.history)
    if wish is None or host.faults.has("muc-history-limits-ignored"):
        return found
    if host.faults.has("muc-history-one-limit-only") and len(wish.attrib) > 1:
        return found
    wish = _heeded(host, wish)
    seconds, since = _number(wish, "seconds"), seconds_of(wish.get("since", ""))
    if seconds is not None:
        found = [each for each in found if each.moment >= host.clock() - seconds]
    if since is not None:
        found = [each for each in found if each.moment >= since]
    stanzas, characters = _number(wish, "maxstanzas"), _number(wish, "maxchars")
    if stanzas is not None:
        found = found[len(found) - min(stanzas, len(found)) :]
    while characters is not None and sum(len(serialize(each.stanza)) for each in found) > characters:
        found = found[1:]
    return found


def _heeded(host: Host, wish: Element) -> Element:
    copy = copied(wish)
    ignored = {
        "maxstanzas": host.faults.has("muc-history-maxstanzas-ignored"),
        "maxchars": host.faults.has("muc-history-maxchars-ignored"),
        "seconds": host.faults.has("muc-history-seconds-ignored"),
        "since": host.faults.has("muc-history-since-ignored"),
    }
    for name in ignored:
        if ignored[name] and name in copy.attrib:
            del copy.attrib[name]
    return copy


def _number(wish: Element, name: str) -> int | None:
    text = wish.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _delayed(host: Host, room: Room, spoken: Spoken, jid: str, *, old: bool) -> Element:
    copy = copied(spoken.stanza, to=jid)
    if host.faults.has("muc-occupant-id-missing-in-history"):
        without_id(copy)
    if not host.faults.has("muc-history-without-delay"):
        copy.append(delay(_keeper(host, room, spoken), timestamp(spoken.moment)))
    if old:
        copy.append(legacy_delay(room.jid, legacy_timestamp(spoken.moment)))
    return copy


def _keeper(host: Host, room: Room, spoken: Spoken) -> str:
    """Who the stamp is from (XEP-0045, 7.2.13 and 7.2.15)."""
    is_subject = spoken is room.subject
    by_speaker = host.faults.has("muc-history-stamped-by-speaker") and not is_subject
    by_changer = host.faults.has("muc-subject-stamped-by-speaker") and is_subject
    return spoken.stanza.get("from", "") if by_speaker or by_changer else room.jid


def _tell_subject(host: Host, room: Room, jid: str) -> None:
    if room.subject is not None:
        host.deliver(_delayed(host, room, room.subject, jid, old=False))
        return
    attributes = {"type": "groupchat", "from": room.jid, "to": jid}
    host.deliver(build(MESSAGE, attributes, build(SUBJECT)))
