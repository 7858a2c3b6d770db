from harness.results.unmeasured import unmeasured
from harness.results.verdicts import Verdict
from tests.cases import played


def test_what_was_not_measured_is_grouped_by_reason() -> None:
    cases = [
        played(Verdict.UNSUPPORTED, case="a/1", notes=["not offered: muc"]),
        played(Verdict.PASS, case="a/2"),
        played(Verdict.UNSUPPORTED, case="a/3", notes=["not offered: archive"]),
        played(Verdict.NOT_APPLICABLE, case="a/4"),
        played(Verdict.UNSUPPORTED, case="a/5", notes=["not offered: archive", "and more"]),
        played(Verdict.ERROR, "it is gone", case="a/6", notes=["tried three times"]),
        played(Verdict.FAIL, "wrong", case="a/7"),
    ]
    assert [(one.verdict, one.reason, [case.case for case in one.cases]) for one in unmeasured(cases)] == [
        (Verdict.ERROR, "it is gone", ["a/6"]),
        (Verdict.UNSUPPORTED, "not offered: archive", ["a/3", "a/5"]),
        (Verdict.UNSUPPORTED, "not offered: muc", ["a/1"]),
        (Verdict.NOT_APPLICABLE, "no reason is given", ["a/4"]),
    ]


def test_same_reason_under_another_verdict_is_another_group() -> None:
    cases = [played(verdict, notes=["no"]) for verdict in (Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE)]
    assert len(unmeasured(cases)) == 2
