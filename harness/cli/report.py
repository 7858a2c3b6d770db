"""`xmpp-harness report`: make the reports of a run again from its record."""

from pathlib import Path

import click

from harness.catalogue.requirements import cache_folder, load_requirements, views
from harness.errors import DataError
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
def report(record: Path, out: Path | None) -> None:
    """Make the reports of a run again from its RECORD."""
    records = read_records(record)
    if not any(isinstance(one, CaseFinished | TargetFinished) for one in records):
        raise DataError("there are no cases in this record", where=str(record), advice="run again")
    run = summarize(records, views(load_requirements(cache=cache_folder())))
    for name, render in WRITERS.items():
        write_report((out or record.parent) / name, render(run))
