"""Copies of messages for the other resources of an account (XEP-0280)."""

from collections.abc import Sequence

from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.requests import Handlers, Request, Scope, in_scopes
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import (
    BODY,
    MESSAGE,
    Answer,
    Deferred,
    Element,
    Refused,
    Result,
    child_elements,
    copied,
    kind_of,
    type_of,
)
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import CARBONS, FORWARD, MUC_USER, Name

_PRIVATE = Name(CARBONS, "private")
_NO_COPY = Name("urn:xmpp:hints", "no-copy")
_PAYLOADS = ("http://jabber.org/protocol/chatstates", "urn:xmpp:receipts", "urn:xmpp:chat-markers:0")


def enable(host: Host, request: Request) -> Answer:
    """From now on, also a second time (XEP-0280, 10.1)."""
    if request.session.carbons and host.faults.has("carbons-twice-refused"):
        return Refused(condition="unexpected-request")
    if host.faults.has("carbons-unanswered"):
        return Deferred()
    is_enabled = not host.faults.has("carbons-never-enabled")
    request.session.carbons = is_enabled and not request.session.gave_carbons_up
    return Result()


def disable(host: Host, request: Request) -> Answer:
    """No more."""
    request.session.carbons = host.faults.has("carbons-never-disabled")
    request.session.gave_carbons_up = host.faults.has("carbons-given-up-for-good")
    return Result()


HANDLERS: Handlers = {
    **in_scopes((Scope.OWN, Scope.SERVER), "set", Name(CARBONS, "enable"), while_on(Feature.CARBONS, enable)),
    **in_scopes(
        (Scope.OWN, Scope.SERVER), "set", Name(CARBONS, "disable"), while_on(Feature.CARBONS, disable)
    ),
}


def copy_received(host: Host, stanza: Element, bare: str, recipients: Sequence[Session]) -> None:
    """Copy a message to the resources that did not get it themselves (XEP-0280, 7)."""
    if not _is_eligible(host, stanza) or _is_from_room(stanza):
        return
    spared = [] if host.faults.has("carbons-to-recipient") else recipients
    _copy(host, stanza, "received", [each for each in _takers(host, bare) if each not in spared])


def copy_sent(host: Host, session: Session, stanza: Element) -> None:
    """Copy what one resource sent to the others (XEP-0280, 8)."""
    to = stanza.get("to", "").partition("/")[0]
    if not _is_eligible(host, stanza) or to == session.address.bare:
        return
    spared = None if host.faults.has("carbons-to-sender") else session
    takers = [each for each in _takers(host, session.address.bare) if each is not spared]
    _copy(host, stanza, "sent", takers)


def send_bounce(host: Host, session: Session, stanza: Element) -> None:
    """Tell who wrote a message that a copy of it was returned, which is a fault (XEP-0280, 10.3)."""
    if not host.faults.has("carbon-bounce-passed-on") or type_of(stanza) != "error":
        return
    for original in stanza.iter(str(MESSAGE)):
        if original is not stanza and original.get("from"):
            bounce = copied(stanza, to=original.get("from"), sender=session.address.bare)
            host.route(bounce)


def _takers(host: Host, bare: str) -> list[Session]:
    everybody = host.faults.has("carbons-to-all")
    return [session for session in host.sessions.of(bare) if session.carbons or everybody]


def _is_eligible(host: Host, stanza: Element) -> bool:
    """The rules of XEP-0280, 6.1."""
    private = first(stanza, _PRIVATE) is not None or first(stanza, _NO_COPY) is not None
    if private and not host.faults.has("carbons-of-private"):
        return False
    if type_of(stanza) == "chat":
        return True
    if host.faults.has("carbons-of-chat-only"):
        return False
    if type_of(stanza) in ("groupchat", "headline", "error"):
        return False
    if first(stanza, BODY) is not None or first(stanza, Name(MUC_USER, "x")) is not None:
        return True
    return any(kind_of(child).namespace in _PAYLOADS for child in child_elements(stanza))


def _is_from_room(stanza: Element) -> bool:
    """A private message of a room; an invitation is none."""
    x = first(stanza, Name(MUC_USER, "x"))
    return x is not None and first(x, Name(MUC_USER, "invite")) is None


def _copy(host: Host, stanza: Element, direction: str, sessions: Sequence[Session]) -> None:
    for session in sessions:
        wrapped = build(Name(FORWARD, "forwarded"), {}, copied(stanza))
        if host.faults.has("carbons-without-forwarded"):
            wrapped = copied(stanza)
        sender = session.address.bare
        if host.faults.has("carbons-from-other"):
            sender = stanza.get("from", "")
        attributes = {"from": sender, "to": session.jid}
        if host.faults.has("carbons-of-one-type"):
            attributes["type"] = "headline"
        elif "type" in stanza.attrib:
            attributes["type"] = type_of(stanza)
        host.send(session, build(MESSAGE, attributes, build(Name(CARBONS, direction), {}, wrapped)))
