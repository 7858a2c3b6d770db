"""Known deviations: what is expected, what has expired, what no longer shows."""

import datetime

import pytest

from harness.engine.known import Baseline, Deviation, Subject
from harness.results.records import CaseFinished
from harness.results.summary import Expectation, expectation
from harness.results.verdicts import Verdict
from tests.cases import played

TODAY = datetime.date(2026, 6, 1)


def case(verdict: Verdict, *causes: str) -> CaseFinished:
    return played(verdict, *([] if verdict is Verdict.PASS else causes or ("text differs",)))


def baseline(**changes: object) -> Baseline:
    told = {"cases": ("roster/push",), "verdict": Verdict.FAIL, "reason": "issue 1"} | changes
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
        (baseline(sometimes=True), case(Verdict.PASS), Expectation.EXPECTED),
        (baseline(sometimes=True), case(Verdict.FAIL), Expectation.KNOWN),
        (baseline(), case(Verdict.UNSUPPORTED), Expectation.NO_LONGER_MEASURED),
        (baseline(sometimes=True), case(Verdict.UNSUPPORTED), Expectation.EXPECTED),
        (Baseline(), case(Verdict.UNSUPPORTED), Expectation.EXPECTED),
        (Baseline(unmeasured=()), case(Verdict.UNSUPPORTED), Expectation.NO_LONGER_MEASURED),
        (Baseline(unmeasured=()), case(Verdict.NOT_APPLICABLE), Expectation.NO_LONGER_MEASURED),
        (Baseline(unmeasured=("roster/push",)), case(Verdict.UNSUPPORTED), Expectation.EXPECTED),
        (Baseline(unmeasured=("roster/push",)), case(Verdict.PASS), Expectation.EXPECTED),
        (baseline(expires=TODAY), case(Verdict.FAIL), Expectation.KNOWN),
        (baseline(expires=datetime.date(2026, 5, 31)), case(Verdict.FAIL), Expectation.UNEXPECTED),
        (baseline(expires=datetime.date(2026, 5, 31)), case(Verdict.PASS), Expectation.UNEXPECTED_PASS),
        (baseline(cases=("roster/get",)), case(Verdict.FAIL), Expectation.UNEXPECTED),
        (Baseline(), case(Verdict.PASS), Expectation.EXPECTED),
    ],
)
def test_expectation(known: Baseline, played: CaseFinished, expected: Expectation) -> None:
    assert expectation(known.apply(played, TODAY)) is expected


def test_fewer_measured_scenarios_are_told() -> None:
    known = Baseline(measured=3)
    assert known.shortfall(3) == ""
    assert known.shortfall(2) == "scenarios measured: 2, and 3 when the known deviations were recorded"


def test_what_has_expired_says_so() -> None:
    known = baseline(expires=datetime.date(2026, 5, 31)).apply(case(Verdict.FAIL), TODAY)
    assert known.was_known == "was known, expired 2026-05-31: issue 1"


def test_a_new_finding_beside_a_known_one_is_not_excused() -> None:
    assert baseline(cause="one").apply(case(Verdict.FAIL, "one", "two"), TODAY).known == ""


def test_several_deviations_excuse_several_findings() -> None:
    both = Baseline(deviation=baseline(cause="one").deviation + baseline(cause="two").deviation)
    assert both.apply(case(Verdict.FAIL, "one", "two"), TODAY).known == "issue 1"


def test_a_graver_verdict_is_not_excused() -> None:
    known = baseline(cause="one", verdict=Verdict.DEVIATES)
    assert known.apply(case(Verdict.FAIL, "one"), TODAY).known == ""


PROSODY = Baseline(product="Prosody", version="0.12.3", configuration="fixtures/servers/prosody")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Subject(product="Prosody", version="0.12.3", configuration="fixtures/servers/prosody"), ""),
        (Subject(product="prosody", version="0.12.3"), ""),
        (Subject(), ""),
        (Subject(product="Prosody", version="13.0.1"), "this is Prosody 13.0.1"),
        (Subject(product="ejabberd"), "this is ejabberd"),
        (
            Subject(configuration="fixtures/servers/prosody with extra"),
            "recorded without extra",
        ),
    ],
)
def test_deviations_of_something_else(found: Subject, told: str) -> None:
    said = PROSODY.mismatch(found)
    assert told in said
    assert bool(said) == bool(told)
    assert Baseline().mismatch(found) == ""


def test_a_mismatch_names_both() -> None:
    other = Subject(product="Prosody", version="13.0.1", configuration="fixtures/servers/prosody")
    assert PROSODY.mismatch(other) == "Known deviations are of Prosody 0.12.3, this is Prosody 13.0.1."


@pytest.mark.parametrize(
    ("own", "found", "told"),
    [
        ("a", "a with require_tls", "without require_tls"),
        ("a with extra", "a", "with extra"),
        ("a with extra", "a with require_tls", "with extra and without require_tls"),
        ("a", "b", "with a instead of b"),
    ],
)
def test_another_configuration_is_told_by_what_differs(own: str, found: str, told: str) -> None:
    said = Baseline(configuration=own).mismatch(Subject(configuration=found))
    assert said == f"Known deviations were recorded {told}; some may not apply."
