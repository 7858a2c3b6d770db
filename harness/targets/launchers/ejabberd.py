"""ejabberd, run by the Erlang machine itself: `ejabberdctl` insists on root or on its own user.

The node has no name, so that it needs no port mapper and no cookie and any number of them can run.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from harness.errors import TargetError
from harness.targets.ejabberd_accounts import EjabberdAccounts
from harness.targets.instance import Finding, Instance, finding
from harness.targets.processes import Program
from harness.targets.programs import find, first_folder, require, version_in
from harness.targets.site import Site

PORTS = ("port", "direct_tls_port", "http_port", "component_port")

_ADVICE = "Debian: apt install ejabberd"
_LOGS = ("ejabberd.log", "error.log", "crash.log")
_CODE = (
    "/usr/lib/*/ejabberd-*",
    "/usr/lib/ejabberd-*",
    "/usr/lib*/erlang/lib/ejabberd-*",
    "/usr/local/lib/ejabberd-*",
)
#: Without these the idle machine spins for a while, at the cost of everything else on a small computer.
_NO_SPINNING = ("+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")


@contextlib.asynccontextmanager
async def launch(site: Site) -> AsyncIterator[Instance]:
    """Start a private ejabberd."""
    site.certify()
    async with site.serving(_program(site, _configure(site)), "ejabberd.log") as process:
        with contextlib.closing(EjabberdAccounts(site.ports["http_port"], site.domain)) as accounts:
            yield site.instance(process, version=_version(), accounts=accounts, logs=_LOGS)


def examine() -> Sequence[Finding]:
    """Say whether ejabberd is installed."""
    present = find("erl") and first_folder(_CODE)
    return [finding("ejabberd", present, version=_version(), advice=_ADVICE)]


def _configure(site: Site) -> Path:
    for folder in ("spool", "home"):
        (site.directory / folder).mkdir()
    starttls = "starttls_required" if site.settings.require_tls else "starttls"
    return site.write("ejabberd.yml", starttls=starttls)


def _program(site: Site, configuration: Path) -> Program:
    erlang = require("erl", _ADVICE)
    code = first_folder(_CODE)
    if code is None:
        raise TargetError("ejabberd is not installed", advice=_ADVICE)
    spool = f'"{site.directory / "spool"}"'  # an Erlang string, quotes and all
    return site.program(
        *(erlang, *_NO_SPINNING, "-noinput", "-mnesia", "dir", spool, "-s", "ejabberd"),
        environment={
            "HOME": site.directory / "home",
            "ERL_LIBS": code.parent,
            "EJABBERD_CONFIG_PATH": configuration,
            "EJABBERD_LOG_PATH": site.directory / "ejabberd.log",
            "ERL_CRASH_DUMP": site.directory / "erl_crash.dump",
            "ERL_MAX_PORTS": "32000",
        },
        grace=2.0,
    )


def _version() -> str:
    code = first_folder(_CODE)
    return version_in(re.sub(r"^ejabberd-", "", code.name)) if code else ""
