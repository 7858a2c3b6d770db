"""A run as reports see it: who was tested, what came out, and how that adds up.

Everything here is computed from the records alone, so a report can be made again at any later time.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from harness.results.records import (
    CaseFinished,
    Record,
    RunFinished,
    RunStarted,
    TargetFinished,
    TargetStarted,
)
from harness.results.requirements import RequirementView, unknown
from harness.results.verdicts import Level, Perspective, Verdict

K = TypeVar("K", bound=Hashable)

#: Worst first: the order in which people want to hear of them.
WORST_FIRST = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.DEVIATES,
    Verdict.PASS,
    Verdict.UNSUPPORTED,
    Verdict.NOT_APPLICABLE,
)


class Expectation(Enum):
    """How a verdict relates to what was known of the target before."""

    EXPECTED = "expected"
    KNOWN = "known deviation"
    UNEXPECTED = "unexpected"
    UNEXPECTED_PASS = "unexpected pass"
    NO_LONGER_MEASURED = "no longer measured"
    FLAKY = "flaky"

    @property
    def is_surprise(self) -> bool:
        """Whether a gate should stop for it."""
        return self in (Expectation.UNEXPECTED, *ABSENCES)


#: What a gate stops for though nothing has failed, and what to do about it.
ABSENCES: Mapping[Expectation, str] = MappingProxyType(
    {
        Expectation.UNEXPECTED_PASS: "a known deviation did not show; take it out of the baseline",
        Expectation.NO_LONGER_MEASURED: "it was measured before and is not now; see whether it should be",
    }
)


def expectation(case: CaseFinished) -> Expectation:
    """Say whether the verdict was to be expected. A deviation that nobody has noted down was not."""
    if case.flaky and (case.known or not case.verdict.is_trouble):
        return Expectation.FLAKY
    if case.unexpected_pass:
        return Expectation.UNEXPECTED_PASS
    if case.no_longer_measured:
        return Expectation.NO_LONGER_MEASURED
    if not case.verdict.is_trouble:
        return Expectation.EXPECTED
    return Expectation.KNOWN if case.known else Expectation.UNEXPECTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many cases got which verdict."""

    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    known: int = 0
    unexpected: int = 0
    unexpected_passes: int = 0
    no_longer_measured: int = 0
    flaky: int = 0

    @property
    def total(self) -> int:
        """All cases."""
        return sum(self.verdicts.values())

    @property
    def measured(self) -> int:
        """Cases that say something about the target."""
        return sum(number for verdict, number in self.verdicts.items() if verdict.is_measured)

    @property
    def surprises(self) -> int:
        """What a gate stops for."""
        return self.unexpected + self.unexpected_passes + self.no_longer_measured

    def of(self, verdict: Verdict) -> int:
        """How many cases got this verdict."""
        return self.verdicts.get(verdict, 0)


def tally(cases: Iterable[CaseFinished]) -> Tally:
    """Count cases."""
    verdicts: Counter[Verdict] = Counter()
    expectations: Counter[Expectation] = Counter()
    for case in cases:
        verdicts[case.verdict] += 1
        expectations[expectation(case)] += 1
    return Tally(
        verdicts=dict(verdicts),
        known=expectations[Expectation.KNOWN],
        unexpected=expectations[Expectation.UNEXPECTED],
        unexpected_passes=expectations[Expectation.UNEXPECTED_PASS],
        no_longer_measured=expectations[Expectation.NO_LONGER_MEASURED],
        flaky=expectations[Expectation.FLAKY],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetRun:
    """One target and its cases. Without `started` the record has cases of it but not its beginning."""

    name: str
    started: TargetStarted | None
    finished: TargetFinished | None
    cases: tuple[CaseFinished, ...]

    @property
    def label(self) -> str:
        """Product and version, or the target's name when they are not known."""
        if self.started is None or not self.started.product:
            return self.name
        return f"{self.started.product} {self.started.version}".strip()

    @property
    def tally(self) -> Tally:
        """Count its cases."""
        return tally(self.cases)

    @property
    def died(self) -> str:
        """Why it was given up, or the empty string."""
        return self.finished.died if self.finished else ""

    @property
    def shortfall(self) -> str:
        """That fewer cases were measured than had to be, or the empty string."""
        return self.finished.shortfall if self.finished else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixRow:
    """One case against every target: `cells` follow the order of the run's targets, None where not played."""

    case: str
    title: str
    family: str
    cells: tuple[CaseFinished | None, ...]

    @property
    def played(self) -> tuple[CaseFinished, ...]:
        """The cells that hold something."""
        return tuple(cell for cell in self.cells if cell is not None)

    @property
    def any(self) -> CaseFinished:
        """A cell, for what all of them share."""
        return self.played[0]


@dataclass(frozen=True, kw_only=True)
class Run:
    """All of a run. `requirements` are those that the tables know, by id."""

    started: RunStarted | None
    finished: RunFinished | None
    targets: tuple[TargetRun, ...]
    requirements: Mapping[str, RequirementView]

    @cached_property
    def cases(self) -> tuple[CaseFinished, ...]:
        """The cases of all targets."""
        return tuple(case for target in self.targets for case in target.cases)

    @cached_property
    def tally(self) -> Tally:
        """Count them."""
        return tally(self.cases)

    @cached_property
    def matrix(self) -> tuple[MatrixRow, ...]:
        """Case by target, in the order in which the cases were first seen."""
        return tuple(_matrix(self.targets))

    @property
    def severities(self) -> tuple[str, ...]:
        """The severities that there are among the cases, each once."""
        return tuple(dict.fromkeys(case.severity for case in self.cases if case.severity))

    @property
    def has_measured(self) -> bool:
        """Whether any case says something about a target; a run without is not green."""
        return self.tally.measured > 0

    @property
    def is_complete(self) -> bool:
        """Whether the run came to its own end."""
        return self.finished is not None and not self.finished.interrupted

    @property
    def seconds(self) -> float:
        """How long it took; 0 when its end is not in the record."""
        return self.finished.finished - self.started.started if self.started and self.finished else 0.0

    def only(self, target: TargetRun) -> "Run":
        """The same run, as if it had been of this target alone."""
        return Run(
            started=self.started, finished=self.finished, targets=(target,), requirements=self.requirements
        )

    def requirement(self, requirement_id: str) -> RequirementView:
        """Look a requirement up; an unknown one gets a stand-in."""
        return self.requirements.get(requirement_id) or unknown(requirement_id)

    def documents(self, case: CaseFinished) -> tuple[str, ...]:
        """The documents whose requirements a case checks, each once."""
        specs = (self.requirement(one).spec for one in case.requirements)
        return tuple(dict.fromkeys(spec for spec in specs if spec))

    def perspectives(self) -> tuple[Perspective, ...]:
        """The sides that were played, in a fixed order."""
        played = {case.perspective for case in self.cases}
        return tuple(one for one in Perspective if one in played)


def summarize(records: Iterable[Record], requirements: Mapping[str, RequirementView]) -> Run:
    """Put the lines of a record together; a record that was cut short gives a run that is not complete."""
    started: RunStarted | None = None
    finished: RunFinished | None = None
    beginnings: dict[str, TargetStarted] = {}
    endings: dict[str, TargetFinished] = {}
    cases: dict[str, list[CaseFinished]] = {}
    for record in records:
        match record:
            case RunStarted():
                started = record
            case TargetStarted():
                beginnings[record.target] = record
                cases.setdefault(record.target, [])
            case CaseFinished():
                cases.setdefault(record.target, []).append(record)
            case TargetFinished():
                endings[record.target] = record
                cases.setdefault(record.target, [])
            case RunFinished():
                finished = record
    targets = tuple(
        TargetRun(name=name, started=beginnings.get(name), finished=endings.get(name), cases=tuple(played))
        for name, played in cases.items()
    )
    return Run(started=started, finished=finished, targets=targets, requirements=requirements)


def by_level(cases: Iterable[CaseFinished]) -> dict[Level | None, Tally]:
    """Count by the strongest level among a case's requirements; None holds cases without one."""
    grouped = _group(cases, lambda case: (case.level,))
    order: tuple[Level | None, ...] = (*Level, None)
    return {level: tally(grouped[level]) for level in order if level in grouped}


def by_family(cases: Iterable[CaseFinished]) -> dict[str, Tally]:
    """Count by the first folder of the case's path."""
    grouped = _group(cases, lambda case: (case.family,))
    return {family: tally(grouped[family]) for family in sorted(grouped)}


def by_document(run: Run, cases: Iterable[CaseFinished]) -> dict[str, Tally]:
    """Count by document. A case that rests on two documents counts for both."""
    grouped = _group(cases, run.documents)
    return {document: tally(grouped[document]) for document in sorted(grouped)}


def slowest(cases: Iterable[CaseFinished], number: int = 10) -> tuple[CaseFinished, ...]:
    """The cases that took longest, longest first."""
    return tuple(sorted(cases, key=lambda case: -case.seconds)[:number])


def percentiles(cases: Iterable[CaseFinished], shares: Sequence[int] = (50, 90, 99)) -> dict[int, float]:
    """Seconds within which so many per cent of the scenarios were over; nothing where none was played.

    The nearest rank: a time that a scenario really took.
    """
    took = sorted(case.seconds for case in cases if case.seconds and not case.is_monitor)
    return {share: took[-(-len(took) * share // 100) - 1] for share in shares if took}


def absences(cases: Iterable[CaseFinished]) -> tuple[CaseFinished, ...]:
    """The cases in which something did not show that was to be expected."""
    return tuple(case for case in cases if expectation(case) in ABSENCES)


def flaky(cases: Iterable[CaseFinished]) -> tuple[CaseFinished, ...]:
    """The cases that did not come out alike each time."""
    return tuple(case for case in cases if case.flaky)


def _group(
    cases: Iterable[CaseFinished], keys: Callable[[CaseFinished], Sequence[K]]
) -> dict[K, list[CaseFinished]]:
    grouped: dict[K, list[CaseFinished]] = {}
    for case in cases:
        for key in keys(case):
            grouped.setdefault(key, []).append(case)
    return grouped


def _matrix(targets: Sequence[TargetRun]) -> Iterable[MatrixRow]:
    rows: dict[str, list[CaseFinished | None]] = {}
    for column, target in enumerate(targets):
        for case in target.cases:
            rows.setdefault(case.case, [None] * len(targets))[column] = case
    for name, cells in rows.items():
        shown = next(cell for cell in cells if cell is not None)
        yield MatrixRow(case=name, title=shown.title, family=shown.family, cells=tuple(cells))
