"""What this machine has of what the harness can use, and how to get the rest."""

import platform
import re
import ssl
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from pyexpat import EXPAT_VERSION, ParserCreate

from harness.targets.client_builds import examine_client
from harness.targets.client_description import client_names, load_client
from harness.targets.description import launcher_names
from harness.targets.instance import Finding
from harness.targets.launching import launcher
from harness.targets.programs import find, output_of, version_in

_DISTRIBUTION = "xmpp-harness"
#: Used where the harness runs from a checkout and is not installed.
_PACKAGES = (
    "click",
    "cryptography",
    "idna",
    "jinja2",
    "lxml",
    "msgspec",
    "precis-i18n",
    "psutil",
    "regex",
    "rich",
    "trio",
    "trustme",
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_LARGE = b"x" * 4096


def examine(builds: Path) -> list[Finding]:
    """Look at Python, libraries, servers with a launcher, clients (built in a folder), and optional tools."""
    return [
        _python(),
        *(_package(name) for name in _required_packages()),
        _openssl(),
        _expat(),
        *(finding for name in launcher_names() for finding in launcher(name).examine()),
        *(examine_client(load_client(name), builds) for name in client_names()),
        _browser(),
    ]


def _python() -> Finding:
    return Finding(name="python", present=True, version=platform.python_version(), is_needed=True)


def _required_packages() -> Sequence[str]:
    try:
        requirements = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return _PACKAGES
    return sorted(_names(requirements))


def _names(requirements: Iterable[str]) -> Iterable[str]:
    """The names of what is needed at all times; an extra's requirements carry a marker."""
    for requirement in requirements:
        found = re.match(r"[\w.-]+", requirement)
        if found and "extra ==" not in requirement:
            yield found.group()


def _package(name: str) -> Finding:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name=name, present=False, advice=f"pip install {name}", is_needed=True)
    return Finding(name=name, present=True, version=version, is_needed=True)


def _openssl() -> Finding:
    return Finding(name="OpenSSL", present=True, version=version_in(ssl.OPENSSL_VERSION), is_needed=True)


def _expat() -> Finding:
    """Distributions patch older versions too, so what it does is tried out."""
    advice = "holds back the end of a large token until more comes; the stream reader allows for it"
    return Finding(
        name="libexpat",
        present=True,
        version=EXPAT_VERSION.removeprefix("expat_"),
        advice=advice if _defers() else "",
        is_needed=True,
    )


def _defers() -> bool:
    """Whether expat waits for more before it looks again at a token that was not complete."""
    seen: list[str] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda name, attributes: seen.append(name)
    parser.Parse(b"<stream><large attribute='" + _LARGE, False)
    parser.Parse(b"'>", False)
    return "large" not in seen


def _browser() -> Finding:
    program = next((path for path in map(find, _BROWSERS) if path), None)
    if program is None:
        return Finding(
            name="chromium", present=False, advice="optional, for clients in a browser; apt install chromium"
        )
    return Finding(name="chromium", present=True, version=version_in(output_of(program, "--version")))
