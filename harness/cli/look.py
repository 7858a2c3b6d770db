"""The commands that only look: `list`, `show`, `lint`, `targets`, `faults`, `doctor`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from harness.catalogue.requirements import cache_folder
from harness.catalogue.scenarios import Scenario, find
from harness.cli.overview import cases, uncovered
from harness.cli.selection import open_catalogue
from harness.cli.terminal import Terminal, print_rows
from harness.engine.campaign import ExitCode
from harness.engine.probe import known_words
from harness.errors import ScriptError, UsageError
from harness.faults.tables import all_faults
from harness.reference_client.faults import FAULTS as CLIENT_FAULTS
from harness.results.verdicts import Perspective
from harness.targets import description as target_files
from harness.targets.client_description import client_names, load_client
from harness.targets.doctor import examine
from harness.transcript.lint import lint as remarks_on
from harness.transcript.script import Side


@click.command("list")
@click.argument("selectors", nargs=-1, metavar="[SELECTION...]")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option(
    "--tests", "side", type=click.Choice([one.value for one in Side]), help="Only what tests this side."
)
@click.option(
    "--uncovered",
    "only_uncovered",
    is_flag=True,
    help="Instead, the requirements on servers (or on --tests client) that nothing checks.",
)
def list_cases(selectors: Sequence[str], tags: Sequence[str], side: str | None, only_uncovered: bool) -> None:
    """List scenarios and monitors: name, level, title; "(client)" where something tests clients.

    SELECTION is what `run` takes, `monitors` or `monitors/NAME`. With --uncovered it is a document
    (rfc6121), a section (rfc6120/4.3.3) or the id of a requirement.
    """
    if only_uncovered and tags:
        raise UsageError("requirements have no tags", advice="leave out --tag or --uncovered")
    catalogue = open_catalogue()
    wanted = Side(side) if side else None
    if only_uncovered:
        rows = uncovered(catalogue, selectors, wanted or Side.SERVER)
    else:
        rows = cases(catalogue, selectors, tags, wanted)
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
            level = one.view.level_text(_perspective(scenario)) or "-"
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


def _perspective(scenario: Scenario) -> Perspective:
    """Which side we play; where both are tested, the one with which servers are."""
    return Perspective.CLIENT if Side.SERVER in scenario.transcript.tests else Perspective.SERVER


@click.command()
def targets() -> None:
    """List the targets that can be named."""
    rows = [_target_row(name) for name in target_files.names()]
    rows += [(name, "client", load_client(name).description) for name in client_names()]
    print_rows(Terminal(), ("target", "how", "what it is"), rows)


def _target_row(name: str) -> tuple[str, str, str]:
    one = target_files.load(name)
    with_launcher = f" by {one.launcher}" if one.launcher != name else ""
    return name, f"attached at {one.host}" if one.is_attached else f"started here{with_launcher}", one.product


@click.command()
def faults() -> None:
    """List the faults that the reference server and the reference client can have."""
    rows = [
        (whose, name, fault.description, f"[{', '.join(fault.breaks)}]" if fault.breaks else "")
        for whose, known in (("server", all_faults()), ("client", CLIENT_FAULTS))
        for name, fault in known.items()
    ]
    print_rows(Terminal(), ("whose", "fault", "what it does", "breaks"), rows)


@click.command()
def doctor() -> None:
    """Tell what is installed, what is missing and how to get it."""
    findings = examine(cache_folder() / "clients")
    rows = [(one.name, "there" if one.present else "missing", one.version, one.advice) for one in findings]
    print_rows(Terminal(), ("what", "", "version", "advice"), rows)
    missing = [one for one in findings if one.is_needed and not one.present]
    sys.exit(ExitCode.ENVIRONMENT if missing else ExitCode.AS_EXPECTED)
