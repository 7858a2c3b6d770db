"""A scenario for each row of tables 2 to 5 of RFC 6121, appendix A, and the row of tables 6 to 9 behind it.

Both accounts are on one server. So what the user sends in a state meets the contact in the state that
belongs to it, and what only servers among themselves see is not shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from harness.tables.subscription_model import Outcome, View, World, after_stanza
from harness.tables.subscription_states import (
    INBOUND,
    OUTBOUND,
    TYPES,
    Duty,
    State,
    inbound_requirement,
    requirement,
    table_of,
    words_of,
)

#: The contact's state where the user is in one.
MIRRORED: Mapping[State, State] = MappingProxyType(
    {
        State.NONE: State.NONE,
        State.OUT: State.IN,
        State.IN: State.OUT,
        State.OUT_IN: State.OUT_IN,
        State.TO: State.FROM,
        State.TO_IN: State.FROM_OUT,
        State.FROM: State.TO,
        State.FROM_OUT: State.TO_IN,
        State.BOTH: State.BOTH,
    }
)
_NAMES = ("Romeo", "Juliet")  # the user, and the contact
#: What leads to a state: who sends which stanza.
_WAYS: Mapping[State, Sequence[tuple[int, str]]] = MappingProxyType(
    {
        State.NONE: (),
        State.OUT: ((0, "subscribe"),),
        State.IN: ((1, "subscribe"),),
        State.OUT_IN: ((0, "subscribe"), (1, "subscribe")),
        State.TO: ((0, "subscribe"), (1, "subscribed")),
        State.TO_IN: ((0, "subscribe"), (1, "subscribed"), (1, "subscribe")),
        State.FROM: ((1, "subscribe"), (0, "subscribed")),
        State.FROM_OUT: ((1, "subscribe"), (0, "subscribed"), (0, "subscribe")),
        State.BOTH: ((0, "subscribe"), (1, "subscribed"), (1, "subscribe"), (0, "subscribed")),
    }
)
_NO_ITEM = "RFC 6121, A.1 has the item kept only where the user has created it"
_ACTS = {
    "subscribe": "A request",
    "subscribed": "An approval",
    "unsubscribe": "An end of the own subscription",
    "unsubscribed": "A denial",
}
_PUSH = "\t<iq type='set'>\n\t\t<query xmlns='jabber:iq:roster'/>\n\t</iq>"
_FROM = 'from="${{{}\'s JID}}{{any}}"'
_KINDS = ("", "type='unavailable' ")
_USUAL = "\n".join(
    [*(f"\t<presence {kind}{_FROM.format(name)}/>" for name in _NAMES for kind in _KINDS), _PUSH]
)


def subscription_scenarios() -> Iterator[tuple[str, str]]:
    """Names of files, and what stands in them."""
    for type in TYPES:
        for state in State:
            yield f"{type}_in_state_{words_of(state).replace('-', '_')}", _scenario(type, state)


def _scenario(type: str, state: State) -> str:
    outcomes = list(after_stanza(_world(state), 0, type))
    again = [line for account in (1, 0) for line in _asked_again(account, _world(state), outcomes)]
    return "\n".join(
        [
            *_head(type, state),
            *(f"[Client] {name}" for name in (*_NAMES, *_phones(again))),
            *("", "---------", ""),
            *(line for name in _NAMES for line in _entering(name)),
            *_way(state),
            "",
            f"# Now Romeo's state is {state.value}, and Juliet's {MIRRORED[state].value}.",
            *_sent(0, type),
            *_heard(1, outcomes, type, state),
            *_heard(0, outcomes, type, state),
            *_stored(0, outcomes),
            *_stored(1, outcomes, _left_open(type, state)),
            *again,
            *(f"{name} may receive any number of:\n{_USUAL}" for name in (*_NAMES, *_phones(again)) if again),
            "",
        ]
    )


def _world(state: State) -> World:
    """How both stand after what led to the state; each stanza of it has left an item."""
    return World(views=(View().entering(state), View().entering(MIRRORED[state])))


def _head(type: str, state: State) -> Iterator[str]:
    number = table_of(type)
    yield f"# {_ACTS[type]} ({type}) in state {state.value}"
    tables = f"tables {number} and {number + 4} of RFC 6121, appendix A"
    yield f"# What {tables}, say of it, for accounts of one server."
    yield "# Written by `make tables`: to change it, change the tables in harness/tables."
    yield f"## covers: {requirement(type, state)}"
    yield "## tags: presence, subscription, table"
    yield ""


def _phones(lines: Sequence[str]) -> Iterator[str]:
    return (phone for phone in map("{}'s phone".format, _NAMES) if f"{phone} connects" in lines)


def _entering(name: str) -> Iterator[str]:
    yield f"{name} connects"
    yield f"{name} sends:\n\t<iq type='get' id='roster'>\n\t\t<query xmlns='jabber:iq:roster'/>\n\t</iq>"
    yield f"{name} receives:\n\t<iq type='result' id='roster'/>"
    yield f"{name} sends:\n\t<presence/>"
    yield f'{name} may receive any number of:\n\t<presence from="${{{name}\'s full JID}}"/>'
    yield f"{name} receives nothing"


def _way(state: State) -> Iterator[str]:
    for account, type in _WAYS[state]:
        yield ""
        yield from _sent(account, type)
        for number in (1 - account, account):
            any_presence = f"\t<presence type='{{optional}}' {_FROM.format(_NAMES[1 - number])}/>"
            yield f"{_NAMES[number]} may receive any number of:\n{_PUSH}\n{any_presence}"
            yield f"{_NAMES[number]} receives nothing"


def _sent(account: int, type: str) -> Iterator[str]:
    yield f"{_NAMES[account]} sends:\n\t<presence type='{type}' to=\"${{{_NAMES[1 - account]}'s JID}}\"/>"


def _heard(account: int, outcomes: Sequence[Outcome], type: str, state: State) -> Iterator[str]:
    """What one of the two must, may and must not be told of the subscription."""
    name = _NAMES[account]
    must = set.intersection(*(set(one.due) for one in outcomes))
    may = {each for one in outcomes for each in (*one.due, *one.free)} - must
    origin = _FROM.format(_NAMES[1 - account])
    # Whether presence comes along is the matter of other scenarios.
    usual = [_PUSH, f"\t<presence {origin}/>", f"\t<presence type='unavailable' {origin}/>"]
    allowed = "\n".join(
        [*usual, *(f"\t<presence type='{one}' {origin}/>" for who, one in sorted(may) if who == account)]
    )
    yield f"{name} may receive any number of:\n{allowed}"
    for who, one in sorted(must):
        if who == account:
            yield f"## covers: {inbound_requirement(type, MIRRORED[state])}"
            yield f"{name} receives:\n\t<presence type='{one}' from=\"${{{_NAMES[1 - account]}'s JID}}\"/>"
            yield f"{name} may receive any number of:\n{allowed}"
    if account == 1 and not must and not may and OUTBOUND[type][state].duty is Duty.MUST:
        yield f"## covers: {inbound_requirement(type, MIRRORED[state])}"
        yield f"{name} receives nothing like:\n\t<presence type='{type}' {origin}/>"
    yield f"{name} receives nothing"


def _left_open(type: str, state: State) -> list[str]:
    """Where section 3 and the appendix disagree on delivery, only the roster shows what both want."""
    is_open = INBOUND[type][MIRRORED[state]].duty is Duty.EITHER
    return [f"## covers: {inbound_requirement(type, MIRRORED[state])}"] if is_open else []


def _stored(account: int, outcomes: Sequence[Outcome], covers: Sequence[str] = ()) -> Iterator[str]:
    """How the rosters show it."""
    name = _NAMES[account]
    yield f"{name} sends:\n\t<iq type='get' id='after'>\n\t\t<query xmlns='jabber:iq:roster'/>\n\t</iq>"
    ways = dict.fromkeys(_item(account, one.world.views[account]) for one in outcomes)
    may_be_gone = any(one.world.views[account].state is State.IN for one in outcomes)
    head = "\t<iq type='result' id='after'>\n\t\t<query xmlns='jabber:iq:roster'>"
    answers = [f"{head}\n\t\t\t{way}\n\t\t</query>\n\t</iq>" for way in ways]
    gone = f"{head}\n\t\t\t{_item(account, View())}\n\t\t</query>\n\t</iq>"
    permitted = [f"\tpermitted ({_NO_ITEM}):", gone] if may_be_gone and gone not in answers else []
    if any(one.world.views[account].state is State.NONE for one in outcomes):
        shown = f"{head}\n\t\t\t{_item(account, View(is_listed=True))}\n\t\t</query>\n\t</iq>"
        answers = list(dict.fromkeys([*answers, shown, gone]))  # A.1: None is with an item or without
    yield from covers
    if len(answers) == 1 and not permitted:
        yield f"{name} receives:\n{answers[0]}"
        return
    yield "\n".join([f"{name} receives one of:", "\n\tor:\n".join(answers), *permitted])


def _item(account: int, view: View) -> str:
    jid = f'jid="${{{_NAMES[1 - account]}\'s JID}}"'
    if not view.is_listed:
        return f"<item {jid} harness:absent='true'/>"
    kind = view.state.subscription
    shown = "{optional: none}" if kind == "none" else kind
    ask = "subscribe" if view.state.is_asking else "{absent}"
    return f"<item {jid} subscription='{shown}' ask='{ask}'/>"


def _asked_again(account: int, before: World, outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A request that waits comes again to who becomes available (RFC 6121, 3.1.3); no roster shows it."""
    waits = {one.world.views[account].state.is_asked for one in outcomes}
    if len(waits) > 1 or waits | {before.views[account].state.is_asked} == {False}:
        return
    name, origin = f"{_NAMES[account]}'s phone", f"${{{_NAMES[1 - account]}'s JID}}"
    # What was said before may be said again to who was not there then.
    old = f"\t<presence type='{{one of: subscribed, unsubscribe, unsubscribed}}' from=\"{origin}\"/>"
    usual = f"{name} may receive any number of:\n{_USUAL}\n{old}"
    yield ""
    yield f"{name} connects"
    yield f"{name} sends:\n\t<presence/>"
    yield usual
    if waits == {True}:
        yield "## covers: rfc6121-3.1.3-request-redelivered"
        yield f"{name} receives:\n\t<presence type='subscribe' from=\"{origin}\"/>"
        yield usual
    yield f"{name} receives nothing"
