"""`xmpp-harness report`: make the reports of a run again from its record."""

from collections.abc import Sequence
from pathlib import Path

import click

from harness.cli.recorded import read_cases, run_of
from harness.cli.terminal import Terminal
from harness.cli.updated_baseline import update
from harness.errors import UsageError
from harness.reporters.badge import badge
from harness.reporters.html import html
from harness.reporters.json_report import json_report
from harness.reporters.junit import junit
from harness.reporters.markdown import markdown
from harness.reporters.report_file import write_report
from harness.reporters.sarif import sarif
from harness.reporters.table import table
from harness.results.records import (
    Record,
    RunFinished,
    RunStarted,
    TargetStarted,
)

#: The reports by their formats: names of their files, and what makes them from the record alone.
FORMATS = {
    "html": ("report.html", html),
    "junit": ("junit.xml", junit),
    "json": ("summary.json", json_report),
    "markdown": ("summary.md", markdown),
    "sarif": ("results.sarif", sarif),
    "csv": ("cases.csv", table),
    "badge": ("badge.svg", badge),
}
#: Those that every run writes.
USUAL = ("html", "junit", "json", "markdown")


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECORD...")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(list(FORMATS)),
    help=f"Only this; may be given again [default: {', '.join(USUAL)}].",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write to [default: beside the first record]."
)
@click.option(
    "--update-baseline",
    "baseline",
    type=click.Path(path_type=Path),
    help="Also bring this baseline up to date, or begin it: reasons of what showed again are kept, what is "
    "new waits for one.",
)
@click.option("--target", default="", help="Whom the baseline is of, where there are several.")
def report(
    records: Sequence[Path], formats: Sequence[str], out: Path | None, baseline: Path | None, target: str
) -> None:
    """Make the reports of a run again from its RECORD, or one report of several runs on different targets."""
    if target and not baseline:
        raise UsageError("--target says whom a baseline is of", advice="give --update-baseline")
    run = run_of(_together(records))
    console = Terminal()
    for name, render in (FORMATS[one] for one in formats or USUAL):
        path = (out or records[0].parent) / name
        write_report(path, render(run))
        console.print(f"written: {path}", markup=False, highlight=False, soft_wrap=True)
    if baseline:
        told = f"written: {baseline}: {update(run, target, baseline)}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)


def _together(paths: Sequence[Path]) -> list[Record]:
    """The records of several runs as if they had been one: no target may be in two of them."""
    records: list[Record] = []
    seen: dict[str, Path] = {}
    for path in paths:
        own = read_cases(path)
        for one in own:
            if isinstance(one, TargetStarted) and seen.setdefault(one.target, path) != path:
                what = f"{one.target} is in {seen[one.target]} already"
                raise UsageError(what, where=str(path), advice="xmpp-harness compare holds two runs together")
        records += own
    return records if len(paths) == 1 else [*_ends(records), *records]


def _ends(records: list[Record]) -> list[Record]:
    """Take the ends of several runs out, and return those of one that took as long as they together."""
    started = [one for one in records if isinstance(one, RunStarted)]
    finished = [one for one in records if isinstance(one, RunFinished)]
    records[:] = [one for one in records if not isinstance(one, RunStarted | RunFinished)]
    if len(finished) < len(started):
        return list(started[:1])  # one of them was cut short
    seconds = sum(end.finished - begun.started for begun, end in zip(started, finished, strict=True))
    end = RunFinished(
        finished=started[0].started + seconds,
        exit_code=max(one.exit_code for one in finished),
        interrupted=any(one.interrupted for one in finished),
    )
    return [started[0], end]
