"""Things in a stanza that only servers may put there, and stanzas within stanzas."""

from collections.abc import Callable
from dataclasses import replace

from harness.strategies.choices import Choices
from harness.strategies.mutation import Deed, Mutation, mutation, only, somewhere
from harness.strategies.sample import Element
from harness.strategies.trees import changed, leaf, stanza, with_child
from harness.xmpp.namespaces import (
    CARBONS,
    CLIENT,
    DELAY,
    FORWARD,
    LEGACY_DELAY,
    MAM,
    MUC_USER,
    PUBSUB_EVENT,
    ROSTER,
    STANZA_IDS,
    STREAM,
    Name,
)

_OCCUPANT_IDS = "urn:xmpp:occupant-id:0"
_ADDRESSES = ("${domain}", "${me}", "${peer}", "${peer's JID}", "${muc}", "${my JID}", "", "unknown.invalid")


def _holding(namespace: str, local: str, *children: Element, **attributes: str) -> Element:
    return replace(leaf(namespace, local, **attributes), children=children)


def _inner(choices: Choices) -> Element:
    """A stanza that must never be taken for one that was sent."""
    body = leaf(CLIENT, "body", "${token}-inner")
    sender, kind = choices.among(_ADDRESSES), choices.below(4)
    if kind == 1:
        return stanza("presence", to="${peer}", id="${token}-inner", from_=sender)
    if kind == 2:
        query = leaf("urn:xmpp:ping", "ping")
        return stanza("iq", query, type="get", to="${peer's JID}", id="${token}-inner", from_=sender)
    if kind == 3:
        return stanza("message", body, to="${me}", id="${token}-inner", from_=sender)
    return stanza("message", body, to="${peer's JID}", id="${token}-inner", from_=sender)


def _forwarded(choices: Choices) -> Element:
    return _holding(FORWARD, "forwarded", leaf(DELAY, "delay", stamp="2002-09-10T23:08:25Z"), _inner(choices))


def _stanza_id(choices: Choices) -> Element:
    """That of the recipient's archive first: it is the one that would be believed."""
    return leaf(STANZA_IDS, "stanza-id", by=choices.among(("${peer}", *_ADDRESSES)), id="forged-${token}")


def _occupant_id(choices: Choices) -> Element:
    return leaf(_OCCUPANT_IDS, "occupant-id", id=choices.among(("forged-${token}", "", "x" * 1024)))


def _delay(choices: Choices) -> Element:
    stamp = choices.among(("2002-09-10T23:08:25Z", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "now", ""))
    return leaf(DELAY, "delay", "forged", from_=choices.among(_ADDRESSES), stamp=stamp)


def _legacy_delay(choices: Choices) -> Element:
    return leaf(LEGACY_DELAY, "x", from_=choices.among(_ADDRESSES), stamp="20020910T23:08:25")


def _muc_user(choices: Choices) -> Element:
    item = leaf(MUC_USER, "item", affiliation="owner", role="moderator", jid=choices.among(_ADDRESSES))
    status = leaf(MUC_USER, "status", code=choices.among(("110", "100", "201", "301", "307", "-1", "")))
    return _holding(MUC_USER, "x", item, status)


def _invited(choices: Choices) -> Element:
    return _holding(MUC_USER, "x", leaf(MUC_USER, "invite", from_=choices.among(_ADDRESSES)))


def _carbon(choices: Choices) -> Element:
    return _holding(CARBONS, choices.among(("received", "sent")), _forwarded(choices))


def _archived(choices: Choices) -> Element:
    result = _holding(MAM, "result", _forwarded(choices))
    return replace(result, attributes=((Name("", "id"), "forged"), (Name("", "queryid"), "${token}")))


def _event(choices: Choices) -> Element:
    item = _holding(PUBSUB_EVENT, "item", leaf("storage:bookmarks", "storage"))
    nodes = ("storage:bookmarks", "urn:xmpp:avatar:metadata", "eu.siacs.conversations.axolotl.devicelist")
    return _holding(PUBSUB_EVENT, "event", _holding(PUBSUB_EVENT, "items", item, node=choices.among(nodes)))


def _push(choices: Choices) -> Element:
    item = leaf(ROSTER, "item", jid=choices.among(_ADDRESSES), subscription="both", ask="subscribe")
    return _holding(ROSTER, "query", item)


def _stream_error(choices: Choices) -> Element:
    local = choices.among(("error", "features", "stream"))
    return _holding(STREAM, local, leaf("urn:ietf:params:xml:ns:xmpp-streams", "conflict"))


_FORGED = {
    "a forged stanza id": _stanza_id,
    "a forged occupant id": _occupant_id,
    "a forged delay": _delay,
    "a forged delay of old": _legacy_delay,
    "a forged role in a room": _muc_user,
    "a forged invitation": _invited,
    "a forged carbon": _carbon,
    "a forged message of the archive": _archived,
    "a forged event": _event,
    "a forged roster push": _push,
    "something forwarded": _forwarded,
    "a stanza within": _inner,
    "something of the stream's within": _stream_error,
}


def _added(make: Callable[[Choices], Element]) -> Deed:
    def deed(element: Element, choices: Choices) -> Element | None:
        is_first = choices.below(2) == 1
        return with_child(element, make(choices), first=is_first)

    return deed


def _added_twice(make: Callable[[Choices], Element]) -> Deed:
    """The same at both ends, for what a server takes away, though perhaps only the first time."""

    def deed(element: Element, choices: Choices) -> Element | None:
        forged = make(choices)
        return with_child(with_child(element, forged), forged, first=True)

    return deed


def _deep(element: Element, choices: Choices) -> Element | None:
    """A stanza somewhere in an extension."""
    found = somewhere(element, choices)
    inner = _inner(choices)
    return found and changed(element, found[0], lambda one: [with_child(one, inner)])


def _within_another(element: Element, choices: Choices) -> Element | None:
    """The stanza in one of the same kind."""
    inner = element.having("id", "${token}-inner")
    outer = choices.among((replace(element, children=(inner,)), with_child(element, inner)))
    return with_child(outer, "text") if choices.below(2) else outer


FORGERIES: tuple[Mutation, ...] = (
    *(mutation(name, _added(make)) for name, make in _FORGED.items()),
    mutation("two forged stanza ids", _added_twice(_stanza_id)),
    mutation("two forged occupant ids", _added_twice(_occupant_id)),
    mutation("two forged delays", _added_twice(_delay)),
    mutation("a stanza deep within", _deep),
    mutation("a stanza within one like it", only(("message", "presence"), _within_another)),
)
