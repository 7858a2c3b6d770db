"""Publish-subscribe on accounts and on a service (XEP-0060, XEP-0163)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.reference.accounts import Account
from harness.reference.answers import answer
from harness.reference.blocklists import is_blocked
from harness.reference.discovery import INFO, ITEMS, account_info, account_items, description
from harness.reference.forms import Field, form, form_in, submitted
from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.nodes import ACCESS, MAXIMUM, MODELS, Node, Nodes
from harness.reference.presence import may_see
from harness.reference.requests import Handler, Handlers, Request, Scope, in_scopes
from harness.reference.settings import Feature
from harness.reference.stanzas import (
    MESSAGE,
    Answer,
    Deferred,
    Element,
    Refused,
    Result,
    child_elements,
    copied,
    is_request,
    kind_of,
    type_of,
)
from harness.xmpp.elements import build, children, first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import (
    DISCO_INFO,
    DISCO_ITEMS,
    PUBSUB,
    PUBSUB_ERRORS,
    PUBSUB_EVENT,
    PUBSUB_OWNER,
    Name,
)

_CONFIG = f"{PUBSUB}#node_config"
_ITEM = Name(PUBSUB, "item")
_FEATURES = (
    "access-open",
    "access-presence",
    "access-whitelist",
    "config-node",
    "create-and-configure",
    "create-nodes",
    "delete-items",
    "delete-nodes",
    "last-published",
    "persistent-items",
    "publish",
    "publish-options",
    "retrieve-items",
    "subscribe",
)
FEATURES = (PUBSUB, *(f"{PUBSUB}#{name}" for name in _FEATURES))
#: Only accounts make a node when something is published to it.
ACCOUNT_FEATURES = (*FEATURES, f"{PUBSUB}#auto-create", f"{PUBSUB}#auto-subscribe")


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request to one keeper of nodes: an account, or the service where `account` is None."""

    nodes: Nodes
    keeper: str
    account: Account | None
    sender: Jid
    payload: Element
    action: Element

    @property
    def name(self) -> str:
        """The node that is meant."""
        return self.action.get("node", "")

    @property
    def owns_account(self) -> bool:
        """Tell whether the account is the sender's own."""
        return self.sender.bare == self.keeper


def serve(host: Host, stanza: Element, to: Jid) -> None:
    """A stanza for the publish-subscribe service."""
    sender = host.address(stanza.get("from", ""))
    payloads = child_elements(stanza)
    if not is_request(stanza) or sender is None or not payloads:
        return
    kind = kind_of(payloads[0])
    if kind == INFO:
        answer(host, stanza, _info(host, payloads[0].get("node")))
    elif kind == ITEMS:
        answer(host, stanza, _listed(host.nodes, str(to), payloads[0].get("node"), lambda _node: True))
    else:
        answer(host, stanza, _carry_out(host, host.nodes, str(to), None, sender, stanza))


def _info(host: Host, node: str | None) -> Answer:
    if node and node not in host.nodes:
        return Refused(condition="item-not-found")
    kind = "leaf" if node else "service"
    if node and host.faults.has("node-without-identity"):
        return Result(payload=description(node, [], (PUBSUB,)))
    identities = [] if host.faults.has("service-without-identity") else [("pubsub", kind, "")]
    return Result(payload=description(node, identities, (DISCO_INFO, DISCO_ITEMS, *FEATURES)))


def _listed(nodes: Nodes, keeper: str, node: str | None, is_shown: Callable[[Node], bool]) -> Answer:
    if node and node not in nodes:
        return Refused(condition="item-not-found")
    if node:
        shown = [{"jid": keeper, "name": id} for id in nodes[node].items]
    else:
        shown = [{"jid": keeper, "node": each.name} for each in nodes.values() if is_shown(each)]
    items = [build(Name(DISCO_ITEMS, "item"), one) for one in shown]
    return Result(payload=build(ITEMS, {"node": node} if node else {}, *items))


def _on_account(host: Host, request: Request) -> Answer:
    account = request.subject
    if request.scope is Scope.OTHER and request.account is None:
        return Refused(condition="service-unavailable")
    return _carry_out(host, account.nodes, host.bare_jid(account), account, request.sender, request.stanza)


def _account_info(host: Host, request: Request) -> Answer:
    """What an account tells of itself, and of its nodes (XEP-0163, 6.1)."""
    name, account = request.payload.get("node"), request.account
    node = account.nodes.get(name) if account is not None and name else None
    if node is not None and _may_read(host, node, account, request.sender):
        return Result(payload=description(name, [("pubsub", "leaf", "")], (PUBSUB,)))
    told = account_info(host, request)
    if isinstance(told, Result) and told.payload is not None and not host.faults.has("pep-not-listed"):
        more = description(None, [("pubsub", "pep", "")], ACCOUNT_FEATURES)
        told.payload.extend(child_elements(more))
    return told


def _account_items(host: Host, request: Request) -> Answer:
    """The resources of an account, and the nodes that somebody may see (XEP-0163, 6.2)."""
    name, account = request.payload.get("node"), request.account

    def is_shown(each: Node) -> bool:
        return host.faults.has("closed-nodes-listed") or _may_read(host, each, account, request.sender)

    told = account_items(host, request)
    if account is None or (name and name not in account.nodes):
        return told
    if name and not is_shown(account.nodes[name]):
        return Refused(condition="item-not-found")
    listed = _listed(account.nodes, host.bare_jid(account), name, is_shown)
    if name or not isinstance(told, Result) or not isinstance(listed, Result):
        return listed if name else told
    if told.payload is not None and listed.payload is not None:
        told.payload.extend(child_elements(listed.payload))
    return told


def _carry_out(
    host: Host, nodes: Nodes, keeper: str, account: Account | None, sender: Jid, stanza: Element
) -> Answer:
    payload = child_elements(stanza)[0]
    actions = child_elements(payload)
    if not actions or kind_of(payload).local != "pubsub":
        return Refused(condition="bad-request" if not actions else "service-unavailable")
    visit = Visit(
        nodes=nodes, keeper=keeper, account=account, sender=sender, payload=payload, action=actions[0]
    )
    kind = kind_of(actions[0])
    handler = _HANDLERS.get((type_of(stanza), kind.namespace, kind.local))
    if handler is None:
        return _wrong("feature-not-implemented", "unsupported", feature="manage-subscriptions")
    return handler(host, visit)


def _wrong(condition: str, reason: str, **attributes: str) -> Refused:
    return Refused(condition=condition, application=build(Name(PUBSUB_ERRORS, reason), attributes))


# --- what everybody may ask ----------------------------------------------------------------------


def _items(host: Host, visit: Visit) -> Answer:
    node = visit.nodes.get(visit.name)
    if node is None:
        return Result() if host.faults.has("unknown-node-empty") else Refused(condition="item-not-found")
    refused = _closed_to(host, node, visit)
    if refused is not None:
        return refused
    wanted = [item.get("id", "") for item in children(visit.action, _ITEM)]
    if host.faults.has("items-ids-ignored"):
        wanted = []
    most = visit.action.get("max_items", "")
    ids = [id for id in node.items if not wanted or id in wanted]
    if host.faults.has("items-missing"):
        ids = []
    if most.isdecimal() and len(most) < 6:
        ids = ids[-int(most) :]
    shown = [_item(PUBSUB, id, node.items[id]) for id in ids]
    return Result(
        payload=build(Name(PUBSUB, "pubsub"), {}, build(Name(PUBSUB, "items"), {"node": node.name}, *shown))
    )


def _subscribe(host: Host, visit: Visit) -> Answer:
    node, jid = visit.nodes.get(visit.name), host.address(visit.action.get("jid", ""))
    if jid is None or (jid.bare != visit.sender.bare and not host.faults.has("others-subscribed")):
        return _wrong("bad-request", "invalid-jid")
    if node is None:
        return Refused(condition="item-not-found")
    refused = _closed_to(host, node, visit)
    if refused is not None:
        return refused
    node.subscribers[str(jid)] = None
    told = {"node": node.name, "jid": str(jid), "subscription": "subscribed"}
    if host.faults.has("subscription-without-state"):
        del told["subscription"]

    def send_last() -> None:
        if node.items and not host.faults.has("last-item-missing"):
            id = next(reversed(node.items))
            _send(host, visit.keeper, str(jid), _published(host, node, id))

    shown = build(Name(PUBSUB, "pubsub"), {}, build(Name(PUBSUB, "subscription"), told))
    return Result(payload=shown, afterwards=send_last)


def _unsubscribe(host: Host, visit: Visit) -> Answer:
    node, jid = visit.nodes.get(visit.name), visit.action.get("jid", "")
    if node is None:
        return Refused(condition="item-not-found")
    if jid not in node.subscribers and not host.faults.has("unsubscribe-by-nobody-accepted"):
        return _wrong("unexpected-request", "not-subscribed")
    if not host.faults.has("unsubscribe-ignored"):
        node.subscribers.pop(jid, None)
    return Result()


# --- what owners do ------------------------------------------------------------------------------


def _create(host: Host, visit: Visit) -> Answer:
    if visit.account is not None and not visit.owns_account:
        return Refused(condition="forbidden")
    if not visit.name:
        return _wrong("not-acceptable", "nodeid-required")
    if visit.name in visit.nodes and not host.faults.has("node-created-twice"):
        return Refused(condition="conflict")
    node = _new(host, visit)
    configure = first(visit.payload, Name(PUBSUB, "configure"))
    asked = form_in(configure) if configure is not None else None
    if asked is not None and not node.configure(submitted(asked)):
        return Refused(condition="not-acceptable")
    visit.nodes[node.name] = node
    return Deferred() if host.faults.has("create-answered-by-nothing") else Result()


def _new(host: Host, visit: Visit) -> Node:
    is_open = visit.account is None or host.faults.has("account-nodes-open")
    return Node(
        name=visit.name,
        owner=visit.sender.bare,
        access="open" if is_open else "presence",
        maximum=1 if visit.account is not None else host.settings.limits.page,
    )


def _publish(host: Host, visit: Visit) -> Answer:
    if visit.account is not None and not visit.owns_account and not host.faults.has("anybody-publishes"):
        return Refused(condition="forbidden")
    node, options = visit.nodes.get(visit.name), first(visit.payload, Name(PUBSUB, "publish-options"))
    asked = form_in(options) if options is not None else None
    wanted = (
        {name: value for name, value in submitted(asked).items() if name != "FORM_TYPE"}
        if asked is not None
        else {}
    )
    if node is None:
        if visit.account is None or host.faults.has("nodes-not-created"):
            return Refused(condition="item-not-found")
        node = _new(host, visit)
        if not host.faults.has("publish-options-ignored") and not node.configure(wanted):
            return Refused(condition="not-acceptable")
        visit.nodes[node.name] = node
    elif _is_unmet(node, wanted) and not host.faults.has("publish-options-ignored"):
        return _wrong("conflict", "precondition-not-met")
    if node.owner != visit.sender.bare and not host.faults.has("anybody-publishes"):
        return Refused(condition="forbidden")
    item = first(visit.action, _ITEM)
    payloads = child_elements(item) if item is not None else []
    if len(payloads) > 1:
        return _wrong("bad-request", "invalid-payload")
    if item is None:
        return _wrong("bad-request", "item-required")
    id = item.get("id") or ("item" if host.faults.has("item-ids-not-made") else host.fresh())
    if not host.faults.has("published-item-lost"):
        if id in node.items and host.faults.has("item-not-overwritten"):
            return Refused(condition="conflict")
        node.keep(id, copied(payloads[0]) if payloads else None)
        notify(host, visit, node, _published(host, node, id))
    shown = build(_ITEM, {"id": id})
    return Result(
        payload=build(Name(PUBSUB, "pubsub"), {}, build(Name(PUBSUB, "publish"), {"node": node.name}, shown))
    )


def _is_unmet(node: Node, wanted: Mapping[str, tuple[str, ...]]) -> bool:
    now = node.configuration()
    return any(name in now and values and values[0] != now[name] for name, values in wanted.items())


def _retract(host: Host, visit: Visit) -> Answer:
    node, item = visit.nodes.get(visit.name), first(visit.action, _ITEM)
    if node is not None and node.owner != visit.sender.bare and not host.faults.has("anybody-retracts"):
        return Refused(condition="forbidden")
    if (item is None or not item.get("id")) and host.faults.has("retract-without-item-accepted"):
        return Result()
    if item is None or not item.get("id"):
        return _wrong("bad-request", "item-required")
    id = item.get("id", "")
    if node is None or id not in node.items:
        accepted = host.faults.has("retract-of-nothing-accepted")
        return Result() if accepted else Refused(condition="item-not-found")
    if not host.faults.has("retract-ignored"):
        del node.items[id]
    if visit.action.get("notify") in ("true", "1") and not host.faults.has("retract-untold"):
        notify(
            host,
            visit,
            node,
            build(
                Name(PUBSUB_EVENT, "items"),
                {"node": node.name},
                build(Name(PUBSUB_EVENT, "retract"), {"id": id}),
            ),
        )
    return Result()


def _owned(host: Host, visit: Visit) -> Node | Refused:
    node = visit.nodes.get(visit.name)
    if node is None and host.faults.has("missing-node-deleted"):
        node = visit.nodes[visit.name] = _new(host, visit)
    if node is None:
        return Refused(condition="item-not-found")
    is_owner = node.owner == visit.sender.bare or host.faults.has("anybody-owns-nodes")
    return node if is_owner else Refused(condition="forbidden")


def _delete(host: Host, visit: Visit) -> Answer:
    node = _owned(host, visit)
    if isinstance(node, Refused):
        return node
    if not host.faults.has("deleted-node-stays"):
        del visit.nodes[node.name]
    if not host.faults.has("deletion-untold"):
        notify(host, visit, node, build(Name(PUBSUB_EVENT, "delete"), {"node": node.name}))
    return Result()


def _show_configuration(host: Host, visit: Visit) -> Answer:
    node = _owned(host, visit)
    if isinstance(node, Refused):
        return node
    fields = (
        Field(var=ACCESS, type="list-single", values=(node.access,), options=MODELS),
        Field(var=MAXIMUM, type="text-single", values=(str(node.maximum),)),
    )
    shown = build(Name(PUBSUB_OWNER, "configure"), {"node": node.name}, form(_CONFIG, fields))
    return Result(payload=build(Name(PUBSUB_OWNER, "pubsub"), {}, shown))


def _configure(host: Host, visit: Visit) -> Answer:
    node = _owned(host, visit)
    if isinstance(node, Refused):
        return node
    asked = form_in(visit.action)
    if asked is None or type_of(asked) == "cancel" or host.faults.has("configuration-ignored"):
        return Result()
    is_done = node.configure(submitted(asked)) or host.faults.has("any-configuration-accepted")
    return Result() if is_done else Refused(condition="not-acceptable")


_HANDLERS: Mapping[tuple[str, str, str], Callable[[Host, Visit], Answer]] = {
    ("get", PUBSUB, "items"): _items,
    ("set", PUBSUB, "subscribe"): _subscribe,
    ("set", PUBSUB, "unsubscribe"): _unsubscribe,
    ("set", PUBSUB, "create"): _create,
    ("set", PUBSUB, "publish"): _publish,
    ("set", PUBSUB, "retract"): _retract,
    ("set", PUBSUB_OWNER, "delete"): _delete,
    ("get", PUBSUB_OWNER, "configure"): _show_configuration,
    ("set", PUBSUB_OWNER, "configure"): _configure,
}


def _while_on(handler: Handler, other: Handler) -> Handler:
    def handled(host: Host, request: Request) -> Answer:
        return (handler if host.settings.has(Feature.PUBSUB) else other)(host, request)

    return handled


_SCOPES = (Scope.OWN, Scope.OTHER)
HANDLERS: Handlers = {
    **in_scopes(_SCOPES, "get", Name(PUBSUB, "pubsub"), while_on(Feature.PUBSUB, _on_account)),
    **in_scopes(_SCOPES, "set", Name(PUBSUB, "pubsub"), while_on(Feature.PUBSUB, _on_account)),
    **in_scopes(_SCOPES, "get", Name(PUBSUB_OWNER, "pubsub"), while_on(Feature.PUBSUB, _on_account)),
    **in_scopes(_SCOPES, "set", Name(PUBSUB_OWNER, "pubsub"), while_on(Feature.PUBSUB, _on_account)),
    **in_scopes(_SCOPES, "get", INFO, _while_on(_account_info, account_info)),
    **in_scopes(_SCOPES, "get", ITEMS, _while_on(_account_items, account_items)),
}


# --- who may, and who is told --------------------------------------------------------------------


def _may_read(host: Host, node: Node, account: Account | None, sender: Jid) -> bool:
    if node.owner == sender.bare or node.access == "open":
        return True
    return node.access == "presence" and account is not None and may_see(host, account, sender.bare)


def _closed_to(host: Host, node: Node, visit: Visit) -> Refused | None:
    """Why somebody may not read or subscribe (XEP-0060, 6.1.3 and 6.5.9)."""
    if _may_read(host, node, visit.account, visit.sender) or host.faults.has("closed-nodes-open"):
        return None
    if node.access == "presence":
        return _wrong("not-authorized", "presence-subscription-required")
    return _wrong("not-allowed", "closed-node")


def _item(namespace: str, id: str, payload: Element | None) -> Element:
    return build(Name(namespace, "item"), {"id": id}, *([copied(payload)] if payload is not None else []))


def _published(host: Host, node: Node, id: str) -> Element:
    payload = None if host.faults.has("notification-without-payload") else node.items[id]
    return build(Name(PUBSUB_EVENT, "items"), {"node": node.name}, _item(PUBSUB_EVENT, id, payload))


def notify(host: Host, visit: Visit, node: Node, event: Element) -> None:
    """Tell all subscribers; who is blocked, or may read no more, hears nothing."""
    if host.faults.has("notifications-missing"):
        return
    for jid in list(node.subscribers):
        address = host.address(jid)
        if address is None or not _may_read(host, node, visit.account, address):
            continue
        is_kept_off = visit.account is not None and is_blocked(host, visit.account, jid)
        if not is_kept_off or host.faults.has("blocked-notified"):
            _send(host, visit.keeper, jid, event)
            if host.faults.has("notified-twice"):
                _send(host, visit.keeper, jid, event)


def _send(host: Host, sender: str, to: str, event: Element) -> None:
    shown = build(Name(PUBSUB_EVENT, "event"), {}, copied(event))
    if host.faults.has("notification-of-resource"):
        sender += "/nodes"
    host.route(build(MESSAGE, {"type": "headline", "from": sender, "to": to, "id": host.fresh()}, shown))
