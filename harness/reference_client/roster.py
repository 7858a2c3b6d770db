"""The roster: fetched, pushed, changed (RFC 6121, 2)."""

from harness.reference_client.session import Contact, Element, Session, bare, same
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import ROSTER, Name

_QUERY = Name(ROSTER, "query")
_ITEM = Name(ROSTER, "item")
_GROUP = Name(ROSTER, "group")
_STATES = ("none", "to", "from", "both")


def fetch(session: Session) -> None:
    """Ask for the roster; with a version only where the server knows them (RFC 6121, 2.6.2)."""
    attributes = {}
    has_versions = session.has_roster_versions and not session.has("roster-version-left-out")
    if has_versions or session.has("version-sent-unasked"):
        attributes["ver"] = "1" if session.has("roster-version-made-up") else session.roster.version
    items = [build(_ITEM, {"jid": session.jid.bare})] if session.has("roster-get-with-item") else []
    query = build(_QUERY, attributes, *items)
    to = session.jid.domain if session.has("roster-get-to-server") else ""
    session.ask("get", query, "get-roster", lambda stanza: take_roster(session, stanza), to)


def take_roster(session: Session, stanza: Element) -> None:
    """Take a roster over. An empty result says that nothing has changed (RFC 6121, 2.6.3)."""
    query = stanza.find(str(_QUERY))
    if session.has("roster-ignored"):
        return
    if query is not None:
        session.roster.version = query.get("ver", "")
        contacts = [_contact_of(session, item) for item in children(query, _ITEM)]
        session.roster.contacts = {one.jid: one for one in contacts if one is not None}
    session.report("roster", {"items": [_told(one) for one in session.roster.contacts.values()]})


def take_push(session: Session, query: Element) -> str | None:
    """Take one change over, or tell the condition of the error that answers the push."""
    items = list(children(query, _ITEM))
    if len(items) != 1 and not session.has("push-with-many-items-taken"):
        return "bad-request"
    for item in items:
        _take_item(session, item)
    if "ver" in query.attrib and not session.has("push-version-forgotten"):
        session.roster.version = query.get("ver", "")
    return None


def _take_item(session: Session, item: Element) -> None:
    contact = _contact_of(session, item)
    if contact is None or session.has("push-ignored"):
        return
    kept = session.roster.contacts
    for known in [one for one in kept if same(one, contact.jid)]:
        del kept[known]
    subscription = contact.subscription
    if item.get("subscription") == "remove":
        subscription = "none" if session.has("removal-misunderstood") else "remove"
    if subscription != "remove":
        kept[contact.jid] = contact
    session.report("contact", {"jid": contact.jid, "name": contact.name, "subscription": subscription})


def _contact_of(session: Session, item: Element) -> Contact | None:
    """A contact; a value of subscription that is not known counts as none (RFC 6121, 2.1.2.5)."""
    jid, state = item.get("jid", ""), item.get("subscription", "none")
    if not jid:
        return None
    is_known = state in _STATES or session.has("unknown-subscription-told")
    return Contact(
        jid=jid,
        name=item.get("name", ""),
        subscription=state if is_known else "none",
        groups=tuple(group.text or "" for group in children(item, _GROUP)),
    )


def _told(contact: Contact) -> dict[str, object]:
    told: dict[str, object] = {"jid": contact.jid, "subscription": contact.subscription}
    if contact.name:
        told["name"] = contact.name
    if contact.groups:
        told["groups"] = list(contact.groups)
    return told


def add(session: Session, values: dict[str, str]) -> None:
    """Add a contact or change it; no subscription is asked for."""
    attributes = {"jid": bare(values["jid"])}
    if values["name"]:
        attributes["name"] = values["name"]
    if session.has("roster-set-with-ask"):
        attributes["ask"] = "subscribe"
    if session.has("roster-set-with-approved"):
        attributes["approved"] = "true"
    groups = [build(_GROUP, {}, values["group"])] if values["group"] else []
    items = [build(_ITEM, attributes, *groups)]
    if session.has("roster-set-with-two-items"):
        items.append(build(_ITEM, {"jid": session.jid.domain}))
    session.ask("set", build(_QUERY, {}, *items), "add-contact", _nothing)


def remove(session: Session, values: dict[str, str]) -> None:
    """Remove a contact, and with it the subscriptions."""
    attributes = {"jid": bare(values["jid"]), "subscription": "remove"}
    if session.has("removal-as-plain-set"):
        del attributes["subscription"]
    item = build(_ITEM, attributes)
    session.ask("set", build(_QUERY, {}, item), "remove-contact", _nothing)


def _nothing(_stanza: Element) -> None:
    """The push tells what has changed."""
