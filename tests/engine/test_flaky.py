"""Several tries of a case: one record that hides nothing."""

import msgspec
import pytest

from harness.engine.flaky import is_settled, together
from harness.results.records import CaseFinished
from harness.results.summary import Expectation, expectation
from harness.results.verdicts import Verdict
from tests.cases import played

PASSED, FAILED, DEVIATED = played(Verdict.PASS), played(Verdict.FAIL, "one"), played(Verdict.DEVIATES, "two")
UNSUPPORTED = played(Verdict.UNSUPPORTED)
KNOWN = played(Verdict.FAIL, "one", known="issue 1")


def test_one_try_is_the_case_itself() -> None:
    assert together([FAILED]) == FAILED


def test_tries_that_are_alike_are_told_once() -> None:
    assert together([PASSED, PASSED]) == msgspec.structs.replace(
        PASSED, notes=["played 2 times, and always alike"]
    )


@pytest.mark.parametrize(
    ("tries", "verdict", "cause", "told"),
    [
        ([FAILED, PASSED], Verdict.PASS, "one", "fail, pass"),
        ([PASSED, DEVIATED, FAILED], Verdict.PASS, "one", "pass, deviates, fail"),
        ([PASSED, UNSUPPORTED, FAILED], Verdict.PASS, "one", "pass, unsupported, fail"),
        ([FAILED, KNOWN], Verdict.FAIL, "one", "fail, fail"),
        ([PASSED, KNOWN], Verdict.PASS, "one", "pass, fail"),
    ],
)
def test_the_best_try_is_the_verdict_and_the_worst_one_stays_visible(
    tries: list[CaseFinished], verdict: Verdict, cause: str, told: str
) -> None:
    case = together(tries)
    assert (case.verdict, case.findings[0].cause, case.flaky) == (verdict, cause, told)
    assert expectation(case) is Expectation.FLAKY


def test_what_never_passed_is_no_less_a_surprise_for_having_come_out_in_two_ways() -> None:
    case = together([FAILED, DEVIATED])
    assert (case.verdict, case.flaky) == (Verdict.DEVIATES, "fail, deviates")
    assert expectation(case) is Expectation.UNEXPECTED


@pytest.mark.parametrize(
    ("tries", "repeat", "retries", "is_enough"),
    [
        ([], 1, 0, False),
        ([FAILED], 1, 0, True),
        ([FAILED], 1, 1, False),
        ([FAILED, FAILED], 1, 1, True),
        ([FAILED, PASSED], 1, 5, True),
        ([KNOWN], 1, 5, True),
        ([PASSED, PASSED], 3, 0, False),
        ([PASSED, PASSED, PASSED], 3, 5, True),
        ([FAILED, FAILED, FAILED], 3, 1, False),
    ],
)
def test_how_often_it_is_tried(tries: list[CaseFinished], repeat: int, retries: int, is_enough: bool) -> None:
    assert is_settled(tries, repeat, retries) is is_enough
