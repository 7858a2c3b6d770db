"""Availability: initial presence, broadcasts, probes, directed presence, the end (RFC 6121, 4)."""

from harness.reference import offline
from harness.reference.accounts import Account
from harness.reference.addresses import parse
from harness.reference.blocklists import is_blocked
from harness.reference.host import Host
from harness.reference.moments import timestamp
from harness.reference.sessions import Session
from harness.reference.stanzas import (
    PRESENCE,
    STATUS,
    Element,
    Refused,
    copied,
    delay,
    presence,
    text_of,
    type_of,
)
from harness.xmpp.elements import build, first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import CLIENT, Name

_TYPES = ("", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error")
_PRIORITY = Name(CLIENT, "priority")
_SEES = ("from", "both")
_SEEN = ("to", "both")


def fault_of(host: Host, stanza: Element) -> Refused | None:
    """What is wrong with a presence stanza as such (RFC 6121, 4.7.1 and 4.7.2.3)."""
    if type_of(stanza) not in _TYPES and not host.faults.has("presence-unknown-type-accepted"):
        return Refused(condition="bad-request", text="There is no such type of presence.")
    if _priority_of(stanza) is None:
        return Refused(condition="bad-request", text="A priority is a whole number from -128 to 127.")
    return None


def broadcast(host: Host, session: Session, stanza: Element) -> None:
    """Presence without `to` (RFC 6121, 4.2, 4.4, 4.5)."""
    if type_of(stanza) == "unavailable":
        become_unavailable(host, session, stanza)
    elif type_of(stanza) in ("", *_unknown_types(host, stanza)):
        _become_available(host, session, stanza)


def become_unavailable(host: Host, session: Session, stanza: Element) -> None:
    """Broadcast that a resource is gone, also to who got directed presence only (RFC 6121, 4.5.2, 4.6.3)."""
    was_available = session.is_available
    others = list(session.directed)
    session.directed.clear()
    if was_available:
        if host.faults.has("unavailable-stripped"):
            stanza = build(PRESENCE, {"from": session.jid, "type": "unavailable"})
        _to_contacts(host, session, stanza)
        if not host.faults.has("unavailable-not-to-own-resources"):
            _to_own(host, session, stanza)
        session.presence = None
        session.account.last_status = text_of(stanza, STATUS)
    session.account.last_logout = host.clock()
    if not host.faults.has("directed-unavailable-missing"):
        _to_directed(host, session, stanza, others, was_available)


def disconnect(host: Host, session: Session) -> None:
    """The server's own unavailable presence for a resource that went without one (RFC 6121, 4.5.2)."""
    if host.faults.has("disconnect-not-broadcast"):
        session.presence = None
        session.directed.clear()
    become_unavailable(host, session, build(PRESENCE, {"from": session.jid, "type": "unavailable"}))


def directed(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    """Presence with a `to` (RFC 6121, 4.6)."""
    if type_of(stanza) == "unavailable" and host.faults.has("directed-presence-not-ended"):
        session.directed[str(to)] = None
    elif type_of(stanza) == "unavailable":
        session.directed.pop(str(to), None)
    elif type_of(stanza) != "error":
        session.directed[str(to)] = None
    if host.faults.has("directed-presence-lost") and to.domain == host.domain:
        return
    host.route(stanza)


def deliver(host: Host, stanza: Element, to: Jid) -> None:
    """Presence for a local account: a bare JID reaches all available resources (RFC 6121, 8.5.2.1.2)."""
    account = host.account_at(to)
    if account is None and type_of(stanza) == "error" and host.faults.has("presence-error-answered"):
        host.give_back(host.error_for(stanza, Refused(condition="service-unavailable")))
    if account is None and host.faults.has("presence-to-nobody-refused"):
        host.refuse(stanza, Refused(condition="service-unavailable"))
    if account is None or is_blocked(host, account, stanza.get("from", "")):
        return
    if host.faults.has("presence-extensions-dropped"):
        stanza = _stripped(stanza)
    if host.faults.has("available-has-a-type") and not type_of(stanza):
        stanza = copied(stanza, type="available")
    if host.faults.has("presence-to-uri"):
        stanza = copied(stanza, to=f"xmpp:{stanza.get('to', '')}")
    match = host.sessions.at(str(to)) if to.resource else None
    is_for_all = not to.resource or (match is None and host.faults.has("unmatched-presence-delivered"))
    targets = host.sessions.available(to.bare) if is_for_all else [match]
    if host.faults.has("presence-to-one-resource"):
        targets = targets[:1]
    for target in targets:
        if target is not None:
            rewritten = host.faults.has("presence-to-rewritten")
            host.send(target, copied(stanza, to=target.jid) if rewritten else stanza)


def probed(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    """A probe from a client (RFC 6121, 4.3.2)."""
    target = host.account_at(to)
    sender, id = session.address, stanza.get("id")
    if host.faults.has("client-probe-unanswered"):
        return
    if host.faults.has("client-probe-delivered"):
        host.route(stanza)
        return
    if host.faults.has("probe-ends-pre-approval") and target is not None and sender.bare in target.roster:
        target.roster[sender.bare].approved = False
    if target is None and host.faults.has("probe-of-nobody-answered"):
        host.send(session, presence(to.bare, sender.bare, "unavailable", id=id))
        return
    if target is None and to.domain != host.domain:
        host.route(stanza)
    elif target is not None and _is_silent_to(host, target, sender):
        return
    elif target is not None and (
        _sees(host, target, sender.bare) or host.faults.has("probe-answered-to-strangers")
    ):
        _answer_probe(host, target, session, to, id)
    elif not _answer_by_directed(host, session, to, id):
        host.send(session, presence(to.bare, sender.bare, "unsubscribed", id=id))


def _is_silent_to(host: Host, account: Account, sender: Jid) -> bool:
    """Who is blocked gets no answer (XEP-0191, 3.3)."""
    return is_blocked(host, account, str(sender)) and not host.faults.has("blocked-probe-answered")


def send_current(host: Host, account: Account, to: str) -> None:
    """Send the presence of each available resource to one who has just been let see it."""
    for session in host.sessions.available(host.bare_jid(account)):
        host.route(copied(_current(session), to=to))


def send_unavailable(host: Host, account: Account, to: str) -> None:
    """Send unavailable for each available resource to one who may no longer see it."""
    for session in host.sessions.available(host.bare_jid(account)):
        host.route(presence(session.jid, to, "unavailable"))


def shares_presence(host: Host, target: Session, jid: str) -> bool:
    """Tell whether a session shows its presence to an address (RFC 6121, 8.5.3.1)."""
    address = parse(jid)
    if address is None:
        return False
    shown = {str(address), address.bare} & set(target.directed)
    return bool(shown) or _sees(host, target.account, address.bare)


def may_see(host: Host, account: Account, bare: str) -> bool:
    """Tell whether an address is entitled to an account's presence."""
    return _sees(host, account, bare)


def _sees(host: Host, account: Account, bare: str) -> bool:
    item = account.roster.get(bare)
    return bare == host.bare_jid(account) or (item is not None and item.subscription in _SEES)


def _unknown_types(host: Host, stanza: Element) -> tuple[str, ...]:
    type = type_of(stanza)
    return (type,) if host.faults.has("presence-unknown-type-accepted") and type not in _TYPES else ()


def _priority_of(stanza: Element, no_priority: int = 0) -> int | None:
    element = first(stanza, _PRIORITY)
    if element is None or not (element.text or "").strip():
        return no_priority
    try:
        priority = int(element.text or "")
    except ValueError:
        return None
    return priority if -128 <= priority <= 127 else None


def _without_priority(stanza: Element) -> Element:
    copy = copied(stanza)
    element = first(copy, _PRIORITY)
    if element is not None:
        copy.remove(element)
    return copy


def _stripped(stanza: Element) -> Element:
    copy = copied(stanza)
    for child in list(copy):
        if not str(child.tag).startswith(f"{{{CLIENT}}}"):
            copy.remove(child)
    return copy


def _current(session: Session) -> Element:
    assert session.presence is not None
    return session.presence


def _become_available(host: Host, session: Session, stanza: Element) -> None:
    is_initial = not session.is_available
    could_receive = session.is_available and session.priority >= 0
    session.presence = stanza
    is_spoilt = len(_stripped(stanza)) < len(stanza) and host.faults.has("unknown-part-spoils-presence")
    is_ignored = is_spoilt or host.faults.has("priority-ignored")
    default = -1 if host.faults.has("no-priority-is-negative") else 0
    session.priority = 0 if is_ignored else _priority_of(stanza, default) or 0
    if not (host.faults.has("presence-update-lost") and not is_initial):
        if not (host.faults.has("initial-presence-not-broadcast") and is_initial):
            _to_contacts(host, session, stanza)
        if not host.faults.has("presence-self-missing"):
            _to_own(host, session, stanza)
        if host.faults.has("directed-gets-broadcasts"):
            _to_directed(host, session, stanza, list(session.directed), False)
    if is_initial:
        _learn(host, session)
    if host.faults.has("offline-to-negative-priority") or (session.priority >= 0 and not could_receive):
        offline.release(host, session)


def _to_contacts(host: Host, session: Session, stanza: Element) -> None:
    for item in list(session.account.roster.values()):
        address = parse(item.jid)
        shown = item.subscription in _SEES or host.faults.has("presence-to-all-contacts")
        if address is None or not shown or address.domain not in host.domains:
            continue
        if host.faults.has("directed-outweighs-subscription") and item.jid in session.directed:
            continue
        shown_stanza = _without_priority(stanza) if host.faults.has("priority-hidden") else stanza
        if not is_blocked(host, session.account, item.jid):
            host.route(copied(shown_stanza, to=item.jid))


def _to_own(host: Host, session: Session, stanza: Element) -> None:
    for resource in host.sessions.available(session.address.bare):
        host.send(resource, copied(stanza, to=resource.jid))


def _to_directed(host: Host, session: Session, stanza: Element, others: list[str], broadcast: bool) -> None:
    for jid in others:
        address = parse(jid)
        if address is None or address.bare == session.address.bare:
            continue
        if not (broadcast and _sees(host, session.account, address.bare)):
            host.route(copied(stanza, to=jid))


def _learn(host: Host, session: Session) -> None:
    """What a resource learns when it comes: own resources, contacts, requests (RFC 6121, 4.2.2, 3.1.3)."""
    for resource in host.sessions.available(session.address.bare):
        if resource is not session and not host.faults.has("own-resources-not-shown"):
            host.send(session, copied(_current(resource), to=session.jid))
    if not host.faults.has("contacts-not-probed"):
        _learn_contacts(host, session)
    if not host.faults.has("pending-request-not-redelivered"):
        for stanza in session.account.pending.values():
            host.send(session, stanza)


def _learn_contacts(host: Host, session: Session) -> None:
    for item in list(session.account.roster.values()):
        address = parse(item.jid)
        contact = host.account_at(address) if address is not None else None
        if address is None or contact is None or item.subscription not in _SEEN:
            continue
        if not is_blocked(host, session.account, item.jid) and _sees(host, contact, session.address.bare):
            _answer_probe(host, contact, session, address.with_resource(""), None)


def _answer_probe(host: Host, contact: Account, session: Session, to: Jid, id: str | None) -> None:
    """What an entitled probe yields (RFC 6121, 4.3.2)."""
    if is_blocked(host, contact, session.jid):
        return
    if to.resource and host.faults.has("probe-of-one-unanswered"):
        return
    is_for_all = not to.resource or host.faults.has("probe-of-one-shows-all")
    found = [each for each in host.sessions.available(to.bare) if is_for_all or each.jid == str(to)]
    for each in found:
        shown = (
            presence(each.jid, session.jid, id=id) if to.resource else copied(_current(each), to=session.jid)
        )
        host.send(session, shown)
    if not found:
        host.send(session, _absent(host, contact, to, session, id))


def _absent(host: Host, contact: Account, to: Jid, session: Session, id: str | None) -> Element:
    content = []
    if contact.last_logout is not None and not to.resource:
        content.append(delay(to.bare, timestamp(contact.last_logout)))
    return presence(str(to), session.jid, "unavailable", *content, id=id)


def _answer_by_directed(host: Host, session: Session, to: Jid, id: str | None) -> bool:
    """A probe by one who got directed presence shows that resource and no more (RFC 6121, 4.6.6)."""
    shown = [
        each
        for each in host.sessions.of(to.bare)
        if {session.jid, session.address.bare} & set(each.directed)
        and (not to.resource or each.jid == str(to))
    ]
    for each in shown:
        host.send(session, presence(each.jid, session.jid, id=id))
    return bool(shown)
