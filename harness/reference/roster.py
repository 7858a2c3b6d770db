"""The roster: fetching it, adding, changing and removing contacts (RFC 6121, 2)."""

from functools import partial

from harness.reference import subscriptions
from harness.reference.accounts import Account, RosterItem
from harness.reference.host import Host
from harness.reference.misreadings import unchecked
from harness.reference.pushes import GROUP, ITEM, QUERY, item_element, push, send_push, version_attribute
from harness.reference.requests import Handlers, Request, Scope
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import Answer, Deferred, Element, Refused, Result
from harness.xmpp.elements import build, children


def get(host: Host, request: Request) -> Answer:
    """Fetch the roster, or with a known `ver` only what changed since (RFC 6121, 2.1.3 and 2.6.3)."""
    account, session = request.subject, request.session
    session.interested = True
    if not account.roster and host.faults.has("empty-roster-refused"):
        return Refused(condition="item-not-found")
    changed = _changed_since(host, account, request.payload.get("ver"))
    if changed is not None and host.faults.has("roster-changes-forgotten"):
        changed = []
    if changed is not None and not host.faults.has("roster-version-missing"):
        return Result(afterwards=partial(_push_all, host, session, changed))
    items = [item_element(host, item) for item in account.roster.values()]
    if host.faults.has("roster-get-incomplete"):
        items = items[:-1]
    if host.faults.has("last-group-not-told"):
        items = [_without_last_group(one) for one in items]
    version = {} if host.faults.has("roster-version-missing") else version_attribute(host, account)
    return Result(payload=build(QUERY, version, *items))


def set_item(host: Host, request: Request) -> Answer:
    """Add, change or remove one contact (RFC 6121, 2.3 to 2.5)."""
    items = list(children(request.payload, ITEM))
    if host.faults.has("roster-crash-swallowed") and not (items and items[0].get("jid")):
        host.complain("Traceback (most recent call last):\nKeyError: the address of an item in a roster")
        return Deferred()
    if host.faults.has("roster-crash-told") and not (items and items[0].get("jid")):
        return Refused(condition="internal-server-error")
    if len(items) != 1 and not host.faults.has("roster-set-two-items-accepted"):
        return Refused(condition="bad-request", text="A roster set has exactly one item.")
    if not items:
        return Refused(condition="bad-request")
    address = host.address(items[0].get("jid", "")) if items[0].get("jid") else None
    if address is None and host.faults.has("roster-address-unchecked"):
        address = unchecked(items[0].get("jid", ""))
    if address is None:
        return Refused(condition="jid-malformed" if items[0].get("jid") else "bad-request")
    jid = items[0].get("jid", "") if host.faults.has("roster-capitals-kept") else str(address)
    if items[0].get("subscription") == "remove":
        return _remove(host, request.own, jid)
    refused = _wrong_with(host, items[0])
    if refused is not None:
        return refused
    _store(host, request.subject, jid, items[0])
    return Result(afterwards=partial(push, host, request.subject, jid))


HANDLERS: Handlers = {
    (Scope.OWN, "get", QUERY): get,
    (Scope.OWN, "set", QUERY): set_item,
}


def _without_last_group(item: Element) -> Element:
    groups = list(children(item, GROUP))
    if len(groups) > 1:
        item.remove(groups[-1])
    return item


def _push_all(host: Host, session: Session, changed: list[str]) -> None:
    for jid in changed:
        send_push(host, session, jid)


def _changed_since(host: Host, account: Account, version: str | None) -> list[str] | None:
    """The contacts that changed since a version, by their last change; None: no such version."""
    known = version is not None and version.startswith("v") and version[1:].isdecimal()
    if not known or version is None or not host.settings.has(Feature.ROSTER_VERSIONING):
        return None
    number = int(version[1:])
    if number > account.roster_version:
        return None
    changed = [jid for change, jid in account.roster_changes if change > number]
    return [jid for place, jid in enumerate(changed) if jid not in changed[place + 1 :]]


def _wrong_with(host: Host, item: Element) -> Refused | None:
    """The errors of RFC 6121, 2.3.3."""
    groups = [group.text or "" for group in children(item, GROUP)]
    limit = host.settings.limits.roster_text
    if len(set(groups)) != len(groups) and not host.faults.has("roster-duplicate-groups-accepted"):
        return Refused(condition="bad-request", text="A group is named once.")
    if "" in groups and not host.faults.has("roster-empty-group-accepted"):
        return Refused(condition="not-acceptable", text="A group has a name.")
    names = [] if host.faults.has("roster-long-name-cut") else [item.get("name", "")]
    kept = [] if host.faults.has("roster-long-group-cut") else groups
    if any(len(text.encode()) > limit for text in (*kept, *names)):
        return Refused(condition="not-acceptable", text="That name is too long.")
    return None


def _store(host: Host, account: Account, jid: str, element: Element) -> None:
    """Name and groups become exactly what was sent; the subscription stays (RFC 6121, 2.4)."""
    item = account.roster.setdefault(jid, RosterItem(jid=jid))
    groups = tuple(group.text or "" for group in children(element, GROUP))
    if host.faults.has("roster-long-group-cut"):
        groups = tuple(group[: host.settings.limits.roster_text] for group in groups)
    item.groups = item.groups + groups if host.faults.has("roster-update-adds-groups") else groups
    item.name = element.get("name", "")
    if host.faults.has("roster-long-name-cut"):
        item.name = item.name[: host.settings.limits.roster_text]
    if host.faults.has("roster-ask-taken") and element.get("ask"):
        item.ask = True
    if host.faults.has("roster-update-ends-subscription"):
        item.subscription = "none"
    if host.faults.has("roster-set-changes-subscription"):
        item.subscription = element.get("subscription", item.subscription)


def _remove(host: Host, account: Account, jid: str) -> Answer:
    if jid not in account.roster and not host.faults.has("roster-remove-unknown-accepted"):
        return Refused(condition="item-not-found")
    return Result(afterwards=partial(_forget, host, account, jid))


def _forget(host: Host, account: Account, jid: str) -> None:
    subscriptions.end_all(host, account, jid)
    push(host, account, jid)
