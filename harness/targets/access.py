"""How connections to a target are made: where, with which TLS, and what may log in."""

import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harness.negotiation.client import ClientState, Credentials, LoggedIn, Refusal, TlsPolicy, connect
from harness.negotiation.scram import SaltedPasswords
from harness.targets.description import Description, Tls
from harness.targets.instance import Instance
from harness.transport.connection import Connection, drive
from harness.transport.endpoint import Endpoint, Trust

_POLICIES = {
    Tls.STARTTLS: TlsPolicy.REQUIRED,
    Tls.DIRECT: TlsPolicy.DIRECT,
    Tls.NONE: TlsPolicy.NEVER,
    Tls.IF_OFFERED: TlsPolicy.IF_OFFERED,
}
_PATIENCES = 10  # times the target's own: administration may be slower than what scenarios wait for


def fresh_nonce() -> str:
    """Return an unpredictable text for SASL."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True, kw_only=True)
class Access:
    """What every connection for administration needs. `mechanisms` None: the best that both sides have."""

    endpoint: Endpoint
    policy: TlsPolicy
    context: ssl.SSLContext
    mechanisms: tuple[str, ...] | None = None
    salted: SaltedPasswords = field(default_factory=SaltedPasswords)
    nonce: Callable[[], str] = fresh_nonce
    patience: float = 20.0  # seconds

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Make a connection that is not open yet, and let go of it at the end."""
        connection = Connection(self.endpoint, self.context, patience=self.patience)
        try:
            yield connection
        finally:
            await connection.aclose()

    async def log_in(
        self, connection: Connection, state: ClientState, username: str, password: str
    ) -> LoggedIn | Refusal:
        """Log in with a resource of the server's choice."""
        credentials = Credentials(
            username=username,
            domain=self.endpoint.domain,
            password=password,
            mechanisms=self.mechanisms,
        )
        protocol = connect(state, credentials, self.policy, nonce=self.nonce, salted=self.salted)
        return await drive(protocol, connection)


def endpoint_of(description: Description, instance: Instance) -> Endpoint:
    """Where an instance listens, and how its certificate is judged."""
    trust = Trust(ca_file=instance.ca_file, pin=description.pin, insecure=description.insecure)
    return Endpoint(
        host=instance.host,
        port=instance.port,
        domain=instance.domain,
        direct_tls_port=instance.direct_tls_port,
        trust=trust,
    )


def policy_of(description: Description) -> TlsPolicy:
    """What a client does about TLS, as the target file says."""
    return _POLICIES[description.tls]


def access_of(description: Description, instance: Instance) -> Access:
    """Everything for administrative connections to an instance."""
    endpoint = endpoint_of(description, instance)
    return Access(
        endpoint=endpoint,
        policy=policy_of(description),
        context=endpoint.trust.context(),
        mechanisms=description.login_mechanisms or None,
        patience=_PATIENCES * description.patience,
    )
