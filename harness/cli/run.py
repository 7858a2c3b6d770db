"""`xmpp-harness run`: play scenarios against servers and write the reports."""

import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import msgspec
import trio

from harness.catalogue.requirements import Requirement, views
from harness.catalogue.scenarios import Scenario
from harness.cli.attach import (
    attach_options,
    attach_words,
    attached_description,
    check_host_given,
    without_passwords,
)
from harness.cli.baselines import baseline_of
from harness.cli.interruption import Interruption
from harness.cli.listeners import Listeners
from harness.cli.output_folder import output_folder
from harness.cli.report import WRITERS
from harness.cli.selection import Catalogue, open_catalogue, sort_words
from harness.cli.terminal import Terminal, say
from harness.engine.batch import Options, run_finished, run_started
from harness.engine.campaign import Books, ExitCode, Plan, run_targets
from harness.engine.monitoring import monitor_case
from harness.errors import UsageError
from harness.faults.tables import all_faults
from harness.monitors.roll import all_monitors
from harness.reporters.console import ConsoleReporter, Verbosity
from harness.reporters.report_file import ReportFile
from harness.results.record_file import RecordWriter
from harness.results.records import Record
from harness.targets.client_description import ClientDescription, is_client, load_client
from harness.targets.description import Description, load
from harness.transcript.script import Side

_AT_ONCE, _AT_ONCE_GENTLY = 24, 2


@click.command()
@click.argument("words", nargs=-1, metavar="[TARGET...] [SELECTION...]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the reports [default: out/DATE-TIME]."
)
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option("--without-tag", "without", multiple=True, help="No scenarios with this tag.")
@click.option(
    "--at-once", type=click.IntRange(1), help="Cases that run concurrently on a target [default: 24]."
)
@click.option("--gentle", is_flag=True, help="Few connections at once, and nothing intrusive.")
@click.option("--intrusive", is_flag=True, help="Play intrusive scenarios on attached servers too.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="Known deviations, instead of those shipped."
)
@click.option(
    "--fault", "faults", multiple=True, help="One misbehaviour of the reference server, to see checks fail."
)
@click.option("-q", "--quiet", is_flag=True, help="One line at the end.")
@click.option("-v", "--verbose", is_flag=True, help="A line for every case.")
@attach_options
def run(words: Sequence[str], **options: Any) -> None:  # `Any`: click passes what each option holds
    """Play scenarios against servers.

    TARGET is a name that `xmpp-harness targets` lists, or a target file; without any it is the embedded
    reference server. SELECTION is a document (rfc6121), a section (rfc6120/4.3.3), a family (roster), a
    scenario's name or a path; without any, everything is played.
    """
    catalogue = open_catalogue()
    sorted_words = sort_words(words)
    descriptions = _descriptions(sorted_words.targets, options)
    chosen = catalogue.chosen(sorted_words.selectors, options["tags"], options["without"])
    _check_sides(descriptions, chosen)
    known = _known_cases(catalogue, chosen)
    plan = Plan(
        descriptions=descriptions,
        scenarios=chosen,
        sanity=catalogue.sanity,
        baselines={one.name: baseline_of(one, options["baseline"], known) for one in descriptions},
        warn=say,
        words=_words(descriptions, sorted_words.targets, options),
        options=_options(descriptions, sorted_words.selectors, options),
    )
    with output_folder(options["out"]) as out:
        code = _play(plan, out, catalogue.table, _verbosity(options))
    sys.exit(code)


def _descriptions(
    targets: Sequence[str], options: Mapping[str, Any]
) -> list[Description | ClientDescription]:
    if options["host"]:
        if targets:
            raise UsageError(
                "--host and target names exclude each other", advice="put the host into a target file"
            )
        return [attached_description(dict(options))]
    check_host_given(options)
    loaded = [_loaded(target, options["faults"]) for target in targets or ("reference",)]
    for name, count in Counter(one.name for one in loaded).items():
        if count > 1:
            raise UsageError(f"{count} targets are called {name}", advice="play them in two runs")
    return loaded


def _loaded(target: str, faults: Sequence[str]) -> Description | ClientDescription:
    return load_client(target) if is_client(target) else _with_faults(load(target), faults)


def _with_faults(description: Description, faults: Sequence[str]) -> Description:
    wanted = tuple(faults) or description.settings.faults
    if not wanted:
        return description
    if description.launcher != "reference":
        raise UsageError(
            f"{description.name} has no faults to switch on", advice="only the reference server has"
        )
    known = all_faults()
    for fault in wanted:
        if fault not in known:
            near = get_close_matches(fault, known, n=3)
            advice = f"did you mean {' or '.join(near)}?" if near else "xmpp-harness faults lists them"
            raise UsageError(f"the reference server has no fault {fault}", advice=advice)
    settings = msgspec.structs.replace(description.settings, faults=wanted)
    return msgspec.structs.replace(description, settings=settings)


def _check_sides(descriptions: Sequence[Description | ClientDescription], chosen: Sequence[Scenario]) -> None:
    for one in descriptions:
        side = Side.CLIENT if isinstance(one, ClientDescription) else Side.SERVER
        if not any(side in scenario.transcript.tests for scenario in chosen):
            what = f"none of the chosen scenarios is for a {side.value}, which {one.name} is"
            raise UsageError(what, advice="xmpp-harness list shows what each scenario is for")


def _known_cases(catalogue: Catalogue, chosen: Sequence[Scenario]) -> set[str]:
    """Everything that a baseline can name."""
    scenarios = {one.name for one in (*catalogue.scenarios, *chosen)}
    return scenarios | {monitor_case(one) for one in all_monitors()}


def _options(
    descriptions: Sequence[Description | ClientDescription],
    selectors: Sequence[str],
    options: Mapping[str, Any],
) -> Options:
    gentle = options["gentle"]
    servers = [one for one in descriptions if isinstance(one, Description)]
    is_ours = not any(one.is_attached for one in descriptions)
    return Options(
        at_once=options["at_once"] or (_AT_ONCE_GENTLY if gentle else _AT_ONCE),
        intrusive=not gentle and (is_ours or options["intrusive"]),
        command=["xmpp-harness", *(without_passwords(word, servers) for word in sys.argv[1:])],
        selection=list(selectors),
        is_partial=bool(selectors or options["tags"] or options["without"]),
    )


def _words(
    descriptions: Sequence[Description | ClientDescription],
    targets: Sequence[str],
    options: Mapping[str, Any],
) -> dict[str, str]:
    """What to write on a command line to mean each of the targets."""
    if options["host"]:
        return {descriptions[0].name: attach_words(options)}
    faults = "".join(f" --fault {fault}" for fault in options["faults"])
    words = targets or ("reference",)
    return {one.name: shlex.quote(word) + faults for one, word in zip(descriptions, words, strict=True)}


def _verbosity(options: Mapping[str, Any]) -> Verbosity:
    if options["quiet"]:
        return Verbosity.QUIET
    return Verbosity.VERBOSE if options["verbose"] else Verbosity.NORMAL


def _play(plan: Plan, out: Path, table: Mapping[str, Requirement], verbosity: Verbosity) -> int:
    """Run, with every reporter listening; the reports are written also when the run is cut short."""
    books = Books()
    console = Terminal()
    interruption = Interruption()
    known = views(table)
    with interruption.heard():
        listeners = Listeners(
            [
                RecordWriter(out / "record.jsonl"),
                ConsoleReporter(console, known, verbosity),
                *(ReportFile(out / name, render, known) for name, render in WRITERS.items()),
            ]
        )

        def emit(record: Record) -> None:
            books.record(record)
            listeners.record(record)

        try:
            emit(run_started(version("xmpp-harness"), plan.options))
            trio.run(interruption.end_early, lambda: run_targets(plan, emit))
            is_cut = interruption.has_happened or listeners.has_failed
            code = books.exit_code(interrupted=is_cut)
            emit(run_finished(code, interrupted=interruption.has_happened))
        finally:
            listeners.close()
        report = f"report: {out / 'report.html'}"
        listeners.attempt(lambda: console.print(report, highlight=False, soft_wrap=True))
        if interruption.has_happened:
            reports = "not everything could be written" if listeners.has_failed else "reports are written"
            say(f"interrupted; servers are stopped, {reports}")
    return ExitCode.ENVIRONMENT if listeners.has_failed else code
