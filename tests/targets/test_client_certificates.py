"""What a fake server shows: the right certificate is trusted, and none of the others."""

import contextlib
import ssl
from pathlib import Path

import pytest

from harness.targets.client_certificates import Certificates, Kind, certificates_in

REASONS = {
    Kind.WRONG_NAME: "Hostname mismatch",
    Kind.EXPIRED: "certificate has expired",
    Kind.NOT_YET_VALID: "certificate is not yet valid",
    Kind.SELF_SIGNED: "self.signed certificate",
    Kind.UNKNOWN_AUTHORITY: "unable to get local issuer certificate",
}


@pytest.fixture
def made(tmp_path: Path) -> Certificates:
    return certificates_in(tmp_path, "localhost")


def shake_hands(made: Certificates, kind: Kind) -> bytes:
    """What a client that trusts the authority makes of a certificate; the certificate that it was shown."""
    trusting = ssl.create_default_context(cafile=made.ca_file)
    ours, theirs = (ssl.MemoryBIO(), ssl.MemoryBIO()), (ssl.MemoryBIO(), ssl.MemoryBIO())
    client = trusting.wrap_bio(*ours, server_hostname="localhost")
    server = made.identity(kind).context.wrap_bio(*theirs, server_side=True)
    for _ in range(4):
        for end in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
            theirs[0].write(ours[1].read())
            ours[0].write(theirs[1].read())
    return client.getpeercert(binary_form=True) or b""


def test_the_right_certificate_is_trusted(made: Certificates) -> None:
    assert shake_hands(made, Kind.RIGHT) == made.identity(Kind.RIGHT).certificate


@pytest.mark.parametrize("kind", REASONS)
def test_no_other_certificate_is_trusted(kind: Kind, made: Certificates) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=REASONS[kind]):
        shake_hands(made, kind)


def test_a_certificate_is_made_once(made: Certificates) -> None:
    assert made.identity(Kind.EXPIRED).certificate == made.identity(Kind.EXPIRED).certificate
    pem = made.certificate_file.read_text().partition("-----END CERTIFICATE-----")
    assert ssl.PEM_cert_to_DER_cert("".join(pem[:2]) + "\n") == made.identity(Kind.RIGHT).certificate
