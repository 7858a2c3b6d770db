"""Roster items as XML, roster versions, and pushes to interested resources (RFC 6121, 2.1.6, 2.6)."""

from harness.reference.accounts import Account, RosterItem
from harness.reference.host import Host
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import IQ, Element
from harness.xmpp.elements import build
from harness.xmpp.namespaces import ROSTER, Name

QUERY = Name(ROSTER, "query")
ITEM = Name(ROSTER, "item")
GROUP = Name(ROSTER, "group")


def item_element(host: Host, item: RosterItem) -> Element:
    """A contact as a roster shows it."""
    attributes = {"jid": item.jid, "subscription": item.subscription}
    if item.name and not host.faults.has("roster-name-lost"):
        attributes["name"] = item.name
    if item.ask and not host.faults.has("roster-ask-missing"):
        attributes["ask"] = "subscribe"
    if item.approved and not host.faults.has("approval-ahead-not-shown"):
        attributes["approved"] = "true"
    groups = item.groups[:1] if host.faults.has("roster-one-group") else item.groups
    return build(ITEM, attributes, *(build(GROUP, {}, group) for group in groups))


def version_attribute(host: Host, account: Account) -> dict[str, str]:
    """The `ver` attribute that goes with a roster, when versions are kept."""
    if not host.settings.has(Feature.ROSTER_VERSIONING):
        return {}
    return {"ver": f"v{account.roster_version}"}


def push(host: Host, account: Account, jid: str) -> None:
    """Tell every interested resource how an item now is, or that it is gone."""
    if not host.faults.has("roster-version-stuck"):
        account.roster_version += 1
    account.roster_changes.append((account.roster_version, jid))
    interested = host.sessions.interested(host.bare_jid(account))
    if host.faults.has("roster-push-missing"):
        return
    if host.faults.has("roster-push-to-one-resource"):
        interested = interested[:1]
    if host.faults.has("roster-push-needs-presence"):
        interested = [session for session in interested if session.is_available]
    for session in interested:
        send_push(host, session, jid)


def send_push(host: Host, session: Session, jid: str) -> None:
    """Push one item to one resource."""
    account = session.account
    item = account.roster.get(jid)
    gone = build(ITEM, {"jid": jid, "subscription": "remove"})
    element = gone if item is None else item_element(host, item)
    query = build(QUERY, version_attribute(host, account), element)
    if host.faults.has("roster-push-whole-roster"):
        query = build(QUERY, {}, *(item_element(host, each) for each in account.roster.values()))
    attributes = {"type": "set", "id": host.fresh(), "to": session.jid}
    if host.faults.has("roster-push-id-repeated"):
        attributes["id"] = "push"
    if host.faults.has("roster-push-without-id"):
        del attributes["id"]
    if host.faults.has("roster-push-from-stranger"):
        attributes["from"] = f"stranger@{host.domain}"
    host.send(session, build(IQ, attributes, query))
