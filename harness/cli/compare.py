"""`xmpp-harness compare`: what changed between two runs, or between two targets."""

import sys
from pathlib import Path

import click

from harness.cli.recorded import chosen_target, read_cases, run_of
from harness.cli.terminal import Terminal
from harness.engine.campaign import ExitCode
from harness.errors import UsageError
from harness.reporters.comparison_console import print_comparison
from harness.reporters.comparison_html import comparison_html
from harness.reporters.report_file import write_report
from harness.results.comparison import Comparison
from harness.results.summary import Run, TargetRun


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
    before, after = run_of(read_cases(old)), run_of(read_cases(new))
    first = chosen_target(before, target, "--target")
    second = chosen_target(after, other or _same(after, first), "--with")
    if first is second or (old == new and first.name == second.name):
        raise UsageError("this is the same target of the same run", advice="name another one by --with")
    comparison = Comparison(old=first, new=second)
    console = Terminal()
    print_comparison(console, comparison)
    if html:
        write_report(html, comparison_html(comparison, after))
        console.print(f"written: {html}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(ExitCode.DEVIATIONS if comparison.is_bad else ExitCode.AS_EXPECTED)


def _same(run: Run, first: TargetRun) -> str:
    """The name to look for, where none is given: the same one, or the only one."""
    return first.name if len(run.targets) > 1 else ""
