"""`xmpp-harness fuzz`: send what nobody would write down, and keep what it shows."""

import datetime
import difflib
import ipaddress
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import msgspec
import trio
from rich.live import Live
from rich.text import Text

from harness.catalogue.requirements import cache_folder
from harness.cli.attach import attach_options, attached_description, check_host_given
from harness.cli.baselines import baseline_of
from harness.cli.example_database import database_of
from harness.cli.output_folder import output_folder
from harness.cli.playing import fail_on_option, play, report_on
from harness.cli.run import with_faults
from harness.cli.selection import Catalogue, open_catalogue
from harness.cli.terminal import Terminal, say
from harness.engine.batch import Emit, Options, run_started
from harness.engine.campaign import Books, FailOn, Plan
from harness.engine.known import Baseline
from harness.engine.monitoring import monitor_case
from harness.engine.probe import probe
from harness.engine.session import Session
from harness.engine.starting import session_of
from harness.errors import HarnessError, UsageError
from harness.fuzz.bench import Bench, bench_of
from harness.fuzz.campaign import EVERY_PROPERTY, Campaign, Progress, Settings
from harness.fuzz.health import Health
from harness.fuzz.machines import MACHINES
from harness.fuzz.measuring import MEASURES
from harness.fuzz.reduction import Confirmed
from harness.monitors.roll import all_monitors
from harness.reporters.console import Verbosity
from harness.results.record_file import read_records
from harness.results.records import FUZZ, CaseFinished, TargetFinished, TargetStarted
from harness.results.verdicts import Verdict
from harness.strategies.derive import FAMILIES, batches
from harness.targets.client_description import is_client
from harness.targets.description import Description, load

_UNITS = {"s": 1, "m": 60, "h": 3600}


def _seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    try:
        seconds = float(number) * _UNITS[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e7:
        raise click.BadParameter(f"{text!r} is no time; write 60s, 10m or 1h")
    return seconds


@click.command()
@click.argument("target", default="", metavar="[TARGET]")
@click.option("--time", "seconds", default="60s", callback=_seconds, help="How long: 60s, 10m, 1h.")
@click.option("--family", "families", multiple=True, help="Only samples of this family.")
@click.option("--property", "properties", multiple=True, help="Only breaches of this property count.")
@click.option("--seed", type=click.IntRange(0), help="Where chance begins [default: another each time].")
@click.option("--fault", "faults", multiple=True, help="One misbehaviour of the reference server.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for findings and reports [default: out/DATE-TIME]."
)
@click.option("--baseline", type=click.Path(path_type=Path), help="Known deviations.")
@click.option(
    "--database",
    default="",
    metavar="PLACE",
    help="Keeps what has shown: a folder, redis://HOST:PORT/0 or github:OWNER/REPOSITORY.",
)
@click.option(
    "--replay-all",
    "replayed",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Play the findings of a campaign again, and say which are fixed.",
)
@click.option("--i-own-this-server", "is_own", is_flag=True, help="Fuzz a server elsewhere.")
@fail_on_option
@attach_options
def fuzz(target: str, **options: Any) -> None:  # `Any`: click passes what each option holds
    """Fuzz a server with malformed streams, for a while.

    Whatever breaks a property is confirmed with fresh users, made as small as it can be, and saved as a
    scenario that `xmpp-harness run TARGET FILE` plays.
    """
    description = _description(target, options)
    _check_owned(description, options["is_own"])
    catalogue = open_catalogue()
    if options["replayed"] is not None:
        sys.exit(_replay(description, target, options, catalogue))
    known = {f"{FUZZ}/{one.name}" for one in EVERY_PROPERTY}
    known |= {monitor_case(one) for one in all_monitors()} | {one.name for one in catalogue.scenarios}
    baseline = baseline_of(description, options["baseline"], known)
    seed = secrets.randbelow(1 << 31) if options["seed"] is None else options["seed"]
    console = Terminal()
    with output_folder(options["out"]) as out:
        settings = Settings(
            families={
                name: batches(name) if name in FAMILIES else None for name in _families(options["families"])
            },
            seconds=options["seconds"],
            seed=seed,
            folder=out / "findings",
            target=description.name,
            words=target or description.name,
            properties=_properties(options["properties"]),
            table=catalogue.table,
            database=database_of(options["database"], cache_folder() / "fuzz" / description.name),
        )
        work = _work(description, settings, baseline, console)
        started = msgspec.structs.replace(
            run_started(version("xmpp-harness"), Options(command=["xmpp-harness", *sys.argv[1:]])), seed=seed
        )
        books = Books(fail_on=FailOn(options["fail_on"]))
        code = report_on(work, started, books, out, catalogue.table, Verbosity.NORMAL, console)
    sys.exit(code)


def _replay(description: Description, target: str, options: Mapping[str, Any], catalogue: Catalogue) -> int:
    """Play saved scripts as `run` does, without a baseline, and say of each whether it still shows."""
    folder = Path(str(options["replayed"]))
    for path in sorted(folder.glob("*.txt")):
        print(f"{'by fuzzing':12}  {path}")  # no script shows it; its text says how it is looked for
    if folder.is_dir() and not any(folder.rglob("*.scs")):
        print(f"{folder}: no scripts to play")
        return 0
    chosen = catalogue.chosen([str(folder)], [], [])
    plan = Plan(
        descriptions=[description],
        scenarios=chosen,
        sanity=catalogue.sanity,
        words={description.name: target or description.name},
        options=Options(command=["xmpp-harness", *sys.argv[1:]], is_partial=True),
        fail_on=FailOn(options["fail_on"]),
        warn=say,
    )
    with output_folder(options["out"]) as out:
        code = play(plan, out, catalogue.table, Verbosity.QUIET)
        records = read_records(out / "record.jsonl")
        cases = {one.case: one for one in records if isinstance(one, CaseFinished)}
    for scenario in chosen:
        case = cases.get(scenario.name)
        state = _STATES.get(case.verdict, "cannot tell") if case is not None else "not played"
        print(f"{state:12}  {scenario.shown_path}")
    return code


_STATES = {Verdict.PASS: "fixed", Verdict.FAIL: "still there", Verdict.DEVIATES: "still there"}


def _work(
    description: Description, settings: Settings, baseline: Baseline, console: Terminal
) -> Callable[[Emit], Any]:  # `Any`: what a coroutine function returns
    async def work(emit: Emit) -> None:
        begun = trio.current_time()
        campaign = Campaign(open_bench=lambda: _bench(description, emit, told), settings=settings)
        told: list[str] = []
        today = datetime.date.today()
        campaign.is_known = lambda case, cause: baseline.excuses(case, cause, today)
        died = ""
        try:
            with Live(console=console, transient=True, auto_refresh=False) as live:
                campaign.tell = lambda progress: live.update(_line(progress), refresh=True)
                campaign.found = lambda one, path: _print(console, one, path, campaign.knows(one.trouble))
                await campaign.run()
            died = campaign.died
        except* HarnessError as group:
            died = str(group.exceptions[0])
        finally:
            for case in campaign.cases():
                emit(_known(baseline, case))
            seconds = round(trio.current_time() - begun, 3)
            console.print(_sum(campaign, seconds), highlight=False, soft_wrap=True)
            emit(TargetFinished(target=description.name, seconds=seconds, died=died))

    return work


@asynccontextmanager
async def _bench(description: Description, emit: Emit, told: list[str]) -> AsyncIterator[Bench]:
    """The target, started or joined anew, and told of the first time."""
    async with session_of(description) as running:
        session = running.session
        session.take(await probe(session))
        if not told:
            told.append(session.name)
            emit(_started(session, running.seconds))
        async with bench_of(session, Health(instance=running.instance)) as bench:
            yield bench


def _started(session: Session, seconds: float) -> TargetStarted:
    return TargetStarted(
        target=session.name,
        product=session.product or session.name,
        version=session.version,
        domain=session.endpoint.domain,
        endpoint=f"{session.endpoint.host}:{session.endpoint.port}",
        attached=session.is_attached,
        features=sorted(session.features),
        seconds=round(seconds, 3),
    )


def _known(baseline: Baseline, case: CaseFinished) -> CaseFinished:
    """What did not show this time may show the next time."""
    return case if case.verdict is Verdict.PASS else baseline.apply(case, datetime.date.today())


def _line(progress: Progress) -> Text:
    total = sum(progress.tried.values())
    rate = total / progress.seconds if progress.seconds else 0.0
    return Text(
        f"{progress.seconds:.0f} s  {total} samples, {rate:.0f} a second  {progress.family}"
        f"  {progress.novelty} kinds of answers  {progress.found} found"
    )


def _print(console: Terminal, confirmed: Confirmed, path: Path, is_known: bool) -> None:
    trouble = confirmed.trouble
    if is_known:
        console.print(f"  known  {trouble}", markup=False, highlight=False, soft_wrap=True)
        return
    kind = "flaky" if confirmed.is_flaky else "found"
    console.print(f"! {kind}  {trouble}", markup=False, highlight=False, soft_wrap=True)
    for line in path.read_text("utf-8").splitlines():
        console.print(f"    {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"    {path}", markup=False, highlight=False, soft_wrap=True)


def _sum(campaign: Campaign, seconds: float) -> str:
    tried = campaign.tried
    total = sum(tried.values())
    families = ", ".join(f"{name} {count}" for name, count in sorted(tried.items()))
    return (
        f"{total} samples in {seconds:.1f} s, {total / seconds:.0f} a second ({families}); "
        f"{campaign.novelty} kinds of answers, {len(campaign.confirmed)} findings"
    )


def _description(target: str, options: Mapping[str, Any]) -> Description:
    if options["host"]:
        if target:
            raise UsageError("--host and a target's name exclude each other")
        return attached_description(dict(options))
    check_host_given(options)
    name = target or "reference"
    if is_client(name):
        raise UsageError(f"{name} is a client", advice="only servers can be fuzzed so far")
    description = with_faults(load(name), options["faults"])
    if description.launcher == "reference":  # so that its memory and its end can be watched
        settings = msgspec.structs.replace(description.settings, process=True)
        description = msgspec.structs.replace(description, settings=settings)
    return description


def _check_owned(description: Description, is_own: bool) -> None:
    if description.is_attached and not is_own and not _is_loopback(description.host):
        raise UsageError(
            f"{description.host} is not this machine",
            advice="--i-own-this-server says that you may do this to it",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _families(given: Sequence[str]) -> Sequence[str]:
    """Those that were asked for; otherwise all but those that make much of little."""
    others = [*MACHINES, *MEASURES]
    for name in given:
        if name not in (*FAMILIES, *others):
            known = ", ".join((*FAMILIES, *others))
            raise UsageError(f"there is no family {name}", advice=f"families: {known}")
    drawn = [name for name, one in FAMILIES.items() if not one.is_amplifying]
    return given or [*MEASURES, *drawn, *MACHINES]


def _properties(given: Sequence[str]) -> Sequence[str]:
    known = {word for one in EVERY_PROPERTY for word in (one.name, one.number)}
    known |= {one.name for one in all_monitors()}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=2)
            advice = f"perhaps {' or '.join(near)}" if near else ""
            raise UsageError(f"there is no property {name}", advice=advice)
    return given
