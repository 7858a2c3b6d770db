"""What the benchmarks share: a private Prosody with accounts, and figures of processes."""

import json
import platform
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil

from harness.targets.access import Access, access_of
from harness.targets.description import Description, load
from harness.targets.instance import Instance
from harness.targets.launching import started

PASSWORD = "secret"
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A private Prosody with accounts `bench0` to `benchN`."""

    instance: Instance
    access: Access

    def cpu(self) -> float:
        """CPU seconds that the server has used so far."""
        usage = self.instance.usage()
        assert usage is not None
        return usage.cpu_seconds


@asynccontextmanager
async def prosody(accounts: int, *, extra: str = "") -> AsyncIterator[Bench]:
    """Start Prosody with `extra` lines in its configuration, and make accounts."""
    async with started(description(extra)) as instance:
        assert instance.create_account is not None
        for number in range(accounts):
            await instance.create_account(f"bench{number}", PASSWORD)
        yield Bench(instance=instance, access=access_of(load("prosody"), instance))


def description(extra: str) -> Description:
    """The target file's Prosody with more configuration."""
    shipped = load("prosody")
    return msgspec.structs.replace(shipped, settings=msgspec.structs.replace(shipped.settings, extra=extra))


@dataclass(kw_only=True)
class Stopwatch:
    """Wall seconds, this process's CPU seconds and the server's, between `start` and `stop`."""

    bench: Bench
    wall: float = 0.0
    own: float = 0.0
    server: float = 0.0
    _from: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))

    def start(self) -> None:
        """Begin."""
        self._from = self._now()

    def stop(self) -> None:
        """End, and keep the differences."""
        self.wall, self.own, self.server = (
            now - then for now, then in zip(self._now(), self._from, strict=True)
        )

    @property
    def busy(self) -> float:
        """Share of one core that the server used."""
        return self.server / self.wall

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), self.bench.cpu()


def median(values: Sequence[float]) -> float:
    """The median, rounded for people."""
    return round(statistics.median(values), 4)


def write(name: str, figures: dict[str, object], targets: dict[str, object]) -> None:
    """Print figures beside what they are measured against, and write both to the results folder."""
    machine = {"python": platform.python_version(), "cores": psutil.cpu_count(), "machine": platform.machine()}
    RESULTS.mkdir(exist_ok=True)
    result = {"machine": machine, "figures": figures, "targets": targets}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    for key, value in figures.items():
        goal = f"   (target {targets[key]})" if key in targets else ""
        print(f"{key:60} {value}{goal}")
