"""Openfire, from an installed distribution: the folder with `bin`, `conf`, `lib`, `plugins`, `resources`.

Every instance gets its own copy of what it writes to and shares `lib`. It sets itself up at its first start
(element `autosetup` of its configuration).
"""

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)

from harness.errors import TargetError
from harness.targets.certificates import Certificate
from harness.targets.instance import Finding, Instance, finding
from harness.targets.processes import Program
from harness.targets.programs import find, require, version_in
from harness.targets.site import Site

PORTS = ("port", "direct_tls_port", "http_port", "https_port", "component_port", "admin_port")

_PLACES = ("/usr/share/openfire", "/opt/openfire", "/usr/local/openfire")
_ADVICE = (
    "install Openfire from its own packages or unpack its archive, "
    "and set OPENFIRE_HOME to the folder that holds lib/startup.jar"
)
_JAVA_ADVICE = "Debian: apt install default-jre-headless (Java 17 or newer)"
_OWN_PARTS = ("conf", "plugins", "resources")
_STORE_PASSWORD = b"changeit"


@asynccontextmanager
async def launch(site: Site) -> AsyncIterator[Instance]:
    """Start a private Openfire."""
    home = _home(site.settings.home)
    if home is None:
        raise TargetError("Openfire is not installed", advice=_ADVICE)
    _configure(site, home)
    async with site.serving(_program(site, home), "logs/openfire.log") as process:
        yield site.instance(process, version=_version(home), logs=["logs/openfire.log"])


def examine() -> Sequence[Finding]:
    """Say whether Openfire and Java are installed."""
    home = _home("")
    return [
        finding("openfire", home, version=_version(home) if home else "", advice=_ADVICE),
        finding("java", find("java"), advice=f"for Openfire; {_JAVA_ADVICE}"),
    ]


def _home(wanted: str) -> Path | None:
    """Where the distribution is: as the target file says, the environment says, or packages put it."""
    named = wanted or os.environ.get("OPENFIRE_HOME", "")
    places = (named,) if named else _PLACES
    return next((Path(place) for place in places if (Path(place) / "lib" / "startup.jar").is_file()), None)


def _configure(site: Site, home: Path) -> None:
    for part in _OWN_PARTS:
        shutil.copytree(home / part, site.directory / part, symlinks=False)
    (site.directory / "logs").mkdir()
    _store(site.certify(), site.directory / "resources" / "security" / "keystore")
    tls_policy = "required" if site.settings.require_tls else "optional"
    site.write("openfire.xml", folder="conf", tls_policy=tls_policy)


def _store(certificate: Certificate, file: Path) -> None:
    """Put our certificate where Openfire looks for its own before it makes one."""
    chain = x509.load_pem_x509_certificates(certificate.chain.read_bytes())
    issuer = x509.load_pem_x509_certificates(certificate.ca_file.read_bytes())
    key = load_pem_private_key(certificate.key.read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)  # as trustme makes them
    password = BestAvailableEncryption(_STORE_PASSWORD)
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(b"harness", key, chain[0], [*chain[1:], *issuer], password)
    )


def _program(site: Site, home: Path) -> Program:
    properties = {
        "java.awt.headless": "true",
        "openfireHome": site.directory,
        "openfire.lib.dir": home / "lib",
        "log4j.configurationFile": home / "lib" / "log4j2.xml",
        "log4j2.formatMsgNoLookups": "true",
        "jdk.tls.ephemeralDHKeySize": "matched",
        "jsse.SSLEngine.acceptLargeFragments": "true",
        "java.security.properties": site.directory / "resources" / "security" / "java.security",
    }
    java = require("java", _JAVA_ADVICE)
    options = [f"-D{name}={value}" for name, value in properties.items()]
    return site.program(
        *(str(java), "-server", "-Xmx512m", *options, "-jar", str(home / "lib" / "startup.jar")),
        grace=0.0,  # its orderly end takes four seconds, and there is nothing to save
    )


def _version(home: Path) -> str:
    jars = sorted(home.glob("lib/xmppserver-*.jar"))
    return version_in(jars[-1].stem) if jars else ""
