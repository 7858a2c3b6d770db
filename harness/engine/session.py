"""A target during a run: where it is, what it offers, and what all its cases share."""

import itertools
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.negotiation.client import TlsPolicy
from harness.negotiation.scram import SaltedPasswords
from harness.play.cast import Account
from harness.targets.accounts import Accounts
from harness.transport.endpoint import Endpoint


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a target offers; `product` and `version` are what it says of itself."""

    features: frozenset[str]
    services: Mapping[str, str]
    product: str = ""
    version: str = ""


@dataclass(kw_only=True)
class Session:
    """What the cases of one target share. `patience` is in seconds."""

    name: str
    endpoint: Endpoint
    accounts: Accounts
    token: str
    policy: TlsPolicy = TlsPolicy.IF_OFFERED
    mechanisms: tuple[str, ...] | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    assumed: frozenset[str] = frozenset()  # features that the target file says are there
    denied: frozenset[str] = frozenset()  # and those that it says are not
    product: str = ""
    version: str = ""
    patience: float = 2.0
    reconnect_delay: float = 0.0
    is_attached: bool = False
    context: ssl.SSLContext = field(init=False)
    salted: SaltedPasswords = field(default_factory=SaltedPasswords)
    _count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.context = self.endpoint.trust.context()

    def fresh(self, kind: str) -> str:
        """Return a name that nothing else on the target has: the kind, the run's token and a number."""
        return f"{kind}-{self.token}-{next(self._count)}"

    async def account(self) -> Account:
        """Make an account with a password of its own."""
        username, password = self.fresh("user"), self.fresh("secret")
        await self.accounts.create(username, password)
        return Account(username=username, password=password, domain=self.endpoint.domain)

    def take(self, offer: Offer) -> None:
        """Take over what a probe has found; what the target file says stands."""
        self.features = (offer.features | self.assumed) - self.denied
        self.services = {**offer.services, **self.services}
        self.product = self.product or offer.product
        self.version = self.version or offer.version
