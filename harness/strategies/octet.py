"""One way of changing the bytes of a stanza, and the usual ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from harness.strategies.answers import NOTHING
from harness.strategies.choices import Choices
from harness.strategies.sample import Claim
from harness.strategies.spots import Role, spots_in

Change = Callable[[bytes, int], bytes | None]


class Topic(Enum):
    """What a change is about."""

    BYTES = "bytes"
    FORM = "well-formedness"
    RESTRICTION = "restricted features"
    NAMESPACES = "namespaces"


@dataclass(frozen=True, kw_only=True, slots=True)
class Octets:
    """A change to the bytes of a stanza; `apply` answers None where there is no place for it.

    The number says where, if there are several places. With the claim `LEGAL`, `conditions` are stream
    errors that are permitted although nothing is wrong with the XML; else one of them is due.
    """

    name: str
    topic: Topic
    claim: Claim
    conditions: frozenset[str]
    apply: Change


def put(role: Role, construct: bytes) -> Change:
    """Put something in at the start or the end of one of the places of this kind."""

    def apply(data: bytes, number: int) -> bytes | None:
        choices = Choices(number)
        spots = spots_in(data)[role]
        if not spots:
            return None
        spot = choices.among(spots)
        at = spot[choices.below(2)]
        return data[:at] + construct + data[at:]

    return apply


def child(construct: bytes) -> Change:
    """Put something in between the tags of a stanza; before or behind it, if it has but one tag."""
    inside, outside = put(Role.BETWEEN, construct), put(Role.BEFORE, construct)
    return lambda data, number: inside(data, number) or outside(data, number)


def attribute(construct: bytes) -> Change:
    """Put something in at the end of a start tag, behind a blank."""
    return put(Role.TAG_END, b" " + construct)


Row = tuple[str, Change]


def table(
    topic: Topic, claim: Claim, conditions: frozenset[str] = NOTHING, rows: Sequence[Row] = ()
) -> tuple[Octets, ...]:
    """Changes that have all but name and deed in common."""
    return tuple(
        Octets(name=name, topic=topic, claim=claim, conditions=conditions, apply=apply)
        for name, apply in rows
    )
