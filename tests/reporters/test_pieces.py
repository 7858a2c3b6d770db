"""Difference, printable text, wire markup, report files and the JSON report."""

import io
import json
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from rich.console import Console

from harness.errors import HarnessError
from harness.reporters.console_summary import print_summary
from harness.reporters.difference import Side, read_difference
from harness.reporters.html import html
from harness.reporters.json_report import json_report
from harness.reporters.junit import junit
from harness.reporters.markdown import markdown
from harness.reporters.markup import wire_markup
from harness.reporters.printable import printable, shortened
from harness.reporters.report_file import ReportFile
from harness.results.records import Finding, Record
from harness.results.schema import summary_schema
from harness.results.summary import summarize
from harness.results.verdicts import Verdict
from tests.reporters.sample import REQUIREMENTS, case_finished, records


def test_guide_marks_the_line_above_it() -> None:
    (line,) = read_difference(["- <a b='1'>", "?       ^"])
    assert line.side is Side.EXPECTED
    assert [(piece.text, piece.is_marked) for piece in line.pieces] == [
        ("<a b='", False),
        ("1", True),
        ("'>", False),
    ]


def test_lines_without_sign_or_guide_without_line_are_borne() -> None:
    lines = read_difference(["? ^", "odd", "", "  same", "+ ", "? ^^^^^^^^^"])
    assert [(line.side, line.text) for line in lines] == [
        (Side.SAME, "? ^"),
        (Side.SAME, "odd"),
        (Side.SAME, ""),
        (Side.SAME, "same"),
        (Side.RECEIVED, ""),
    ]


@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_difference_can_be_read(lines: list[str]) -> None:
    assert len(read_difference(lines)) <= len(lines)


def test_printable_keeps_text_and_shows_what_commands() -> None:
    assert printable("Zoë 🌹\n\t") == "Zoë 🌹\n\t"
    assert printable("\x1b[31m\r\x00\u202e\ufffe") == "\\x1b[31m\\x0d\\x00\\u202e\\ufffe"
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd" * 500, 2) == "ab… (1 998 more characters in the run record)"


def test_wire_markup_sets_names_and_values_apart() -> None:
    assert wire_markup("<a b='1'>t</a>") == "&lt;<b>a</b> b=<i>&#39;1&#39;</i>&gt;t&lt;/<b>a</b>&gt;"


@given(st.text(alphabet="<>&'\"=/ab \n", max_size=60))
def test_wire_markup_changes_no_character(text: str) -> None:
    shown = lxml_html.fragment_fromstring(f"<code>{wire_markup(text)}</code>")
    assert shown.text_content() == text
    assert {element.tag for element in shown.iter()} <= {"code", "b", "i"}


def test_report_file_is_written_once_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "junit.xml"
    report = ReportFile(path, junit, REQUIREMENTS)
    for record in records():
        report.record(record)
    assert not path.exists()
    report.close()
    written = path.read_bytes()
    path.unlink()
    report.close()
    assert not path.exists()
    assert written.count(b"<testcase") == 51


@pytest.mark.parametrize("path", [Path("/dev/full"), Path("/dev/null/report.xml")])
def test_report_that_cannot_be_written_is_one_clear_error(path: Path) -> None:
    report = ReportFile(path, junit, REQUIREMENTS)
    with pytest.raises(
        HarnessError, match=r"the report cannot be written: .*make it again from the run record"
    ):
        report.close()


def test_json_report_adds_up() -> None:
    report = json.loads(json_report(summarize(records(), REQUIREMENTS)))
    assert report["totals"]["fail"] == 6
    assert report["totals"]["total"] == 51
    assert report["totals"]["surprises"] == 8
    assert report["absences"] == [
        {"target": "verona", "case": "muc/presence_order", "expectation": "unexpected pass"}
    ]
    assert report["levels"]["MUST"]["fail"] == 5
    assert report["documents"]["XEP-0045"]["unexpected passes"] == 1
    assert report["matrix"]["roster/update_replaces_name"]["verona"] == {
        "verdict": "fail",
        "expectation": "known deviation",
    }
    assert report["causes"][0]["step"]["line"] == 31
    assert report["coverage"]["RFC 6121"] == {
        "requirements": 5,
        "testable": 4,
        "tested": 4,
        "broken": 2,
        "held": 2,
        "only named": 0,
        "not measured": 0,
        "no case": 0,
        "untestable": 1,
    }
    assert report["coverage"]["XEP-0363"]["no case"] == 1


@pytest.mark.parametrize("lines", [records(), records()[:20], []], ids=["whole", "cut", "nothing"])
def test_json_report_obeys_its_schema(lines: list[Record]) -> None:
    report = json.loads(json_report(summarize(lines, REQUIREMENTS)))
    validator = jsonschema.Draft202012Validator(summary_schema())
    validator.validate(report)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(report | {"totals": {}})


def test_json_report_of_nothing() -> None:
    assert json.loads(json_report(summarize([], {})))["totals"]["total"] == 0


def test_command_of_a_finding_is_told_where_the_case_has_none() -> None:
    finding = Finding(cause="c", message="m", difference=["  <sent/>"], reproduce="replay it.scs")
    case = case_finished("t", "fuzz/a", "A", [], (Verdict.FAIL, [finding]))
    run = summarize([msgspec.structs.replace(case, reproduce="")], {})
    output = io.StringIO()
    print_summary(Console(file=output, width=200), run)
    for page in (html(run).decode(), junit(run).decode(), json_report(run).decode(), output.getvalue()):
        assert "replay it.scs" in page
    cause = lxml_html.document_fromstring(html(run)).xpath("//article")[0]
    assert "sent <sent/> Reproduce replay it.scs" in " ".join(cause.text_content().split())


def test_markdown_tells_new_causes_and_lets_nothing_through() -> None:
    page = markdown(summarize(records(), REQUIREMENTS)).decode()
    assert "| Verona 2.1.4 | 12 | 3 | 1 |  | 1 |  | 1 | 4 |" in page
    assert "- RFC 6121, 2.1.6 MUST Every interested resource gets the roster push" in page
    assert "\n```diff\n- <iq xmlns=" in page
    assert page.endswith("take it out of the baseline\n\n- verona: muc/presence\\_order\n")
    outside = re.sub(r"(?ms)^```diff$.*?^```$", "", page)
    assert not re.findall(r"(?<!\\)[<@]", outside)


def test_markdown_block_cannot_be_ended_by_what_is_in_it() -> None:
    finding = Finding(cause="c", message="m", difference=["- a", "```", "+ `````", "x\n<b>"])
    page = markdown(summarize([case_finished("t", "a/b", "A", [], (Verdict.FAIL, [finding]))], {})).decode()
    assert page.endswith("\n``````diff\n- a\n```\n+ `````\nx\n<b>\n``````\n")


def test_what_was_known_until_some_day_is_told_in_every_report() -> None:
    finding = Finding(cause="c", message="m")
    case = case_finished("t", "a/b", "A", [], (Verdict.FAIL, [finding]))
    run = summarize([msgspec.structs.replace(case, expired="2026-06-30: issue 42")], {})
    output = io.StringIO()
    print_summary(Console(file=output, width=200), run)
    for page in (junit(run).decode(), markdown(run).decode(), html(run).decode(), output.getvalue()):
        assert "was known, expired 2026-06-30: issue 42" in page
    assert "was known, expired" not in junit(summarize([case], {})).decode()


def test_masked_text_stays_masked_in_every_report() -> None:
    masked = "<auth mechanism='PLAIN'>[masked]</auth>"
    finding = Finding(cause=f"c {masked}", message=f"m {masked}", difference=[f"- {masked}"], hint=masked)
    case = case_finished("t", "a/b", "A", [], (Verdict.FAIL, [finding]))
    run = summarize([case], {})
    output = io.StringIO()
    print_summary(Console(file=output, width=200), run)
    pages = [
        junit(run).decode(),
        json_report(run).decode(),
        markdown(run).decode(),
        html(run).decode(),
        output.getvalue(),
    ]
    for page in pages:
        assert re.search(r"\\?\[masked\\?\]", page)
        assert set(re.findall(r"PLAIN(?:'|&#39;)(?:</i>)?(?:>|&gt;)(.{8})", page)) <= {"[masked]"}
