"""A baseline excuses only what it names, and all of it."""

import datetime

from harness.engine.known import Baseline, Deviation
from harness.results.records import CaseFinished, Finding
from harness.results.verdicts import Perspective, Verdict

TODAY = datetime.date(2026, 11, 21)


def case(*causes, verdict=Verdict.FAIL):
    return CaseFinished(
        target="x",
        case="monitors/some-rule",
        title="Some rule",
        perspective=Perspective.CLIENT,
        verdict=verdict,
        family="monitors",
        findings=[Finding(cause=cause, message=cause) for cause in causes],
    )


def baseline(*causes, verdict=Verdict.FAIL):
    rows = [
        Deviation(case="monitors/some-rule", verdict=verdict, reason=f"because of {cause}", cause=cause)
        for cause in causes
    ]
    return Baseline(deviation=tuple(rows))


def test_a_new_finding_beside_a_known_one_is_not_excused():
    assert baseline("one").apply(case("one", "two"), TODAY).known == ""


def test_several_deviations_excuse_several_findings():
    assert baseline("one", "two").apply(case("one", "two"), TODAY).known == "because of one"


def test_a_graver_verdict_is_not_excused():
    assert baseline("one", verdict=Verdict.DEVIATES).apply(case("one"), TODAY).known == ""
