"""What fuzzing servers and clients have in common on the command line: a campaign, told and reported."""

import datetime
import difflib
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import trio
from hypothesis.strategies import SearchStrategy
from rich.live import Live
from rich.text import Text

from harness.catalogue.requirements import cache_folder
from harness.catalogue.scenarios import Scenario
from harness.cli.attach import without_passwords
from harness.cli.baselines import baseline_of
from harness.cli.example_database import database_of
from harness.cli.output_folder import output_folder
from harness.cli.playing import play, report_on
from harness.cli.selection import Catalogue
from harness.cli.terminal import Terminal, say
from harness.cli.updated_baseline import baseline_to_update, update_after
from harness.engine.batch import Emit, Options, run_started
from harness.engine.campaign import Books, FailOn, Plan
from harness.engine.known import Baseline
from harness.engine.monitoring import monitor_case
from harness.errors import HarnessError, UsageError
from harness.fuzz.campaign import Campaign, Progress
from harness.fuzz.examining import Examiner
from harness.fuzz.findings import Findings
from harness.fuzz.property import Property
from harness.fuzz.reduction import Confirmed
from harness.fuzz.settings import Settings
from harness.fuzz.side import Side
from harness.fuzz.troubles import DEAD
from harness.monitors.roll import all_monitors
from harness.reporters.console import Verbosity
from harness.results.record_file import read_records
from harness.results.records import FUZZ, MONITORS, CaseFinished, Record, TargetFinished
from harness.results.verdicts import Verdict
from harness.strategies.sample import Sample
from harness.targets.client_description import ClientDescription
from harness.targets.description import Description

#: Opens a target, anew each time; the list is empty the first time, when there is something to be told of it.
OpenBench = Callable[[Emit, list[str]], AbstractAsyncContextManager[Examiner]]


@dataclass(frozen=True, kw_only=True)
class Hunted:
    """A target of one side; `words` mean it on a command line, with a program's `command` at the end."""

    description: Description | ClientDescription
    words: str
    command: str = ""
    side: Side
    families: Mapping[str, SearchStrategy[list[Sample]] | None]
    open_bench: OpenBench


def words_of(target: str, faults: Sequence[str]) -> str:
    """What means a target with its faults on a command line."""
    return " ".join([target, *(f"--fault {fault}" for fault in faults)])


def chosen_families(
    given: Sequence[str], known: Iterable[str], usual: Sequence[str], *, of: str = ""
) -> Sequence[str]:
    """Those that were asked for, or else the usual ones. Raises UsageError when there is none of a name."""
    every = list(known)
    for name in given:
        if name not in every:
            raise UsageError(f"there is no family {name}{of}", advice=f"families: {', '.join(every)}")
    return given or usual


def run_campaign(
    hunted: Hunted,
    options: Mapping[str, Any],  # `Any`: click passes what each option holds
    catalogue: Catalogue,
) -> int:
    """Go on until the time is over, and write the reports; the exit code."""
    every, name = hunted.side.properties, hunted.description.name
    known = {f"{FUZZ}/{one.name}" for one in every}
    known |= {monitor_case(one) for one in all_monitors()} | {one.name for one in catalogue.scenarios}
    to_update = baseline_to_update(options, 1)
    baseline = baseline_of(hunted.description, options["baseline"], known, may_be_new=bool(to_update))
    seed = secrets.randbelow(1 << 31) if options["seed"] is None else options["seed"]
    console = Terminal()
    with output_folder(options["out"]) as out:
        with suppress(OSError):  # told when there is something to write
            (out / "findings").mkdir(exist_ok=True)
        settings = Settings(
            families=hunted.families,
            seconds=options["seconds"],
            seed=seed,
            folder=out / "findings",
            target=name,
            words=hunted.words,
            command=hunted.command,
            properties=_properties(options["properties"], every),
            table=catalogue.table,
            database=database_of(options["database"], cache_folder() / "fuzz" / name),
            side=hunted.side,
        )
        work = _work(hunted, settings, baseline, console)
        options_told = Options(command=_command(hunted.description), is_partial=True)
        started = msgspec.structs.replace(run_started(version("xmpp-harness"), options_told), seed=seed)
        books = Books(fail_on=FailOn(options["fail_on"]))
        code = report_on(work, started, books, out, catalogue.table, Verbosity.NORMAL, console)
        return update_after(code, out / "record.jsonl", to_update) if to_update else code


def _command(description: Description | ClientDescription) -> list[str]:
    """As it may be shown."""
    servers = [description] if isinstance(description, Description) else []
    return ["xmpp-harness", *(without_passwords(word, servers) for word in sys.argv[1:])]


def _work(
    hunted: Hunted, settings: Settings, baseline: Baseline, console: Terminal
) -> Callable[[Emit], Awaitable[None]]:
    async def work(emit: Emit) -> None:
        begun = trio.current_time()
        told: list[str] = []
        today = datetime.date.today()
        findings = Findings(
            settings=settings,
            tell=lambda one, path, text: _print(console, one, path, text, findings.knows(one.trouble)),
            is_known=lambda case, cause: baseline.excuses(case, cause, today),
        )
        campaign = Campaign(
            open_bench=lambda: hunted.open_bench(emit, told), settings=settings, findings=findings
        )
        died = ""
        try:
            with Live(console=console, transient=True, auto_refresh=False) as live:
                campaign.tell = lambda progress: live.update(_line(progress), refresh=True)
                await campaign.run()
            died = campaign.died
        except* HarnessError as group:
            died = str(group.exceptions[0])
        finally:
            for case in findings.cases(campaign.judged):
                emit(_known(baseline, case))
            seconds = round(trio.current_time() - begun, 3)
            console.print(_sum(campaign, seconds), highlight=False, soft_wrap=True)
            if findings.unwritten:
                say(findings.unwritten)
            emit(TargetFinished(target=settings.target, seconds=seconds, died=died))

    return work


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


def _print(console: Terminal, confirmed: Confirmed, path: Path, text: str, is_known: bool) -> None:
    trouble = confirmed.trouble
    if is_known:
        console.print(f"  known  {trouble}", markup=False, highlight=False, soft_wrap=True)
        return
    kind = "not tried again" if confirmed.is_untried else "flaky" if confirmed.is_flaky else "found"
    console.print(f"! {kind}  {trouble}", markup=False, highlight=False, soft_wrap=True)
    for line in text.splitlines():
        console.print(f"    {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"    {path}", markup=False, highlight=False, soft_wrap=True)


def _sum(campaign: Campaign, seconds: float) -> str:
    tried = campaign.tried
    total = sum(tried.values())
    families = ", ".join(f"{name} {count}" for name, count in sorted(tried.items()))
    return (
        f"{total} samples in {seconds:.1f} s, {total / seconds:.0f} a second ({families}); "
        f"{campaign.novelty} kinds of answers, {campaign.findings.count}"
        + _missed(campaign)
        + _unjudged(campaign)
    )


def _missed(campaign: Campaign) -> str:
    """The families that have had no turn: of those nothing is said."""
    missed = [name for name in campaign.settings.families if not campaign.tried[name]]
    return f"\nnot reached in this time: {', '.join(missed)}" if missed else ""


def _unjudged(campaign: Campaign) -> str:
    """What was asked for by name, and had nothing to do with what was sent."""
    if not campaign.settings.properties:
        return ""
    asked = [one for one in campaign.settings.side.properties if campaign.findings.asks_for(one)]
    missed = [one.name for one in asked if not campaign.judged[one.name]]
    return f"\nnot judged: {', '.join(missed)}; other families may have to do with it" if missed else ""


def _properties(given: Sequence[str], every: Sequence[Property]) -> Sequence[str]:
    known = {word for one in every for word in (one.name, one.number)}
    known |= {one.name for one in all_monitors()}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=2)
            advice = f"perhaps {' or '.join(near)}; " if near else ""
            advice += f"properties: {', '.join(f'{one.number} {one.name}' for one in every)}"
            raise UsageError(f"there is no property {name}", advice=advice)
    return given


def replay(
    description: Description | ClientDescription,
    words: str,
    options: Mapping[str, Any],
    catalogue: Catalogue,
) -> int:
    """Play saved scripts as `run` does, without a baseline, and say of each whether it still shows.

    The `words` mean the target on a command line, or are those of a command with `{case}`.
    """
    folder = Path(str(options["replayed"]))
    for path in sorted(folder.glob("*.txt")):
        print(f"no script     {path}: its text says how it is looked for")
    if folder.is_dir() and not any(folder.rglob("*.scs")):
        print(f"{folder}: no scripts to play")
        return 0
    chosen = catalogue.chosen([str(folder)], [], [])
    deadly = [one for one in chosen if DEAD.name in one.transcript.tags]  # each needs a target for itself
    groups = [[one for one in chosen if one not in deadly], *([one] for one in deadly)]
    codes = [0]
    with output_folder(options["out"]) as out:
        for number, scenarios in enumerate(filter(None, groups)):
            plan = Plan(
                descriptions=[description],
                scenarios=scenarios,
                sanity=catalogue.sanity,
                words={description.name: words},
                options=Options(command=_command(description), is_partial=True),
                fail_on=FailOn(options["fail_on"]),
                warn=say,
            )
            place = out / f"after-{number}" if number else out
            place.mkdir(exist_ok=True)
            codes.append(play(plan, place, catalogue.table, Verbosity.QUIET))
            _tell_states(scenarios, read_records(place / "record.jsonl"))
    return max(codes)


def _tell_states(scenarios: Sequence[Scenario], records: Sequence[Record]) -> None:
    cases = {one.case: one for one in records if isinstance(one, CaseFinished)}
    has_died = any(isinstance(one, TargetFinished) and one.died for one in records)
    for scenario in scenarios:
        monitored = [f"{MONITORS}/{tag}" for tag in scenario.transcript.tags]
        shown = [cases[name] for name in (scenario.name, *monitored) if name in cases]
        is_dead = has_died and DEAD.name in scenario.transcript.tags
        state = "still there" if is_dead else _state([one.verdict for one in shown])
        print(f"{state:12}  {scenario.shown_path}")


def _state(verdicts: Sequence[Verdict]) -> str:
    """Of the script itself, and of the monitor that has noticed it."""
    if any(one in (Verdict.FAIL, Verdict.DEVIATES) for one in verdicts):
        return "still there"
    if not verdicts:
        return "not played"
    return "fixed" if verdicts[0] is Verdict.PASS else "cannot tell"
