"""What a user names as trusted: a file of issuers, the fingerprint of a certificate. Is it one?"""

import re
import ssl
from pathlib import Path

CA_ADVICE = "give a PEM file with the certificates of issuers"
PIN_ADVICE = (
    "give the SHA-256 of the certificate in 64 hexadecimal digits; openssl x509 -noout -fingerprint -sha256 "
    "-in FILE prints it"
)

_PIN = re.compile(r"[0-9a-fA-F]{2}(:?[0-9a-fA-F]{2}){31}")


def objection_to_ca(file: str) -> str:
    """Why certificates of issuers cannot be read from a file; empty when they can."""
    try:
        Path(file).read_bytes()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        return f"{file} holds no certificate in PEM form"
    except (OSError, ValueError) as error:  # the latter of a name with a NUL
        reason = error.strerror if isinstance(error, OSError) else error
        return f"cannot read {file!r}: {reason}"
    return ""


def objection_to_pin(pin: str) -> str:
    """Why a text is no SHA-256 in hexadecimal, with or without colons; empty when it is one."""
    return "" if _PIN.fullmatch(pin) else f"{pin!r} is no SHA-256"
