"""The reference server, within this process: the one target that needs nothing installed."""

import secrets
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from harness.errors import TargetError
from harness.reference.information import VERSION_TEXT
from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings
from harness.targets.certificates import Certificate, make_certificate, names_of
from harness.targets.description import Description
from harness.targets.instance import Finding, Instance
from harness.targets.ports import HOST, PortChooser, free_ports
from harness.transport.listener import Identity, listening

#: Accounts of these names have an administrator's rights; `admin` is left to service administration.
_ADMINISTRATORS = tuple(f"admin-{number}" for number in range(1, 65))
_FRESH_BYTES = 9  # unpredictable stream ids (RFC 6120, 4.7.3), and short enough to read


@asynccontextmanager
async def launch(
    description: Description, directory: Path, domain: str, *, choose_ports: PortChooser = free_ports
) -> AsyncIterator[Instance]:
    """Serve until the block ends, which has to be in the task where it began.

    The listener chooses its own ports. Raises UsageError for an unknown fault.
    """
    server = ReferenceServer(_settings(description, domain), clock=time.time, fresh=_fresh)
    identity = _identity(make_certificate(directory, names_of(domain)))
    async with listening(server, identity, host=HOST) as ports:
        yield Instance(
            host=HOST,
            port=ports.plain,
            direct_tls_port=ports.direct_tls,
            domain=domain,
            ca_file=str(directory / "ca.pem"),
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


def _settings(description: Description, domain: str) -> Settings:
    return Settings(
        domain=domain,
        tls_offered=True,
        tls_required=description.settings.require_tls,
        faults=frozenset(description.settings.faults),
        admins=frozenset({"admin", *_ADMINISTRATORS}),
    )


def _fresh() -> str:
    return secrets.token_urlsafe(_FRESH_BYTES)


def _identity(certificate: Certificate) -> Identity:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.key_and_chain)
    first = certificate.chain.read_text(encoding="ascii").partition("-----END CERTIFICATE-----")
    return Identity(context=context, certificate=ssl.PEM_cert_to_DER_cert("".join(first[:2]) + "\n"))
