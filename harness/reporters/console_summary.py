"""The end of a run on a terminal: tables, then every failure explained once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.reporters.difference import DifferenceLine, Side, read_difference
from harness.reporters.headline import is_green, number_of, played, verdict_of_run
from harness.reporters.printable import printable, shortened
from harness.reporters.verdict_styles import STYLES
from harness.results.causes import Cause, causes
from harness.results.records import CaseFinished, Finding
from harness.results.summary import (
    ABSENCES,
    Run,
    Tally,
    absences,
    by_document,
    by_level,
    expectation,
    flaky,
    tally,
)
from harness.results.unmeasured import reason_of
from harness.results.verdicts import Verdict

_LONGEST_LINE = 500  # characters of one line of a difference
_MOST_LINES = 40  # lines of one difference
_MOST_CASES = 5  # names of cases under one cause; all of them when verbose
_SIDES = {Side.SAME: "dim", Side.EXPECTED: "green", Side.RECEIVED: "red"}


def print_summary(console: Console, run: Run, *, is_verbose: bool = False) -> None:
    """Print everything that a person wants to know at the end."""
    if run.cases:
        console.print()
        console.print(_fitting(console, (_by_target(run, layout) for layout in _layouts(run))))
        console.print()
        console.print(_fitting(console, _document_tables(run)))
    print_news(console, run, is_verbose=is_verbose)
    console.print()
    console.print(summary_line(run), soft_wrap=True)


def print_news(console: Console, run: Run, *, is_verbose: bool = False) -> None:
    """Print what brings surprises, by cause; with `is_verbose` also what is known."""
    for cause in causes(run.cases):
        if is_verbose or not cause.is_known:
            _print_cause(console, run, cause, is_verbose=is_verbose)
    _print_absences(console, run)


def summary_line(run: Run) -> Text:
    """The run in one line."""
    counted = run.tally
    text = Text(f"{what}: " if (what := played(run)) else "")
    for verdict, style in STYLES.items():
        if number := counted.of(verdict):
            text.append(f"{style.sign} {number} {style.counted}  ", style=style.colour)
    text.append(verdict_of_run(run), style="bold green" if is_green(run) else "bold red")
    if run.seconds:
        text.append(f"  {run.seconds:.1f} s", style="dim")
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """How wide the tables are: the verdicts with a column, the heads of these, the space between."""

    heads: dict[Verdict, str]
    space: int = 2
    has_product: bool = True

    def counts(self, counted: Tally) -> list[str]:
        return [str(counted.of(verdict) or "·") for verdict in self.heads]


def _layouts(run: Run) -> Iterator[_Layout]:
    """From the widest to the narrowest."""
    yield _Layout(heads={verdict: f"{style.sign} {style.word}" for verdict, style in STYLES.items()})
    seen = {verdict: style for verdict, style in STYLES.items() if run.tally.of(verdict)}
    short = {verdict: f"{style.sign} {style.short}" for verdict, style in seen.items()}
    tight = _Layout(heads=short, space=1)
    yield from (tight, replace(tight, has_product=False))
    yield _Layout(heads={verdict: style.sign for verdict, style in seen.items()}, space=1, has_product=False)


def _fitting(console: Console, tables: Iterable[Table]) -> Table:
    """The first table that needs no more than there is, or the last one."""
    boundless = console.options.update(width=10_000)
    for table in tables:
        if console.measure(table, options=boundless).maximum <= console.width:
            break
    return table


def _table(first: str, layout: _Layout) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, layout.space, 0, 0))
    table.add_column(first, no_wrap=True)
    for verdict, head in layout.heads.items():
        table.add_column(Text(head), justify="right", style=STYLES[verdict].colour, no_wrap=True)
    return table


def _by_target(run: Run, layout: _Layout) -> Table:
    table = _table("target", layout)
    table.add_column("known", justify="right")
    table.add_column("surprises", justify="right", style="bold")
    for target in run.targets:
        counted = target.tally
        name = Text(printable(target.name), style="bold")
        if layout.has_product:
            name.append(f"  {printable(target.label)}", style="not bold dim")
        table.add_row(name, *layout.counts(counted), str(counted.known or "·"), str(counted.surprises or "·"))
    return table


def _document_tables(run: Run) -> Iterator[Table]:
    """With several targets a column for each, where there is room."""
    if len(run.targets) > 1:
        yield _by_document_and_target(run)
    yield from (_by_document(run, layout) for layout in _layouts(run))


def _by_document_and_target(run: Run) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("document", no_wrap=True)
    for target in run.targets:
        table.add_column(Text(printable(target.name)), no_wrap=True)
    counted = [by_document(run, target.cases) for target in run.targets]
    for document in by_document(run, run.cases):
        table.add_row(document, *(_counts(one[document]) if document in one else "" for one in counted))
    if any(not run.documents(case) for case in run.cases):
        rest = ([case for case in target.cases if not run.documents(case)] for target in run.targets)
        table.add_row("no document", *(_counts(tally(cases)) for cases in rest))
    return table


def _counts(counted: Tally) -> Text:
    """What there is of each verdict: ✓149 ✗12."""
    return Text(" ").join(
        Text(f"{style.sign}{number}", style=style.colour)
        for verdict, style in STYLES.items()
        if (number := counted.of(verdict))
    )


def _by_document(run: Run, layout: _Layout) -> Table:
    table = _table("document and level", layout)
    for document in by_document(run, run.cases):
        of_document = [case for case in run.cases if document in run.documents(case)]
        for level, counted in by_level(of_document).items():
            table.add_row(f"{document}  {level.value if level else ''}", *layout.counts(counted))
    if without := [case for case in run.cases if not run.documents(case)]:
        table.add_row("no document", *layout.counts(tally(without)))
    return table


def _print_cause(console: Console, run: Run, cause: Cause, *, is_verbose: bool) -> None:
    finding = cause.first.finding
    style = STYLES[cause.verdict]
    head = Text.assemble(
        (f"\n{style.sign} {style.word} ", style.colour), (printable(finding.message), "bold")
    )
    if cause.severity:
        head.append(f"  [{cause.severity}]", style="bold red")
    if cause.is_known:
        head.append("  [known deviation]", style="cyan")
    console.print(head)
    for line in _explanation(run, cause, finding, is_verbose=is_verbose):
        console.print(Padding(line, (0, 0, 0, 4), expand=False))
    if command := cause.first.reproduce:
        line = Text.assemble(("    reproduce  ", "dim"), printable(command))
        console.print(line, soft_wrap=True)  # to be copied, so in one piece


def _explanation(run: Run, cause: Cause, finding: Finding, *, is_verbose: bool) -> Iterable[Text]:
    yield from _requirement_lines(run, cause)
    if finding.step:
        place = f"{finding.step.file}:{finding.step.line}"
        yield Text.assemble((printable(place), "blue"), f"  {printable(finding.step.text)}")
    yield from _difference_lines(finding)
    if finding.hint:
        yield Text(printable(finding.hint), style="italic")
    yield from _where_it_showed(cause, is_verbose=is_verbose)


def _requirement_lines(run: Run, cause: Cause) -> Iterable[Text]:
    perspective = cause.first.case.perspective
    for one in cause.requirements:
        view = run.requirement(one)
        level = view.level_text(perspective)
        yield Text.assemble(
            (f"{view.place}{' ' if level else ''}{level}".strip() or view.id, "cyan"),
            f"  {view.summary or 'not in the requirement tables'}",
            (f"  {view.id}", "dim"),
        )
        if view.latitude:
            yield Text(f"also allowed: {view.latitude}", style="dim")


def _difference_lines(finding: Finding) -> Iterable[Text]:
    lines = read_difference(finding.difference)
    for line in lines[:_MOST_LINES]:
        text = Text(f"{line.side.value} ", style=_SIDES[line.side])
        for piece in line.pieces:
            text.append(
                printable(shortened(piece.text, _LONGEST_LINE)), "bold reverse" if piece.is_marked else None
            )
        yield text
        if any(piece.is_marked for piece in line.pieces) and len(line.text) <= _LONGEST_LINE:
            yield _guide(line)
    if len(lines) > _MOST_LINES:
        yield Text(f"… {len(lines) - _MOST_LINES} more lines in the run record", style="dim")


def _guide(line: DifferenceLine) -> Text:
    """Carets under what is marked, for terminals and logs without colour."""
    marks = (("^" if piece.is_marked else " ") * cell_len(printable(piece.text)) for piece in line.pieces)
    return Text("  " + "".join(marks).rstrip(), style="dim")


def _where_it_showed(cause: Cause, *, is_verbose: bool) -> Iterable[Text]:
    cases = cause.cases
    shown = cases if is_verbose else cases[:_MOST_CASES]
    for case in shown:
        yield Text.assemble((f"{case.target}  ", "bold"), printable(case.case), (_shown_by(case), "dim"))
    if len(cases) > len(shown):
        yield Text(f"… and {number_of(len(cases) - len(shown), 'more case')}", style="dim")


def _shown_by(case: CaseFinished) -> str:
    shown_by = f"shown by {case.shown_by}" if case.shown_by else ""
    known = f"known: {case.known}" if case.known else ""
    return "".join(f"  {printable(part)}" for part in (shown_by, known, case.was_known) if part)


def _print_absences(console: Console, run: Run) -> None:
    for case in absences(run.cases):
        kind, style = expectation(case), STYLES[case.verdict]
        why = f" ({printable(reason_of(case))})" if not case.verdict.is_measured else ""
        console.print(
            Text.assemble(
                (f"\n{style.sign} {kind.value} ", "bold cyan"),
                f"{case.target}  {printable(case.case)}{why}: {ABSENCES[kind]}",
            )
        )
    for case in flaky(run.cases):
        why = printable(case.findings[0].cause) if case.findings else ""
        told = f"{case.target}  {printable(case.case)}: {case.flaky}  {why}"
        console.print(Text.assemble(("\n≈ flaky ", "bold yellow"), told))
    for target in run.targets:
        if target.shortfall:
            console.print(Text(f"\n{target.name}: {target.shortfall}", style="bold red"))
