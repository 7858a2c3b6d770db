"""`xmpp-harness run`: play scenarios against servers and write the reports."""

import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import msgspec
import trio
from rich.console import Console

from harness.catalogue.requirements import Requirement, views
from harness.cli.attach import attach_options, attached_description
from harness.cli.selection import open_catalogue, sort_words
from harness.engine.campaign import Books, Plan, run_targets
from harness.engine.known import Baseline, load_baseline
from harness.engine.run import Options, run_finished, run_started
from harness.errors import UsageError
from harness.reference.fault_tables import all_faults
from harness.reporters.console import ConsoleReporter, Verbosity
from harness.reporters.html import html
from harness.reporters.json_report import json_report
from harness.reporters.junit import junit
from harness.reporters.report_file import ReportFile
from harness.reporters.reporter import Reporter
from harness.resources import folder
from harness.results.record_file import RecordWriter
from harness.results.records import Record
from harness.targets.description import Description, load

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
    plan = Plan(
        descriptions=descriptions,
        scenarios=catalogue.chosen(sorted_words.selectors, options["tags"], options["without"]),
        sanity=catalogue.sanity,
        baselines={one.name: _baseline(one, options["baseline"]) for one in descriptions},
        options=_options(descriptions, sorted_words.selectors, options),
    )
    out = options["out"] or Path("out") / time.strftime("%Y%m%d-%H%M%S")
    sys.exit(_play(plan, out, catalogue.table, _verbosity(options)))


def _descriptions(targets: Sequence[str], options: Mapping[str, Any]) -> list[Description]:
    if options["host"]:
        if targets:
            raise UsageError(
                "--host and target names exclude each other", advice="put the host into a target file"
            )
        return [attached_description(dict(options))]
    loaded = [load(target) for target in targets or ("reference",)]
    return [_with_faults(one, options["faults"]) for one in loaded]


def _with_faults(description: Description, faults: Sequence[str]) -> Description:
    if not faults:
        return description
    if description.launcher != "reference":
        raise UsageError(
            f"{description.name} has no faults to switch on", advice="only the reference server has"
        )
    known = all_faults()
    for fault in faults:
        if fault not in known:
            near = get_close_matches(fault, known, n=3)
            advice = f"did you mean {' or '.join(near)}?" if near else "xmpp-harness faults lists them"
            raise UsageError(f"the reference server has no fault {fault}", advice=advice)
    settings = msgspec.structs.replace(description.settings, faults=tuple(faults))
    return msgspec.structs.replace(description, settings=settings)


def _baseline(description: Description, given: Path | None) -> Baseline:
    """Known deviations are those of a version and a configuration: attached servers have to ask for them."""
    if given is not None:
        return load_baseline(given)
    shipped = folder("fixtures") / "baselines" / f"{description.name}.toml"
    if description.is_attached or not shipped.is_file():
        return Baseline()
    return load_baseline(shipped)


def _options(
    descriptions: Sequence[Description], selectors: Sequence[str], options: Mapping[str, Any]
) -> Options:
    gentle = options["gentle"]
    is_ours = not any(one.is_attached for one in descriptions)
    return Options(
        at_once=options["at_once"] or (_AT_ONCE_GENTLY if gentle else _AT_ONCE),
        intrusive=not gentle and (is_ours or options["intrusive"]),
        command=["xmpp-harness", *sys.argv[1:]],
        selection=list(selectors),
    )


def _verbosity(options: Mapping[str, Any]) -> Verbosity:
    if options["quiet"]:
        return Verbosity.QUIET
    return Verbosity.VERBOSE if options["verbose"] else Verbosity.NORMAL


def _play(plan: Plan, out: Path, table: Mapping[str, Requirement], verbosity: Verbosity) -> int:
    """Run, with every reporter listening; the reports are written also when the run is cut short."""
    books = Books()
    console = Console()
    with RecordWriter(out / "record.jsonl") as writer:
        known = views(table)
        reporters: list[Reporter] = [
            writer,
            ConsoleReporter(console, known, verbosity),
            ReportFile(out / "report.html", html, known),
            ReportFile(out / "junit.xml", junit, known),
            ReportFile(out / "summary.json", json_report, known),
        ]

        def emit(record: Record) -> None:
            books.record(record)
            for reporter in reporters:
                reporter.record(record)

        with _all_closed(reporters):
            emit(run_started(version("xmpp-harness"), plan.options))
            interrupted = trio.run(_until_interrupted, plan, emit)
            code = books.exit_code(interrupted=interrupted)
            emit(run_finished(code, interrupted=interrupted))
    console.print(f"report: {out / 'report.html'}", highlight=False, soft_wrap=True)
    return code


@contextmanager
def _all_closed(reporters: Sequence[Reporter]) -> Iterator[None]:
    """Close every reporter, whatever happens to the run or to another one."""
    try:
        yield
    finally:
        _close(list(reporters))


def _close(reporters: list[Reporter]) -> None:
    if reporters:
        try:
            reporters[0].close()
        finally:
            _close(reporters[1:])


async def _until_interrupted(plan: Plan, emit: Any) -> bool:
    """Run the plan; SIGINT and SIGTERM end it early. Tells whether one did."""
    interrupted = False
    async with trio.open_nursery() as nursery:

        async def listen() -> None:
            nonlocal interrupted
            with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                async for _ in signals:
                    interrupted = True
                    nursery.cancel_scope.cancel()

        nursery.start_soon(listen)
        await run_targets(plan, emit)
        nursery.cancel_scope.cancel()
    return interrupted
