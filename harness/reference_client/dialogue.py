"""A generator of negotiation, led by events as they come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.negotiation.state import ClientState, Refusal
from harness.wire.effects import Effect, OpenConnection, Protocol, Receive, Send, StartTls
from harness.wire.events import Connected, ConnectFailed, Disconnected, Event, TlsFailed, TlsStarted

#: What ends the wait for a connection or a handshake.
_ANSWERS = (Connected, ConnectFailed, TlsStarted, TlsFailed, Disconnected)


@dataclass(kw_only=True, slots=True)
class Dialogue:
    """Runs a login or a registration; `emit` takes the effects.

    While a connection or a handshake is awaited it `is_deaf`: what still comes in the clear counts for
    nothing (RFC 6120, 5.4.3.3), unless the client at fault `keeps_clear`. Whether it `has_spoken` tells
    whether there is a stream that can be closed.
    """

    protocol: Protocol[str | Refusal | None] | Protocol[str | Refusal] | Protocol[Refusal | None]
    state: ClientState
    emit: Callable[[Effect], None]
    keeps_clear: bool = False
    is_deaf: bool = False
    has_spoken: bool = False
    _kept: list[Event] = field(default_factory=list)

    def start(self) -> None:
        """Let it say what comes first, which is to open a connection."""
        self._run(None)

    def take(self, event: Event) -> tuple[str | Refusal | None] | tuple[()]:
        """Tell it of an event; the outcome, alone, once there is one."""
        if self.is_deaf and not isinstance(event, _ANSWERS):
            if self.keeps_clear:
                self._kept.append(event)
            return ()
        outcome = self._run(event)
        while not outcome and not self.is_deaf and self._kept:
            outcome = self._run(self._kept.pop(0))
        return outcome

    def _run(self, event: Event | None) -> tuple[Any] | tuple[()]:  # the generators end with all of these
        self.is_deaf = False
        try:
            effect = self.protocol.send(event)
            while not isinstance(effect, Receive):
                self.emit(effect)
                self.has_spoken = self.has_spoken or isinstance(effect, Send)
                if isinstance(effect, OpenConnection | StartTls):
                    self.is_deaf = True
                    break
                effect = self.protocol.send(None)
        except StopIteration as stop:
            return (stop.value,)
        return ()
