"""What the server keeps for each account, between sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.reference.addresses import prepare_localpart
from harness.reference.nodes import Nodes
from harness.reference.stanzas import Element
from harness.xmpp.namespaces import Name


@dataclass(kw_only=True, slots=True)
class RosterItem:
    """A contact. `subscription` is none, to, from or both; `ask` a pending outbound request."""

    jid: str
    name: str = ""
    groups: tuple[str, ...] = ()
    subscription: str = "none"
    ask: bool = False
    approved: bool = False


@dataclass(kw_only=True, slots=True)
class Archived:
    """A message in an archive: its id, the POSIX time it came, the other party's full JID, the stanza."""

    id: str
    moment: float
    other: str
    stanza: Element


@dataclass(kw_only=True, slots=True)
class Account:
    """One account. `pending` holds inbound subscription requests not yet answered, by bare JID.

    Only faults go by `has_seen_form` and `told`, which are of the archive: its form, and what was told of it.
    """

    username: str
    password: str
    roster: dict[str, RosterItem] = field(default_factory=dict)
    has_seen_form: bool = False
    told: set[str] = field(default_factory=set)
    roster_version: int = 0
    roster_changes: list[tuple[int, str]] = field(default_factory=list)
    pending: dict[str, Element] = field(default_factory=dict)
    offline: list[tuple[float, Element]] = field(default_factory=list)
    private: dict[Name, Element] = field(default_factory=dict)
    vcard: Element | None = None
    blocked: list[str] = field(default_factory=list)
    privacy_lists: dict[str, list[Element]] = field(default_factory=dict)
    default_list: str = ""
    archive: list[Archived] = field(default_factory=list)
    nodes: Nodes = field(default_factory=dict)
    last_logout: float | None = None
    last_status: str = ""
    is_locked: bool = False
    registration_fields: dict[str, str] = field(default_factory=dict)


class Accounts:
    """All accounts of the domain, by prepared localpart."""

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._accounts: dict[str, Account] = {}
        for username, password in passwords.items():
            self.add(username, password)

    def get(self, username: str) -> Account | None:
        """The account of that localpart, prepared or not."""
        return self._accounts.get(username) or self._accounts.get(prepare_localpart(username) or "")

    def __getitem__(self, username: str) -> Account:
        return self._accounts[username]

    def add(self, username: str, password: str) -> Account | None:
        """Make an account; None when the name is taken or is no localpart."""
        prepared = prepare_localpart(username)
        if prepared is None or prepared in self._accounts:
            return None
        account = self._accounts[prepared] = Account(username=prepared, password=password)
        return account

    def remove(self, username: str) -> None:
        """Delete an account with all its data."""
        del self._accounts[username]

    def password(self, username: str) -> str | None:
        """The password of an account, for negotiation; None if there is none."""
        account = self.get(username)
        return account.password if account is not None else None

    def localpart(self, username: str) -> str:
        """A user name as the localpart of a JID in canonical form, account or not."""
        return prepare_localpart(username) or username

    def trouble(self, username: str) -> str | None:
        """Only accounts that a fault has locked are disabled here."""
        account = self.get(username)
        return "account-disabled" if account is not None and account.is_locked else None

    def all(self) -> list[Account]:
        """All accounts, in the order in which they were made."""
        return list(self._accounts.values())
