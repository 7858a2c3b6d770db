"""Two runs side by side: what is worse is told first, and nothing that is the same is told at all."""

import pytest

from harness.results.comparison import Comparison, Kind
from harness.results.records import CaseFinished
from harness.results.summary import TargetRun
from harness.results.verdicts import Verdict
from tests.cases import played

PASS, FAIL, DEVIATES = Verdict.PASS, Verdict.FAIL, Verdict.DEVIATES
ERROR, UNSUPPORTED = Verdict.ERROR, Verdict.UNSUPPORTED


def seen(verdict: Verdict) -> CaseFinished:
    return played(verdict, case="monitors/x")


def target(*cases: CaseFinished | None) -> TargetRun:
    return TargetRun(
        name="t", started=None, finished=None, cases=tuple(one for one in cases if one is not None)
    )


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (played(PASS), played(PASS), None),
        (played(FAIL, "a"), played(FAIL, "a"), None),
        (played(PASS, "a note"), played(PASS), None),
        (played(UNSUPPORTED), played(UNSUPPORTED), None),
        (played(UNSUPPORTED), None, None),
        (played(PASS), played(FAIL, "a"), Kind.WORSE),
        (played(DEVIATES, "a"), played(FAIL, "a"), Kind.WORSE),
        (played(FAIL, "a"), played(ERROR, "a"), Kind.WORSE),
        (played(FAIL, "a"), played(DEVIATES, "b"), Kind.BETTER),
        (played(FAIL, "a"), played(PASS), Kind.BETTER),
        (played(FAIL, "a"), played(FAIL, "b"), Kind.OTHERWISE),
        (played(FAIL, "a"), played(FAIL, "a", "b"), Kind.OTHERWISE),
        (played(PASS), played(UNSUPPORTED), Kind.LOST),
        (played(PASS), None, Kind.LOST),
        (played(FAIL, "a"), None, Kind.LOST),
        (played(UNSUPPORTED), played(PASS), Kind.GAINED),
        (None, played(FAIL, "a"), Kind.GAINED),
        (seen(PASS), None, None),
        (None, seen(PASS), None),
        (None, seen(FAIL), Kind.WORSE),
        (seen(FAIL), None, Kind.BETTER),
    ],
)
def test_how_a_case_has_changed(
    old: CaseFinished | None, new: CaseFinished | None, kind: Kind | None
) -> None:
    comparison = Comparison(old=target(old), new=target(new))
    assert [one.kind for one in comparison.changes] == ([kind] if kind else [])
    assert comparison.unchanged == (kind is None)
    assert comparison.is_bad == (kind in (Kind.WORSE, Kind.LOST))


def test_what_is_bad_comes_first_and_what_has_one_cause_together() -> None:
    old = target(*(played(PASS, case=f"a/{one}") for one in "abc"), played(FAIL, "x", case="a/d"))
    new = target(
        played(PASS, case="a/d"),
        played(FAIL, "one", case="a/a"),
        played(FAIL, "one", case="a/b"),
        played(FAIL, "two", "one", case="a/c"),
    )
    comparison = Comparison(old=old, new=new)
    assert list(comparison.by_kind) == [Kind.WORSE, Kind.BETTER]
    worse = comparison.by_cause(Kind.WORSE)
    assert {causes: [one.either.case for one in changes] for causes, changes in worse.items()} == {
        ("one",): ["a/a", "a/b"],
        ("two", "one"): ["a/c"],
    }
    assert list(comparison.by_cause(Kind.BETTER)) == [("x",)]


def test_only_what_is_new_is_a_cause() -> None:
    comparison = Comparison(old=target(played(FAIL, "a")), new=target(played(FAIL, "a", "b")))
    assert comparison.changes[0].causes == ("b",)


def test_what_is_no_longer_measured_is_told_with_its_reason_and_together() -> None:
    gone = [played(UNSUPPORTED, case=f"a/{one}", notes=["not offered: blocking"]) for one in "ab"]
    old = target(*(played(PASS, case=f"a/{one}") for one in "ab"))
    comparison = Comparison(old=old, new=target(*gone))
    (told,) = comparison.by_cause(Kind.LOST)
    assert told == ("not offered: blocking",)
    assert len(comparison.by_cause(Kind.LOST)[told]) == 2
