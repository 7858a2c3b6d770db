"""ejabberd, run by the Erlang machine itself: `ejabberdctl` insists on root or on its own user.

The node has no name, so that it needs no port mapper and no cookie and any number of them can run.
"""

import contextlib
import http
import http.client
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import trio

from harness.errors import TargetError
from harness.targets.certificates import make_certificate, names_of
from harness.targets.configuration import fill, template
from harness.targets.description import Description
from harness.targets.instance import Finding, Instance
from harness.targets.ports import HOST, PortChooser, free_ports
from harness.targets.processes import Program, running
from harness.targets.programs import find, first_folder, require, version_in
from harness.targets.readiness import Startup

_ADVICE = "Debian: apt install ejabberd"
_CODE = (
    "/usr/lib/*/ejabberd-*",
    "/usr/lib/ejabberd-*",
    "/usr/lib*/erlang/lib/ejabberd-*",
    "/usr/local/lib/ejabberd-*",
)
#: Without these the idle machine spins for a while, at the cost of everything else on a small computer.
_NO_SPINNING = ("+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")
_REQUEST_SECONDS = 30.0


@contextlib.asynccontextmanager
async def launch(
    description: Description, directory: Path, domain: str, *, choose_ports: PortChooser = free_ports
) -> AsyncIterator[Instance]:
    """Start a private ejabberd."""
    names = ("port", "direct_tls_port", "http_port", "component_port")
    ports = dict(zip(names, choose_ports(len(names)), strict=True))
    make_certificate(directory, names_of(domain))
    program = _program(directory, _configure(description, directory, domain, ports))
    log = directory / "ejabberd.log"
    async with running(program) as process:
        startup = Startup(
            processes=[process], port=ports["port"], seconds=description.settings.start_seconds, logs=[log]
        )
        await startup.wait_for_features(domain)
        with contextlib.closing(_Accounts(ports["http_port"], domain)) as accounts:
            yield Instance(
                host=HOST,
                port=ports["port"],
                direct_tls_port=ports["direct_tls_port"],
                domain=domain,
                ca_file=str(directory / "ca.pem"),
                pids=(process.pid,),
                version=_version(),
                create_account=accounts.create,
                remove_account=accounts.remove,
            )


def examine() -> Sequence[Finding]:
    """Say whether ejabberd is installed."""
    present = find("erl") is not None and first_folder(_CODE) is not None
    advice = "" if present else _ADVICE
    return [Finding(name="ejabberd", present=present, version=_version(), advice=advice)]


def _configure(description: Description, directory: Path, domain: str, ports: dict[str, int]) -> Path:
    for folder in ("spool", "home"):
        (directory / folder).mkdir()
    settings = description.settings
    return fill(
        template("ejabberd", "ejabberd.yml"),
        directory / "ejabberd.yml",
        directory=directory,
        domain=domain,
        starttls="starttls_required" if settings.require_tls else "starttls",
        max_stanza=settings.max_stanza_bytes,
        **ports,
    )


def _program(directory: Path, configuration: Path) -> Program:
    erlang = require("erl", _ADVICE)
    code = first_folder(_CODE)
    if code is None:
        raise TargetError("ejabberd is not installed", advice=_ADVICE)
    spool = f'"{directory / "spool"}"'  # an Erlang string, quotes and all
    return Program(
        command=[str(erlang), *_NO_SPINNING, "-noinput", "-mnesia", "dir", spool, "-s", "ejabberd"],
        directory=directory,
        log=directory / "output.log",
        environment={
            "HOME": str(directory / "home"),
            "ERL_LIBS": str(code.parent),
            "EJABBERD_CONFIG_PATH": str(configuration),
            "EJABBERD_LOG_PATH": str(directory / "ejabberd.log"),
            "ERL_CRASH_DUMP": str(directory / "erl_crash.dump"),
            "ERL_MAX_PORTS": "32000",
        },
        private=True,
        grace=2.0,
    )


def _version() -> str:
    code = first_folder(_CODE)
    return version_in(re.sub(r"^ejabberd-", "", code.name)) if code else ""


class _Accounts:
    """Accounts by the HTTP interface to ejabberd's commands, which asks this machine for no password.

    One connection serves all, one request after the other: a request takes two milliseconds.
    """

    def __init__(self, port: int, domain: str) -> None:
        self._domain = domain
        self._lock = trio.Lock()
        self._connection = http.client.HTTPConnection(HOST, port, timeout=_REQUEST_SECONDS)

    async def create(self, username: str, password: str) -> None:
        """Command `register`."""
        await self._ask("register", {"user": username, "host": self._domain, "password": password})

    async def remove(self, username: str) -> None:
        """Command `unregister`."""
        await self._ask("unregister", {"user": username, "host": self._domain})

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    async def _ask(self, command: str, arguments: dict[str, str]) -> None:
        async with self._lock:
            status, answer = await trio.to_thread.run_sync(self._post, command, json.dumps(arguments))
        if status != http.HTTPStatus.OK:
            raise TargetError(
                f"ejabberd's command {command} is answered with {status or 'nothing'}: {answer}"
            )

    def _post(self, command: str, body: str) -> tuple[int, str]:
        """Ask, and once more if the server has closed a connection that was idle for long."""
        try:
            with contextlib.suppress(ConnectionError):
                return self._attempt(command, body)
            return self._attempt(command, body)
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)

    def _attempt(self, command: str, body: str) -> tuple[int, str]:
        try:
            self._connection.request("POST", f"/api/{command}", body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
