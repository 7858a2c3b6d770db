"""What the benchmarks share: a private Prosody with accounts, and figures of processes."""

import json
import os
import platform
import statistics
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field, fields
from operator import sub
from pathlib import Path

import msgspec
import psutil

from harness.negotiation.client import (
    ClientState,
    Credentials,
    LoggedIn,
    SaltedPasswords,
    TlsPolicy,
    connect,
)
from harness.targets.access import Access, access_of
from harness.targets.description import Description, load
from harness.targets.instance import Instance
from harness.targets.launching import started
from harness.transport.connection import Connection, drive

PASSWORD = "secret"
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A private Prosody with accounts `bench0` to `benchN`."""

    instance: Instance
    access: Access


@asynccontextmanager
async def prosody(accounts: int, *, extra: str = "") -> AsyncIterator[Bench]:
    """Start Prosody with `extra` lines in its configuration, and make accounts."""
    async with started(description(extra)) as instance:
        assert instance.create_account is not None
        for number in range(accounts):
            await instance.create_account(f"bench{number}", PASSWORD)
        yield Bench(instance=instance, access=access_of(load("prosody"), instance))


async def logged_in(
    bench: Bench,
    name: str,
    *,
    mechanism: str = "PLAIN",
    salted: SaltedPasswords | None = None,
    state: ClientState | None = None,
    policy: TlsPolicy = TlsPolicy.NEVER,
) -> Connection:
    """Open a connection and log in on it."""
    connection = Connection(bench.access.endpoint, bench.access.context, patience=60)
    credentials = Credentials(
        username=name,
        domain=bench.instance.domain,
        password=PASSWORD,
        resource="bench",
        mechanisms=(mechanism,),
    )
    protocol = connect(
        state or ClientState(domain=bench.instance.domain),
        credentials,
        policy,
        nonce=bench.access.nonce,
        salted=salted or bench.access.salted,
    )
    result = await drive(protocol, connection)
    if not isinstance(result, LoggedIn):
        raise SystemExit(f"{name}: {result.message}")
    return connection


def description(extra: str) -> Description:
    """The target file's Prosody with more configuration."""
    shipped = load("prosody")
    return msgspec.structs.replace(shipped, settings=msgspec.structs.replace(shipped.settings, extra=extra))


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Wall seconds; CPU seconds, and seconds of wanting a core without having one, here and in the server."""

    wall: float
    own: float
    own_wait: float
    server: float
    server_wait: float

    def __sub__(self, other: "Reading") -> "Reading":
        mine, others = astuple(self), astuple(other)
        return Reading(**dict(zip(_READINGS, map(sub, mine, others), strict=True)))


_READINGS = [one.name for one in fields(Reading)]


@dataclass(kw_only=True)
class Stopwatch:
    """What this process and the server used between `start` and `stop`.

    A machine that others use too takes cores away. The kernel tells for how long (Linux; elsewhere 0), so
    that it can be told from waiting for one another.
    """

    instance: Instance
    used: Reading = field(default_factory=lambda: Reading(wall=1, own=0, own_wait=0, server=0, server_wait=0))
    _begun: Reading | None = None

    def start(self) -> None:
        """Begin."""
        self._begun = self._read()

    def stop(self) -> None:
        """Keep the difference; a later stop counts from the same start."""
        assert self._begun is not None
        self.used = self._read() - self._begun

    @property
    def wall(self) -> float:
        """Seconds."""
        return self.used.wall

    @property
    def busy(self) -> float:
        """Share of the time in which the server was on a core."""
        return self.used.server / self.used.wall

    @property
    def wanted(self) -> float:
        """Share of the time in which the server had work: it was on a core, or wanted one."""
        return (self.used.server + self.used.server_wait) / self.used.wall

    @property
    def idle(self) -> float:
        """Share of the time in which neither had anything to do, if they never had at the same time."""
        used = self.used
        working = used.own + used.own_wait + used.server + used.server_wait
        return max(0.0, 1 - working / used.wall)

    def _read(self) -> Reading:
        usage = self.instance.usage()
        assert usage is not None
        return Reading(
            wall=time.perf_counter(),
            own=time.process_time(),
            own_wait=waited([os.getpid()]),
            server=usage.cpu_seconds,
            server_wait=waited(self.instance.pids),
        )


def waited(pids: Iterable[int]) -> float:
    """Seconds in which the processes' first threads could have run and others did, added up.

    Prosody and we have no others that matter; of a server with many threads this tells next to nothing.
    """
    files = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return sum(int(one.read_text().split()[1]) for one in files if one.exists()) / 1e9


def median(values: Sequence[float]) -> float:
    """The median, rounded for people."""
    return round(statistics.median(values), 4)


def write(name: str, figures: dict[str, object], targets: dict[str, object], *, is_told: bool = True) -> None:
    """Print figures beside what they are measured against, and write both to the results folder."""
    machine = {
        "python": platform.python_version(),
        "cores": psutil.cpu_count(),
        "machine": platform.machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    result = {"machine": machine, "figures": figures, "targets": targets}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    for key, value in figures.items() if is_told else ():
        goal = f"   (target {targets[key]})" if key in targets else ""
        print(f"{key:60} {value}{goal}")
