"""The commands that only look: `list`, `show`, `lint`, `targets`, `faults`, `doctor`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

from harness.catalogue.scenarios import find
from harness.cli.overview import cases, uncovered
from harness.cli.selection import open_catalogue
from harness.cli.terminal import Terminal
from harness.engine.campaign import ExitCode
from harness.engine.probe import known_words
from harness.errors import ScriptError, UsageError
from harness.faults.tables import all_faults
from harness.targets import description as target_files
from harness.targets.doctor import examine
from harness.transcript.lint import lint as remarks_on


@click.command("list")
@click.argument("selectors", nargs=-1, metavar="[SELECTION...]")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option(
    "--uncovered",
    "only_uncovered",
    is_flag=True,
    help="Instead, the requirements on servers that no scenario and no monitor checks.",
)
def list_cases(selectors: Sequence[str], tags: Sequence[str], only_uncovered: bool) -> None:
    """List scenarios and monitors: name, level, title.

    SELECTION is what `run` takes, `monitors` or `monitors/NAME`. With --uncovered it is a document
    (rfc6121), a section (rfc6120/4.3.3) or the id of a requirement.
    """
    if only_uncovered and tags:
        raise UsageError("requirements have no tags", advice="leave out --tag or --uncovered")
    catalogue = open_catalogue()
    rows = uncovered(catalogue, selectors) if only_uncovered else cases(catalogue, selectors, tags)
    console = Terminal()
    for row in rows:
        console.print(str(row), markup=False, highlight=False, soft_wrap=True)


@click.command()
@click.argument("selectors", nargs=-1, required=True, metavar="SELECTION...")
def show(selectors: Sequence[str]) -> None:
    """Show scenarios with the requirements that they check."""
    console = Terminal()
    for scenario in open_catalogue().chosen(selectors, (), ()):
        console.rule(scenario.name)
        for one in scenario.requirements:
            level = one.server.value if one.server else "-"
            console.print(
                f"{one.spec}, {one.section} ({level}): {one.summary}", markup=False, highlight=False
            )
            if one.latitude:
                console.print(f"    also allowed: {one.latitude}", markup=False, highlight=False)
        console.print(scenario.transcript.source, markup=False, highlight=False, soft_wrap=True)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
def lint(paths: Sequence[str]) -> None:
    """Name what is broken or dubious in scripts; exit code 1 if there is anything."""
    if "" in paths:
        raise UsageError("an empty word is no path", advice="leave it out to look at all scenarios")
    console = Terminal()
    table = open_catalogue().table
    count = 0
    for scenario in find(map(Path, paths), table=table):
        try:
            remarks = remarks_on(scenario.transcript, requirements=table.keys(), features=known_words())
        except ScriptError as error:
            console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            count += 1
            continue
        for remark in remarks:
            where = f"{scenario.transcript.path}:{remark.line}:{remark.column}"
            console.print(
                f"{where}: {remark.message} [{remark.code}]", markup=False, highlight=False, soft_wrap=True
            )
        count += len(remarks)
    sys.exit(ExitCode.DEVIATIONS if count else ExitCode.AS_EXPECTED)


@click.command()
def targets() -> None:
    """List the targets that can be named."""
    table = Table("target", "product", "how")
    for name in target_files.names():
        one = target_files.load(name)
        table.add_row(
            name, one.product, f"launched by {one.launcher}" if one.launcher else f"attached at {one.host}"
        )
    Terminal().print(table)


@click.command()
def faults() -> None:
    """List the faults that the reference server can have."""
    table = Table("fault", "what it does", "breaks")
    for name, fault in all_faults().items():
        table.add_row(name, fault.description, "\n".join(fault.breaks))
    Terminal().print(table)


@click.command()
def doctor() -> None:
    """Tell what is installed, what is missing and how to get it."""
    table = Table("what", "there", "version", "advice")
    findings = examine()
    for one in findings:
        table.add_row(one.name, "yes" if one.present else "no", one.version, one.advice)
    Terminal().print(table)
    missing = [one for one in findings if one.is_needed and not one.present]
    sys.exit(ExitCode.ENVIRONMENT if missing else ExitCode.AS_EXPECTED)
