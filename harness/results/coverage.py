"""Which requirements a run has measured, how they came out, and which no run can measure.

A requirement counts where it asks something of what was tested: of servers, of clients, or of both. It is
testable where the conduct of that side shows it (`testable_as` in the tables), and where a case rests on it.
It is held when a case has passed that is known to notice when it is broken (`RequirementView.checked_by`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from harness.results.records import CaseFinished
from harness.results.requirements import RequirementView
from harness.results.summary import Run
from harness.results.verdicts import Level, Perspective, Verdict


class Coverage(Enum):
    """What a run says of a requirement. The strongest statement wins, in this order."""

    BROKEN = "broken"
    HELD = "held"
    NAMED = "only named"  # a case that names it has passed, but would it have noticed?
    UNMEASURED = "not measured"  # cases rest on it, but none of them could tell
    UNTOUCHED = "no case"
    UNTESTABLE = "untestable"  # nothing that the target does on the wire shows it


_ORDER = tuple(Coverage)


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementResult:
    """One requirement, what became of it, and the names of the cases that rest on it.

    `cells` tell the same of each target, in the order of the run; None where it asks nothing of that one.
    """

    requirement: RequirementView
    coverage: Coverage
    cases: tuple[str, ...]
    cells: tuple[Coverage | None, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentCoverage:
    """The requirements of one document."""

    document: str
    results: tuple[RequirementResult, ...]

    def count(self, coverage: Coverage) -> int:
        """How many requirements came out so."""
        return sum(result.coverage is coverage for result in self.results)

    def shares(self, perspectives: Iterable[Perspective]) -> Mapping[Level, tuple[int, int]]:
        """How many of how many that are testable were measured, by the level that binds the tested sides."""
        sides = list(perspectives)
        counted: dict[Level, tuple[int, int]] = {}
        for result in self.results:
            levels = [one for one in map(result.requirement.level, sides) if one]
            if levels and result.coverage is not Coverage.UNTESTABLE:
                firmest = min(levels, key=list(Level).index)
                measured, testable = counted.get(firmest, (0, 0))
                is_measured = result.coverage in (Coverage.BROKEN, Coverage.HELD)
                counted[firmest] = (measured + is_measured, testable + 1)
        return {level: counted[level] for level in Level if level in counted}

    @property
    def measured(self) -> int:
        """How many were measured."""
        return self.count(Coverage.BROKEN) + self.count(Coverage.HELD)

    @property
    def testable(self) -> int:
        """How many can be measured at all."""
        return len(self.results) - self.count(Coverage.UNTESTABLE)

    @property
    def is_touched(self) -> bool:
        """Whether any case rests on any of them."""
        return any(result.cases for result in self.results)


def coverage_by_document(run: Run, cases: Iterable[CaseFinished]) -> tuple[DocumentCoverage, ...]:
    """Coverage of every document that the tables or the cases name, sorted by document.

    Left out is what asks nothing of the sides that these cases test. A case that fails says nothing about
    those of its requirements that its findings do not name: the step that would have checked them may never
    have been reached.
    """
    tellings = {target.name: _Telling() for target in run.targets}
    for case in cases:
        tellings.setdefault(case.target, _Telling()).hear(case, run)
    named = dict.fromkeys(one for telling in tellings.values() for one in telling.resting)
    documents: dict[str, list[RequirementResult]] = {}
    for one in dict.fromkeys([*run.requirements, *named]):
        view = run.requirement(one)
        if result := _result(view, list(tellings.values())):
            documents.setdefault(view.spec, []).append(result)
    return tuple(
        DocumentCoverage(document=document, results=tuple(sorted(documents[document], key=_by_section)))
        for document in sorted(documents)
    )


class _Telling:
    """What the cases of one target say of requirements, and which of them rest on each."""

    def __init__(self) -> None:
        self._said: dict[str, set[Coverage]] = {}
        self._perspectives: set[Perspective] = set()
        self.resting: dict[str, dict[str, None]] = {}

    def hear(self, case: CaseFinished, run: Run) -> None:
        """Take one case in."""
        self._perspectives.add(case.perspective)
        for one, coverage in _said(case, run):
            self._said.setdefault(one, set()).add(coverage)
            self.resting.setdefault(one, {})[case.case] = None

    @property
    def is_heard(self) -> bool:
        """Whether any case said anything."""
        return bool(self._perspectives)

    def of(self, view: RequirementView) -> Coverage | None:
        """The strongest of what is said; None where nothing is, and nothing is asked of this target."""
        if said := self._said.get(view.id):
            return min(said, key=_ORDER.index)
        asked = [one for one in self._perspectives if view.concerns(one)]
        if not asked:
            return None
        return Coverage.UNTOUCHED if any(map(view.is_testable, asked)) else Coverage.UNTESTABLE


def _result(view: RequirementView, tellings: Sequence[_Telling]) -> RequirementResult | None:
    """Put together what the targets show; None where nothing is asked of any. Without cases all is open."""
    cells = tuple(telling.of(view) for telling in tellings)
    told = [cell for cell in cells if cell is not None]
    if not told and any(one.is_heard for one in tellings):
        return None
    return RequirementResult(
        requirement=view,
        coverage=min(told, key=_ORDER.index, default=Coverage.UNTOUCHED),
        cases=tuple(dict.fromkeys(case for one in tellings for case in one.resting.get(view.id, ()))),
        cells=cells,
    )


def _said(case: CaseFinished, run: Run) -> Iterable[tuple[str, Coverage]]:
    named = {one for finding in case.findings for one in finding.requirements}
    broken = named or set(case.requirements)
    for one in dict.fromkeys([*case.requirements, *sorted(named)]):
        match case.verdict:
            case Verdict.PASS if one in case.requirements:
                is_checked = run.requirement(one).is_checked_by(case.case, case.perspective)
                yield one, Coverage.HELD if is_checked else Coverage.NAMED
            case Verdict.FAIL | Verdict.DEVIATES if one in broken:
                yield one, Coverage.BROKEN
            case _:
                yield one, Coverage.UNMEASURED


def _by_section(result: RequirementResult) -> tuple[list[tuple[int, str]], str]:
    """Sort 4.9.10 after 4.9.2, and letters after numbers."""
    parts = (part for part in result.requirement.section.split(".") if part)
    return [(int(part), "") if part.isdigit() else (10**6, part) for part in parts], result.requirement.id
