"""How many inputs a second are tried and judged, beside boofuzz on the same server.

    python benchmarks/fuzzing.py [rounds] [seconds]

Inputs are counted once each: what is sent again to confirm it does not count. Ours are judged by all
properties and monitors; boofuzz reads what comes, and looks at nothing. Against Prosody and against the
reference server, in turns.
"""

import datetime
import hashlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import trio
from measuring import median, write

from harness.catalogue.requirements import load_requirements
from harness.engine.known import Baseline, load_baseline
from harness.engine.probe import probe
from harness.engine.session import Session
from harness.engine.starting import session_of
from harness.fuzz.campaign import Campaign
from harness.fuzz.findings import Findings
from harness.fuzz.servers.bench import Bench, Examined, bench_of
from harness.fuzz.servers.health import Health
from harness.fuzz.servers.side import SERVERS, families_of
from harness.fuzz.settings import Settings
from harness.fuzz.troubles import Trouble
from harness.resources import folder
from harness.strategies.sample import Sample
from harness.targets.description import Description, load

TARGETS = ("reference", "prosody")
KINDS = {
    "with a login": (("valid", "style", "stanza"), ("stanza", "kept")),
    "before any login": (("header", "state"), ("before",)),
}
GOALS = {"with a login": 5, "before any login": 2}


class Counting:
    """A bench that keeps what it was given to try."""

    def __init__(self, bench: Bench, data: set[bytes]) -> None:
        self._bench = bench
        self._data = data
        self.tried, self.judged, self.tokens = bench.tried, bench.judged, bench.tokens

    async def examine(self, samples: Sequence[Sample]) -> Examined:
        """Note the samples, and try them."""
        self._data.update(hashlib.sha1(one.data).digest() for one in samples)
        return await self._bench.examine(samples)

    def conclude(self) -> Sequence[Trouble]:
        """As the bench."""
        return self._bench.conclude()

    def renew(self) -> None:
        """As the bench."""
        self._bench.renew()


async def ours(target: str, families: Sequence[str], seconds: float, seed: int) -> float:
    """Different inputs a second, in a campaign with all that belongs to it."""
    tried: set[bytes] = set()
    opened: list[float] = []

    @asynccontextmanager
    async def open_bench() -> AsyncIterator[Counting]:
        async with session_of(description(target)) as running:
            running.session.take(await probe(running.session))
            async with bench_of(running.session, Health(instance=running.instance)) as bench:
                opened.append(time.perf_counter())
                yield Counting(bench, tried)

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            families=families_of(families),
            side=SERVERS,
            seconds=seconds,
            seed=seed,
            folder=Path(folder),
            target=target,
            words=target,
            table=load_requirements(),
        )
        known, today = baseline(target), datetime.date.today()
        findings = Findings(settings=settings, is_known=lambda case, cause: known.excuses(case, cause, today))
        campaign = Campaign(open_bench=open_bench, settings=settings, findings=findings)
        await campaign.run()
        return len(tried) / (time.perf_counter() - opened[0])


async def theirs(target: str, kind: str, seconds: float) -> float:
    """Different inputs a second of boofuzz, in a process of its own."""
    async with session_of(description(target)) as running:
        session: Session = running.session
        session.take(await probe(session))
        romeo, juliet = [await session.account() for _ in range(2)]
        words = [
            kind,
            session.endpoint.port,
            romeo.domain,
            romeo.username,
            romeo.password,
            juliet.jid,
            seconds,
        ]
        command = [sys.executable, str(Path(__file__).with_name("boofuzz_side.py")), *map(str, words)]
        done = await trio.run_process(command, capture_stdout=True)
    count, took = done.stdout.split()[-2:]
    return int(count) / float(took)


def baseline(target: str) -> Baseline:
    """What is known of it, as `fuzz` takes it."""
    path = folder("fixtures") / f"baselines/{target}.toml"
    return load_baseline(path) if path.exists() else Baseline()


def description(target: str) -> Description:
    """As it is shipped; the reference server in a process of its own."""
    loaded = load(target)
    if target != "reference":
        return loaded
    return msgspec.structs.replace(loaded, settings=msgspec.structs.replace(loaded.settings, process=True))


async def main() -> None:
    """All in turns."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 8.0
    rates: dict[str, list[float]] = {}
    for number in range(rounds):
        for target in TARGETS:
            for place, (families, kinds) in KINDS.items():
                rate = await ours(target, families, seconds, seed=number)
                rates.setdefault(f"{target}, {place}, ours", []).append(rate)
                for kind in kinds:
                    rate = await theirs(target, kind, seconds)
                    rates.setdefault(f"{target}, {place}, boofuzz {kind}", []).append(rate)
    figures: dict[str, object] = {}
    targets: dict[str, object] = {}
    for target in TARGETS:
        for place, (_, kinds) in KINDS.items():
            own = rates[f"{target}, {place}, ours"]
            for kind in kinds:
                other = rates[f"{target}, {place}, boofuzz {kind}"]
                ratio = f"{target}, {place}: ours to boofuzz ({kind})"
                figures[ratio] = median([one / two for one, two in zip(own, other, strict=True)])
                targets[ratio] = f">= {GOALS[place]}"
    figures |= {f"inputs a second: {name}": round(median(ones), 1) for name, ones in rates.items()}
    write("fuzzing", figures, targets)


if __name__ == "__main__":
    trio.run(main)
