"""Messages: who gets them (RFC 6121, 8.5 and its table 1)."""

import re
from collections.abc import Callable, Mapping
from enum import Enum

from harness.reference import archive, carbons, offline
from harness.reference.accounts import Account
from harness.reference.blocklists import is_blocked
from harness.reference.host import Host
from harness.reference.privacy_rules import is_denied
from harness.reference.sessions import Session
from harness.reference.stanzas import BODY, Element, Refused, copied, type_of
from harness.xmpp.elements import children
from harness.xmpp.jid import Jid

_TYPES = ("normal", "chat", "groupchat", "headline", "error")


class Fate(Enum):
    """What becomes of a message; the letters of table 1."""

    DROPPED = "S"
    REFUSED = "E"
    STORED = "O"
    MOST_AVAILABLE = "M"
    ALL = "A"


class Situation(Enum):
    """What the server finds at an address that matches no connected resource."""

    NO_ACCOUNT = "no account"
    NOBODY = "no resource of non-negative priority"
    SOMEBODY = "a resource of non-negative priority"


_BARE: Mapping[tuple[Situation, str], Fate] = {
    (Situation.NO_ACCOUNT, "normal"): Fate.REFUSED,
    (Situation.NO_ACCOUNT, "chat"): Fate.REFUSED,
    (Situation.NO_ACCOUNT, "groupchat"): Fate.REFUSED,
    (Situation.NO_ACCOUNT, "headline"): Fate.DROPPED,
    (Situation.NOBODY, "normal"): Fate.STORED,
    (Situation.NOBODY, "chat"): Fate.STORED,
    (Situation.NOBODY, "groupchat"): Fate.REFUSED,
    (Situation.NOBODY, "headline"): Fate.DROPPED,
    (Situation.SOMEBODY, "normal"): Fate.MOST_AVAILABLE,
    (Situation.SOMEBODY, "chat"): Fate.MOST_AVAILABLE,
    (Situation.SOMEBODY, "groupchat"): Fate.REFUSED,
    (Situation.SOMEBODY, "headline"): Fate.ALL,
}

_UNMATCHED: Mapping[tuple[Situation, str], Fate] = {
    (Situation.NO_ACCOUNT, "normal"): Fate.REFUSED,
    (Situation.NO_ACCOUNT, "chat"): Fate.REFUSED,
    (Situation.NO_ACCOUNT, "groupchat"): Fate.REFUSED,
    (Situation.NO_ACCOUNT, "headline"): Fate.DROPPED,
    (Situation.NOBODY, "normal"): Fate.REFUSED,
    (Situation.NOBODY, "chat"): Fate.STORED,
    (Situation.NOBODY, "groupchat"): Fate.REFUSED,
    (Situation.NOBODY, "headline"): Fate.DROPPED,
    (Situation.SOMEBODY, "normal"): Fate.REFUSED,
    (Situation.SOMEBODY, "chat"): Fate.MOST_AVAILABLE,
    (Situation.SOMEBODY, "groupchat"): Fate.REFUSED,
    (Situation.SOMEBODY, "headline"): Fate.DROPPED,
}


def sent(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    """A message from a client; without `to` it is for the sender's own bare JID (RFC 6120, 10.3.1)."""
    addressed = stanza if "to" in stanza.attrib else copied(stanza, to=str(to))
    own = addressed
    if to.bare != session.address.bare and _is_accepted(host, addressed, to):
        # What one says to oneself is archived on arrival, what is refused not at all (XEP-0313, 6.1).
        own = archive.keep(host, session.account, addressed, str(to))
    if host.faults.has("own-stanza-id-passed-on"):
        addressed = own
    host.route(addressed)
    carbons.copy_sent(host, session, own)
    carbons.send_bounce(host, session, stanza)


def redeliver(host: Host, stanza: Element, to: Jid) -> None:
    """Once more a message that reached a resource which is gone; it is in the archive already."""
    _carry_out(host, stanza, to, host.account_at(to))


def deliver(host: Host, stanza: Element, to: Jid) -> None:
    """A message for an address of the accounts' domain."""
    if type_of(stanza, "normal") not in _TYPES and host.faults.has("unknown-message-type-dropped"):
        return
    account = host.account_at(to)
    blocked = account is not None and is_blocked(host, account, stanza.get("from", ""))
    blocked = blocked and not host.faults.has("blocked-inbound-passes")
    denied = account is not None and is_denied(host, account, str(to), stanza, "message")
    if blocked or denied:
        host.refuse(stanza, Refused(condition="service-unavailable"))
        return
    if host.faults.has("message-payload-dropped"):
        stanza = _without_payload(stanza)
    if host.faults.has("message-me-replaced"):
        stanza = without_me(stanza)
    if host.faults.has("message-id-changed") and "id" in stanza.attrib:
        stanza = copied(stanza, id=host.fresh())
    if account is not None and _is_arriving(host, stanza, to, account):
        stanza = archive.keep(host, account, stanza, stanza.get("from", ""))
    _carry_out(host, stanza, to, account)


def _is_accepted(host: Host, stanza: Element, to: Jid) -> bool:
    account = host.account_at(to)
    if account is None:
        return to.domain == host.settings.muc_domain
    return _is_arriving(host, stanza, to, account) and not is_blocked(host, account, stanza.get("from", ""))


def _is_arriving(host: Host, stanza: Element, to: Jid, account: Account) -> bool:
    """Tell whether a message comes to anybody, now or later; one that is refused is not archived."""
    if to.resource and host.sessions.at(str(to)) is not None:
        return True
    if host.faults.has("archive-keeps-refused"):
        return True
    return _fate(host, stanza, to, account) in (Fate.STORED, Fate.MOST_AVAILABLE, Fate.ALL)


def _carry_out(host: Host, stanza: Element, to: Jid, account: Account | None) -> None:
    match = host.sessions.at(str(to)) if to.resource else None
    if host.faults.has("messages-go-astray"):
        _lead_astray(host, stanza, to, account)
        return
    if match is not None and not host.faults.has("full-jid-message-to-all"):
        _give(host, stanza, [match])
        return
    _FATES[_fate(host, stanza, to, account)](host, stanza, to, account)


def _lead_astray(host: Host, stanza: Element, to: Jid, account: Account | None) -> None:
    """Do what no row of the table has: lose what is to arrive, and deliver the rest."""
    is_matched = bool(to.resource) and host.sessions.at(str(to)) is not None
    if account is None:
        origin = host.sessions.at(stanza.get("from", ""))
        _give(host, copied(stanza, sender=str(to)), [origin] if origin is not None else [])
    elif not is_matched and _fate(host, stanza, to, account) in (Fate.DROPPED, Fate.REFUSED):
        sessions = host.sessions.available(to.bare)
        _give(host, stanza, sessions)
        if not sessions:
            offline.store(host, account, stanza)


def _fate(host: Host, stanza: Element, to: Jid, account: Account | None) -> Fate:
    kind = type_of(stanza, "normal")
    if kind == "headline" and host.faults.has("headline-stored"):
        kind = "normal"
    if kind == "groupchat" and host.faults.has("groupchat-to-account-delivered"):
        kind = "normal"
    if kind == "error":
        passes = host.faults.has("error-message-to-bare-delivered") and _able(host, to.bare)
        if account is None and host.faults.has("error-answered-by-error"):
            return Fate.REFUSED
        if account is not None and not passes and host.faults.has("headline-stored"):
            return Fate.STORED
        return Fate.ALL if passes else Fate.DROPPED
    table = _UNMATCHED if to.resource else _BARE
    return table[_situation(host, to, account), kind if kind in _TYPES else "normal"]


def _situation(host: Host, to: Jid, account: Account | None) -> Situation:
    if account is None:
        return Situation.NO_ACCOUNT
    return Situation.SOMEBODY if _able(host, to.bare) else Situation.NOBODY


def _able(host: Host, bare: str) -> list[Session]:
    if host.faults.has("negative-priority-served"):
        return host.sessions.available(bare)
    return host.sessions.non_negative(bare)


def _drop(_host: Host, _stanza: Element, _to: Jid, _account: Account | None) -> None:
    pass


def _refuse(host: Host, stanza: Element, _to: Jid, _account: Account | None) -> None:
    if not host.faults.has("undeliverable-message-silent"):
        host.refuse(stanza, Refused(condition="service-unavailable"))


def _store(host: Host, stanza: Element, _to: Jid, account: Account | None) -> None:
    if account is not None and not offline.store(host, account, stanza):
        host.refuse(stanza, Refused(condition="service-unavailable"))


def _to_most_available(host: Host, stanza: Element, to: Jid, _account: Account | None) -> None:
    able = _able(host, to.bare)
    highest = max(session.priority for session in able)
    lowest = min(session.priority for session in able)
    wanted = lowest if host.faults.has("least-available-served") else highest
    _give(host, stanza, [session for session in able if session.priority == wanted])


def _to_all(host: Host, stanza: Element, to: Jid, _account: Account | None) -> None:
    able = _able(host, to.bare)
    _give(host, stanza, able[:1] if host.faults.has("headline-to-one") else able)


_FATES: Mapping[Fate, Callable[[Host, Element, Jid, Account | None], None]] = {
    Fate.DROPPED: _drop,
    Fate.REFUSED: _refuse,
    Fate.STORED: _store,
    Fate.MOST_AVAILABLE: _to_most_available,
    Fate.ALL: _to_all,
}


def _give(host: Host, stanza: Element, sessions: list[Session]) -> None:
    if host.faults.has("message-lost"):
        return
    if host.faults.has("from-not-stamped"):
        stanza = copied(stanza, sender=None)
    for session in sessions:
        rewritten = host.faults.has("message-to-rewritten")
        _hand_over(host, session, copied(stanza, to=session.jid) if rewritten else stanza)
        if host.faults.has("message-delivered-twice"):
            host.send(session, stanza)
    if sessions:
        carbons.copy_received(host, stanza, sessions[0].address.bare, sessions)


def _hand_over(host: Host, session: Session, stanza: Element) -> None:
    if not host.faults.has("message-overtaken"):
        host.send(session, stanza)
    elif session.overtaken is None:
        session.overtaken = stanza
    else:
        host.send(session, stanza)
        host.send(session, session.overtaken)
        session.overtaken = None


def without_me(stanza: Element) -> Element:
    """A copy that says somebody instead of /me: a fault."""
    copy = copied(stanza)
    for body in children(copy, BODY):
        body.text = re.sub("^/me ", "Somebody ", body.text or "")
    return copy


def _without_payload(stanza: Element) -> Element:
    copy = copied(stanza)
    for child in list(copy):
        if not str(child.tag).startswith("{jabber:client}"):
            copy.remove(child)
    return copy
