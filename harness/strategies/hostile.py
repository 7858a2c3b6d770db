"""What nobody but a server or the user's own account may say to a client, said by others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.strategies.choices import Choices
from harness.strategies.sample import Claim, Element, Harm, Moment, Sample
from harness.strategies.serializing import serialize
from harness.strategies.style import PLAIN, STYLES, Style
from harness.strategies.trees import leaf, stanza, with_child
from harness.xmpp.namespaces import (
    CARBONS,
    CLIENT,
    DELAY,
    DISCO_INFO,
    FORWARD,
    MAM,
    ROSTER,
    STREAM,
    STREAM_ERRORS,
    VERSION,
)

#: Others than the account: what must not be taken comes from them. The first is the plainest.
_STRANGERS = (
    "mallory@evil.example/den",
    "${my JID}",
    "${me}",
    "evil.example",
    "${peer}.evil.example",
    "x${peer}",
    "${peer}x",
    "${muc}",
    "${domain}.evil.example/${domain}",
    "${domain}@evil.example",
    "mallory@evil.example/${peer}",
)
#: RFC 6121, 2.1.6 and XEP-0280, 11 know the bare address only; others of one's own are no strangers, though.
_OWN = ("${domain}", "${peer's JID}", "${peer}/elsewhere")
#: Whoever quotes one of the user's contacts is somebody else; the plainest first.
_QUOTING = ("mallory@evil.example/den", "evil.example", "mallory@evil.example/${peer}")
_THIRD = ("mallory@evil.example/den", "${my JID}x", "x${my JID}", "evil.example", "mallory@evil.example")

#: Labels that tell people who a stanza claims to be from.
BY_STRANGER, BY_OWN = "by a stranger", "by another address of the user's own"

_TYPES = ("chat", "", "normal", "headline")
_EVIL = "${token}@evil.example"


def _typed(kind: str, *children: Element, type: str = "", **attributes: str) -> Element:
    return stanza(kind, *children, **({"type": type} if type else {}), **attributes)


def _item(choices: Choices) -> Element:
    given = {
        "subscription": choices.among(("both", "none", "to", "from", "", "remove")),
        "name": choices.among(("Juliet", "", "${peer}")),
        "ask": choices.among(("", "subscribe")),
    }
    item = leaf(ROSTER, "item", jid=_EVIL, **{name: value for name, value in given.items() if value})
    return with_child(item, leaf(ROSTER, "group", "Friends")) if choices.below(2) else item


def _query(*children: Element, **attributes: str) -> Element:
    return replace(leaf(ROSTER, "query", **attributes), children=children)


def _push(choices: Choices) -> Element:
    item = _item(choices)
    version = choices.among(({}, {"ver": "ver-${token}"}, {"ver": ""}))
    return _typed("iq", _query(item, **version), type="set", id="${token}", to="${peer's JID}")


def _unasked_roster(choices: Choices) -> Element:
    return _typed("iq", _query(_item(choices)), type="result", id="${token}", to="${peer's JID}")


def _inner(choices: Choices) -> Element:
    return _typed(
        "message",
        leaf(CLIENT, "body", "${token}-inner"),
        type=choices.among(_TYPES),
        from_=choices.among(("${my JID}", "${me}", "nurse@${domain}/hall", "${peer}/elsewhere")),
        to=choices.among(("${peer's JID}", "${peer}", "${my JID}")),
        id="${token}-inner",
    )


def _forwarded(choices: Choices) -> Element:
    inner = _inner(choices)
    delay = leaf(DELAY, "delay", stamp="2026-01-01T00:00:00Z")
    children = ((inner,), (delay, inner), (inner, delay))[choices.below(3)]
    return replace(leaf(FORWARD, "forwarded"), children=children)


def _outer(choices: Choices, *children: Element) -> Element:
    to = choices.among(("${peer's JID}", "${peer}"))
    return _typed("message", *children, type=choices.among(_TYPES), id="${token}", to=to)


def _carbon(choices: Choices) -> Element:
    copy = leaf(CARBONS, choices.among(("received", "sent")))
    copy = replace(copy, children=(_forwarded(choices),))
    outer = _outer(choices, copy)
    return with_child(outer, leaf(CARBONS, "private"), first=True) if choices.once_in(4) else outer


def _archived(choices: Choices) -> Element:
    given = {"id": "${token}"} | choices.among(({}, {"queryid": "${token}"}, {"queryid": ""}))
    result = replace(leaf(MAM, "result", **given), children=(_forwarded(choices),))
    return _outer(choices, result)


def _only_forwarded(choices: Choices) -> Element:
    forwarded = _forwarded(choices)
    return _outer(choices, leaf(CLIENT, "body", "${token}"), forwarded)


_CONDITIONS = ("see-other-host", "conflict", "policy-violation", "system-shutdown", "not-well-formed")


def _within(choices: Choices) -> Element:
    """Something of the stream's where it means nothing."""
    local = choices.among(("error", "features", "stream"))
    condition = choices.among(_CONDITIONS)
    text = "127.0.0.1:1" if condition == "see-other-host" else ""
    inside = replace(leaf(STREAM, local), children=(leaf(STREAM_ERRORS, condition, text),))
    deeper = choices.below(2)
    if deeper:
        inside = replace(leaf("urn:example:outer", "outer"), children=(inside,))
    body = leaf(CLIENT, "body", "${token}")
    match choices.below(3):
        case 1:
            return _typed("presence", inside, id="${token}", to="${peer's JID}")
        case 2:
            return _typed("iq", inside, type="get", id="${token}", to="${peer's JID}")
    return _outer(choices, body, inside)


def _version(choices: Choices) -> Element:
    name = leaf(VERSION, "name", "${token}")
    query = replace(leaf(VERSION, "query"), children=(name, leaf(VERSION, "version", "1")))
    return _typed("iq", query, type="result", id="${question}", to="${peer's JID}")


def _features(choices: Choices) -> Element:
    identity = leaf(DISCO_INFO, "identity", category="client", type="pc")
    query = replace(
        leaf(DISCO_INFO, "query"), children=(identity, leaf(DISCO_INFO, "feature", var="${token}"))
    )
    return _typed("iq", query, type="result", id="${question}", to="${peer's JID}")


def _pong(choices: Choices) -> Element:
    return _typed("iq", type="result", id="${question}", to="${peer's JID}")


def _asked_roster(choices: Choices) -> Element:
    return _typed("iq", _query(_item(choices)), type="result", id="${question}", to="${peer's JID}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Forger:
    name: str
    make: Callable[[Choices], Element]
    origins: Sequence[str]
    harm: Harm
    label: str = BY_STRANGER
    moment: Moment | None = None


_FORGERS = (
    _Forger(name="a roster push", make=_push, origins=_STRANGERS, harm=Harm.CONTACT),
    _Forger(name="a roster push", make=_push, origins=_OWN, harm=Harm.OWN_CONTACT, label=BY_OWN),
    _Forger(name="a copy", make=_carbon, origins=_STRANGERS, harm=Harm.COPY),
    _Forger(name="a copy", make=_carbon, origins=_OWN, harm=Harm.COPY, label=BY_OWN),
    _Forger(name="an archived message", make=_archived, origins=_STRANGERS, harm=Harm.ARCHIVED),
    _Forger(name="a forwarded message", make=_only_forwarded, origins=_QUOTING, harm=Harm.FORWARDED),
    _Forger(name="a roster unasked for", make=_unasked_roster, origins=_STRANGERS, harm=Harm.ROSTER),
    _Forger(name="of the stream", make=_within, origins=_STRANGERS[:3], harm=Harm.END),
    _Forger(name="a version", make=_version, origins=_THIRD, harm=Harm.ANSWER, moment=Moment.VERSION),
    _Forger(name="features", make=_features, origins=_THIRD, harm=Harm.ANSWER, moment=Moment.DISCO),
    _Forger(name="a pong", make=_pong, origins=_THIRD, harm=Harm.ANSWER, moment=Moment.PING),
    _Forger(name="a roster", make=_asked_roster, origins=_STRANGERS, harm=Harm.ANSWER, moment=Moment.ROSTER),
)
_ROWS = tuple((one, origin) for one in _FORGERS for origin in one.origins)
_ORDER = 401  # has no divisor in common with the number of rows: neighbouring numbers are of different kinds
FORGERIES_FOR_CLIENTS = len(_ROWS)


def forged(_: Element, number: int) -> Sample:
    """One thing that is forged, from one address; other numbers vary what it holds and how it is written."""
    choices = Choices(number)
    forger, origin = _ROWS[choices.below(len(_ROWS)) * _ORDER % len(_ROWS)]
    style = Style.of(choices.below(STYLES)) if choices.once_in(3) else PLAIN
    element = forger.make(choices).having("from", origin)
    return Sample(
        family="forgeries",
        data=serialize(element, style),
        claim=Claim.LEGAL,
        labels=(f"{forger.name} {forger.label}", f"from {origin}", *style.oddities),
        element=element,
        moment=forger.moment,
        harms=frozenset({forger.harm}),
    )
