"""The event that a message is kept for later (XEP-0022)."""

from harness.reference.host import Host
from harness.reference.settings import Feature
from harness.reference.stanzas import MESSAGE, Element, copied
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import X_EVENT, Name

_X = Name(X_EVENT, "x")
_OFFLINE = Name(X_EVENT, "offline")
_ID = Name(X_EVENT, "id")


def storing(host: Host, stanza: Element) -> Element:
    """Tell a sender who wants to know; the message as it is to be kept has no such wish any more."""
    x = first(stanza, _X)
    is_wanted = x is not None and first(x, _OFFLINE) is not None and first(x, _ID) is None
    if not is_wanted or not host.settings.has(Feature.LEGACY):
        return stanza
    host.route(_raised(host, stanza))
    return stanza if host.faults.has("event-wish-kept") else _without_wish(stanza)


def _raised(host: Host, stanza: Element) -> Element:
    id = "" if host.faults.has("event-without-id") else stanza.get("id", "")
    sender = host.domain if host.faults.has("event-from-server") else stanza.get("to", "")
    content = build(_X, {}, build(_OFFLINE), build(_ID, {}, id))
    return build(MESSAGE, {"from": sender, "to": stanza.get("from", "")}, content)


def _without_wish(stanza: Element) -> Element:
    copy = copied(stanza)
    x = first(copy, _X)
    assert x is not None
    for wish in x.findall(str(_OFFLINE)):
        x.remove(wish)
    return copy
