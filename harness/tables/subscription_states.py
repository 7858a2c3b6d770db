"""The states of a subscription, and what leads from one to another (RFC 6121, appendix A, tables 2 to 9).

They are written down here a second time, from the document, so that a mistake in the tables of the reference
server is found by these. A row of a table is a state, in the order of appendix A.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class State(Enum):
    """How a user and a contact stand, in the words of appendix A.1."""

    NONE = "None"
    OUT = "None + Pending Out"
    IN = "None + Pending In"
    OUT_IN = "None + Pending Out+In"
    TO = "To"
    TO_IN = "To + Pending In"
    FROM = "From"
    FROM_OUT = "From + Pending Out"
    BOTH = "Both"

    @property
    def subscription(self) -> str:
        """As a roster item shows it."""
        return self.value.split(" ")[0].lower()

    @property
    def is_asking(self) -> bool:
        """Whether the user waits for an answer; a roster item has ask='subscribe' then."""
        return "Out" in self.value

    @property
    def is_asked(self) -> bool:
        """Whether the contact waits for an answer; no roster shows that."""
        return self.value.endswith("In")


class Duty(Enum):
    """Whether a stanza is routed, or delivered. `EITHER` is where section 3 and the appendix disagree."""

    MUST = "must"
    MUST_NOT = "must not"
    SHOULD_NOT = "should not"
    EITHER = "either"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What becomes of a stanza, and of the state."""

    duty: Duty
    state: State


_IN_ORDER = ("subscribe", "unsubscribe", "subscribed", "unsubscribed")  # as the tables come
TYPES = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")
_STATES = tuple(State)
_DUTIES = {"M": Duty.MUST, "N": Duty.MUST_NOT, "S": Duty.SHOULD_NOT, "E": Duty.EITHER}


def _table(duties: str, states: str) -> Mapping[State, Row]:
    """Write a table as its columns: a letter for each duty, the new state's name or a dash for no change."""
    rows = {}
    for state, letter, name in zip(_STATES, duties, states.split(), strict=True):
        new = state if name == "-" else State[name]
        rows[state] = Row(duty=_DUTIES[letter], state=new)
    return MappingProxyType(rows)


#: Tables 2 to 5: what the user's server does with what the user sends.
OUTBOUND: Mapping[str, Mapping[State, Row]] = MappingProxyType(
    {
        "subscribe": _table("MMMMMMMMM", "OUT - OUT_IN - - - FROM_OUT - -"),
        "unsubscribe": _table("MMMMMMMMM", "- NONE - IN NONE IN - FROM FROM"),
        "subscribed": _table("NNMMNMNNN", "- - FROM FROM_OUT - BOTH - - -"),
        "unsubscribed": _table("SSMMSMMMM", "- - NONE OUT - TO NONE OUT TO"),
    }
)
#: Tables 6 to 9: what the user's server does with what the contact sends. Where 3.1.3, 3.2.3 or 3.3.3 says
#: otherwise than the table, both are as good.
INBOUND: Mapping[str, Mapping[State, Row]] = MappingProxyType(
    {
        "subscribe": _table("MMEEMESSS", "IN OUT_IN - - TO_IN - - - -"),
        "unsubscribe": _table("SSEESEMMM", "- - NONE OUT - TO NONE OUT TO"),
        "subscribed": _table("SMSMSSSMS", "- TO - TO_IN - - - BOTH -"),
        "unsubscribed": _table("SESEMMSEM", "- NONE - IN NONE IN - FROM FROM"),
    }
)
#: The states after an approval in advance has been given its use (RFC 6121, 3.4.2).
APPROVED: Mapping[State, State] = MappingProxyType(
    {State.NONE: State.FROM, State.OUT: State.FROM_OUT, State.TO: State.BOTH}
)


def requirement(type: str, state: State) -> str:
    """The id of the requirement that a row of tables 2 to 5 is.

    >>> requirement("subscribed", State.OUT)
    'rfc6121-A.2.3-table4-outbound-subscribed-none-pending-out'
    """
    number = _IN_ORDER.index(type) + 1
    return f"rfc6121-A.2.{number}-table{number + 1}-outbound-{type}-{words_of(state)}"


def inbound_requirement(type: str, state: State) -> str:
    """The id of the requirement that a row of tables 6 to 9 is."""
    number = _IN_ORDER.index(type) + 1
    return f"rfc6121-A.3.{number}-table{number + 5}-inbound-{type}-{words_of(state)}"


def table_of(type: str) -> int:
    """The number of the table on what a user sends; that on what comes has a number greater by four."""
    return _IN_ORDER.index(type) + 2


def words_of(state: State) -> str:
    """The state in the words of ids and of the names of files: "none-pending-out-in"."""
    return state.value.lower().replace(" + ", "-").replace(" ", "-").replace("+", "-")
