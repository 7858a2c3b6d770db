"""Service discovery of the server and of accounts (XEP-0030)."""

from collections.abc import Iterable

from harness.reference.host import Host
from harness.reference.presence import may_see
from harness.reference.requests import Handlers, Request, Scope, in_scopes
from harness.reference.settings import Feature
from harness.reference.stanzas import Answer, Element, Refused, Result
from harness.xmpp.elements import build
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import (
    BLOCKING,
    BROWSE,
    CARBONS,
    COMMANDS,
    DISCO_INFO,
    DISCO_ITEMS,
    IQ_PRIVACY,
    LAST,
    LEGACY_TIME,
    MAM,
    PING,
    PRIVATE,
    REGISTER,
    ROSTER,
    STANZA_IDS,
    TIME,
    VCARD,
    VERSION,
    Name,
)

INFO = Name(DISCO_INFO, "query")
ITEMS = Name(DISCO_ITEMS, "query")
OFFLINE = "msgoffline"
RSM = "http://jabber.org/protocol/rsm"
ADMIN = "http://jabber.org/protocol/admin"

#: What the domain lists while a feature is on.
_SERVER_FEATURES = {
    Feature.PING: (PING,),
    Feature.VERSION: (VERSION,),
    Feature.VCARD: (VCARD,),
    Feature.PRIVATE: (PRIVATE,),
    Feature.TIME: (TIME,),
    Feature.LAST: (LAST,),
    Feature.OFFLINE: (OFFLINE,),
    Feature.REGISTRATION: (REGISTER,),
    Feature.CARBONS: (CARBONS,),
    Feature.BLOCKING: (BLOCKING,),
    Feature.PRIVACY_LISTS: (IQ_PRIVACY,),
    Feature.ARCHIVE: (MAM, f"{MAM}#extended", RSM),
    Feature.COMMANDS: (COMMANDS,),
    Feature.LEGACY: (LEGACY_TIME, BROWSE),
}

_ARCHIVE = (MAM, f"{MAM}#extended", f"{MAM}#groupchat-field", RSM, STANZA_IDS)

#: What an account lists while a feature is on.
_ACCOUNT_FEATURES = {
    Feature.PING: (PING,),
    Feature.VCARD: (VCARD,),
    Feature.LAST: (LAST,),
    Feature.ARCHIVE: _ARCHIVE,
}


def description(
    node: str | None, identities: Iterable[tuple[str, str, str]], features: Iterable[str]
) -> Element:
    """A disco#info result: identities are category, type and name."""
    shown = [_identity(*identity) for identity in identities]
    listed = [build(Name(DISCO_INFO, "feature"), {"var": feature}) for feature in features]
    return build(INFO, {"node": node} if node else {}, *shown, *listed)


def listing(node: str | None, items: Iterable[tuple[str, str]]) -> Element:
    """A disco#items result: items are JID and name."""
    shown = [build(Name(DISCO_ITEMS, "item"), {"jid": jid} | _named(name)) for jid, name in items]
    return build(ITEMS, {"node": node} if node else {}, *shown)


def server_info(host: Host, request: Request) -> Answer:
    """Identity and features of the domain."""
    node = request.payload.get("node")
    if node == COMMANDS and host.settings.has(Feature.COMMANDS):
        shown = None if host.faults.has("disco-node-not-mirrored") else node
        return Result(payload=description(shown, [("automation", "command-list", "Commands")], [COMMANDS]))
    if node and not host.faults.has("disco-unknown-node-answered"):
        return Refused(condition="item-not-found")
    features = [DISCO_INFO, DISCO_ITEMS, ROSTER]
    for feature, names in _SERVER_FEATURES.items():
        if host.settings.has(feature):
            features.extend(names)
    if host.faults.has("disco-feature-missing"):
        features.remove(DISCO_INFO)
    if host.faults.has("blocking-not-listed"):
        features.remove(BLOCKING)
    if host.faults.has("carbons-not-listed"):
        features.remove(CARBONS)
    if host.faults.has("offline-not-listed"):
        features.remove(OFFLINE)
    if host.faults.has("register-not-listed") and REGISTER in features:
        features.remove(REGISTER)
    features = [one for one in features if not _is_unlisted(host, one)]
    kind = ("client", "bot") if host.faults.has("disco-server-is-a-bot") else ("server", "im")
    identities = [] if host.faults.has("disco-identity-missing") else [(*kind, "xmpp-harness reference")]
    return Result(payload=description(node, identities, features))


def server_items(host: Host, request: Request) -> Answer:
    """The services of the domain, or its commands."""
    node = request.payload.get("node")
    if node == COMMANDS and host.settings.has(Feature.COMMANDS):
        return Result(payload=_commands(host, request.sender))
    if node:
        return Refused(condition="item-not-found")
    services = []
    if host.settings.has(Feature.MUC) and not host.faults.has("disco-service-missing"):
        services.append((host.settings.muc_domain, "Chat rooms"))
    if host.settings.has(Feature.GATEWAY):
        services.append((host.settings.gateway_domain, "Pigeon post"))
    if host.settings.has(Feature.DIRECTORY):
        services.append((host.settings.directory_domain, "Users"))
    if host.settings.has(Feature.PUBSUB):
        services.append((host.settings.pubsub_domain, "Nodes"))
    if host.faults.has("disco-item-without-jid"):
        services.append(("", "Nameless"))
    return Result(payload=listing(node, services))


def account_info(host: Host, request: Request) -> Answer:
    """An account shows itself to those who may see its presence (XEP-0030, 8)."""
    account = request.account
    if account is None and host.faults.has("disco-unknown-account-shown"):
        return Result(payload=description(None, [("account", "registered", "")], [DISCO_INFO]))
    if account is None or not _may_ask(host, request):
        return Refused(condition="service-unavailable")
    if request.payload.get("node"):
        return Refused(condition="item-not-found")
    features = [DISCO_INFO, DISCO_ITEMS]
    for feature, names in _ACCOUNT_FEATURES.items():
        if host.settings.has(feature):
            features.extend(one for one in names if not _is_unlisted(host, one))
    if host.faults.has("archive-groupchat-not-listed"):
        features = [one for one in features if "groupchat" not in one]
    if host.faults.has("archive-base-not-listed"):
        features = [one for one in features if one != MAM]
    if host.faults.has("archive-not-listed"):
        features = [one for one in features if MAM not in one]
    kind = "admin" if account.username in host.settings.admins else "registered"
    identities = [] if host.faults.has("disco-account-identity-missing") else [("account", kind, "")]
    return Result(payload=description(None, identities, features))


def account_items(host: Host, request: Request) -> Answer:
    """The available resources, for those who may see them; otherwise nothing (XEP-0030, 8)."""
    node = request.payload.get("node")
    if node:
        return Refused(condition="item-not-found")
    if request.account is None or not _may_ask(host, request):
        return Result(payload=listing(None, []))
    sessions = host.sessions.available(host.bare_jid(request.account))
    if not sessions and host.faults.has("disco-no-items-not-found"):
        return Refused(condition="item-not-found")
    if host.faults.has("disco-resources-not-listed"):
        sessions = []
    return Result(payload=listing(None, [(session.jid, "") for session in sessions]))


HANDLERS: Handlers = {
    (Scope.SERVER, "get", INFO): server_info,
    (Scope.SERVER, "get", ITEMS): server_items,
    **in_scopes((Scope.OWN, Scope.OTHER), "get", INFO, account_info),
    **in_scopes((Scope.OWN, Scope.OTHER), "get", ITEMS, account_items),
}

_ADMIN_COMMANDS = (("add-user", "Add a user"), ("delete-user", "Delete users"))


def _commands(host: Host, asker: Jid) -> Element:
    if not host.is_admin(asker):
        return listing(COMMANDS, [])
    items = [
        build(Name(DISCO_ITEMS, "item"), {"jid": host.domain, "node": f"{ADMIN}#{command}", "name": name})
        for command, name in _ADMIN_COMMANDS
    ]
    return build(ITEMS, {"node": COMMANDS}, *items)


def _is_unlisted(host: Host, feature: str) -> bool:
    """What a fault keeps out of the list, though it is there."""
    faults = host.faults
    unlisted = {
        PING: faults.has("ping-not-listed"),
        TIME: faults.has("time-not-listed"),
        LAST: faults.has("last-not-listed"),
        VERSION: faults.has("version-not-listed"),
        VCARD: faults.has("vcard-not-listed"),
    }
    return unlisted.get(feature, False)


def _may_ask(host: Host, request: Request) -> bool:
    if host.faults.has("disco-account-shown-to-strangers"):
        return True
    return request.account is not None and may_see(host, request.account, request.sender.bare)


def _identity(category: str, type: str, name: str) -> Element:
    return build(Name(DISCO_INFO, "identity"), {"category": category, "type": type} | _named(name))


def _named(name: str) -> dict[str, str]:
    return {"name": name} if name else {}
