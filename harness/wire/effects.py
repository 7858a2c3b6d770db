"""What protocol code asks of a connection.

Negotiation and play are generators: they yield effects and are sent events. Whoever drives them (a
trio loop, or a joint in memory) carries the effects out. `Receive` is answered with the next event,
`OpenConnection` with `Connected` or `ConnectFailed`, `StartTls` with `TlsStarted` or `TlsFailed`, the
others with None.
"""

import typing
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from harness.wire.events import Connected, Event


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenConnection:
    """Connect to the target; with `direct_tls` the handshake precedes the first byte of XML."""

    direct_tls: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """Write bytes. `cuts` are offsets at which the writing is split into separate segments.

    `pauses` maps such an offset to the seconds to wait before going on; a scripted delay is the one
    wait that is wanted. `masked` is what the record shows instead when the bytes hold a secret.
    """

    data: bytes
    cuts: tuple[int, ...] = ()
    pauses: dict[int, float] = field(default_factory=dict)
    masked: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Receive:
    """Wait for the next event; after `patience` seconds (None: the driver's own) `Silence` comes."""

    patience: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RestartStream:
    """Expect a new stream header next (RFC 6120, 4.3.3); yielded before the bytes that provoke it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartTls:
    """Begin the TLS handshake now, as client or server according to the side of the connection."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseConnection:
    """Close the TCP connection; `reset` drops it without the orderly end."""

    reset: bool = False


Effect = OpenConnection | Send | Receive | RestartStream | StartTls | CloseConnection

T = TypeVar("T")

#: Protocol code that ends with a T. `event = yield Receive()`; other effects answer as told above.
Protocol = Generator[Effect, Event | None, T]


@dataclass(frozen=True, kw_only=True, slots=True)
class Directed:
    """An effect on one connection of a peer that has many."""

    connection: int
    effect: Effect


class Peer(typing.Protocol):
    """A server as a pure object: told of events on numbered connections, it answers with effects.

    `StartTls` is answered by a later `TlsStarted` or `TlsFailed` on the same connection.
    """

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """A connection has been accepted."""
        ...

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Something happened on it."""
        ...
