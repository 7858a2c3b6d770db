"""Does fuzzing find what is planted? Each fault, of the reference server and of the reference client.

A fixed budget and some seeds for each:

    python benchmarks/planted.py [--seeds 3] [--clean 10] [--seconds 20] [--go-on] [FAULT ...]
    python benchmarks/planted.py --properties [--seconds 20]

For each fault: whether a property was found broken that it breaks, after how many seconds, and how large the
sample was in the end; what else was found. Without a fault nothing may be found, by so many seeds. With
`--properties` each property looks for a fault of its own, and no other property counts: what it does not find
then, nobody would find without it. Written to benchmarks/results/planted.json, after each campaign, and
planted_properties.json; `--go-on` holds the campaigns that are not there yet.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import trio
from measuring import RESULTS, write
from planted_faults import CLIENT_PLANTED, CLIENT_SHOWN_BY, PLANTED, SHOWN_BY

from harness.catalogue.requirements import load_requirements
from harness.catalogue.scenarios import Scenario, scenarios_folder
from harness.engine.client_stage import client_stage
from harness.engine.probe import probe
from harness.engine.starting import session_of
from harness.fuzz.campaign import Campaign
from harness.fuzz.clients.bench import ClientBench
from harness.fuzz.clients.properties import EVERY_CLIENT_PROPERTY
from harness.fuzz.clients.side import CLIENTS, families_of
from harness.fuzz.findings import Findings
from harness.fuzz.reduction import Confirmed
from harness.fuzz.servers.bench import Bench, bench_of
from harness.fuzz.servers.health import Health
from harness.fuzz.servers.side import EVERY_PROPERTY, SERVERS, usual_families
from harness.fuzz.servers.side import families_of as server_families_of
from harness.fuzz.settings import Settings
from harness.strategies.client_families import CLIENT_FAMILIES
from harness.targets.client_description import REFERENCE_CLIENT, load_client
from harness.targets.description import Description, load

_NO_FAULT, _NO_CLIENT_FAULT = "no fault", "client without fault"

#: Each sample before a login needs a program of its own: where few of them show it, only these are tried.
_NEGOTIATION_ALONE = frozenset({"clear-bytes-kept", "scram-wrong-signature-accepted"})


@dataclass(frozen=True, kw_only=True)
class Task:
    """A campaign to be held. With `only` no other property counts."""

    fault: str
    seed: int
    seconds: float
    is_client: bool
    wanted: frozenset[str]
    families: tuple[str, ...]
    only: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of it."""

    fault: str
    seed: int
    only: str
    found: bool
    seconds: float
    size: int
    by: str
    others: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("faults", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clean", type=int, default=10)
    parser.add_argument("--properties", action="store_true")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--go-on", action="store_true")
    given = parser.parse_args()
    if given.properties:
        _each_property(given.seconds)
        return
    rows = _former() if given.go_on else []
    held = {(row.fault, row.seed) for row in rows}
    everything = [_NO_FAULT, *PLANTED, _NO_CLIENT_FAULT, *CLIENT_PLANTED]
    for fault in given.faults or everything:
        is_clean = fault in (_NO_FAULT, _NO_CLIENT_FAULT)
        for seed in range(1, (given.clean if is_clean else given.seeds) + 1):
            if (fault, seed) in held:
                continue
            row = trio.run(_campaign, _of_fault(fault, seed, given.seconds))
            rows.append(row)
            _print(row)
            if not given.faults:
                _write(rows)
    if not given.faults:
        _write(rows, is_told=True)


def _former() -> list[Row]:
    """The campaigns of the results that are there."""
    path = RESULTS / "planted.json"
    found = json.loads(path.read_text())["figures"]["campaigns"] if path.exists() else []
    return [Row(**{**one, "others": tuple(one["others"])}) for one in found]


def _each_property(seconds: float) -> None:
    rows = []
    for is_client, table in ((False, SHOWN_BY), (True, CLIENT_SHOWN_BY)):
        for name, (fault, families) in table.items():
            task = Task(
                fault=fault,
                seed=1,
                seconds=seconds,
                is_client=is_client,
                wanted=frozenset({name}),
                families=tuple(families.split()),
                only=name,
            )
            row = trio.run(_campaign, task)
            rows.append(row)
            _print(row)
    known = {False: EVERY_PROPERTY, True: EVERY_CLIENT_PROPERTY}
    tables = {False: SHOWN_BY, True: CLIENT_SHOWN_BY}
    missing = [one.name for side, every in known.items() for one in every if one.name not in tables[side]]
    figures = {
        "properties": sum(map(len, known.values())),
        "with a fault of their own": len(rows),
        "that find it alone": sum(row.found for row in rows),
        "that do not": [row.only for row in rows if not row.found],
        "without a fault of their own": missing,
        "campaigns": [asdict(row) for row in rows],
    }
    write("planted_properties", figures, {"that find it alone": len(rows)})


def _print(row: Row) -> None:
    shown = f"{row.by} {row.seconds:.1f} s {row.size} bytes" if row.found else "not found"
    print(f"{row.only:34} {row.fault:34} seed {row.seed}  {shown}  {' | '.join(row.others)}", flush=True)


def _of_fault(fault: str, seed: int, seconds: float) -> Task:
    wanted, _ = {**PLANTED, **CLIENT_PLANTED}.get(fault, (set(), 0))
    is_client = fault in (_NO_CLIENT_FAULT, *CLIENT_PLANTED)
    if not is_client:
        families = tuple(usual_families())
    elif fault in _NEGOTIATION_ALONE:
        families = ("negotiation",)
    else:
        families = tuple(name for name, one in CLIENT_FAMILIES.items() if not one.is_amplifying)
    return Task(
        fault=fault,
        seed=seed,
        seconds=seconds,
        is_client=is_client,
        wanted=frozenset(wanted),
        families=families,
    )


def _write(rows: Sequence[Row], *, is_told: bool = False) -> None:
    faults = {**PLANTED, **CLIENT_PLANTED}
    planted = [row for row in rows if row.fault in faults]
    killed = {row.fault for row in planted if row.found}
    times = [row.seconds for row in planted if row.found]
    largest = {name: size for name, (_, size) in faults.items() if size}
    by_fault = [[row.found for row in planted if row.fault == fault] for fault in faults]
    figures = {
        "faults": len(faults),
        "campaigns held": len(rows),
        "found by at least one seed": len(killed),
        "found by every seed": sum(bool(found) and all(found) for found in by_fault),
        "median seconds to find": round(statistics.median(times), 1) if times else None,
        "found with a sample larger than stated": sorted(
            {row.fault for row in planted if row.found and row.size > largest.get(row.fault, row.size)}
        ),
        "found without a fault": sum(len(row.others) for row in rows if row.fault not in faults),
        "campaigns": [asdict(row) for row in rows],
    }
    targets: dict[str, object] = {
        "found by every seed": len(faults),
        "median seconds to find": "< 10",
        "found without a fault": 0,
    }
    write("planted", figures, targets, is_told=is_told)


async def _campaign(task: Task) -> Row:
    best: list[tuple[float, int, str]] = []
    others: dict[str, None] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            families=(families_of if task.is_client else server_families_of)(task.families),
            seconds=task.seconds,
            seed=task.seed * 1000,
            folder=Path(folder),
            target=REFERENCE_CLIENT if task.is_client else "reference",
            words=REFERENCE_CLIENT if task.is_client else "reference",
            table=load_requirements(),
            side=CLIENTS if task.is_client else SERVERS,
            properties=(task.only,) if task.only else (),
        )
        campaign = Campaign(
            open_bench=lambda: (
                _client_bench(task.fault) if task.is_client else _bench(_description(task.fault))
            ),
            settings=settings,
            findings=Findings(settings=settings),
        )

        def found(confirmed: Confirmed, path: Path, text: str) -> None:
            trouble = confirmed.trouble
            names = {"flaky"} if confirmed.is_flaky else {trouble.broken.name, trouble.broken.number}
            if names & task.wanted:
                size = sum(len(one.data) for one in confirmed.samples)
                best.append((campaign.seconds, size, f"{trouble.broken.number} {trouble.cause}"))
                campaign.stop()
            else:
                others[f"{'flaky ' if confirmed.is_flaky else ''}{trouble}"] = None

        campaign.findings.tell = found
        await campaign.run()
        if campaign.died:
            others[f"died: {campaign.died}"] = None
    time, size, by = best[0] if best else (0.0, 0, "")
    return Row(
        fault=task.fault,
        seed=task.seed,
        only=task.only,
        found=bool(best),
        seconds=round(time, 1),
        size=size,
        by=by,
        others=tuple(others),
    )


@asynccontextmanager
async def _client_bench(fault: str) -> AsyncIterator[ClientBench]:
    description = load_client(REFERENCE_CLIENT)
    if fault != _NO_CLIENT_FAULT:
        environment = {**description.environment, "XMPP_FAULTS": fault}
        description = msgspec.structs.replace(description, environment=environment)
    sanity = scenarios_folder() / "client_sanity/logs_in_and_out.scs"
    async with client_stage(
        description, Scenario(path=sanity, name="sanity", table=load_requirements())
    ) as stage:
        await stage.prepare()
        yield ClientBench(stage=stage)


def _description(fault: str) -> Description:
    description = load("reference")
    faults = (fault,) if fault != _NO_FAULT else ()
    settings = msgspec.structs.replace(description.settings, process=True, faults=faults)
    return msgspec.structs.replace(description, settings=settings)


@asynccontextmanager
async def _bench(description: Description) -> AsyncIterator[Bench]:
    async with session_of(description) as running:
        running.session.take(await probe(running.session))
        async with bench_of(running.session, Health(instance=running.instance)) as bench:
            yield bench


if __name__ == "__main__":
    sys.exit(main())
