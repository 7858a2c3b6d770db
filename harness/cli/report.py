"""`xmpp-harness report`: make the reports of a run again from its record."""

from pathlib import Path

import click

from harness.catalogue.requirements import cache_folder, load_requirements, views
from harness.cli.terminal import Terminal
from harness.cli.updated_baseline import update
from harness.errors import DataError, UsageError
from harness.reporters.html import html
from harness.reporters.json_report import json_report
from harness.reporters.junit import junit
from harness.reporters.markdown import markdown
from harness.reporters.report_file import write_report
from harness.results.record_file import read_records
from harness.results.records import CaseFinished, TargetFinished
from harness.results.summary import summarize

#: The reports by the names of their files; all are made from the record alone.
WRITERS = {"report.html": html, "junit.xml": junit, "summary.json": json_report, "summary.md": markdown}


@click.command()
@click.argument("record", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write to [default: beside the record]."
)
@click.option(
    "--update-baseline",
    "baseline",
    type=click.Path(path_type=Path),
    help="Also bring this baseline up to date, or begin it: reasons of what showed again are kept, what is "
    "new waits for one.",
)
@click.option("--target", default="", help="Whom the baseline is of, where there are several.")
def report(record: Path, out: Path | None, baseline: Path | None, target: str) -> None:
    """Make the reports of a run again from its RECORD."""
    if target and not baseline:
        raise UsageError("--target says whom a baseline is of", advice="give --update-baseline")
    records = read_records(record)
    if not any(isinstance(one, CaseFinished | TargetFinished) for one in records):
        raise DataError("there are no cases in this record", where=str(record), advice="run again")
    run = summarize(records, views(load_requirements(cache=cache_folder())))
    console = Terminal()
    for name, render in WRITERS.items():
        path = (out or record.parent) / name
        write_report(path, render(run))
        console.print(f"written: {path}", markup=False, highlight=False, soft_wrap=True)
    if baseline:
        told = f"written: {baseline}: {update(run, target, baseline)}"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
