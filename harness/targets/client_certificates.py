"""What a fake server shows to a client: the right certificate, and those that no client may trust."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.targets.certificates import names_of
from harness.transport.listener import Identity

_DAY = timedelta(days=1)
_SOMEBODY_ELSE = "somebody-else.example"


class Kind(Enum):
    """What is wrong with a certificate, if anything."""

    RIGHT = "right"
    WRONG_NAME = "wrong-name"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    SELF_SIGNED = "self-signed"
    UNKNOWN_AUTHORITY = "unknown-authority"


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """The certificates for one domain, made when first asked for; files in `directory`."""

    directory: Path
    domain: str
    authority: trustme.CA

    @property
    def ca_file(self) -> Path:
        """PEM file of the authority that clients are to trust."""
        return self.directory / "ca.pem"

    @property
    def certificate_file(self) -> Path:
        """PEM file of the right certificate."""
        return self.directory / "right.pem"

    def identity(self, kind: Kind) -> Identity:
        """What a listener presents."""
        key_and_chain = self.directory / f"{kind.value}.both.pem"
        chain = self.directory / f"{kind.value}.pem"
        if not chain.exists():
            self._make(kind, key_and_chain, chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(key_and_chain)
        first = chain.read_text("ascii").partition("-----END CERTIFICATE-----")
        return Identity(context=context, certificate=ssl.PEM_cert_to_DER_cert("".join(first[:2]) + "\n"))

    def _make(self, kind: Kind, key_and_chain: Path, chain: Path) -> None:
        if kind is Kind.SELF_SIGNED:
            key, certificate = _self_signed(self.domain)
            key_and_chain.write_bytes(key + certificate)
            chain.write_bytes(certificate)
            return
        now = datetime.now(UTC)
        authority = trustme.CA() if kind is Kind.UNKNOWN_AUTHORITY else self.authority
        names = (_SOMEBODY_ELSE,) if kind is Kind.WRONG_NAME else names_of(self.domain)
        begin, end = {
            Kind.EXPIRED: (now - 30 * _DAY, now - _DAY),
            Kind.NOT_YET_VALID: (now + _DAY, now + 30 * _DAY),
        }.get(kind, (now - _DAY, now + 30 * _DAY))
        leaf = authority.issue_cert(*names, not_before=begin, not_after=end)
        leaf.private_key_and_cert_chain_pem.write_to_path(key_and_chain)
        chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))


def certificates_in(directory: Path, domain: str) -> Certificates:
    """Make an authority and the right certificate."""
    made = Certificates(directory=directory, domain=domain, authority=trustme.CA())
    made.authority.cert_pem.write_to_path(made.ca_file)
    made.identity(Kind.RIGHT)
    return made


def _self_signed(domain: str) -> tuple[bytes, bytes]:
    """A key and a certificate for the right names that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)
