"""A server that forgets nothing, or that a client can kill: faults of a process, not of a conversation."""

from collections.abc import Sequence

from harness.wire.effects import Directed, Peer, Send
from harness.wire.events import Connected, Disconnected, ElementReceived, Event
from harness.xmpp.namespaces import CLIENT, SASL, Name

LEAK, HOARD = "failed-login-leaks", "each-message-leaks"
DEATH = "early-response-kills-server"
DEAFNESS, FORGETFULNESS = "early-abort-deafens-server", "early-abort-deafens-sessions"

_AUTH, _RESPONSE, _ABORT = Name(SASL, "auth"), Name(SASL, "response"), Name(SASL, "abort")
_MESSAGE = Name(CLIENT, "message")
_FAILURE = b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
_LEAKED_BYTES = 65536


class PlantedCrashError(RuntimeError):
    """The end of a server that was told to have one; nobody catches it."""


class Leaking:
    """Keeps 64 KiB for each failed login."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._leaked: list[bytes] = []

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """A connection has been accepted."""
        return self._peer.connected(connection, event)

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Something happened on it."""
        effects = self._peer.received(connection, event)
        for one in effects:
            if isinstance(one.effect, Send) and one.effect.data.startswith(_FAILURE):
                self._leaked.append(b"x" * _LEAKED_BYTES)  # written to, so that it takes up memory
        return effects


class Hoarding:
    """Keeps 64 KiB for each message."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._leaked: list[bytes] = []

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """A connection has been accepted."""
        return self._peer.connected(connection, event)

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Something happened on it."""
        if isinstance(event, ElementReceived) and event.name == _MESSAGE:
            self._leaked.append(b"x" * _LEAKED_BYTES)
        return self._peer.received(connection, event)


class Mortal:
    """Raises PlantedCrashError when a client answers a challenge that it never got."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._asked: set[int] = set()

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """A connection has been accepted."""
        return self._peer.connected(connection, event)

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Something happened on it."""
        if isinstance(event, Disconnected):
            self._asked.discard(connection)
        if isinstance(event, ElementReceived) and event.name == _AUTH:
            self._asked.add(connection)
        if isinstance(event, ElementReceived) and event.name == _RESPONSE and connection not in self._asked:
            raise PlantedCrashError("there is no SASL handshake")
        return self._peer.received(connection, event)


class Deaf:
    """Once a client has broken off what has not begun, it hears nobody; or nobody who is logged in then."""

    def __init__(self, peer: Peer, *, forever: bool) -> None:
        self._peer = peer
        self._forever = forever
        self._asked: set[int] = set()
        self._here: set[int] = set()  # those who have sent stanzas
        self._unheard: set[int] = set()
        self._is_deaf = False

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """A connection has been accepted."""
        return self._peer.connected(connection, event)

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Something happened on it."""
        if isinstance(event, ElementReceived) and event.name == _AUTH:
            self._asked.add(connection)
        if isinstance(event, ElementReceived) and event.name.namespace == CLIENT:
            self._here.add(connection)
        if isinstance(event, Disconnected):
            for ones in (self._here, self._asked, self._unheard):
                ones.discard(connection)
            return self._peer.received(connection, event)
        is_early = isinstance(event, ElementReceived) and event.name == _ABORT
        if is_early and connection not in self._asked:
            self._is_deaf = self._forever
            self._unheard |= self._here
        return () if self._is_deaf or connection in self._unheard else self._peer.received(connection, event)


def with_process_faults(peer: Peer, faults: frozenset[str]) -> Peer:
    """The server with these faults of its process; itself where there are none."""
    if LEAK in faults:
        peer = Leaking(peer)
    if HOARD in faults:
        peer = Hoarding(peer)
    if not faults.isdisjoint((DEAFNESS, FORGETFULNESS)):
        peer = Deaf(peer, forever=DEAFNESS in faults)
    return Mortal(peer) if DEATH in faults else peer
