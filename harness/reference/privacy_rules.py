"""Whether a privacy list lets a stanza in (XEP-0016, 2.2)."""

from harness.reference.accounts import Account
from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.reference.settings import Feature
from harness.reference.stanzas import Element, child_elements, kind_of


def is_denied(host: Host, account: Account, to: str, stanza: Element, kind: str) -> bool:
    """Whether a stanza of a kind, `message` or `iq`, is kept from an account's address."""
    sender = parse(stanza.get("from", ""))
    if (
        sender is None
        or sender.bare == host.bare_jid(account)
        or not host.settings.has(Feature.PRIVACY_LISTS)
    ):
        return False
    items = account.privacy_lists.get(_list_for(host, account, to), [])
    ordered = sorted(items, key=_order)
    if host.faults.has("privacy-order-ignored"):
        ordered = items
    if host.faults.has("privacy-last-rule-decides"):
        ordered = ordered[::-1]
    for item in ordered:
        if _concerns(item, kind) and _matches(host, account, item, str(sender)):
            return item.get("action") == "deny" and not _passes(host, kind)
    return host.faults.has("privacy-no-match-denied") and bool(items)


def _passes(host: Host, kind: str) -> bool:
    if kind == "iq":
        return host.faults.has("privacy-iq-passes")
    return host.faults.has("privacy-message-passes")


def _list_for(host: Host, account: Account, to: str) -> str:
    """The active list of the session, else the default; for a bare JID that of who is there."""
    session = host.sessions.at(to) or next(iter(host.sessions.of(to)), None)
    if session is not None and session.active_list and not host.faults.has("privacy-active-ignored"):
        return session.active_list
    return "" if host.faults.has("privacy-default-ignored") else account.default_list


def _order(item: Element) -> int:
    return int(item.get("order", "0"))


def _concerns(item: Element, kind: str) -> bool:
    kinds = [kind_of(child).local for child in child_elements(item)]
    return not kinds or kind in kinds


def _matches(host: Host, account: Account, item: Element, sender: str) -> bool:
    """Whether a rule is about an address: by JID, group or subscription, or about everybody (2.1)."""
    address, value = parse(sender), item.get("value", "")
    if address is None or item.get("type") is None:
        return True
    contact = account.roster.get(address.bare)
    match item.get("type"):
        case "jid":
            return value in (sender, address.bare, f"{address.domain}/{address.resource}", address.domain)
        case "group":
            return contact is not None and value in contact.groups
    return value == (contact.subscription if contact is not None else "none")
