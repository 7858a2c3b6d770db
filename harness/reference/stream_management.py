"""Acknowledgements (XEP-0198). Sessions are not resumed, and no resumption is offered."""

from collections.abc import Callable, Mapping

from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.reference.messages import redeliver
from harness.reference.moments import timestamp
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import MESSAGE, Element, Refused, copied, delay, is_request, kind_of, type_of
from harness.wire.writer import serialize
from harness.xmpp.elements import build
from harness.xmpp.namespaces import STANZA_ERRORS, STREAM_MANAGEMENT, Name

_WRAP = 2**32


def take(host: Host, session: Session, element: Element) -> bool:
    """Handle a nonza of stream management; tell whether it was one that we know."""
    handler = _HANDLERS.get(kind_of(element).local)
    if handler is None or not host.settings.has(Feature.STREAM_MANAGEMENT):
        return False
    handler(host, session, element)
    return True


def count(host: Host, session: Session) -> None:
    """A stanza has come (XEP-0198, 4)."""
    if session.managed and not host.faults.has("acknowledged-count-stuck"):
        session.handled = (session.handled + 1) % _WRAP


def give_back(host: Host, session: Session) -> None:
    """A session is over: what was not acknowledged is treated as for a resource that is away."""
    lost, session.unacknowledged = session.unacknowledged, []
    if host.faults.has("unacknowledged-lost"):
        return
    for stanza in lost:
        to = parse(stanza.get("to", session.jid))
        is_own = stanza.get("from", "").partition("/")[0] in ("", session.address.bare)
        if is_own or to is None:
            continue
        if is_request(stanza):
            host.refuse(stanza, Refused(condition="service-unavailable"))
        elif kind_of(stanza) == MESSAGE and type_of(stanza, "normal") in ("chat", "normal"):
            late = copied(stanza)
            late.append(delay(host.domain, timestamp(host.clock())))
            redeliver(host, late, to)


def _enable(host: Host, session: Session, _element: Element) -> None:
    if session.managed:
        host.close(session, "policy-violation")
        return
    if not host.faults.has("enable-unanswered"):
        host.write(session, serialize(build(Name(STREAM_MANAGEMENT, "enabled"))))
    session.managed = True


def _resume(host: Host, session: Session, _element: Element) -> None:
    condition = build(Name(STANZA_ERRORS, "feature-not-implemented"))
    host.write(session, serialize(build(Name(STREAM_MANAGEMENT, "failed"), {}, condition)))


def _request(host: Host, session: Session, _element: Element) -> None:
    if not session.managed or host.faults.has("acknowledgement-missing"):
        return
    if host.faults.has("acknowledgement-requests-counted"):
        session.handled += 1
    attributes = {} if host.faults.has("acknowledgement-without-h") else {"h": str(session.handled)}
    host.write(session, serialize(build(Name(STREAM_MANAGEMENT, "a"), attributes)))


def _acknowledged(host: Host, session: Session, element: Element) -> None:
    text = element.get("h", "")
    number = int(text) if text.isdecimal() and len(text) < 12 else None
    if not session.managed or number is None:
        return
    newly = (number - (session.sent - len(session.unacknowledged))) % _WRAP
    if newly > len(session.unacknowledged):
        if not host.faults.has("acknowledged-too-many-accepted"):
            attributes = {"h": text, "send-count": str(session.sent % _WRAP)}
            application = build(Name(STREAM_MANAGEMENT, "handled-count-too-high"), attributes)
            host.close(session, "undefined-condition", application)
        return
    del session.unacknowledged[:newly]


_HANDLERS: Mapping[str, Callable[[Host, Session, Element], None]] = {
    "enable": _enable,
    "resume": _resume,
    "r": _request,
    "a": _acknowledged,
}
