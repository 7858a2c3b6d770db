"""Known deviations: what is expected, what has expired, what no longer shows."""

import datetime

import pytest

from harness.engine.known import Baseline, Deviation
from harness.results.records import CaseFinished, Finding
from harness.results.summary import Expectation, expectation
from harness.results.verdicts import Perspective, Verdict

TODAY = datetime.date(2026, 6, 1)


def case(verdict: Verdict, cause: str = "text differs") -> CaseFinished:
    return CaseFinished(
        target="t",
        case="roster/push",
        title="",
        perspective=Perspective.CLIENT,
        verdict=verdict,
        family="roster",
        findings=[] if verdict is Verdict.PASS else [Finding(cause=cause, message="")],
    )


def baseline(**changes: object) -> Baseline:
    told = {"case": "roster/push", "verdict": Verdict.FAIL, "reason": "issue 1"} | changes
    return Baseline(deviation=(Deviation(**told),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "played", "expected"),
    [
        (baseline(), case(Verdict.FAIL), Expectation.KNOWN),
        (baseline(cause="text"), case(Verdict.FAIL), Expectation.KNOWN),
        (baseline(cause="attribute"), case(Verdict.FAIL), Expectation.UNEXPECTED),
        (baseline(), case(Verdict.DEVIATES), Expectation.UNEXPECTED),
        (baseline(), case(Verdict.ERROR), Expectation.UNEXPECTED),
        (baseline(), case(Verdict.PASS), Expectation.UNEXPECTED_PASS),
        (baseline(), case(Verdict.UNSUPPORTED), Expectation.EXPECTED),
        (baseline(expires=TODAY), case(Verdict.FAIL), Expectation.KNOWN),
        (baseline(expires=datetime.date(2026, 5, 31)), case(Verdict.FAIL), Expectation.UNEXPECTED),
        (baseline(expires=datetime.date(2026, 5, 31)), case(Verdict.PASS), Expectation.EXPECTED),
        (baseline(case="roster/get"), case(Verdict.FAIL), Expectation.UNEXPECTED),
        (Baseline(), case(Verdict.PASS), Expectation.EXPECTED),
    ],
)
def test_expectation(known: Baseline, played: CaseFinished, expected: Expectation) -> None:
    assert expectation(known.apply(played, TODAY)) is expected


def test_what_has_expired_says_so() -> None:
    known = baseline(expires=datetime.date(2026, 5, 31)).apply(case(Verdict.FAIL), TODAY)
    assert known.notes == ["known until 2026-05-31: issue 1"]
