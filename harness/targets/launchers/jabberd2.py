"""jabberd2: a router, a session manager, a process for clients and, where installed, mu-conference."""

import sqlite3
import time
import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial
from pathlib import Path

import trio

from harness.errors import TargetError
from harness.targets.certificates import make_certificate, names_of
from harness.targets.configuration import fill, template
from harness.targets.description import Description
from harness.targets.instance import Finding, Instance
from harness.targets.ports import HOST, PortChooser, free_ports
from harness.targets.processes import Process, Program, running
from harness.targets.programs import find, first_folder, output_of, require, version_in
from harness.targets.readiness import Startup

_ADVICE = "Debian: apt install jabberd2"
_MUC_ADVICE = "for rooms; Debian: apt install jabber-muc"
_MODULES = ("/usr/lib/*/jabberd2", "/usr/lib/jabberd2", "/usr/lib*/jabberd", "/usr/local/lib/jabberd*")
_FILES = ("router", "router-users", "sm", "c2s", "muc")
_ROOMS = "<item category='conference' type='public' jid='conference.{}' name='Rooms'/>"

_ACCOUNTS = "authreg"  # the one table that belongs to the client process
_BUSY_SECONDS = 5.0

_Statement = tuple[str, tuple[object, ...]]


@asynccontextmanager
async def launch(
    description: Description, directory: Path, domain: str, *, choose_ports: PortChooser = free_ports
) -> AsyncIterator[Instance]:
    """Start the processes of a private jabberd2."""
    names = ("port", "direct_tls_port", "router_port")
    ports = dict(zip(names, choose_ports(len(names)), strict=True))
    make_certificate(directory, names_of(domain))
    _configure(description, directory, domain, ports)
    accounts = _Accounts(directory / "jabberd2.db", domain)
    accounts.make_tables()
    seconds = description.settings.start_seconds
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(running(_program("router", directory)))]
        # What does not find the router sleeps for a whole second before it tries again.
        await Startup(processes=processes, port=ports["router_port"], seconds=seconds).wait_for_port()
        processes += [await stack.enter_async_context(running(one)) for one in _programs(directory)]
        logs = _logs(directory, processes)
        startup = Startup(processes=processes, port=ports["port"], seconds=seconds, logs=logs)
        await startup.wait_for_features(domain)
        await _wait_for_parts(startup, directory, domain)
        yield Instance(
            host=HOST,
            port=ports["port"],
            direct_tls_port=ports["direct_tls_port"],
            domain=domain,
            ca_file=str(directory / "ca.pem"),
            pids=tuple(process.pid for process in processes),
            version=_version(),
            create_account=accounts.create,
            remove_account=accounts.remove,
        )


async def _wait_for_parts(startup: Startup, directory: Path, domain: str) -> None:
    """Wait until the router knows all: clients are greeted before there are sessions and rooms."""
    served = [domain, f"conference.{domain}"] if find("mu-conference") else [domain]
    for name in served:
        await startup.wait_for_line(directory / "router.log", f"[{name}] online")


def examine() -> Sequence[Finding]:
    """Say whether jabberd2 and mu-conference are installed."""
    has_server = find("jabberd2-router") is not None and first_folder(_MODULES) is not None
    has_rooms = find("mu-conference") is not None
    return [
        Finding(
            name="jabberd2",
            present=has_server,
            version=_version(),
            advice="" if has_server else _ADVICE,
        ),
        Finding(name="mu-conference", present=has_rooms, advice="" if has_rooms else _MUC_ADVICE),
    ]


def _configure(description: Description, directory: Path, domain: str, ports: dict[str, int]) -> None:
    modules = first_folder(_MODULES)
    if modules is None:
        raise TargetError("jabberd2's modules are not installed", advice=_ADVICE)
    (directory / "rooms").mkdir()
    for name in _FILES:
        fill(
            template("jabberd2", f"{name}.xml"),
            directory / f"{name}.xml",
            directory=directory,
            domain=domain,
            modules=modules,
            items=_ROOMS.format(domain) if find("mu-conference") else "",
            require_tls="require-starttls='1'" if description.settings.require_tls else "",
            **ports,
        )


def _programs(directory: Path) -> list[Program]:
    programs = [_program("sm", directory), _program("c2s", directory)]
    rooms = find("mu-conference")
    if rooms is not None:
        # It takes four seconds to notice SIGTERM, and has nothing to lose.
        programs.append(_started_with(rooms, "muc", directory, grace=0.0))
    return programs


def _program(name: str, directory: Path) -> Program:
    return _started_with(require(f"jabberd2-{name}", _ADVICE), name, directory, grace=2.0)


def _started_with(program: Path, name: str, directory: Path, *, grace: float) -> Program:
    return Program(
        command=[str(program), "-c", str(directory / f"{name}.xml")],
        directory=directory,
        log=directory / f"{name}.out",
        private=True,
        grace=grace,
    )


def _logs(directory: Path, processes: Sequence[Process]) -> tuple[Path, ...]:
    own = [directory / f"{name}.log" for name in ("router", "sm", "c2s")]
    return (*own, *(process.log for process in processes))


def _version() -> str:
    router = find("jabberd2-router")
    return version_in(output_of(router, "-h")) if router else ""


class _Accounts:
    """Accounts as rows of the SQLite database that client process and session manager share."""

    def __init__(self, database: Path, domain: str) -> None:
        self._database = database
        self._domain = domain

    def make_tables(self) -> None:
        """Make the empty tables; see `fixtures/servers/jabberd2/tables.toml`."""
        with closing(sqlite3.connect(self._database)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            for name, columns in _tables().items():
                database.executescript(_definition(name, columns))

    async def create(self, username: str, password: str) -> None:
        """Make the account known to the client process and to the session manager.

        Without the second an account exists for others only after its first login.
        """
        now = int(time.time())
        rows: list[_Statement] = [
            ("INSERT INTO authreg VALUES (?, ?, ?)", (username, self._domain, password)),
            ('INSERT INTO active ("collection-owner", time) VALUES (?, ?)', (self._jid(username), now)),
        ]
        await trio.to_thread.run_sync(partial(self._execute, rows))

    async def remove(self, username: str) -> None:
        """Remove the rows of an account from every table."""
        jid = self._jid(username)
        rows: list[_Statement] = [
            ("DELETE FROM authreg WHERE username = ? AND realm = ?", (username, self._domain)),
            *(
                (f'DELETE FROM "{name}" WHERE "collection-owner" = ?', (jid,))
                for name in _tables()
                if name != _ACCOUNTS
            ),
        ]
        await trio.to_thread.run_sync(partial(self._execute, rows))

    def _jid(self, username: str) -> str:
        return f"{username}@{self._domain}"

    def _execute(self, statements: Sequence[_Statement]) -> None:
        try:
            with closing(sqlite3.connect(self._database, timeout=_BUSY_SECONDS)) as database:
                database.execute("PRAGMA synchronous = OFF")
                for statement, values in statements:
                    database.execute(statement, values)
                database.commit()
        except sqlite3.Error as error:
            raise TargetError(f"jabberd2's database refuses: {error}") from error


def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(template("jabberd2", "tables.toml").read_text(encoding="utf-8"))


def _definition(name: str, columns: dict[str, list[str]]) -> str:
    own = [f'"{column}" {kind}' for kind, named in columns.items() for column in named]
    shared = [] if name == _ACCOUNTS else ['"collection-owner" TEXT', '"object-sequence" INTEGER PRIMARY KEY']
    sought = "username" if name == _ACCOUNTS else "collection-owner"
    return (
        f'CREATE TABLE "{name}" ({", ".join(shared + own)});'
        f'CREATE INDEX "{name} by {sought}" ON "{name}" ("{sought}");'
    )
