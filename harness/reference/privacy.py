"""Keeping privacy lists (XEP-0016); `privacy_rules` tells whom they keep out."""

from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.requests import Handlers, Request, Scope
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import IQ, Answer, Element, Refused, Result, child_elements, copied, kind_of
from harness.xmpp.elements import build
from harness.xmpp.namespaces import IQ_PRIVACY, Name

_QUERY = Name(IQ_PRIVACY, "query")
_LIST = Name(IQ_PRIVACY, "list")
_ACTIVE = Name(IQ_PRIVACY, "active")
_DEFAULT = Name(IQ_PRIVACY, "default")


def get_lists(host: Host, request: Request) -> Answer:
    """The names of all lists, or one list (XEP-0016, 2.3)."""
    request.session.knows_privacy = True
    wanted = child_elements(request.payload)
    if len(wanted) > 1 and not host.faults.has("privacy-several-shown"):
        return Refused(condition="bad-request")
    if not wanted:
        return Result(payload=build(_QUERY, {}, *_names(host, request)))
    name = wanted[0].get("name", "")
    items = request.own.privacy_lists.get(name)
    if items is None and not host.faults.has("privacy-missing-list-shown"):
        return Refused(condition="item-not-found")
    shown = [] if host.faults.has("privacy-items-lost") else [copied(item) for item in items or []]
    return Result(payload=build(_QUERY, {}, build(_LIST, {"name": name}, *shown)))


def _names(host: Host, request: Request) -> list[Element]:
    active, default = request.session.active_list, request.own.default_list
    if host.faults.has("privacy-names-incomplete"):
        return [build(_ACTIVE, {"name": active})] if active else []
    shown = [build(kind, {"name": name}) for kind, name in ((_ACTIVE, active), (_DEFAULT, default)) if name]
    return shown + [build(_LIST, {"name": name}) for name in request.own.privacy_lists]


def set_lists(host: Host, request: Request) -> Answer:
    """One list, the active one or the default (XEP-0016, 2.4 to 2.8)."""
    wanted = child_elements(request.payload)
    if len(wanted) != 1 and not (wanted and host.faults.has("privacy-several-set")):
        return Refused(condition="bad-request")
    name, kind = wanted[0].get("name", ""), kind_of(wanted[0])
    is_missing = bool(name) and name not in request.own.privacy_lists
    if kind in (_ACTIVE, _DEFAULT) and is_missing and not host.faults.has("privacy-missing-list-chosen"):
        return Refused(condition="item-not-found")
    if kind == _ACTIVE:
        return _activate(host, request, name)
    if kind == _DEFAULT:
        return _make_default(host, request, name)
    return _edit(host, request, name, child_elements(wanted[0]))


def _activate(host: Host, request: Request, name: str) -> Answer:
    if name or not host.faults.has("privacy-active-stays"):
        request.session.active_list = name
    return Result()


def _make_default(host: Host, request: Request, name: str) -> Answer:
    """Not while the present default is in use by another resource (XEP-0016, 2.5)."""
    present = request.own.default_list
    if present and _others_with(host, request, present) and not host.faults.has("privacy-conflict-ignored"):
        return Refused(condition="conflict")
    request.own.default_list = name
    return Result()


def _edit(host: Host, request: Request, name: str, items: list[Element]) -> Answer:
    lists = request.own.privacy_lists
    if not items:
        return _remove(host, request, name)
    orders = [item.get("order", "") for item in items]
    is_numbered = all(order.isdecimal() for order in orders) and len(set(orders)) == len(orders)
    is_decided = all(item.get("action") in ("allow", "deny") for item in items)
    if not (is_numbered and is_decided) and not host.faults.has("privacy-bad-items-accepted"):
        return Refused(condition="bad-request")
    before = lists.get(name, []) if host.faults.has("privacy-lists-merged") else []
    lists[name] = before + [copied(item) for item in items]
    return Result(afterwards=lambda: _push(host, request, name))


def _remove(host: Host, request: Request, name: str) -> Answer:
    """Not while another resource goes by it (XEP-0016, 2.8)."""
    if name not in request.own.privacy_lists:
        return Refused(condition="item-not-found")
    if _others_with(host, request, name) and not host.faults.has("privacy-conflict-ignored"):
        return Refused(condition="conflict")
    del request.own.privacy_lists[name]
    if request.own.default_list == name:
        request.own.default_list = ""
    return Result()


def _others_with(host: Host, request: Request, name: str) -> list[Session]:
    """Other resources of the account that a list applies to."""
    others = [one for one in host.sessions.of(request.sender.bare) if one is not request.session]
    return [one for one in others if (one.active_list or request.own.default_list) == name]


def _push(host: Host, request: Request, name: str) -> None:
    """Who has asked for lists hears of the name of one that has changed (XEP-0016, 2.6)."""
    if host.faults.has("privacy-push-missing"):
        return
    for session in host.sessions.of(request.sender.bare):
        if session.knows_privacy:
            items = request.own.privacy_lists[name] if host.faults.has("privacy-push-with-items") else []
            changed = build(_LIST, {"name": name}, *(copied(item) for item in items))
            attributes = {"type": "set", "id": host.fresh(), "to": session.jid}
            host.send(session, build(IQ, attributes, build(_QUERY, {}, changed)))


HANDLERS: Handlers = {
    (Scope.OWN, "get", _QUERY): while_on(Feature.PRIVACY_LISTS, get_lists),
    (Scope.OWN, "set", _QUERY): while_on(Feature.PRIVACY_LISTS, set_lists),
}
