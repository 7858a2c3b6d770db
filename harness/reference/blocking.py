"""Keeping a block list (XEP-0191); `blocklists` tells whether somebody is on it."""

from harness.reference import presence
from harness.reference.addresses import parse
from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.requests import Handlers, Request, Scope
from harness.reference.settings import Feature
from harness.reference.stanzas import IQ, Answer, Refused, Result
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import BLOCKING, Name

_LIST = Name(BLOCKING, "blocklist")
_BLOCK = Name(BLOCKING, "block")
_UNBLOCK = Name(BLOCKING, "unblock")
_ITEM = Name(BLOCKING, "item")


def get_list(_host: Host, request: Request) -> Answer:
    """Who is blocked; from now on the resource gets pushes."""
    request.session.knows_blocked = True
    items = [build(_ITEM, {"jid": jid}) for jid in request.own.blocked]
    return Result(payload=build(_LIST, {}, *items))


def block(host: Host, request: Request) -> Answer:
    """Block some more; who is blocked sees the user go (XEP-0191, 3.3)."""
    jids = _jids(request)
    if jids is None or (not jids and not host.faults.has("block-of-nobody-accepted")):
        return Refused(condition="bad-request" if jids is not None else "jid-malformed")
    account, new = request.own, [jid for jid in jids if jid not in request.own.blocked]
    if not host.faults.has("blocking-without-unavailable"):
        for jid in new:
            if presence.may_see(host, account, jid):
                presence.send_unavailable(host, account, jid)
    account.blocked.extend(new)
    _push(host, request, _BLOCK, jids)
    return Result()


def unblock(host: Host, request: Request) -> Answer:
    """Block some less, or nobody any more (XEP-0191, 3.4 and 3.5)."""
    jids, account = _jids(request), request.own
    if jids is None:
        return Refused(condition="jid-malformed")
    if not jids and host.faults.has("unblock-all-ignored"):
        return Result()
    freed = [jid for jid in account.blocked if jid in jids or not jids]
    account.blocked = [jid for jid in account.blocked if jid not in freed]
    for jid in freed:
        if presence.may_see(host, account, jid) and not host.faults.has("unblock-without-presence"):
            presence.send_current(host, account, jid)
    _push(host, request, _UNBLOCK, jids)
    return Result()


HANDLERS: Handlers = {
    (Scope.OWN, "get", _LIST): while_on(Feature.BLOCKING, get_list),
    (Scope.OWN, "set", _BLOCK): while_on(Feature.BLOCKING, block),
    (Scope.OWN, "set", _UNBLOCK): while_on(Feature.BLOCKING, unblock),
}


def _jids(request: Request) -> list[str] | None:
    addresses = [parse(item.get("jid", "")) for item in children(request.payload, _ITEM)]
    return None if None in addresses else [str(address) for address in addresses]


def _push(host: Host, request: Request, name: Name, jids: list[str]) -> None:
    if host.faults.has("blocking-push-missing"):
        return
    for session in host.sessions.of(request.sender.bare):
        if session.knows_blocked:
            items = [build(_ITEM, {"jid": jid}) for jid in jids]
            attributes = {"type": "set", "id": host.fresh(), "to": session.jid}
            host.send(session, build(IQ, attributes, build(name, {}, *items)))
