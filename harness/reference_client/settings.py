"""What the reference client is told before it starts."""

from dataclasses import dataclass
from enum import Enum

from harness.xmpp.jid import Jid


class TlsUse(Enum):
    """What the client does about TLS; the values are those of XMPP_TLS in the contract of drivers."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    DIRECT = "direct"
    DISABLED = "disabled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """One client. Without a resourcepart in `jid` the server chooses one. `faults` are names of `FAULTS`.

    Only with `TlsUse.DISABLED` is a password sent in the clear: whoever says so wants it.
    """

    jid: Jid | str
    password: str
    tls: TlsUse
    faults: frozenset[str] = frozenset()

    @property
    def address(self) -> Jid:
        """The JID, taken apart; ValueError if it is none."""
        return self.jid if isinstance(self.jid, Jid) else Jid.parse(self.jid)
