"""Formats for other programs: SARIF, CSV, the badge."""

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest
from lxml import etree
from sarif.loader import load_sarif_file

from harness.reporters.badge import badge
from harness.reporters.sarif import sarif
from harness.reporters.table import table
from harness.results.records import CaseFinished, Record, RunFinished, TargetStarted
from harness.results.summary import Run, summarize
from harness.results.verdicts import Verdict
from tests.cases import played
from tests.reporters.sample import REQUIREMENTS, records

RUN = summarize(records(), REQUIREMENTS)
LOG = json.loads(sarif(RUN))
ROWS = list(csv.DictReader(io.StringIO(table(RUN).decode(), newline="")))


def results(case: str) -> list[dict]:
    return [one for run in LOG["runs"] for one in run["results"] if one["properties"]["case"] == case]


def run_of(*cases: CaseFinished, is_whole: bool = True) -> Run:
    begun = TargetStarted(target="t", product="P", version="1", domain="d", endpoint="e")
    end: list[Record] = [RunFinished(finished=1.0, exit_code=0)] if is_whole else []
    return summarize([begun, *cases, *end], {})


def test_sarif_is_read_by_its_own_tools(tmp_path: Path) -> None:
    path = tmp_path / "results.sarif"
    path.write_bytes(sarif(RUN))
    log = load_sarif_file(str(path))
    assert log.get_distinct_tool_names() == ["xmpp-harness"]
    counted = log.get_report().get_issue_count_for_severity
    told = [one for run in LOG["runs"] for one in run["results"]]
    assert counted("error") == sum(one["level"] == "error" for one in told) > 0
    assert counted("warning") == sum(one["level"] == "warning" for one in told) > 0


def test_a_rule_of_sarif_is_a_requirement_and_each_result_has_one() -> None:
    for run in LOG["runs"]:
        rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
        assert len(rules) == len(set(rules))
        assert {one["ruleId"] for one in run["results"]} == set(rules)
    (rule,) = {
        one["shortDescription"]["text"]
        for run in LOG["runs"]
        for one in run["tool"]["driver"]["rules"]
        if one["id"] == results("roster/update_replaces_name")[0]["ruleId"]
    }
    assert rule == REQUIREMENTS[results("roster/update_replaces_name")[0]["ruleId"]].summary


def test_what_is_known_is_suppressed_with_its_reason() -> None:
    known = [one for one in results("roster/update_replaces_name") if "suppressions" in one]
    assert known
    for one in known:
        assert one["suppressions"] == [
            {"kind": "external", "justification": "Verona keeps no interest per resource; issue 1182"}
        ]


def test_an_unexpected_pass_is_a_result_too() -> None:
    (result,) = results("muc/presence_order")
    assert result["level"] == "note"
    assert "take it out of the baseline" in result["message"]["text"]


def test_a_result_stays_the_same_and_leads_to_its_step() -> None:
    prints = [one["partialFingerprints"]["case/v1"] for run in LOG["runs"] for one in run["results"]]
    again = json.loads(sarif(RUN))
    assert prints == [
        one["partialFingerprints"]["case/v1"] for run in again["runs"] for one in run["results"]
    ]
    placed = [one for run in LOG["runs"] for one in run["results"] if "locations" in one]
    assert placed
    for one in placed:
        place = one["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith(".scs")
        assert place["region"]["startLine"] >= 1


def test_what_endangers_users_has_the_severity_of_security() -> None:
    grave = played(Verdict.FAIL, "c", requirements=["x"], severity="security")
    (rule,) = json.loads(sarif(run_of(grave)))["runs"][0]["tool"]["driver"]["rules"]
    assert float(rule["properties"]["security-severity"]) >= 9.0
    mild = msgspec.structs.replace(grave, severity="")
    (rule,) = json.loads(sarif(run_of(mild)))["runs"][0]["tool"]["driver"]["rules"]
    assert "properties" not in rule


def test_every_case_is_a_row() -> None:
    assert len(ROWS) == len(RUN.cases)
    (row,) = [
        one for one in ROWS if (one["target"], one["case"]) == ("verona", "roster/update_replaces_name")
    ]
    assert (row["verdict"], row["expectation"]) == ("fail", "known deviation")
    assert "issue 1182" in row["reason"]


@pytest.mark.parametrize("hostile", ["=1+1", "@x", "+1", "-1", "\t=1"])
def test_no_spreadsheet_reckons_with_what_came_over_the_wire(hostile: str) -> None:
    case = played(Verdict.FAIL, hostile)
    (row,) = csv.DictReader(io.StringIO(table(run_of(case)).decode(), newline=""))
    assert row["causes"] == f"'{hostile}"


@pytest.mark.parametrize(
    ("run", "told", "colour"),
    [
        (run_of(played(Verdict.PASS)), "100 % of 1", "#2d7d46"),
        (run_of(*[played(Verdict.PASS)] * 299, played(Verdict.FAIL, known="r")), "99 % of 300", "#2d7d46"),
        (run_of(played(Verdict.PASS), played(Verdict.FAIL)), "50 % of 2, 1 new", "#b3372a"),
        (run_of(played(Verdict.UNSUPPORTED)), "not measured", "#6b6861"),
        (run_of(played(Verdict.PASS), is_whole=False), "not measured", "#6b6861"),
    ],
)
def test_the_badge_says_no_more_than_was_measured(run: Run, told: str, colour: str) -> None:
    picture = etree.fromstring(badge(run))
    assert picture.findtext("{*}title") == f"XMPP conformance: {told}"
    assert colour in {one.get("fill") for one in picture.iter("{*}rect")}
    assert [one.text for one in picture.iter("{*}text")] == ["XMPP conformance", told]
