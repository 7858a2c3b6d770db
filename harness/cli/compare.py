"""`xmpp-harness compare`: what changed between two runs, or between two targets."""

import sys
from pathlib import Path

import click

from harness.catalogue.requirements import cache_folder, load_requirements, views
from harness.cli.terminal import Terminal
from harness.engine.campaign import ExitCode
from harness.errors import DataError, UsageError
from harness.reporters.comparison_console import print_comparison
from harness.reporters.comparison_html import comparison_html
from harness.reporters.report_file import write_report
from harness.results.comparison import Comparison
from harness.results.record_file import read_records
from harness.results.summary import Run, TargetRun, summarize


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--target", default="", help="Whom to look at, where OLD has several.")
@click.option("--with", "other", default="", help="Whom in NEW to hold it against [default: the same].")
@click.option("--html", type=click.Path(path_type=Path), help="Also write a page of it.")
def compare(old: Path, new: Path, target: str, other: str, html: Path | None) -> None:
    """Tell what changed between two run records, OLD and NEW, case by case.

    They may be one and the same, to hold two targets of one run against each other. Exit code 1 says that
    something is worse, or no longer measured.
    """
    before, after = _run(old), _run(new)
    first = _chosen(before, target, old, "--target")
    second = _chosen(after, other or _same(after, first), new, "--with")
    if first is second or (old == new and first.name == second.name):
        raise UsageError("this is the same target of the same run", advice="name another one by --with")
    comparison = Comparison(old=first, new=second)
    console = Terminal()
    print_comparison(console, comparison)
    if html:
        write_report(html, comparison_html(comparison, after))
        console.print(f"written: {html}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(ExitCode.DEVIATIONS if comparison.is_bad else ExitCode.AS_EXPECTED)


def _run(record: Path) -> Run:
    run = summarize(read_records(record), views(load_requirements(cache=cache_folder())))
    if not run.cases:
        raise DataError("there are no cases in this record", where=str(record), advice="run again")
    return run


def _same(run: Run, first: TargetRun) -> str:
    """The name to look for, where none is given: the same one, or the only one."""
    return first.name if len(run.targets) > 1 else ""


def _chosen(run: Run, name: str, record: Path, option: str) -> TargetRun:
    named = {one.name: one for one in run.targets}
    if name in named:
        return named[name]
    if name or len(named) > 1:
        what = f"there is no target {name}" if name else f"there are {len(named)} targets"
        raise UsageError(what, where=str(record), advice=f"{option} {' or '.join(named)}")
    return next(iter(named.values()))
