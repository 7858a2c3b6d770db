"""Messages, and copies of messages (RFC 6121, 5; XEP-0280)."""

from harness.reference_client.session import MESSAGE, Element, Session, bare, same, text_of
from harness.reference_client.stanza_errors import error_answer, read_error, without_sender
from harness.xmpp.elements import build, children, first
from harness.xmpp.namespaces import CARBONS, CLIENT, CONFERENCE, DELAY, FORWARD, MAM, MUC_USER, Name

_BODY = Name(CLIENT, "body")
_SUBJECT = Name(CLIENT, "subject")
_FORWARDED = Name(FORWARD, "forwarded")
_ARCHIVED = f"{Name(MAM, 'result')}/{_FORWARDED}"
_OLD_DELAY = "jabber:x:delay"
_OLD_CONTACT = "{jabber:x:roster}x/{jabber:x:roster}item"
_COPIES = (Name(CARBONS, "received"), Name(CARBONS, "sent"))
_INVITE = f"{{{MUC_USER}}}x/{{{MUC_USER}}}invite"
_CONFERENCE = Name(CONFERENCE, "x")
_TYPES = ("chat", "error", "groupchat", "headline", "normal")


def take_message(session: Session, stanza: Element) -> None:
    """Hand a message to the user. A copy counts only from our own account (XEP-0280, 11)."""
    copy = next((one for one in (first(stanza, name) for name in _COPIES) if one is not None), None)
    if copy is None:
        _take_plain(session, stanza)
        return
    if not session.is_account(stanza.get("from")) and not session.has("forged-carbons-accepted"):
        return
    inner = stanza.find(f"{copy.tag}/{_FORWARDED}/{MESSAGE}")
    if inner is not None and not session.has("carbons-ignored"):
        _tell(session, inner)
        if session.has("carbons-answered"):
            _reply(session, inner)


def _take_plain(session: Session, stanza: Element) -> None:
    type = _type_of(session, stanza)
    if type == "error":
        if session.has("message-error-answered"):
            session.write(without_sender(error_answer(session, stanza, "service-unavailable")))
        if not session.has("message-error-hidden"):
            _tell(session, stanza)
        return
    if _is_dropped(session, stanza, type):
        return
    inner = _inner_of(session, stanza)
    if inner is not None:
        _tell(session, inner)
        return
    if session.has("unknown-extension-drops-message") and _is_extended(stanza):
        return
    if session.has("message-answered-by-error"):
        session.write(without_sender(error_answer(session, stanza, "service-unavailable")))
    if session.has("contacts-of-messages-taken"):
        for item in stanza.iterfind(_OLD_CONTACT):
            session.report("contact", {"jid": item.get("jid"), "name": item.get("name")})
    is_empty = all(Name.of(str(one.tag)).namespace != CLIENT for one in children(stanza))
    if is_empty and session.has("unknown-payload-called-bad"):
        session.write(without_sender(error_answer(session, stanza, "bad-request")))
    is_told = any(stanza.find(str(name)) is not None for name in (_BODY, _SUBJECT))
    if is_told or stanza.find(_INVITE) is not None or first(stanza, _CONFERENCE) is not None:
        _tell(session, stanza)


def _inner_of(session: Session, stanza: Element) -> Element | None:
    """The message within it that a fault takes for the message itself."""
    places = {"forwarded-taken-for-genuine": _FORWARDED, "archive-of-anybody-taken": _ARCHIVED}
    found = (stanza.find(f"{place}/{MESSAGE}") for fault, place in places.items() if session.has(fault))
    return next((one for one in found if one is not None), None)


def _is_dropped(session: Session, stanza: Element, type: str) -> bool:
    """Whether a fault hides it from the user."""
    invites = (stanza.find(_INVITE), first(stanza, _CONFERENCE))
    return (
        session.has("message-hidden")
        or (type == "headline" and session.has("headline-hidden"))
        or (type == "groupchat" and session.has("groupchat-hidden"))
        or (any(one is not None for one in invites) and session.has("invitation-hidden"))
        or (stanza.find(str(_BODY)) is None and session.has("subject-hidden"))
        or (not stanza.get("from") and session.has("message-without-sender-dropped"))
        or (session.has("odd-delay-drops-message") and any(map(_is_odd_delay, stanza)))
        or (not stanza.get("to") and session.has("message-without-to-dropped"))
    )


def _is_odd_delay(child: Element) -> bool:
    return (
        child.tag in (f"{{{DELAY}}}delay", f"{{{_OLD_DELAY}}}x") and not child.get("stamp", "")[:4].isdigit()
    )


def _is_extended(stanza: Element) -> bool:
    return any(isinstance(one.tag, str) and Name.of(one.tag).namespace != CLIENT for one in stanza)


def _tell(session: Session, stanza: Element) -> None:
    type = _type_of(session, stanza)
    values = {"from": stanza.get("from") or session.jid.bare, "type": type, "body": text_of(stanza, _BODY)}
    if type == "error":
        values["condition"], _ = read_error(session, stanza)
    if stanza.find(str(_SUBJECT)) is not None:
        values["subject"] = text_of(stanza, _SUBJECT)
    session.report("message", values | {"id": stanza.get("id", "")})


def _type_of(session: Session, stanza: Element) -> str:
    """No type and an unknown one mean normal (RFC 6121, 5.2.2)."""
    type = stanza.get("type", "normal")
    return type if type in _TYPES or session.has("unknown-message-type-told") else "normal"


def _reply(session: Session, stanza: Element) -> None:
    attributes = {"to": stanza.get("from", ""), "type": "chat", "id": session.fresh()}
    session.write(build(MESSAGE, attributes, build(_BODY, {}, "I am busy")))


def send(session: Session, values: dict[str, str]) -> None:
    """Send a message with a body."""
    attributes = {"to": values["to"], "type": values["type"] or "normal", "id": session.fresh()}
    if session.has("message-type-made-up"):
        attributes["type"] = "talk"
    if session.has("message-without-id"):
        del attributes["id"]
    if session.has("groupchat-sent-as-chat") and values["type"] == "groupchat":
        attributes["type"] = "chat"
    is_private = any(same(bare(values["to"]), one) for one in session.rooms) and "/" in values["to"]
    if is_private and session.has("private-message-as-groupchat"):
        attributes["type"] = "groupchat"
    session.write(build(MESSAGE, attributes, build(_BODY, {}, values["body"])))


def set_subject(session: Session, values: dict[str, str]) -> None:
    """Change the subject of a room: a message with a subject and no body (XEP-0045, 8.1)."""
    attributes = {"to": values["room"], "type": "groupchat", "id": session.fresh()}
    name = _BODY if session.has("subject-sent-as-body") else _SUBJECT
    session.write(build(MESSAGE, attributes, build(name, {}, values["text"])))
