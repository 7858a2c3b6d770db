"""Presence: ours, that of others, and subscriptions (RFC 6121, 3 and 4)."""

from harness.reference_client import rooms
from harness.reference_client.session import PRESENCE, Element, Session, bare, text_of
from harness.reference_client.stanza_errors import error_answer, without_sender
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, Name

_SHOW = Name(CLIENT, "show")
_STATUS = Name(CLIENT, "status")
_PRIORITY = Name(CLIENT, "priority")

#: What a show may say (RFC 6121, 4.7.2.1).
_SHOWS = ("away", "chat", "dnd", "xa")
_TYPES = ("error", "subscribe", "subscribed", "unavailable", "unsubscribe", "unsubscribed")
_ANSWERS = ("subscribed", "unsubscribed")
_SUBSCRIPTIONS = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")


def take_presence(session: Session, stanza: Element) -> None:
    """Tell the user. Probes are the server's to answer, and an unknown type says nothing we know."""
    type = stanza.get("type", "")
    sender = stanza.get("from") or session.jid.bare
    _misbehave(session, stanza, type, sender)
    if type and type not in _TYPES:
        return
    session.asked |= {bare(sender): stanza.get("id", "")} if type == "subscribe" else {}
    if _is_hidden(session, type):
        return
    if len(stanza) and session.has("unknown-extension-drops-presence") and not _is_plain(stanza):
        return
    priority = text_of(stanza, _PRIORITY)
    if priority and not _is_priority(priority) and session.has("odd-priority-drops-presence"):
        return
    show = text_of(stanza, _SHOW)
    if show and show not in _SHOWS and session.has("unknown-show-drops-presence"):
        return
    session.report(
        "presence",
        {
            "from": sender,
            "type": type,
            "show": show if show in _SHOWS or session.has("unknown-show-told") else "",
            "status": text_of(stanza, _STATUS),
        },
    )
    rooms.take_presence(session, stanza)


def _is_hidden(session: Session, type: str) -> bool:
    """Whether a fault hides it from the user."""
    return (
        session.has("presence-hidden")
        or (type == "error" and session.has("presence-error-hidden"))
        or (type == "subscribe" and session.has("subscription-request-hidden"))
        or (type == "unsubscribe" and session.has("unsubscribe-hidden"))
        or (type in _ANSWERS and session.has("subscription-answer-hidden"))
    )


def _is_plain(stanza: Element) -> bool:
    return all(Name.of(str(child.tag)).namespace == CLIENT for child in stanza)


def _misbehave(session: Session, stanza: Element, type: str, sender: str) -> None:
    if type == "subscribe" and session.has("subscription-accepted-by-itself"):
        send(session, {"to": sender, "type": "subscribed"})
    if not type and not session.is_home(sender) and session.has("presence-returned"):
        session.write(build(PRESENCE, {"to": sender}))
    fault = "presence-error-answered" if type == "error" else "presence-answered-by-error"
    if session.has(fault):
        session.write(without_sender(error_answer(session, stanza, "service-unavailable")))


def publish(session: Session, values: dict[str, str]) -> str:
    """Send our presence to whom it concerns; the answer is why this cannot be, if so."""
    show, priority = values["show"] or "available", values["priority"]
    if show not in (*_SHOWS, "available", "unavailable"):
        return f"there is no show {show!r}"
    if priority and not _is_priority(priority):
        return "a priority is a number from -128 to 127"
    session.is_available = show != "unavailable"
    attributes = {} if session.is_available else {"type": "unavailable"}
    if session.has("presence-with-to"):
        attributes["to"] = session.jid.domain
    content = [build(_STATUS, {}, values["status"])] if values["status"] else []
    if show in _SHOWS:
        content.insert(0, build(_SHOW, {}, "busy" if session.has("show-made-up") else show))
    elif not session.is_available and session.has("unavailable-with-show"):
        content.insert(0, build(_SHOW, {}, "xa"))
    if priority and session.is_available:
        content.append(build(_PRIORITY, {}, "200" if session.has("priority-out-of-range") else priority))
    if session.has("probes-sent"):
        session.write(build(PRESENCE, {"type": "probe", "to": session.jid.bare}))
    session.write(build(PRESENCE, attributes, *content))
    return ""


def _is_priority(text: str) -> bool:
    digits = text.removeprefix("-").removeprefix("+")
    return digits.isascii() and digits.isdecimal() and len(digits) < 4 and -128 <= int(text) <= 127


def send(session: Session, values: dict[str, str]) -> str:
    """Send presence about a subscription: with an id of its own, to a bare JID (RFC 6121, 3.1.1)."""
    if values["type"] not in _SUBSCRIPTIONS:
        return f"{values['type']!r} is not about subscriptions"
    to = values["to"] if session.has("subscription-to-full-jid") else bare(values["to"])
    attributes = {"to": to, "type": values["type"], "id": session.fresh()}
    if session.has("subscription-without-id"):
        del attributes["id"]
    if values["type"] in _ANSWERS and session.has("approval-id-mirrored"):
        attributes["id"] = session.asked.get(bare(to), attributes["id"])
    session.write(build(PRESENCE, attributes))
    return ""


def leave(session: Session) -> None:
    """Say that we go, before the stream is closed (RFC 6121, 4.5.1)."""
    if session.is_available and not session.has("leaves-without-unavailable"):
        session.write(build(PRESENCE, {"type": "unavailable"}))
    session.is_available = False
