"""What monitors are told: what was seen, on which connection, and what the case was about."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum

from harness.results.verdicts import Perspective
from harness.wire.events import Event


class Direction(Enum):
    """SENT by the harness, RECEIVED from the target."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """One event on one connection. `at` is in seconds since the start of the case.

    `connection` is a number that no other connection of the case has. What we sent is an event too: our
    own bytes are read by a `StreamReader` of their own.
    """

    at: float
    actor: str
    connection: int
    direction: Direction
    event: Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What is known of a case besides its traffic.

    `accounts` gives the bare JID of each actor that has one. `fenced` names the actors whose last
    request to the server was a fence that has been answered. In self-play the client's view is watched.
    """

    domain: str
    perspective: Perspective
    accounts: Mapping[str, str] = field(default_factory=dict)
    fenced: AbstractSet[str] = frozenset()
