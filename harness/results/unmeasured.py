"""What a run says nothing about, and why, so that silence can be told from conformance."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.results.records import CaseFinished
from harness.results.verdicts import Verdict

#: What can be mended comes first.
_ORDER = (Verdict.ERROR, Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmeasured:
    """Cases that were not measured for one reason; never empty."""

    verdict: Verdict
    reason: str
    cases: tuple[CaseFinished, ...]


def unmeasured(cases: Iterable[CaseFinished]) -> tuple[Unmeasured, ...]:
    """Group what was not measured by verdict and reason; the reason of most cases comes first."""
    grouped: dict[tuple[Verdict, str], list[CaseFinished]] = {}
    for case in cases:
        if not case.verdict.is_measured:
            grouped.setdefault((case.verdict, reason_of(case)), []).append(case)
    found = [
        Unmeasured(verdict=verdict, reason=reason, cases=tuple(those))
        for (verdict, reason), those in grouped.items()
    ]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.verdict), -len(one.cases))))


def reason_of(case: CaseFinished) -> str:
    """Why it was not measured: the cause of an error, which is the same for its kind, or the first note."""
    told = [*(one.cause for one in case.findings), *case.notes]
    return told[0] if told else "no reason is given"
