"""What the commands that play scenarios share: choices by side, and a play that every reporter hears."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import msgspec
import trio

from harness.catalogue.evidence import load_evidence
from harness.catalogue.requirements import Requirement, views
from harness.catalogue.scenarios import Scenario
from harness.cli.interruption import Interruption
from harness.cli.listeners import Listeners
from harness.cli.report import FORMATS, USUAL
from harness.cli.selection import Catalogue
from harness.cli.terminal import Terminal, say
from harness.engine.batch import Emit, run_finished, run_started
from harness.engine.campaign import Books, ExitCode, FailOn, Plan, run_targets
from harness.engine.monitoring import monitor_case
from harness.errors import UsageError
from harness.monitors.roll import all_monitors
from harness.reporters.console import ConsoleReporter, Verbosity
from harness.reporters.report_file import ReportFile
from harness.results.record_file import RecordWriter
from harness.results.records import Record, RunStarted
from harness.targets.client_description import ClientDescription
from harness.targets.description import Description
from harness.transcript.script import Side


def check_sides(descriptions: Sequence[Description | ClientDescription], chosen: Sequence[Scenario]) -> None:
    """Raise UsageError for a target for which nothing is chosen."""
    for one in descriptions:
        side = side_of(one)
        if not any(side in scenario.transcript.tests for scenario in chosen):
            what = f"none of the chosen scenarios is for a {side.value}, which {one.name} is"
            raise UsageError(what, advice="xmpp-harness list shows what each scenario is for")


def side_of(description: Description | ClientDescription) -> Side:
    """What kind of target it is."""
    return Side.CLIENT if isinstance(description, ClientDescription) else Side.SERVER


def known_cases(catalogue: Catalogue, chosen: Sequence[Scenario]) -> set[str]:
    """Everything that a baseline can name."""
    scenarios = {one.name for one in (*catalogue.scenarios, *chosen)}
    return scenarios | {monitor_case(one) for one in all_monitors()}


def fail_on_option(command: Callable[..., Any]) -> Callable[..., Any]:  # `Any`: what click decorates
    """Add the option that says what makes a run fail."""
    option = click.option(
        "--fail-on",
        type=click.Choice([one.value for one in FailOn]),
        default=FailOn.ANY.value,
        show_default=True,
        help="What exit code 1 is for: any surprise, a broken SHOULD or MUST, or what endangers users.",
    )
    return option(command)


_GATE = (
    click.option(
        "--fail-on-flaky", is_flag=True, help="Exit code 1 also for what does not always come out alike."
    ),
    click.option(
        "--min-measured",
        type=click.IntRange(0),
        default=0,
        help="Exit code 4 when fewer scenarios than that say something of a target.",
    ),
    click.option(
        "--repeat",
        type=click.IntRange(1),
        default=1,
        help="Play each scenario so often, and name those that do not always come out alike.",
    ),
    click.option(
        "--retry",
        "retries",
        type=click.IntRange(0),
        default=0,
        help="Play what brings a surprise so often again; what then brings none is flaky.",
    ),
    click.option("--shuffle", is_flag=True, help="Play in an order by chance, and tell its seed."),
    click.option("--seed", type=click.IntRange(1), help="The seed of an order, to have it again."),
)
_MOST_SEEDS = 1 << 31


def gate_options(command: Callable[..., Any]) -> Callable[..., Any]:  # `Any`: what click decorates
    """Add the options that say how often and in which order to play, and what makes a run fail."""
    for option in reversed(_GATE):
        command = option(command)
    return fail_on_option(command)


def chosen_seed(options: Mapping[str, Any]) -> int:  # `Any`: click passes what each option holds
    """The seed of the order in which to play; 0 for the usual one."""
    if options["seed"]:
        return int(options["seed"])
    return random.randrange(1, _MOST_SEEDS) if options["shuffle"] else 0


def verbosity(options: Mapping[str, Any]) -> Verbosity:  # `Any`: click passes what each option holds
    """How much the console tells."""
    if options["quiet"]:
        return Verbosity.QUIET
    return Verbosity.VERBOSE if options["verbose"] else Verbosity.NORMAL


def play(plan: Plan, out: Path, table: Mapping[str, Requirement], how: Verbosity) -> int:
    """Run, with every reporter listening; the reports are written also when the run is cut short."""

    async def work(emit: Emit) -> None:
        await run_targets(plan, emit)

    started = run_started(version("xmpp-harness"), plan.options)
    return report_on(
        work, started, Books(fail_on=plan.fail_on, fail_on_flaky=plan.fail_on_flaky), out, table, how
    )


def report_on(
    work: Callable[[Emit], Awaitable[None]],
    started: RunStarted,
    books: Books,
    out: Path,
    table: Mapping[str, Requirement],
    how: Verbosity,
    console: Terminal | None = None,
) -> int:
    """Do something whose records every reporter hears, and return the exit code."""
    console = console or Terminal()
    started = msgspec.structs.replace(started, fail_on=books.fail_on.value, fail_on_flaky=books.fail_on_flaky)
    interruption = Interruption()
    known = views(table, load_evidence())
    with interruption.heard():
        listeners = Listeners(
            [
                RecordWriter(out / "record.jsonl"),
                ConsoleReporter(console, known, how),
                *(ReportFile(out / name, render, known) for name, render in map(FORMATS.__getitem__, USUAL)),
            ]
        )

        def emit(record: Record) -> None:
            books.record(record)
            listeners.record(record)

        try:
            emit(started)
            trio.run(interruption.end_early, lambda: work(emit))
            is_cut = interruption.has_happened or listeners.has_failed
            code = books.exit_code(interrupted=is_cut)
            emit(run_finished(code, interrupted=interruption.has_happened))
        finally:
            listeners.close()
        if books.cases:
            report = f"report: {out / 'report.html'}"
            listeners.attempt(lambda: console.print(report, highlight=False, soft_wrap=True))
        if interruption.has_happened:
            reports = "not everything could be written" if listeners.has_failed else "reports are written"
            say(f"interrupted; servers are stopped, {reports}")
    return ExitCode.ENVIRONMENT if listeners.has_failed else code
