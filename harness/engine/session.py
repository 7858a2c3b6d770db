"""A target during a run: where it is, what it offers, and what all its cases share."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import trio

from harness.engine.pool import Pool
from harness.play.cast import Account
from harness.targets.access import Access
from harness.targets.accounts import Accounts
from harness.targets.administrators import Administrators
from harness.targets.logins import Login
from harness.transport.endpoint import Endpoint

#: Feature of a target with accounts that have an administrator's rights.
ADMIN = "admin"

#: Feature of a target that lets nobody in without TLS, and offers STARTTLS for it.
TLS_REQUIRED = "tls-required"

#: The contrary: a client of old that knows no TLS is let in, or at least may try.
CLEAR_LOGIN = "clear-login"

_CASE_PATIENCES = 30


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a target offers; `product` and `version` are what it says of itself."""

    features: frozenset[str]
    services: Mapping[str, str]
    product: str = ""
    version: str = ""


@dataclass(kw_only=True)
class Session:
    """What the cases of one target share. `patience`, `reconnect_delay` and `login_limit` are in seconds.

    `passwords` are those that are known beforehand, which no record may show.
    """

    name: str
    access: Access
    accounts: Accounts
    administrators: Administrators = field(default_factory=Administrators)
    token: str
    services: Mapping[str, str] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    assumed: frozenset[str] = frozenset()  # features that the target file says are there
    denied: frozenset[str] = frozenset()  # and those that it says are not
    product: str = ""
    version: str = ""
    patience: float = 2.0
    reconnect_delay: float = 0.0
    login_limit: float = 0.0  # 0: not known
    is_attached: bool = False
    at_once: int | None = None  # cases that the target can take at the same time
    passwords: tuple[str, ...] = ()
    _abrupt_end: float = -math.inf
    _count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.pool = Pool(self.accounts.capacity)

    @property
    def case_seconds(self) -> float:
        """How long one case may take in all; a server that stalls without end meets this."""
        return _CASE_PATIENCES * self.patience

    @property
    def endpoint(self) -> Endpoint:
        """Where it listens."""
        return self.access.endpoint

    def fresh(self, kind: str) -> str:
        """Return a name that nothing else on the target has: the kind, the run's token and a number."""
        return f"{kind}-{self.token}-{next(self._count)}"

    def note_abrupt_end(self) -> None:
        """A connection was dropped with its stream open."""
        self._abrupt_end = trio.current_time()

    async def rest(self) -> None:
        """Wait until the target can bear a connection after the last abrupt end; most can at once."""
        if self.reconnect_delay:
            await trio.sleep_until(self._abrupt_end + self.reconnect_delay)

    async def account(self) -> Account:
        """Make an account with a password of its own."""
        return self._account(await self.accounts.create(self.fresh("user"), self.fresh("secret")))

    async def administrator(self, lent: Login) -> Account:
        """Make an account of what `administrators` has lent."""
        return self._account(await self.administrators.ready(lent, self.fresh("secret")))

    def _account(self, login: Login) -> Account:
        return Account(username=login.username, password=login.password, domain=self.endpoint.domain)

    async def done_with(self, account: Account) -> None:
        """Give an account back where there are only so many; others are removed at the end of the run."""
        if self.accounts.capacity is not None:
            await self.accounts.remove(account.username)

    def take(self, offer: Offer) -> None:
        """Take over what a probe has found; what the target file says stands."""
        own = {ADMIN} if self.administrators else set()
        self.features = (offer.features | self.assumed | own) - self.denied
        self.services = {**offer.services, **self.services}
        self.product = self.product or offer.product
        self.version = self.version or offer.version
