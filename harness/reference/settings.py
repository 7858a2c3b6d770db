"""What the reference server is told before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Feature(Enum):
    """An optional part of the server, which a run may switch off."""

    MUC = "muc"
    REGISTRATION = "registration"
    OFFLINE = "offline"
    PING = "ping"
    VERSION = "version"
    VCARD = "vcard"
    PRIVATE = "private"
    TIME = "time"
    LAST = "last"
    CARBONS = "carbons"
    BLOCKING = "blocking"
    STREAM_MANAGEMENT = "stream management"
    RESUMPTION = "resumption"
    PUBSUB = "pubsub"
    ARCHIVE = "archive"
    COMMANDS = "commands"
    LEGACY = "legacy"
    PRIVACY_LISTS = "privacy lists"
    GATEWAY = "gateway"
    DIRECTORY = "directory"
    ROSTER_VERSIONING = "roster versioning"
    PRE_APPROVAL = "pre-approval"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Where the server stops. Sizes in octets, the rest in items."""

    stanza: int = 262_144
    roster_text: int = 1023
    offline_messages: int = 100
    history: int = 20
    page: int = 50
    absence: int = 60  # seconds for which a session is kept that can be resumed


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """One server. `accounts` maps localparts to passwords; `admins` are localparts of this domain.

    `legacy_codes` puts the numeric codes of XEP-0086 on stanza errors. `groupchat_1_0` lets a room be
    entered by presence without an `x` element, as before XEP-0045; otherwise such presence is answered
    by a kick (XEP-0045, 7.2.18). PLAIN is offered without TLS only where there is no TLS.
    SCRAM tells `claimed_iterations` in place of the true count, and its first `challenge` may be
    "demanding", "garbled" or "left-out", which only a test of clients wants.
    With a `registration_key`, whoever registers must send it back (XEP-0077, 7); with `offers_key` a key is
    given out that nobody needs to send back.
    """

    domain: str = "localhost"
    tls_offered: bool = False
    tls_required: bool = False
    mechanisms: tuple[str, ...] = (
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1",
        "PLAIN",
    )
    accounts: Mapping[str, str] = field(default_factory=dict)
    admins: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    limits: Limits = Limits()
    off: frozenset[Feature] = frozenset()
    legacy_codes: bool = True
    legacy_auth: bool = True
    groupchat_1_0: bool = True
    registration_key: str = ""
    offers_key: bool = True
    claimed_iterations: int | None = None
    challenge: str = "right"

    @property
    def muc_domain(self) -> str:
        """The domain of the room service."""
        return f"conference.{self.domain}"

    @property
    def gateway_domain(self) -> str:
        """The domain of the gateway."""
        return f"gateway.{self.domain}"

    @property
    def directory_domain(self) -> str:
        """The domain of the user directory."""
        return f"users.{self.domain}"

    @property
    def pubsub_domain(self) -> str:
        """The domain of the publish-subscribe service."""
        return f"pubsub.{self.domain}"

    def has(self, feature: Feature) -> bool:
        """Tell whether a feature is on."""
        return feature not in self.off
