"""What the HTML templates need of a run, put so that they hold no reckoning."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from harness.reporters.packing import Place
from harness.reporters.verdict_styles import STYLES
from harness.results.records import MONITORS, CaseFinished
from harness.results.requirements import RequirementView
from harness.results.summary import MatrixRow, Run, Tally, expectation

_BAR = 1000  # units of length of a bar


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A part of a bar. The class gives the colour."""

    css: str
    start: float
    length: float


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeView:
    """One case against one target. The conversation is `written` here, packed at `place`, or absent."""

    case: CaseFinished
    target: str
    column: int
    written: Markup | None
    place: Place | None
    anchor: str = ""

    @property
    def is_open(self) -> bool:
        """Whether people will want to see it at once."""
        return is_open(self.case)


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseView:
    """One case against all targets; `outcomes` holds those where it was played."""

    anchor: str
    row: MatrixRow
    outcomes: tuple[OutcomeView, ...]
    cells: tuple[OutcomeView | None, ...]
    requirements: tuple[RequirementView, ...]
    documents: tuple[str, ...]
    place: Place | None = None  # where its body is packed; None: it stands in the page

    @property
    def is_open(self) -> bool:
        """Whether people will want to see any of it at once."""
        return any(outcome.is_open for outcome in self.outcomes)

    @property
    def words(self) -> str:
        """What to find it by when its body is packed."""
        return " ".join(f"{one.id} {one.place}" for one in self.requirements)

    @property
    def marks(self) -> str:
        """Column and verdict of each outcome, for the script that filters: `0pass 1fail 1surprise`."""
        return " ".join(mark for outcome in self.outcomes for mark in _marks(outcome))


def _marks(outcome: OutcomeView) -> Iterable[str]:
    yield f"{outcome.column}{STYLES[outcome.case.verdict].css}"
    if expectation(outcome.case).is_surprise:
        yield f"{outcome.column}surprise"
    if outcome.case.severity:
        yield f"{outcome.column}{outcome.case.severity}"


def is_open(case: CaseFinished) -> bool:
    """Whether people will want to see a case on a target at once."""
    return case.verdict.is_trouble or expectation(case).is_surprise


def case_views(run: Run, place: Callable[[CaseFinished], OutcomeView]) -> list[CaseView]:
    """Make the views of all cases, by family, monitors last; `place` draws a case's conversation."""
    rows = sorted(run.matrix, key=lambda row: (row.family == MONITORS, row.family))
    return [_view(run, row, f"case-{number}", place) for number, row in enumerate(rows, start=1)]


def _view(run: Run, row: MatrixRow, anchor: str, place: Callable[[CaseFinished], OutcomeView]) -> CaseView:
    cells = tuple(
        replace(place(cell), anchor=f"{anchor}-{column}") if cell else None
        for column, cell in enumerate(row.cells, start=1)
    )
    ids = dict.fromkeys(one for cell in row.played for one in cell.requirements)
    return CaseView(
        anchor=anchor,
        row=row,
        cells=cells,
        outcomes=tuple(cell for cell in cells if cell),
        requirements=tuple(run.requirement(one) for one in ids),
        documents=tuple(dict.fromkeys(document for cell in row.played for document in run.documents(cell))),
    )


def bar(counted: Tally | Mapping[str, int]) -> list[Segment]:
    """Cut a bar into parts: by verdict, or by class and number."""
    numbers = (
        {style.css: counted.of(verdict) for verdict, style in STYLES.items()}
        if isinstance(counted, Tally)
        else counted
    )
    total = sum(numbers.values())
    segments: list[Segment] = []
    start = 0.0
    for css, number in numbers.items():
        if number:
            length = _BAR * number / total
            segments.append(Segment(css=css, start=round(start, 1), length=round(length, 1)))
            start += length
    return segments
