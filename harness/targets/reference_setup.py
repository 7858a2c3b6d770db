"""How the reference server is set up when it is a target, in this process or in one of its own."""

import secrets
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from harness.errors import TargetError
from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings
from harness.targets.site import Site
from harness.transport.listener import Identity

#: Accounts of these names have an administrator's rights; `admin` is left to service administration.
ADMINISTRATORS = tuple(f"admin-{number}" for number in range(1, 65))
_FRESH_BYTES = 9  # unpredictable stream ids (RFC 6120, 4.7.3), and short enough to read


def _ignore(_: str) -> None:
    """There is no log."""


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What is told to the server. `chain` and `key` are PEM files; the key is removed once it is read."""

    domain: str
    chain: str
    key: str
    require_tls: bool = False
    faults: tuple[str, ...] = ()

    @classmethod
    def of(cls, site: Site) -> "Setup":
        """Make a certificate in the site's directory, and what goes with it."""
        certificate = site.certify()
        certificate.key_and_chain.unlink()
        return cls(
            domain=site.domain,
            chain=str(certificate.chain),
            key=str(certificate.key),
            require_tls=site.settings.require_tls,
            faults=site.settings.faults,
        )

    def server(self, complain: Callable[[str], None] = _ignore) -> ReferenceServer:
        """The server without its sockets. Raises UsageError for an unknown fault."""
        settings = Settings(
            domain=self.domain,
            tls_offered=True,
            tls_required=self.require_tls,
            faults=frozenset(self.faults),
            admins=frozenset({"admin", *ADMINISTRATORS}),
        )
        return ReferenceServer(settings, clock=time.time, fresh=_fresh, complain=complain)

    def identity(self) -> Identity:
        """The certificate; its key is gone from the disk afterwards."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        Path(self.key).unlink()
        first = Path(self.chain).read_text(encoding="ascii").partition("-----END CERTIFICATE-----")
        return Identity(context=context, certificate=ssl.PEM_cert_to_DER_cert("".join(first[:2]) + "\n"))


class ServerAccounts:
    """The accounts of a server in this process, past the protocol."""

    def __init__(self, server: ReferenceServer) -> None:
        self._accounts = server.accounts

    async def create(self, username: str, password: str) -> None:
        """Make an account; TargetError where there is no room for one of that name."""
        if self._accounts.add(username, password) is None:
            raise TargetError(f"the reference server has no room for an account called {username}")

    async def remove(self, username: str) -> None:
        """Remove an account, if it is there."""
        if self._accounts.get(username) is not None:
            self._accounts.remove(username)


def _fresh() -> str:
    return secrets.token_urlsafe(_FRESH_BYTES)
