"""`xmpp-harness coverage`: which requirements are checked, and what shows that they are."""

import sys
from collections.abc import Iterator, Sequence

import click

from harness.catalogue.evidence import evidence_file, load_evidence, written
from harness.cli.overview import rows_meant
from harness.cli.selection import Catalogue, open_catalogue
from harness.cli.terminal import Terminal, print_rows
from harness.cli.whole_file import write_whole
from harness.engine.campaign import ExitCode
from harness.engine.monitoring import monitor_case
from harness.monitors.roll import all_monitors
from harness.proof.survey import survey
from harness.results.checked import Row, Sheet, State, sheets
from harness.results.evidence import Evidence
from harness.results.verdicts import Level, Perspective
from harness.transcript.script import Side

_PERSPECTIVES = {Side.SERVER: Perspective.CLIENT, Side.CLIENT: Perspective.SERVER}


@click.command()
@click.argument("selectors", nargs=-1, metavar="[SELECTION...]")
@click.option(
    "--tests",
    "side",
    type=click.Choice([one.value for one in Side]),
    default=Side.SERVER.value,
    help="Whose requirements: those on servers, which is the default, or on clients.",
)
@click.option("--prove", "anew", is_flag=True, help="Find the evidence anew and keep it: a minute or two.")
def coverage(selectors: Sequence[str], side: str, anew: bool) -> None:
    """Tell of each document how many of its testable requirements are checked, by level.

    A requirement is checked when somebody breaks it and a case that names it takes notice: the scenario
    fails with a fault of the reference server, or client, in a step that is about it, or notices an error in
    a step that is about nothing else; a monitor names it in what it notices. What is merely named does not
    count. With SELECTION, a document (rfc6121), a section (rfc6120/4.3.3) or the id of a requirement, each
    requirement is told with its cases and with what showed that they check it.
    """
    catalogue = open_catalogue()
    meant = rows_meant(catalogue, selectors) if selectors else None
    evidence = _found(catalogue) if anew else load_evidence()
    told = _sheets(catalogue, evidence, Side(side))
    console = Terminal()
    if meant is None:
        heads = ("document", *(one.value for one in Level), State.NAMED.value, State.UNTESTABLE.value)
        everything = Sheet(document="all", rows=[row for sheet in told for row in sheet.rows])
        print_rows(console, heads, map(_sum, [*told, everything]), is_labelled=True)
    for line in (line for sheet in told if meant for line in _lines(sheet, meant)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    sys.exit(ExitCode.AS_EXPECTED)


def _found(catalogue: Catalogue) -> Evidence:
    evidence = survey(catalogue.chosen((), (), ()))
    write_whole(evidence_file(), written(evidence))
    return evidence


def _sheets(catalogue: Catalogue, evidence: Evidence, side: Side) -> list[Sheet]:
    naming: dict[str, list[str]] = {}
    perspective = _PERSPECTIVES[side]
    for scenario in catalogue.chosen((), (), ()):
        if side in scenario.transcript.tests:
            for one in scenario.requirement_ids:
                naming.setdefault(one, []).append(scenario.name)
    for monitor in all_monitors():
        if perspective in monitor.perspectives:
            for one in monitor.requirements:
                naming.setdefault(one, []).append(monitor_case(monitor))
    views = [row.view for row in catalogue.table.values()]
    return sheets(views, naming, evidence.of(perspective), perspective)


def _sum(sheet: Sheet) -> tuple[str, ...]:
    levels = (str(sheet.share(level)) for level in Level)
    rest = (str(sheet.count(state) or "") for state in (State.NAMED, State.UNTESTABLE))
    return (sheet.document, *levels, *rest)


def _lines(sheet: Sheet, meant: set[str]) -> Iterator[str]:
    for row in sheet.rows:
        if row.requirement.id in meant:
            yield f"{row.requirement.id}  [{row.level.value}]  {row.state.value}: {row.requirement.summary}"
            yield from (f"    {one}" for one in _reasons(row))


def _reasons(row: Row) -> Iterator[str]:
    for case, how in row.cases.items():
        yield f"{case}: {how}" if how else f"{case}, which only names it"
    if row.state is State.UNTESTABLE and row.requirement.note:
        yield row.requirement.note
