"""Messages for those who are away (RFC 6121, 8.5.2.2; XEP-0160)."""

from harness.reference import events
from harness.reference.accounts import Account
from harness.reference.host import Host
from harness.reference.moments import legacy_timestamp, timestamp
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import (
    BODY,
    Element,
    child_elements,
    copied,
    delay,
    kind_of,
    legacy_delay,
    type_of,
)
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import CLIENT, DELAY, Name

_CHAT_STATES = "http://jabber.org/protocol/chatstates"


def store(host: Host, account: Account, stanza: Element) -> bool:
    """Keep a message for later; tell whether the sender has no error to get for it."""
    if _is_only_chat_state(stanza) and not host.faults.has("chat-states-stored"):
        return True
    if not host.settings.has(Feature.OFFLINE):
        return False
    if len(account.offline) >= host.settings.limits.offline_messages:
        return False
    if not host.faults.has("offline-lost"):
        account.offline.append((host.clock(), events.storing(host, stanza)))
    return True


def release(host: Host, session: Session) -> None:
    """Deliver what is stored, in order, to a resource that can now receive (XEP-0160, 2)."""
    stored = session.account.offline
    if host.faults.has("offline-reversed"):
        stored = stored[::-1]
    for moment, stanza in stored:
        host.send(session, _delayed(host, stanza, moment))
    if not host.faults.has("offline-delivered-again"):
        session.account.offline = []


def _delayed(host: Host, stanza: Element, moment: float) -> Element:
    copy = copied(stanza)
    if _has_delay(host, stanza):  # it has come back from a session that did not acknowledge it
        return copy
    if not host.faults.has("offline-without-delay"):
        stamp = timestamp(moment if not host.faults.has("offline-delay-of-delivery") else host.clock())
        mark = delay(host.domain, stamp)
        if host.faults.has("offline-delay-in-content-namespace"):
            mark = build(Name(CLIENT, "delay"), {"from": host.domain, "stamp": stamp})
        copy.append(mark)
        if host.faults.has("offline-two-delays"):
            copy.append(copied(mark))
    if host.settings.has(Feature.LEGACY):
        copy.append(_legacy_delay(host, moment))
    return copy


def _has_delay(host: Host, stanza: Element) -> bool:
    """Whether the server has said already how long it keeps a message; it says so once (XEP-0203, 2)."""
    return any(one.get("from") == host.domain for one in stanza.iterfind(str(Name(DELAY, "delay"))))


def _legacy_delay(host: Host, moment: float) -> Element:
    """The stamp as old clients read it (XEP-0091)."""
    modern = host.faults.has("legacy-delay-modern")
    element = legacy_delay(host.domain, timestamp(moment) if modern else legacy_timestamp(moment))
    if host.faults.has("legacy-delay-without-stamp"):
        del element.attrib["stamp"]
    if host.faults.has("legacy-delay-without-from"):
        del element.attrib["from"]
    return element


def _is_only_chat_state(stanza: Element) -> bool:
    if type_of(stanza) != "chat" or first(stanza, BODY) is not None:
        return False
    names = [kind_of(child) for child in child_elements(stanza)]
    rest = [name for name in names if name.local != "thread"]
    return bool(rest) and all(name.namespace == _CHAT_STATES for name in rest)
