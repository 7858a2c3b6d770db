"""How well a run of all scenarios uses the server: concurrently, and one case at a time.

    python benchmarks/scenarios.py [rounds]

Against a private Prosody; with OPENFIRE_HOME set the same is told of Openfire, of which nothing is
demanded. Measured from the first case to the last: starting the server, looking at what it offers and
writing reports are not in it, monitors and the run record are.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trio
from measuring import Stopwatch, median, write

from harness.cli.selection import Catalogue, open_catalogue
from harness.engine.batch import Batch, BatchRun, Options
from harness.engine.stage import ServerStage
from harness.engine.starting import session_of
from harness.results.record_file import RecordWriter
from harness.results.records import CaseFinished, Record, TargetStarted
from harness.results.verdicts import Verdict
from harness.targets.description import load
from harness.transcript.script import Side

_VERDICTS = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.DEVIATES})

TARGETS: dict[str, object] = {
    "prosody, concurrently, share of the time in which the server had work": ">= 0.85",
    "prosody, concurrently, wall ms a case": "<= 40",
    "prosody, concurrently, CPU of the harness to that of the server": "<= 1.0",
    "prosody, one at a time, idle share of the time": "<= 0.15",
}


@dataclass(kw_only=True)
class Course:
    """Watches the records of one run: how many verdicts, and what it took from the first case to the last."""

    watch: Stopwatch
    planned: int = 0
    told: int = 0
    cases: int = 0
    verdicts: int = 0
    errors: int = 0

    def record(self, record: Record) -> None:
        """Count; the last case that is told of ends the measurement."""
        if isinstance(record, TargetStarted):
            self.planned = record.planned
            self.watch.start()
        elif isinstance(record, CaseFinished) and record.family != "monitors":
            self.cases += record.verdict in _VERDICTS or record.verdict is Verdict.ERROR
            self.verdicts += record.verdict in _VERDICTS
            self.errors += record.verdict is Verdict.ERROR
            self.told += 1
            if self.told >= self.planned:
                self.watch.stop()


async def play(target: str, catalogue: Catalogue, at_once: int, record: Path) -> Course:
    """Start the target and play everything on it, as `xmpp-harness run` does."""
    async with session_of(load(target)) as running:
        course = Course(watch=Stopwatch(instance=running.instance))
        batch = Batch(
            stage=ServerStage(running.session),
            scenarios=[one for one in catalogue.scenarios if Side.SERVER in one.playable.tests],
            sanity=catalogue.sanity[Side.SERVER],
        )
        with RecordWriter(record) as writer:

            def emit(record: Record) -> None:
                writer.record(record)
                course.record(record)

            await BatchRun(batch, Options(at_once=at_once), emit).run()
    return course


def figures_of(name: str, courses: Sequence[Course]) -> dict[str, object]:
    """What several runs of one kind come to."""
    watches = [one.watch for one in courses]
    return {
        f"{name}, cases": courses[-1].cases,
        f"{name}, verdicts": courses[-1].verdicts,
        f"{name}, errors": max(one.errors for one in courses),
        f"{name}, verdicts a second": median([one.verdicts / one.watch.wall for one in courses]),
        f"{name}, wall ms a case": median([1000 * one.watch.wall / one.cases for one in courses]),
        f"{name}, CPU ms a case, harness": median([1000 * one.watch.used.own / one.cases for one in courses]),
        f"{name}, CPU ms a case, server": median(
            [1000 * one.watch.used.server / one.cases for one in courses]
        ),
        f"{name}, server's share of a core": median([one.busy for one in watches]),
        f"{name}, share of the time in which the server had work": median([one.wanted for one in watches]),
        f"{name}, CPU of the harness to that of the server": median(
            [one.used.own / one.used.server for one in watches]
        ),
        f"{name}, idle share of the time": median([one.idle for one in watches]),
    }


async def main() -> None:
    """Both ways in turns, on each server that is here."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    catalogue = open_catalogue()
    for scenario in catalogue.scenarios:
        _ = scenario.playable  # in a real run too all are parsed before the first is played
    figures: dict[str, object] = {}
    for target in ["prosody", *(["openfire"] if "OPENFIRE_HOME" in os.environ else [])]:
        kinds: dict[str, list[Course]] = {"concurrently": [], "one at a time": []}
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(rounds):
                for kind, at_once in (("concurrently", Options.at_once), ("one at a time", 1)):
                    kinds[kind].append(await play(target, catalogue, at_once, Path(folder) / "record.jsonl"))
        for kind, courses in kinds.items():
            figures |= figures_of(f"{target}, {kind}", courses)
    write("scenarios", figures, TARGETS)


if __name__ == "__main__":
    trio.run(main)
