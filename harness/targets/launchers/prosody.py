"""Prosody."""

import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from string import Template

from harness.targets.certificates import make_certificate, names_of
from harness.targets.configuration import fill, template
from harness.targets.description import Description
from harness.targets.instance import Finding, Instance
from harness.targets.ports import HOST, PortChooser, free_ports
from harness.targets.processes import Program, running
from harness.targets.programs import find, require, version_in
from harness.targets.readiness import Startup

#: Accounts of these names have an administrator's rights; `admin` is left to service administration.
_ADMINISTRATORS = tuple(f"admin-{number}" for number in range(1, 65))
_ADVICE = "Debian: apt install prosody"
_VERSION_FILES = ("/usr/lib/prosody/prosody.version", "/usr/local/lib/prosody/prosody.version")


@asynccontextmanager
async def launch(
    description: Description, directory: Path, domain: str, *, choose_ports: PortChooser = free_ports
) -> AsyncIterator[Instance]:
    """Start a private Prosody."""
    prosody = require("prosody", _ADVICE)
    names = ("port", "direct_tls_port", "http_port", "https_port", "component_port")
    ports = dict(zip(names, choose_ports(len(names)), strict=True))
    make_certificate(directory, names_of(domain))
    configuration = _configure(description, directory, domain, ports)
    program = Program(
        command=[str(prosody), "--config", str(configuration), "-F"],
        directory=directory,
        private=True,
        log=directory / "output.log",
    )
    log = directory / "prosody.log"
    async with running(program) as process:
        startup = Startup(
            processes=[process], port=ports["port"], seconds=description.settings.start_seconds, logs=[log]
        )
        await startup.wait_for_features(domain)
        accounts = _Accounts(directory / "data", domain)
        yield Instance(
            host=HOST,
            port=ports["port"],
            direct_tls_port=ports["direct_tls_port"],
            domain=domain,
            ca_file=str(directory / "ca.pem"),
            pids=(process.pid,),
            version=_version(),
            administrators=_ADMINISTRATORS,
            create_account=accounts.create,
            remove_account=accounts.remove,
        )


def examine() -> Sequence[Finding]:
    """Say whether Prosody is installed."""
    present = find("prosody") is not None
    advice = "" if present else _ADVICE
    return [Finding(name="prosody", present=present, version=_version(), advice=advice)]


def _configure(description: Description, directory: Path, domain: str, ports: dict[str, int]) -> Path:
    (directory / "data").mkdir()
    return fill(
        template("prosody", "prosody.cfg.lua"),
        directory / "prosody.cfg.lua",
        directory=directory,
        domain=domain,
        admins=", ".join(f'"{name}@{domain}"' for name in ("admin", *_ADMINISTRATORS)),
        require_tls=str(description.settings.require_tls).lower(),
        extra=Template(description.settings.extra).safe_substitute(domain=domain),
        max_stanza=description.settings.max_stanza_bytes,
        run_as_root=str(os.getuid() == 0).lower(),
        **ports,
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
