"""A baseline brought up to date with a run: what people wrote stays, and the next run is as expected."""

import datetime
import tomllib
from pathlib import Path

import msgspec
import pytest

from harness.cli.updated_baseline import update, updated
from harness.engine.known import TO_BE_WRITTEN, Baseline, load_baseline
from harness.errors import DataError, HarnessError, UsageError
from harness.results.records import CaseFinished, Finding, RunFinished, RunStarted, TargetStarted
from harness.results.requirements import RequirementView
from harness.results.summary import Run, TargetRun, summarize
from harness.results.verdicts import Verdict
from tests.cases import played

TODAY = datetime.date(2026, 6, 1)
ODD = "attribute a is '\x7f\"\\\n\x01'"
WRITTEN = """\
# Of our server
product = "P t"

# Ann has read the section.
[[deviation]]
reason = "issue 1"  # open
verdict = "fail"
cases = [
    "roster/a",  # the first
    "roster/b",
]
link = "https://example.org/1"
"""


def run_of(*cases: CaseFinished, is_partial: bool = False) -> Run:
    begun = [
        TargetStarted(target=one, product=f"P {one}", version="1", domain="d", endpoint="e")
        for one in dict.fromkeys(case.target for case in cases)
    ]
    started = RunStarted(version="1", started=0.0, command=[], is_partial=is_partial)
    return summarize([started, *begun, *cases, RunFinished(finished=1.0, exit_code=1)], {})


def target_of(*cases: CaseFinished) -> TargetRun:
    return run_of(*cases).targets[0]


def read(text: str) -> Baseline:
    return msgspec.convert(tomllib.loads(text), Baseline)


def test_every_cause_of_a_surprise_is_a_deviation_that_covers_it(tmp_path: Path) -> None:
    case = played(Verdict.FAIL, "one", ODD, "one")
    path = tmp_path / "new/known.toml"
    assert str(update(run_of(case), "", path)) == "2 deviations added that wait for a reason, 0 taken out"
    baseline = load_baseline(path)
    assert (baseline.product, baseline.version) == ("P t", "1")
    assert [one.cause for one in baseline.deviation] == ["one", ODD]
    assert baseline.unreasoned == 2
    assert baseline.apply(case, TODAY).known.startswith(TO_BE_WRITTEN)
    assert not baseline.apply(played(Verdict.FAIL, "one", "new"), TODAY).known


def test_what_people_have_written_stays() -> None:
    cases = [played(Verdict.FAIL, "one", case=case) for case in ("roster/a", "roster/b", "roster/c")]
    result = updated(WRITTEN, target_of(*cases), is_whole=False)
    head, tables = WRITTEN.split("\n\n", maxsplit=1)
    assert result.text.startswith(f'{head}\nversion = "1"\n\n{tables}\n[[deviation]]\n')
    assert read(result.text).deviation[1].cases == ("roster/c",)
    again = updated(result.text, target_of(*cases), is_whole=False)
    assert (again.text, again.added, again.removed) == (result.text, 0, 0)


def test_what_no_longer_shows_is_taken_out() -> None:
    one_left = [played(Verdict.FAIL, "one", case="roster/a"), played(Verdict.PASS, case="roster/b")]
    result = updated(WRITTEN, target_of(*one_left), is_whole=False)
    assert (result.added, result.removed) == (0, 0)
    assert '"roster/a",  # the first\n' in result.text
    assert read(result.text).deviation[0].cases == ("roster/a",)
    none_left = [played(Verdict.PASS, case="roster/a"), played(Verdict.UNSUPPORTED, case="roster/b")]
    result = updated(WRITTEN, target_of(*none_left), is_whole=False)
    assert (result.added, result.removed) == (0, 1)
    assert read(result.text).deviation == ()


@pytest.mark.parametrize(
    ("changes", "now"),
    [
        ("sometimes = true\n", played(Verdict.PASS, case="roster/a")),
        ("", played(Verdict.ERROR, "we failed", case="roster/a")),
        ("expires = 2020-01-01\n", played(Verdict.FAIL, "one", case="roster/a")),
        ("", played(Verdict.FAIL, "of another case", case="roster/push")),
    ],
)
def test_what_a_run_says_nothing_against_stays(changes: str, now: CaseFinished) -> None:
    result = updated(WRITTEN + changes, target_of(now), is_whole=True)
    assert read(result.text).deviation[0].cases == ("roster/a", "roster/b")
    assert result.removed == 0
    assert result.added == (now.case == "roster/push")


@pytest.mark.parametrize(("is_whole", "left"), [(True, 1), (False, 0)])
def test_what_a_monitor_is_known_for_may_show_in_what_was_not_played(is_whole: bool, left: int) -> None:
    known = WRITTEN.replace("roster/a", "monitors/a").replace("roster/b", "monitors/b")
    cases = [played(Verdict.PASS, case=f"monitors/{name}") for name in "ab"]
    assert updated(known, target_of(*cases), is_whole=is_whole).removed == left


def test_another_verdict_or_cause_is_another_deviation() -> None:
    known = WRITTEN + 'cause = "one"\n'
    cases = [
        played(Verdict.DEVIATES, "one", case="roster/a"),
        played(Verdict.FAIL, "one", "two", case="roster/b"),
    ]
    told = read(updated(known, target_of(*cases), is_whole=False).text)
    assert [(one.verdict, one.cause, one.cases) for one in told.deviation[1:]] == [
        (Verdict.DEVIATES, "one", ("roster/a",)),
        (Verdict.FAIL, "two", ("roster/b",)),
    ]
    assert all(told.apply(case, TODAY).known for case in cases)


def test_what_was_found_by_chance_need_not_show_again() -> None:
    (told,) = read(
        updated("", target_of(played(Verdict.FAIL, "z", case="fuzz/z")), is_whole=False).text
    ).deviation
    assert told.sometimes


def test_a_whole_run_tells_what_is_measured() -> None:
    cases = [
        played(Verdict.PASS, case="roster/a"),
        played(Verdict.FAIL, "one", case="roster/b"),
        played(Verdict.UNSUPPORTED, case="carbons/z"),
        played(Verdict.NOT_APPLICABLE, case="carbons/a"),
        played(Verdict.PASS, case="monitors/a"),
    ]
    told = read(updated("measured = 9\n", target_of(*cases), is_whole=True).text)
    assert (told.measured, told.unmeasured) == (2, ("carbons/a", "carbons/z"))
    assert read(updated("measured = 9\n", target_of(*cases), is_whole=False).text).measured == 9


@pytest.mark.parametrize("inside", ["", '{ reason = "r", verdict = "fail", cases = ["roster/push"] }'])
def test_a_form_that_cannot_be_kept_is_left_alone(inside: str, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(f'product = "P"\ndeviation = [\n{inside}\n]\n')
    before = path.read_text()
    with pytest.raises(DataError, match=r"known\.toml: this form .*\[\[deviation\]\]"):
        update(run_of(played(Verdict.FAIL, "one")), "", path)
    assert path.read_text() == before
    assert [one.name for one in tmp_path.iterdir()] == ["known.toml"]


def test_a_baseline_is_of_one_target(tmp_path: Path) -> None:
    run = run_of(played(Verdict.FAIL, "one", target="a"), played(Verdict.FAIL, "two", target="b"))
    path = tmp_path / "known.toml"
    with pytest.raises(UsageError, match=r"2 targets in this record.*\(--target a or b\)"):
        update(run, "", path)
    with pytest.raises(UsageError, match=r"no target c in this record \(--target a or b\)"):
        update(run, "c", path)
    update(run, "b", path)
    assert 'product = "P b"' in path.read_text()


def test_what_is_no_baseline_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text("here")
    with pytest.raises(DataError, match=r"known\.toml: this is not TOML"):
        update(run_of(played(Verdict.PASS)), "", path)
    assert path.read_text() == "here"
    with pytest.raises(HarnessError, match="cannot be written"):
        update(run_of(played(Verdict.PASS)), "", Path("/dev/null/known.toml"))


def test_a_reason_that_is_to_be_written_names_what_to_read(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    about = RequirementView(id="x-1", spec="XEP-0191", section="3.3", title="t", summary="s")
    case = msgspec.structs.replace(
        played(Verdict.FAIL), findings=[Finding(cause="one", message="m", requirements=["x-1"])]
    )
    begun = TargetStarted(target="t", product="P", version="1", domain="d", endpoint="e")
    update(summarize([begun, case], {"x-1": about}), "", path)
    (known,) = load_baseline(path).deviation
    assert known.reason == f"{TO_BE_WRITTEN} (XEP-0191, 3.3)"
    assert load_baseline(path).unreasoned == 1
