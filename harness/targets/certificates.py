"""The certificate of a launched server, from an authority that is made for it and then forgotten."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

#: ejabberd sets a timer for the expiry, and Erlang's timers reach no further than 49 days.
_VALIDITY = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """PEM files: the authority, the server's chain, its private key, and key and chain in one."""

    ca_file: Path
    chain: Path
    key: Path
    key_and_chain: Path

    def forget_key(self) -> None:
        """Remove the private key, which whoever needs it has read."""
        for file in (self.key, self.key_and_chain):
            file.unlink()


def make_certificate(directory: Path, names: Iterable[str]) -> Certificate:
    """Make a certificate for some host names and addresses; a first label may be `*`."""
    made = Certificate(
        ca_file=directory / "ca.pem",
        chain=directory / "cert.pem",
        key=directory / "key.pem",
        key_and_chain=directory / "both.pem",
    )
    authority = trustme.CA()
    leaf = authority.issue_cert(*dict.fromkeys(names), not_after=datetime.now(UTC) + _VALIDITY)
    authority.cert_pem.write_to_path(made.ca_file)
    leaf.private_key_pem.write_to_path(made.key)
    made.chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    leaf.private_key_and_cert_chain_pem.write_to_path(made.key_and_chain)
    return made


def names_of(domain: str) -> tuple[str, ...]:
    """What a server of a domain has to be certified for: its domain, services and the loopback address."""
    return (domain, f"*.{domain}", "127.0.0.1")
