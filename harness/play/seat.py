"""The state of one actor during a case."""

from collections import deque
from dataclasses import dataclass, field

from harness.negotiation.client import ClientState
from harness.pattern.nodes import Node
from harness.play.cast import Account
from harness.play.sasl_messages import SaslExchange
from harness.transcript.script import Actor
from harness.wire.events import ElementReceived, Event


@dataclass(kw_only=True, slots=True)
class Seat:
    """One actor: its connection as far as play knows it, and what has come and is not yet looked at."""

    actor: Actor
    account: Account
    state: ClientState
    inbox: deque[Event] = field(default_factory=deque)
    set_aside: list[ElementReceived] = field(default_factory=list)
    optional: list[tuple[Node, bool]] = field(default_factory=list)  # patterns that may come, and: repeatedly
    addressed: set[str] = field(default_factory=set)  # whom stanzas went to since the last fence
    requests: list[str] = field(default_factory=list)  # ids of iq requests to it that wait for an answer
    exchange: SaslExchange = field(default_factory=SaslExchange)
    has_connected: bool = False  # a connection was asked for, whatever became of it
    is_open: bool = False
    has_opened: bool = False  # our header for the present stream is out
    has_closed: bool = False  # our closing tag is out
    may_proceed: bool = False  # the last element that came was the server's consent to TLS
    has_raw: bool = False  # bytes came that no step looks at
    has_said: bool = False  # something was sent since the last fence

    @property
    def name(self) -> str:
        """The actor's name."""
        return self.actor.name

    @property
    def is_bound(self) -> bool:
        """Whether stanzas can be exchanged."""
        return self.is_open and not self.has_closed and bool(self.state.jid)
