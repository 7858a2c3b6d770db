"""The reference server, within this process: the one target that needs nothing installed."""

import secrets
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from harness.errors import TargetError
from harness.reference.information import VERSION_TEXT
from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings
from harness.targets.certificates import Certificate
from harness.targets.instance import Finding, Instance
from harness.targets.ports import HOST
from harness.targets.site import Site
from harness.transport.listener import Identity, listening

PORTS = ()  # the listener chooses its own

#: Accounts of these names have an administrator's rights; `admin` is left to service administration.
_ADMINISTRATORS = tuple(f"admin-{number}" for number in range(1, 65))
_FRESH_BYTES = 9  # unpredictable stream ids (RFC 6120, 4.7.3), and short enough to read


@asynccontextmanager
async def launch(site: Site) -> AsyncIterator[Instance]:
    """Serve until the block ends, which has to be in the task where it began.

    The listener chooses its own ports. Raises UsageError for an unknown fault.
    """
    server = ReferenceServer(_settings(site), clock=time.time, fresh=_fresh)
    identity = _identity(site.certify())
    async with listening(server, identity, host=HOST) as ports:
        yield Instance(
            host=HOST,
            port=ports.plain,
            direct_tls_port=ports.direct_tls,
            domain=site.domain,
            ca_file=str(site.directory / "ca.pem"),
            version=VERSION_TEXT,
            administrators=_ADMINISTRATORS,
            create_account=_creating(server),
            remove_account=_removing(server),
        )


def _creating(server: ReferenceServer) -> Callable[[str, str], Awaitable[None]]:
    async def create(username: str, password: str) -> None:
        if server.accounts.add(username, password) is None:
            raise TargetError(f"the reference server has no room for an account called {username}")

    return create


def _removing(server: ReferenceServer) -> Callable[[str], Awaitable[None]]:
    async def remove(username: str) -> None:
        if server.accounts.get(username) is not None:
            server.accounts.remove(username)

    return remove


def examine() -> Sequence[Finding]:
    """Say that it is there, as it always is."""
    return [Finding(name="reference", present=True, version=VERSION_TEXT)]


def _settings(site: Site) -> Settings:
    return Settings(
        domain=site.domain,
        tls_offered=True,
        tls_required=site.settings.require_tls,
        faults=frozenset(site.settings.faults),
        admins=frozenset({"admin", *_ADMINISTRATORS}),
    )


def _fresh() -> str:
    return secrets.token_urlsafe(_FRESH_BYTES)


def _identity(certificate: Certificate) -> Identity:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.key_and_chain)
    certificate.forget_key()
    first = certificate.chain.read_text(encoding="ascii").partition("-----END CERTIFICATE-----")
    return Identity(context=context, certificate=ssl.PEM_cert_to_DER_cert("".join(first[:2]) + "\n"))
