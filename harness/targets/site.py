"""What every launcher needs: a folder, ports, a certificate, configuration from templates, a watched process.

A launcher says what is particular to its server; `launchers/prosody.py` is the example to begin with.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.targets.certificates import Certificate, make_certificate, names_of
from harness.targets.configuration import fill, template
from harness.targets.description import Settings
from harness.targets.instance import Instance
from harness.targets.ports import HOST
from harness.targets.processes import Process, Program, running
from harness.targets.readiness import Startup


class OwnAccounts(Protocol):
    """A server's own fast way to make and remove accounts; TargetError when it refuses."""

    async def create(self, username: str, password: str) -> None:
        """Make an account."""
        ...

    async def remove(self, username: str) -> None:
        """Remove one, with all that is stored for it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where one server is launched.

    `server` is the launcher's name and that of the folder of templates. `directory` is empty and is removed
    when the server is gone. `ports` are those that the launcher's `PORTS` names; `port` and
    `direct_tls_port` are for clients.
    """

    server: str
    directory: Path
    domain: str
    settings: Settings
    ports: Mapping[str, int] = field(default_factory=dict)

    def certify(self) -> Certificate:
        """Write `ca.pem`, `cert.pem`, `key.pem` and `both.pem` (key and certificate) into the directory."""
        return make_certificate(self.directory, names_of(self.domain))

    def write(self, name: str, *, folder: str = "", **values: object) -> Path:
        """Fill a template of this server's into the directory, or a folder in it.

        Each may hold `${directory}`, `${domain}`, `${max_stanza}`, the ports, and the values given.
        """
        return fill(
            template(self.server, name),
            self.directory / folder / name,
            directory=self.directory,
            domain=self.domain,
            max_stanza=self.settings.max_stanza_bytes,
            **self.ports,
            **values,
        )

    def program(
        self,
        *command: str | Path,
        output: str = "output.log",
        environment: Mapping[str, str | Path] | None = None,
        grace: float = 5.0,
    ) -> Program:
        """A process of this server: what it prints goes to the file `output`.

        `grace` is how many seconds it has to end by itself, none for one that has nothing to save.
        """
        return Program(
            command=[str(word) for word in command],
            directory=self.directory,
            log=self.directory / output,
            environment={name: str(value) for name, value in (environment or {}).items()},
            grace=grace,
            private=True,
        )

    def startup(self, processes: Sequence[Process], *logs: str, port: str = "port") -> Startup:
        """What is waited for, and the log files to quote when it does not come."""
        return Startup(
            processes=processes,
            port=self.ports[port],
            seconds=self.settings.start_seconds,
            logs=[self.directory / log for log in logs],
        )

    @asynccontextmanager
    async def serving(self, program: Program, *logs: str) -> AsyncIterator[Process]:
        """Run a server of one process; the block begins when it answers clients."""
        async with running(program) as process:
            await self.startup([process], *logs).wait_for_features(self.domain)
            yield process

    def instance(
        self,
        *processes: Process,
        version: str,
        administrators: tuple[str, ...] = (),
        accounts: OwnAccounts | None = None,
        logs: Sequence[str] = (),
    ) -> Instance:
        """What the launcher yields; `logs` are files of the server's own, beside what is printed."""
        return Instance(
            host=HOST,
            port=self.ports["port"],
            direct_tls_port=self.ports["direct_tls_port"],
            domain=self.domain,
            ca_file=str(self.directory / "ca.pem"),
            pids=tuple(process.pid for process in processes),
            version=version,
            administrators=administrators,
            logs=(*(process.log for process in processes), *(self.directory / log for log in logs)),
            create_account=accounts.create if accounts else None,
            remove_account=accounts.remove if accounts else None,
        )
