"""The subscription states and what each stanza does to them, letter by letter (RFC 6121, appendix A)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """The nine states of appendix A.1, from the view of the account that has the roster."""

    NONE = "None"
    NONE_OUT = "None + Pending Out"
    NONE_IN = "None + Pending In"
    NONE_OUT_IN = "None + Pending Out+In"
    TO = "To"
    TO_IN = "To + Pending In"
    FROM = "From"
    FROM_OUT = "From + Pending Out"
    BOTH = "Both"


@dataclass(frozen=True, slots=True)
class Step:
    """What a stanza does in a state: whether it passes on, and the new state (None: the same)."""

    passes: bool
    state: State | None


_PASSES = Step(True, None)
_STOPS = Step(False, None)

#: Tables 2 to 5.
OUTBOUND: Mapping[str, Mapping[State, Step]] = {
    "subscribe": {
        State.NONE: Step(True, State.NONE_OUT),
        State.NONE_OUT: _PASSES,
        State.NONE_IN: Step(True, State.NONE_OUT_IN),
        State.NONE_OUT_IN: _PASSES,
        State.TO: _PASSES,
        State.TO_IN: _PASSES,
        State.FROM: Step(True, State.FROM_OUT),
        State.FROM_OUT: _PASSES,
        State.BOTH: _PASSES,
    },
    "unsubscribe": {
        State.NONE: _PASSES,
        State.NONE_OUT: Step(True, State.NONE),
        State.NONE_IN: _PASSES,
        State.NONE_OUT_IN: Step(True, State.NONE_IN),
        State.TO: Step(True, State.NONE),
        State.TO_IN: Step(True, State.NONE_IN),
        State.FROM: _PASSES,
        State.FROM_OUT: Step(True, State.FROM),
        State.BOTH: Step(True, State.FROM),
    },
    "subscribed": {
        State.NONE: _STOPS,
        State.NONE_OUT: _STOPS,
        State.NONE_IN: Step(True, State.FROM),
        State.NONE_OUT_IN: Step(True, State.FROM_OUT),
        State.TO: _STOPS,
        State.TO_IN: Step(True, State.BOTH),
        State.FROM: _STOPS,
        State.FROM_OUT: _STOPS,
        State.BOTH: _STOPS,
    },
    "unsubscribed": {
        State.NONE: _STOPS,
        State.NONE_OUT: _STOPS,
        State.NONE_IN: Step(True, State.NONE),
        State.NONE_OUT_IN: Step(True, State.NONE_OUT),
        State.TO: _STOPS,
        State.TO_IN: Step(True, State.TO),
        State.FROM: Step(True, State.NONE),
        State.FROM_OUT: Step(True, State.NONE_OUT),
        State.BOTH: Step(True, State.TO),
    },
}

#: Tables 6 to 9.
INBOUND: Mapping[str, Mapping[State, Step]] = {
    "subscribe": {
        State.NONE: Step(True, State.NONE_IN),
        State.NONE_OUT: Step(True, State.NONE_OUT_IN),
        State.NONE_IN: _STOPS,
        State.NONE_OUT_IN: _STOPS,
        State.TO: Step(True, State.TO_IN),
        State.TO_IN: _STOPS,
        State.FROM: _STOPS,
        State.FROM_OUT: _STOPS,
        State.BOTH: _STOPS,
    },
    "unsubscribe": {
        State.NONE: _STOPS,
        State.NONE_OUT: _STOPS,
        State.NONE_IN: Step(True, State.NONE),
        State.NONE_OUT_IN: Step(True, State.NONE_OUT),
        State.TO: _STOPS,
        State.TO_IN: Step(True, State.TO),
        State.FROM: Step(True, State.NONE),
        State.FROM_OUT: Step(True, State.NONE_OUT),
        State.BOTH: Step(True, State.TO),
    },
    "subscribed": {
        State.NONE: _STOPS,
        State.NONE_OUT: Step(True, State.TO),
        State.NONE_IN: _STOPS,
        State.NONE_OUT_IN: Step(True, State.TO_IN),
        State.TO: _STOPS,
        State.TO_IN: _STOPS,
        State.FROM: _STOPS,
        State.FROM_OUT: Step(True, State.BOTH),
        State.BOTH: _STOPS,
    },
    "unsubscribed": {
        State.NONE: _STOPS,
        State.NONE_OUT: Step(True, State.NONE),
        State.NONE_IN: _STOPS,
        State.NONE_OUT_IN: Step(True, State.NONE_IN),
        State.TO: Step(True, State.NONE),
        State.TO_IN: Step(True, State.NONE_IN),
        State.FROM: _STOPS,
        State.FROM_OUT: Step(True, State.FROM),
        State.BOTH: Step(True, State.FROM),
    },
}

#: State -> (subscription, pending out, pending in), as a roster item and its surroundings show it.
SHOWN: Mapping[State, tuple[str, bool, bool]] = {
    State.NONE: ("none", False, False),
    State.NONE_OUT: ("none", True, False),
    State.NONE_IN: ("none", False, True),
    State.NONE_OUT_IN: ("none", True, True),
    State.TO: ("to", False, False),
    State.TO_IN: ("to", False, True),
    State.FROM: ("from", False, False),
    State.FROM_OUT: ("from", True, False),
    State.BOTH: ("both", False, False),
}

STATES: Mapping[tuple[str, bool, bool], State] = {shown: state for state, shown in SHOWN.items()}
