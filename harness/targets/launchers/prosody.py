"""Prosody."""

import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from string import Template

from harness.targets.instance import Finding, Instance, finding
from harness.targets.programs import find, require, version_in
from harness.targets.site import Site

PORTS = ("port", "direct_tls_port", "http_port", "https_port", "component_port")

#: Accounts of these names have an administrator's rights; `admin` is left to service administration.
_ADMINISTRATORS = tuple(f"admin-{number}" for number in range(1, 65))
_ADVICE = "Debian: apt install prosody"
_VERSION_FILES = ("/usr/lib/prosody/prosody.version", "/usr/local/lib/prosody/prosody.version")


@asynccontextmanager
async def launch(site: Site) -> AsyncIterator[Instance]:
    """Start a private Prosody."""
    program = require("prosody", _ADVICE)
    site.certify()
    configuration = _configure(site)
    async with site.serving(site.program(program, "--config", configuration, "-F"), "prosody.log") as process:
        yield site.instance(
            process,
            version=_version(),
            administrators=_ADMINISTRATORS,
            accounts=_Accounts(site.directory / "data", site.domain),
            logs=["prosody.log"],
        )


def examine() -> Sequence[Finding]:
    """Say whether Prosody is installed."""
    return [finding("prosody", find("prosody"), version=_version(), advice=_ADVICE)]


def _configure(site: Site) -> Path:
    (site.directory / "data").mkdir()
    return site.write(
        "prosody.cfg.lua",
        admins=", ".join(f'"{name}@{site.domain}"' for name in ("admin", *_ADMINISTRATORS)),
        require_tls=str(site.settings.require_tls).lower(),
        extra=Template(site.settings.extra).safe_substitute(domain=site.domain),
        run_as_root=str(os.getuid() == 0).lower(),
    )


def _version() -> str:
    files = [Path(name) for name in _VERSION_FILES if Path(name).is_file()]
    return version_in(files[0].read_text()) if files else ""


class _Accounts:
    """Accounts as files in Prosody's store, which it reads at each login."""

    def __init__(self, store: Path, domain: str) -> None:
        self._host = store / _encoded(domain)

    async def create(self, username: str, password: str) -> None:
        """Write what `prosodyctl register` would, without starting a process."""
        folder = self._host / "accounts"
        folder.mkdir(parents=True, exist_ok=True)
        account = folder / f"{_encoded(username)}.dat"
        account.write_text(f'return {{\n\t["password"] = {_quoted(password)};\n}};\n', encoding="utf-8")

    async def remove(self, username: str) -> None:
        """Remove all that is stored of an account: each module has a folder of its own."""
        for found in self._host.glob(f"*/{_encoded(username)}.*"):
            found.unlink()


def _encoded(text: str) -> str:
    """Spell a name as Prosody's store does: all but ASCII letters and digits as `%xx`."""
    return re.sub(rb"[^A-Za-z0-9]", lambda found: f"%{found.group()[0]:02x}".encode(), text.encode()).decode()


def _quoted(text: str) -> str:
    """Write a Lua string."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'
