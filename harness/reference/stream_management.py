"""Acknowledgements (XEP-0198); `resumption` has sessions go on."""

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
from harness.xmpp.namespaces import SASL, STANZA_ERRORS, STREAM_MANAGEMENT, Name

_WRAP = 2**32
_TOO_LONG = 4000


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
            if not host.faults.has("unacknowledged-without-delay"):
                late.append(delay(host.domain, timestamp(host.clock())))
            redeliver(host, late, to)


def failed(host: Host, condition: str) -> bytes:
    """The answer to what cannot be enabled or resumed (XEP-0198, 6)."""
    namespace = SASL if host.faults.has("failed-for-no-stanza-reason") else STANZA_ERRORS
    return serialize(build(Name(STREAM_MANAGEMENT, "failed"), {}, build(Name(namespace, condition))))


def acknowledge(host: Host, session: Session, element: Element) -> bool:
    """Note what the client has handled; tell whether its stream goes on (XEP-0198, 4 and 6)."""
    text = element.get("h", "")
    number = int(text) if text.isdecimal() and len(text) < 12 else None
    if not session.managed or number is None:
        return True
    newly = (number - (session.sent - len(session.unacknowledged))) % _WRAP
    if newly <= len(session.unacknowledged):
        del session.unacknowledged[:newly]
    elif not host.faults.has("acknowledged-too-many-accepted"):
        attributes = {"h": text, "send-count": str(session.sent % _WRAP)}
        application = build(Name(STREAM_MANAGEMENT, "handled-count-too-high"), attributes)
        host.close(session, "undefined-condition", application)
        return False
    return True


def _enable(host: Host, session: Session, element: Element) -> None:
    if session.managed and not host.faults.has("enable-twice-granted"):
        host.close(session, "policy-violation")
        return
    attributes = {}
    if element.get("resume") in ("true", "1") and host.settings.has(Feature.RESUMPTION):
        attributes = _resumable(host, session)
    if not host.faults.has("enable-unanswered"):
        host.write(session, serialize(build(Name(STREAM_MANAGEMENT, "enabled"), attributes)))
    session.managed = True


def _resumable(host: Host, session: Session) -> dict[str, str]:
    """Let a session be resumed; what tells the client so."""
    session.resumption = session.jid if host.faults.has("session-ids-reused") else host.fresh()
    if host.faults.has("session-id-long"):
        session.resumption += "x" * _TOO_LONG
    host.resumable[session.resumption] = session
    attributes = {"resume": "true", "id": session.resumption, "max": str(host.settings.limits.absence)}
    if host.faults.has("enabled-without-id"):
        del attributes["id"]
    return attributes


def _resume(host: Host, session: Session, _element: Element) -> None:
    host.write(session, failed(host, "unexpected-request"))


def _request(host: Host, session: Session, _element: Element) -> None:
    if not session.managed or host.faults.has("acknowledgement-missing"):
        return
    if host.faults.has("acknowledgement-requests-counted"):
        session.handled += 1
    attributes = {} if host.faults.has("acknowledgement-without-h") else {"h": str(session.handled)}
    host.write(session, serialize(build(Name(STREAM_MANAGEMENT, "a"), attributes)))


def _acknowledged(host: Host, session: Session, element: Element) -> None:
    if session.managed and host.faults.has("unasked-acknowledgement-refused"):
        host.close(session, "policy-violation")
    else:
        acknowledge(host, session, element)


_HANDLERS: Mapping[str, Callable[[Host, Session, Element], None]] = {
    "enable": _enable,
    "resume": _resume,
    "r": _request,
    "a": _acknowledged,
}
