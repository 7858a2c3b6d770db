"""Where a target listens, and how its certificate is judged."""

import hashlib
import ssl
from dataclasses import dataclass, field

from harness.errors import TargetError


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """What makes a server certificate acceptable.

    `ca_file` is a PEM file of trusted issuers (empty: the system's); `pin` is the SHA-256 of the
    certificate's DER form in hexadecimal and replaces all other checks; `insecure` accepts anything.
    """

    ca_file: str = ""
    pin: str = ""
    insecure: bool = False

    def context(self) -> ssl.SSLContext:
        """Make the one TLS context that all connections to the target share (loading a CA is slow)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.pin or self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self.ca_file:
            self._load(context)
        else:
            context.load_default_certs()
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            context.load_verify_locations(self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise TargetError(
                f"cannot read CA certificates: {error}",
                where=self.ca_file,
                advice="give a PEM file with --ca, or a certificate's SHA-256 with --pin",
            ) from error

    def accepts(self, certificate: bytes) -> bool:
        """Whether a certificate that the handshake let through has the pinned fingerprint."""
        wanted = self.pin.replace(":", "").lower()
        return not wanted or hashlib.sha256(certificate).hexdigest() == wanted


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An address of a server under test. `direct_tls_port` is None where there is no such listener."""

    host: str
    port: int
    domain: str
    direct_tls_port: int | None = None
    trust: Trust = field(default_factory=Trust)
