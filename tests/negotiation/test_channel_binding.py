"""The end point binding of RFC 5929, 4.1, on certificates made here."""

import base64
import datetime
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from harness.negotiation.scram import tls_server_end_point

NOW = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.org")])

#: Made with `openssl req -x509 -sha1`, since today's libraries sign nothing with SHA-1 any more.
SIGNED_WITH_SHA_1 = base64.b64decode(
    "MIIBazCCARKgAwIBAgIUGsY0gTWnYP11lET5aL+HzECOVYMwCQYHKoZIzj0EATAMMQowCAYDVQQDDAF4MB4XDTI2MTEyMTEx"
    "MzIzM1oXDTI2MTEyMjExMzIzM1owDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABA3UIXXn9C/jfnj9"
    "C1ZASrGY7pd33tRaw2581L6Zk8Bvz9xKkUhazmx0rsEyys48A0mOMxr+njNKzGp8DMn78EujUzBRMB0GA1UdDgQWBBRTZhZ7"
    "JzKrRZNjVUPHpy34K5uw7DAfBgNVHSMEGDAWgBRTZhZ7JzKrRZNjVUPHpy34K5uw7DAPBgNVHRMBAf8EBTADAQH/MAkGByqG"
    "SM49BAEDSAAwRQIhAOyBePcxgO5T/6/hAMRasjUgNP/C6lFfaCQeMGLtldAfAiAsSP+ERBHuTC7i/DZxkv3uIENGnZJms1Iq"
    "2r9OELi2Tg=="
)


def certificate(key, hash):
    builder = x509.CertificateBuilder(
        issuer_name=NAME,
        subject_name=NAME,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=NOW,
        not_valid_after=NOW + datetime.timedelta(days=1),
    )
    return builder.sign(key, hash).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("hash", "name"),
    [(hashes.SHA256(), "sha256"), (hashes.SHA384(), "sha384"), (hashes.SHA512(), "sha512")],
)
def test_the_hash_is_that_of_the_signature(hash, name):
    der = certificate(ec.generate_private_key(ec.SECP256R1()), hash)
    assert tls_server_end_point(der) == hashlib.new(name, der).digest()


def test_sha_1_is_replaced_by_sha_256():
    assert tls_server_end_point(SIGNED_WITH_SHA_1) == hashlib.sha256(SIGNED_WITH_SHA_1).digest()


def test_it_is_undefined_without_a_hash():
    assert tls_server_end_point(certificate(ed25519.Ed25519PrivateKey.generate(), None)) == b""
