"""What a server that negotiates is told beforehand, what it asks of its owner, and how it ends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from lxml import etree

from harness.errors import UsageError
from harness.faults.tables import NEGOTIATION_FAULTS
from harness.negotiation.mechanisms import MECHANISMS
from harness.negotiation.scram import SaltedPasswords
from harness.wire.events import StreamOpened, TlsStarted


class TlsOffer(Enum):
    """What a server does about STARTTLS."""

    NONE = "none"
    OFFERED = "offered"
    REQUIRED = "required"


class AccountLookup(Protocol):
    """The accounts as negotiation sees them."""

    def password(self, username: str) -> str | None:
        """The password of an account, None if there is none. `username` has gone through SASLprep."""
        ...

    def localpart(self, username: str) -> str:
        """The user name as the localpart of a JID in canonical form (RFC 6120, 4.3.6), account or not."""
        ...

    def trouble(self, username: str) -> str | None:
        """A SASL condition, such as account-disabled, that keeps out an account whose password is right."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class BindRefused:
    """No resource is bound. `condition` is one of RFC 6120, 7.6.2 and 7.7.2."""

    condition: str


#: Told the username and the resource that the client wants, None for any: the resource to bind, or why not.
#: It is called for the legacy login, too.
ResourceBinder = Callable[[str, str | None], "str | BindRefused"]

#: Told an iq of `jabber:iq:register` that came before login: the bytes that answer it.
Registrar = Callable[["etree._Element"], bytes]

#: Told of a handshake: the user whose certificate the client has shown, None if there is no such user.
Identifier = Callable[[TlsStarted], str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerPolicy:
    """One server's terms. The first of `domains` is the one for clients that name none.

    `clear_mechanisms` are offered without TLS, `tls_mechanisms` with it; the -PLUS ones only where the
    channel has a binding. `features` are ready-made children of the features after authentication.
    `sasl_retries` and `bind_retries` are how many more attempts follow a failed one; RFC 6120 wants 2 to 5
    (6.4.5) and 5 to 10 (7.7.3). `claimed_iterations` is what SCRAM tells in place of the truth.
    Its first `challenge` may be "demanding" (an extension that nobody knows), "garbled" (no base64) or
    "left-out" (the client is let in at once).
    """

    domains: tuple[str, ...] = ("localhost",)
    tls: TlsOffer = TlsOffer.NONE
    clear_mechanisms: tuple[str, ...] = ("SCRAM-SHA-256", "SCRAM-SHA-1")
    tls_mechanisms: tuple[str, ...] = (
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1",
    )
    legacy: bool = False
    registration: bool = False
    session: bool = True
    features: tuple[bytes, ...] = ()
    languages: tuple[str, ...] = ("en",)
    sasl_retries: int = 3
    bind_retries: int = 5
    claimed_iterations: int | None = None
    challenge: str = "right"
    faults: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        unknown = sorted(self.faults - NEGOTIATION_FAULTS.keys())
        if unknown:
            raise UsageError(f"there is no fault named {unknown[0]!r}", where="negotiation")
        for name in (*self.clear_mechanisms, *self.tls_mechanisms):
            if name not in MECHANISMS:
                raise UsageError(f"there is no mechanism {name!r}", where="negotiation")

    def has(self, fault: str) -> bool:
        """Tell whether a fault is planted here."""
        return fault in self.faults


@dataclass(frozen=True, kw_only=True, slots=True)
class Resumed:
    """A session goes on (XEP-0198, 5): that of this user and resource."""

    username: str
    resource: str


#: Told an element of stream management that comes where no resource is bound, and who has logged in (nobody:
#: the empty string): the session that goes on, or the bytes that answer.
Resumer = Callable[[str, "etree._Element"], "Resumed | bytes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """A client is in. `how` is its mechanism, or `legacy plain` and `legacy digest`.

    `header` is the client's last stream header, `language` the one that its stanzas are in by default.
    `resumption` is the request by which it goes on with an earlier session (XEP-0198, 5).
    """

    username: str
    domain: str
    resource: str
    how: str
    header: StreamOpened
    language: str = ""
    tls: TlsStarted | None = None
    resumption: "etree._Element | None" = None

    @property
    def jid(self) -> str:
        """The full JID."""
        return f"{self.username}@{self.domain}/{self.resource}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """The connection is over before anybody was bound. `condition` is the stream error, if one was sent."""

    reason: str
    condition: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """What negotiation asks of the server that it is part of. `fresh` never gives the same text twice."""

    accounts: AccountLookup
    fresh: Callable[[], str]
    bind_resource: ResourceBinder
    register: Registrar | None = None
    salted: SaltedPasswords = field(default_factory=SaltedPasswords)
    identify: Identifier | None = None
    resume: Resumer | None = None
