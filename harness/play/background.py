"""What a server may send unasked, and what is answered to it.

A server may ping its clients, ask for their software version and their features, greet them, or pass
on what contacts publish. None of that is what a scenario is about, so it is set aside when the
scenario does not ask for it; the record keeps it, and `receives nothing like` still sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.wire.events import ElementReceived
from harness.wire.writer import serialize
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import (
    CLIENT,
    DISCO_INFO,
    LAST,
    PING,
    PUBSUB_EVENT,
    STANZA_ERRORS,
    STREAM_MANAGEMENT,
    TIME,
    VERSION,
    Name,
)

_IQ, _MESSAGE = Name(CLIENT, "iq"), Name(CLIENT, "message")
_QUERIES = {
    Name(PING, "ping"),
    Name(VERSION, "query"),
    Name(DISCO_INFO, "query"),
    Name(LAST, "query"),
    Name(TIME, "time"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """Why an element is background, and what to answer (None: nothing)."""

    why: str
    answer: bytes | None = None


def background(element: ElementReceived, scope: Mapping[str, str], own_bare_jid: str) -> SetAside | None:
    """Tell whether an element is background traffic for the actor, from where it comes and what it is."""
    domain = scope["domain"]
    sender = element.attributes.get("from", own_bare_jid)  # RFC 6120, 8.1.2.1: none means the own account
    if element.name == _IQ:
        return _request(element, sender in (domain, own_bare_jid))
    if element.name == _MESSAGE:
        return _message(element, sender, domain)
    if element.name.namespace == STREAM_MANAGEMENT and element.name.local == "r":
        return SetAside(why="a request for acknowledgement")
    return None


def _request(element: ElementReceived, is_from_server: bool) -> SetAside | None:
    if element.attributes.get("type") != "get" or not is_from_server or len(element.tree) != 1:
        return None
    payload = Name.of(str(element.tree[0].tag))
    if payload not in _QUERIES:
        return None
    return SetAside(why=f"the server asks {payload.namespace}", answer=_answer(element, payload))


def _answer(element: ElementReceived, payload: Name) -> bytes:
    attributes = {"type": "result", "id": element.attributes.get("id", "")}
    if "from" in element.attributes:
        attributes["to"] = element.attributes["from"]
    if payload == Name(PING, "ping"):
        return serialize(build(_IQ, attributes))
    if payload == Name(DISCO_INFO, "query"):
        query = element.tree[0]
        node = {"node": query.get("node", "")} if query.get("node") else {}
        identity = build(
            Name(DISCO_INFO, "identity"), {"category": "client", "type": "bot", "name": "xmpp-harness"}
        )
        feature = build(Name(DISCO_INFO, "feature"), {"var": DISCO_INFO})
        return serialize(build(_IQ, attributes, build(payload, node, identity, feature)))
    error = build(
        Name(CLIENT, "error"), {"type": "cancel"}, build(Name(STANZA_ERRORS, "service-unavailable"))
    )
    return serialize(build(_IQ, attributes | {"type": "error"}, error))


def _message(element: ElementReceived, sender: str, domain: str) -> SetAside | None:
    kind = element.attributes.get("type", "normal")
    if sender == domain and kind in ("normal", "headline", "chat"):
        return SetAside(why="a message of the server itself")
    if first(element.tree, Name(PUBSUB_EVENT, "event")) is not None and kind in ("headline", "normal"):
        return SetAside(why="a notification of a personal event")
    return None
