"""Failures by their cause: cases of one cause are told once."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.results.records import CaseFinished, Finding
from harness.results.summary import WORST_FIRST, expectation
from harness.results.verdicts import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One finding in its case."""

    case: CaseFinished
    finding: Finding

    @property
    def reproduce(self) -> str:
        """The command line that shows it again, or nothing."""
        return self.finding.reproduce or self.case.reproduce


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One cause and everywhere it showed, in the order of the record; never empty."""

    text: str
    occurrences: tuple[Occurrence, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it one cause: the difference and the requirements that its findings name."""
        return (self.text, *self.occurrences[0].finding.requirements)

    @property
    def first(self) -> Occurrence:
        """The occurrence that stands for all: the plainest, which is the first one nobody knew of."""
        return min(self.occurrences, key=lambda one: bool(one.case.known))

    @property
    def verdict(self) -> Verdict:
        """The worst verdict it led to."""
        return min((one.case.verdict for one in self.occurrences), key=WORST_FIRST.index)

    @property
    def severity(self) -> str:
        """`security` when it endangers users, otherwise nothing."""
        return next((one.case.severity for one in self.occurrences if one.case.severity), "")

    @property
    def cases(self) -> tuple[CaseFinished, ...]:
        """Its cases, each once per target."""
        keyed = {(one.case.target, one.case.case): one.case for one in self.occurrences}
        return tuple(keyed.values())

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that show it."""
        return tuple(dict.fromkeys(one.case.target for one in self.occurrences))

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that it breaks: those of the findings, otherwise those of the cases."""
        own = [one for occurrence in self.occurrences for one in occurrence.finding.requirements]
        return tuple(dict.fromkeys(own or [one for case in self.cases for one in case.requirements]))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why its cases are known, each reason once."""
        return tuple(dict.fromkeys(case.known for case in self.cases if case.known))

    @property
    def is_known(self) -> bool:
        """Whether every case of it is a known deviation."""
        return not any(expectation(case).is_surprise for case in self.cases)


def causes(cases: Iterable[CaseFinished]) -> tuple[Cause, ...]:
    """Group what failed, deviated or went wrong by cause, surprises first, and of these what endangers users.

    The same difference under other requirements is another cause.
    """
    grouped: dict[tuple[str, ...], list[Occurrence]] = {}
    for case in cases:
        if case.verdict.is_trouble:
            for finding in case.findings or [_unexplained(case)]:
                key = (finding.cause, *finding.requirements)
                grouped.setdefault(key, []).append(Occurrence(case=case, finding=finding))
    found = [Cause(text=key[0], occurrences=tuple(those)) for key, those in grouped.items()]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.is_known,
                not one.severity,
                WORST_FIRST.index(one.verdict),
                -len(one.occurrences),
            ),
        )
    )


def _unexplained(case: CaseFinished) -> Finding:
    """Stand in for the finding that a case ought to have had."""
    return Finding(
        cause=f"{case.case}: {case.verdict.value} without a finding",
        message=f"“{case.title}” ended with the verdict “{case.verdict.value}” and gave no reason",
        requirements=case.requirements,
    )
