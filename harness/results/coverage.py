"""Which requirements a run has measured, and how they came out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from harness.results.records import CaseFinished
from harness.results.requirements import RequirementView
from harness.results.summary import Run
from harness.results.verdicts import Verdict


class Coverage(Enum):
    """What a run says of a requirement. The strongest statement wins, in this order."""

    BROKEN = "broken"
    HELD = "held"
    UNMEASURED = "not measured"  # cases rest on it, but none of them could tell
    UNTOUCHED = "no case"


_ORDER = tuple(Coverage)


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementResult:
    """One requirement, what became of it, and the names of the cases that rest on it."""

    requirement: RequirementView
    coverage: Coverage
    cases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentCoverage:
    """The requirements of one document."""

    document: str
    results: tuple[RequirementResult, ...]

    def count(self, coverage: Coverage) -> int:
        """How many requirements came out so."""
        return sum(result.coverage is coverage for result in self.results)

    @property
    def measured(self) -> int:
        """How many were measured."""
        return self.count(Coverage.BROKEN) + self.count(Coverage.HELD)


def coverage_by_document(run: Run, cases: Iterable[CaseFinished]) -> tuple[DocumentCoverage, ...]:
    """Coverage of every document that the tables or the cases name, sorted by document.

    A case that fails says nothing about those of its requirements that its findings do not name: the
    step that would have checked them may never have been reached.
    """
    said: dict[str, set[Coverage]] = {}
    resting: dict[str, dict[str, None]] = {}
    for case in cases:
        for one, coverage in _said(case):
            said.setdefault(one, set()).add(coverage)
            resting.setdefault(one, {})[case.case] = None
    documents: dict[str, list[RequirementResult]] = {}
    for one in dict.fromkeys([*run.requirements, *said]):
        view = run.requirement(one)
        result = RequirementResult(
            requirement=view, coverage=_strongest(said.get(one, set())), cases=tuple(resting.get(one, {}))
        )
        documents.setdefault(view.spec, []).append(result)
    return tuple(
        DocumentCoverage(document=document, results=tuple(sorted(documents[document], key=_by_section)))
        for document in sorted(documents)
    )


def _said(case: CaseFinished) -> Iterable[tuple[str, Coverage]]:
    named = {one for finding in case.findings for one in finding.requirements}
    broken = named or set(case.requirements)
    for one in dict.fromkeys([*case.requirements, *sorted(named)]):
        match case.verdict:
            case Verdict.PASS if one in case.requirements:
                yield one, Coverage.HELD
            case Verdict.FAIL | Verdict.DEVIATES if one in broken:
                yield one, Coverage.BROKEN
            case _:
                yield one, Coverage.UNMEASURED


def _strongest(said: set[Coverage]) -> Coverage:
    return min(said, key=_ORDER.index, default=Coverage.UNTOUCHED)


def _by_section(result: RequirementResult) -> tuple[list[tuple[int, str]], str]:
    """Sort 4.9.10 after 4.9.2, and letters after numbers."""
    parts = (part for part in result.requirement.section.split(".") if part)
    return [(int(part), "") if part.isdigit() else (10**6, part) for part in parts], result.requirement.id
