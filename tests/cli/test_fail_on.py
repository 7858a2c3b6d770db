"""What a run fails for is the user's choice."""

import pytest

from harness.engine.campaign import Books, ExitCode, FailOn
from harness.results.records import CaseFinished, TargetFinished
from harness.results.verdicts import Verdict
from tests.cases import played

GRAVE = played(Verdict.FAIL, severity="security")
BROKEN_MUST = played(Verdict.FAIL)
BROKEN_SHOULD = played(Verdict.DEVIATES)
GONE = played(Verdict.PASS, unexpected_pass=True)
LEFT_OUT = played(Verdict.UNSUPPORTED, no_longer_measured=True)


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        (FailOn.ANY, [GRAVE, BROKEN_MUST, BROKEN_SHOULD, GONE, LEFT_OUT]),
        (FailOn.SHOULD, [GRAVE, BROKEN_MUST, BROKEN_SHOULD]),
        (FailOn.MUST, [GRAVE, BROKEN_MUST]),
        (FailOn.SECURITY, [GRAVE]),
    ],
)
def test_only_what_is_grave_enough_counts(fail_on: FailOn, failing: list[CaseFinished]) -> None:
    for one in (GRAVE, BROKEN_MUST, BROKEN_SHOULD, GONE, LEFT_OUT):
        books = Books(fail_on=fail_on)
        books.record(one)
        books.record(played(Verdict.PASS))
        expected = ExitCode.DEVIATIONS if one in failing else ExitCode.AS_EXPECTED
        assert books.exit_code(interrupted=False) is expected


@pytest.mark.parametrize(("surprise", "code"), [(GONE, ExitCode.DEVIATIONS), (None, ExitCode.TOO_LITTLE)])
def test_too_little_is_told_apart_from_what_is_new(surprise: CaseFinished | None, code: ExitCode) -> None:
    books = Books()
    for one in (played(Verdict.PASS), *([surprise] if surprise else [])):
        books.record(one)
    books.record(TargetFinished(target="t", seconds=1.0, shortfall="too few"))
    assert books.exit_code(interrupted=False) is code
    assert books.exit_code(interrupted=True) is ExitCode.ENVIRONMENT


def test_what_is_known_never_counts() -> None:
    books = Books(fail_on=FailOn.SECURITY)
    books.record(played(Verdict.FAIL, severity="security", known="read the section"))
    assert books.exit_code(interrupted=False) is ExitCode.AS_EXPECTED
