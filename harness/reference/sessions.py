"""Bound resources: who is connected, available, interested."""

from dataclasses import dataclass, field

from harness.reference.accounts import Account
from harness.reference.stanzas import Element
from harness.xmpp.jid import Jid


@dataclass(kw_only=True, slots=True, eq=False)
class Session:
    """A connected resource. `presence` is its last broadcast, None while it is not available.

    `interested` says that it asked for its roster (RFC 6121, 2.2); `directed` holds the JIDs that got
    directed presence in this presence session (RFC 6121, 4.6); `handled` and `sent` count stanzas once
    stream management is on (XEP-0198, 4); `resumption` is the id by which the session can be resumed, and
    `left` the moment in which its connection ended without a word; `overtaken` waits for the message that
    goes before it (a fault); `gave_carbons_up` has no copies ever again (a fault).
    """

    connection: int
    address: Jid
    account: Account
    presence: Element | None = None
    priority: int = 0
    interested: bool = False
    carbons: bool = False
    gave_carbons_up: bool = False
    knows_blocked: bool = False
    directed: dict[str, None] = field(default_factory=dict)
    managed: bool = False
    handled: int = 0
    sent: int = 0
    unacknowledged: list[Element] = field(default_factory=list)
    resumption: str = ""
    left: float | None = None
    waiting: Element | None = None  # a request that a fault lets the next stanza overtake
    overtaken: Element | None = None

    @property
    def jid(self) -> str:
        """The full JID as text."""
        return str(self.address)

    @property
    def is_away(self) -> bool:
        """Tell whether the session waits for its client to come back."""
        return self.left is not None

    @property
    def is_available(self) -> bool:
        """Tell whether the resource has sent initial presence and no unavailable since."""
        return self.presence is not None


class Sessions:
    """All connected resources."""

    def __init__(self) -> None:
        self._by_jid: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Count a resource as connected."""
        self._by_jid[session.jid] = session

    def remove(self, session: Session) -> None:
        """Forget a resource; nothing happens when another session has taken its JID."""
        if self._by_jid.get(session.jid) is session:
            del self._by_jid[session.jid]

    def at(self, jid: str) -> Session | None:
        """The session with exactly that full JID."""
        return self._by_jid.get(jid)

    def of(self, bare: str) -> list[Session]:
        """All connected resources of an account, in the order in which they came."""
        return [session for session in self._by_jid.values() if session.address.bare == bare]

    def available(self, bare: str) -> list[Session]:
        """The available resources of an account."""
        return [session for session in self.of(bare) if session.is_available]

    def interested(self, bare: str) -> list[Session]:
        """The resources of an account that asked for the roster."""
        return [session for session in self.of(bare) if session.interested]

    def non_negative(self, bare: str) -> list[Session]:
        """The available resources whose priority is not negative (RFC 6121, 8.5.2.1)."""
        return [session for session in self.available(bare) if session.priority >= 0]
