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
from harness.targets.certificates import Certificate, make_certificate, names_of
from harness.targets.configuration import fill, template
from harness.targets.description import Description
from harness.targets.instance import Finding, Instance
from harness.targets.ports import HOST, PortChooser, free_ports
from harness.targets.processes import Program, running
from harness.targets.programs import find, require, version_in
from harness.targets.readiness import Startup

_PLACES = ("/usr/share/openfire", "/opt/openfire", "/usr/local/openfire")
_ADVICE = (
    "install Openfire from its own packages or unpack its archive, "
    "and set OPENFIRE_HOME to the folder that holds lib/startup.jar"
)
_JAVA_ADVICE = "Debian: apt install default-jre-headless (Java 17 or newer)"
_OWN_PARTS = ("conf", "plugins", "resources")
_STORE_PASSWORD = b"changeit"


@asynccontextmanager
async def launch(
    description: Description, directory: Path, domain: str, *, choose_ports: PortChooser = free_ports
) -> AsyncIterator[Instance]:
    """Start a private Openfire."""
    home = _home(description.settings.home)
    if home is None:
        raise TargetError("Openfire is not installed", advice=_ADVICE)
    names = ("port", "direct_tls_port", "http_port", "https_port", "component_port", "admin_port")
    ports = dict(zip(names, choose_ports(len(names)), strict=True))
    _configure(description, home, directory, domain, ports)
    program = _program(home, directory)
    log = directory / "logs" / "openfire.log"
    async with running(program) as process:
        startup = Startup(
            processes=[process], port=ports["port"], seconds=description.settings.start_seconds, logs=[log]
        )
        await startup.wait_for_features(domain)
        yield Instance(
            host=HOST,
            port=ports["port"],
            direct_tls_port=ports["direct_tls_port"],
            domain=domain,
            ca_file=str(directory / "ca.pem"),
            pids=(process.pid,),
            version=_version(home),
        )


def examine() -> Sequence[Finding]:
    """Say whether Openfire and Java are installed."""
    home, java = _home(""), find("java")
    return [
        Finding(
            name="openfire",
            present=home is not None,
            version=_version(home) if home else "",
            advice="" if home else _ADVICE,
        ),
        Finding(
            name="java", present=java is not None, advice="" if java else f"for Openfire; {_JAVA_ADVICE}"
        ),
    ]


def _home(wanted: str) -> Path | None:
    """Where the distribution is: as the target file says, the environment says, or packages put it."""
    named = wanted or os.environ.get("OPENFIRE_HOME", "")
    places = (named,) if named else _PLACES
    return next((Path(place) for place in places if (Path(place) / "lib" / "startup.jar").is_file()), None)


def _configure(
    description: Description, home: Path, directory: Path, domain: str, ports: dict[str, int]
) -> None:
    for part in _OWN_PARTS:
        shutil.copytree(home / part, directory / part, symlinks=False)
    (directory / "logs").mkdir()
    _store(make_certificate(directory, names_of(domain)), directory / "resources" / "security" / "keystore")
    settings = description.settings
    fill(
        template("openfire", "openfire.xml"),
        directory / "conf" / "openfire.xml",
        domain=domain,
        tls_policy="required" if settings.require_tls else "optional",
        max_stanza=settings.max_stanza_bytes,
        **ports,
    )


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


def _program(home: Path, directory: Path) -> Program:
    properties = {
        "java.awt.headless": "true",
        "openfireHome": directory,
        "openfire.lib.dir": home / "lib",
        "log4j.configurationFile": home / "lib" / "log4j2.xml",
        "log4j2.formatMsgNoLookups": "true",
        "jdk.tls.ephemeralDHKeySize": "matched",
        "jsse.SSLEngine.acceptLargeFragments": "true",
        "java.security.properties": directory / "resources" / "security" / "java.security",
    }
    java = require("java", _JAVA_ADVICE)
    options = [f"-D{name}={value}" for name, value in properties.items()]
    return Program(
        command=[str(java), "-server", "-Xmx512m", *options, "-jar", str(home / "lib" / "startup.jar")],
        directory=directory,
        log=directory / "output.log",
        private=True,
        grace=0.0,  # its orderly end takes four seconds, and there is nothing to save
    )


def _version(home: Path) -> str:
    jars = sorted(home.glob("lib/xmppserver-*.jar"))
    return version_in(jars[-1].stem) if jars else ""
