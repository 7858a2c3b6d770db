"""Sessions that outlive their connection, and are resumed on another one (XEP-0198, 5)."""

from harness.negotiation.policy import Resumed
from harness.reference.host import Host
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import Element, kind_of
from harness.reference.stream_management import acknowledge, failed
from harness.wire.writer import serialize
from harness.xmpp.elements import build
from harness.xmpp.namespaces import STREAM_MANAGEMENT, Name

_ENABLED = Name(STREAM_MANAGEMENT, "enabled")


def asked(host: Host, username: str, request: Element) -> Resumed | bytes:
    """What comes before a resource is bound; nobody has logged in where `username` is empty."""
    if kind_of(request).local == "enable":
        if host.faults.has("enable-before-bind-granted"):
            return serialize(build(_ENABLED))
        return failed(host, "unexpected-request")
    if not username and not host.faults.has("resumption-before-login-granted"):
        return failed(host, "not-authorized")
    if not host.settings.has(Feature.RESUMPTION):
        return failed(host, "feature-not-implemented")
    session = host.resumable.get(request.get("previd", ""))
    if session is None and host.faults.has("resumption-of-nothing-unanswered"):
        return b""
    if session is None or not _may_resume(host, username, session):
        return failed(host, "item-not-found")
    return Resumed(username=session.address.local, resource=session.address.resource)


def wait(host: Host, session: Session) -> bool:
    """A connection is gone: keep the session if it can be resumed (XEP-0198, 7); tell whether it is kept."""
    if session.resumption and not host.faults.has("lost-session-forgotten"):
        session.left = host.clock()
    return session.is_away


def go_on(host: Host, session: Session, request: Element) -> None:
    """Say that the session goes on, and send once more what was not handled."""
    session.left = None
    if host.faults.has("resumption-resets-counters"):
        session.handled = 0
    if host.faults.has("resumption-forgets-presence"):
        session.presence = None
    attributes = {"previd": session.resumption, "h": str(session.handled)}
    if host.faults.has("resumed-without-h"):
        del attributes["h"]
    host.write(session, serialize(build(Name(STREAM_MANAGEMENT, "resumed"), attributes)))
    if not host.faults.has("resumption-ignores-h") and not acknowledge(host, session, request):
        return
    if not host.faults.has("resumption-replays-nothing"):
        for stanza in session.unacknowledged:
            host.write(session, serialize(stanza))


def overdue(host: Host) -> list[Session]:
    """Sessions whose clients have been away for too long."""
    since = host.clock() - host.settings.limits.absence
    return [one for one in host.resumable.values() if one.left is not None and one.left < since]


def forget(host: Host, session: Session) -> None:
    """A session is over and cannot be resumed any more."""
    host.resumable.pop(session.resumption, None)


def _may_resume(host: Host, username: str, session: Session) -> bool:
    if host.faults.has("resumption-refused"):
        return False
    is_other = session.address.local != username and bool(username)
    return not is_other or host.faults.has("resumption-by-others-granted")
