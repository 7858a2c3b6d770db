"""A baseline that a run begins: the next run is as expected, and says what is left to a person."""

import datetime
import tomllib
from pathlib import Path

import msgspec
import pytest

from harness.cli.new_baseline import begin_baseline, write_new
from harness.engine.known import TO_BE_WRITTEN, load_baseline
from harness.errors import HarnessError, UsageError
from harness.results.records import CaseFinished, Finding, TargetStarted
from harness.results.summary import Run, summarize
from harness.results.verdicts import Perspective, Verdict

TODAY = datetime.date(2026, 6, 1)
ODD = "attribute a is '\x7f\"\\\n\x01'"


def played(verdict: Verdict, *causes: str, target: str = "t", known: str = "") -> CaseFinished:
    return CaseFinished(
        target=target,
        case="roster/push",
        title="",
        perspective=Perspective.CLIENT,
        verdict=verdict,
        family="roster",
        findings=[Finding(cause=cause, message="") for cause in causes],
        known=known,
    )


def run_of(*cases: CaseFinished) -> Run:
    begun = [
        TargetStarted(target=one, product=f"P {one}", version="1", domain="d", endpoint="e")
        for one in dict.fromkeys(case.target for case in cases)
    ]
    return summarize([*begun, *cases], {})


def test_every_cause_of_a_surprise_is_a_deviation_that_covers_it(tmp_path: Path) -> None:
    case = played(Verdict.FAIL, "one", ODD, "one")
    begun = begin_baseline(run_of(case), "")
    write_new(tmp_path / "new/known.toml", begun.text)
    baseline = load_baseline(tmp_path / "new/known.toml")
    assert (baseline.product, baseline.version) == ("P t", "1")
    assert [one.cause for one in baseline.deviation] == ["one", ODD]
    assert baseline.unreasoned == begun.number == 2
    assert baseline.apply(case, TODAY).known == TO_BE_WRITTEN
    assert not baseline.apply(played(Verdict.FAIL, "one", "new"), TODAY).known


def test_what_is_known_or_says_nothing_of_the_target_is_left_out() -> None:
    cases = [
        played(Verdict.FAIL, "one", known="issue 1"),
        played(Verdict.ERROR, "two"),
        msgspec.structs.replace(played(Verdict.PASS), unexpected_pass=True),
        played(Verdict.DEVIATES, "three"),
    ]
    told = tomllib.loads(begin_baseline(run_of(*cases), "").text)["deviation"]
    assert [(one["verdict"], one["cause"]) for one in told] == [("deviates", "three")]


def test_a_baseline_is_of_one_target() -> None:
    run = run_of(played(Verdict.FAIL, "one", target="a"), played(Verdict.FAIL, "two", target="b"))
    with pytest.raises(UsageError, match=r"2 targets have surprises.*\(--target a or b\)"):
        begin_baseline(run, "")
    with pytest.raises(UsageError, match=r"no target c in this record \(targets: a, b\)"):
        begin_baseline(run, "c")
    assert 'product = "P b"' in begin_baseline(run, "b").text


def test_nothing_new_makes_no_baseline() -> None:
    with pytest.raises(UsageError, match="no target has surprises"):
        begin_baseline(run_of(played(Verdict.PASS)), "")


def test_an_older_baseline_holds_reasons_and_stays(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text("here")
    with pytest.raises(UsageError, match=r"known\.toml: there is a file of that name"):
        write_new(tmp_path / "known.toml", "there")
    assert (tmp_path / "known.toml").read_text() == "here"
    with pytest.raises(HarnessError, match="cannot be written"):
        write_new(Path("/dev/null/known.toml"), "")
