"""Coverage of the catalogue itself: checked is what was seen to fail, not what is merely named."""

import msgspec
import pytest

from harness.results.checked import State, sheets
from harness.results.coverage import Coverage, coverage_by_document
from harness.results.records import CaseFinished
from harness.results.requirements import RequirementView
from harness.results.summary import summarize
from harness.results.verdicts import Level, Perspective, Verdict

VIEW = RequirementView(id="one", spec="RFC 1", section="1", title="", summary="", server=Level.MUST)


def view(**fields: object) -> RequirementView:
    return msgspec.structs.replace(VIEW, **fields)


@pytest.mark.parametrize(
    ("fields", "naming", "shown", "state"),
    [
        ({}, {}, {}, State.OPEN),
        ({}, {"one": ["a/b"]}, {}, State.NAMED),
        ({}, {"one": ["a/b"]}, {"one": {"a/b": "fault x"}}, State.CHECKED),
        ({}, {"one": ["a/b"]}, {"one": {"a/gone": "fault x"}}, State.NAMED),
        ({"testable_as": "none"}, {}, {}, State.UNTESTABLE),
        ({"testable_as": "client"}, {"one": ["a/b"]}, {}, State.UNTESTABLE),
        ({"testable_as": "none"}, {"one": ["a/b"]}, {"one": {"a/b": "fault x"}}, State.CHECKED),
    ],
)
def test_a_requirement_is_checked_by_what_was_seen_to_notice(fields, naming, shown, state):
    (sheet,) = sheets([view(**fields)], naming, shown, Perspective.CLIENT)
    assert [row.state for row in sheet.rows] == [state]


def test_what_is_asked_of_the_other_side_is_left_out():
    assert sheets([view(server=None, client=Level.MUST)], {}, {}, Perspective.CLIENT) == []


def test_a_share_is_of_what_can_be_tested():
    rows = [view(), view(id="two"), view(id="three", testable_as="none"), view(id="four", server=Level.MAY)]
    naming = {"one": ["a/b"], "two": ["a/b"]}
    (sheet,) = sheets(rows, naming, {"one": {"a/b": "fault x"}}, Perspective.CLIENT)
    assert str(sheet.share(Level.MUST)) == "1 of 2 (50 %)"
    assert str(sheet.share(Level.MAY)) == "0 of 1 (0 %)"
    assert str(sheet.share(Level.SHOULD)) == ""
    assert sheet.count(State.NAMED) == 1


@pytest.mark.parametrize(
    ("checked_by", "coverage"),
    [
        (None, Coverage.HELD),
        ({Perspective.CLIENT: {"a/b"}}, Coverage.HELD),
        ({Perspective.CLIENT: {"a/other"}}, Coverage.NAMED),
        ({Perspective.SERVER: {"a/b"}}, Coverage.NAMED),
    ],
)
def test_a_pass_holds_what_its_case_is_known_to_check(checked_by, coverage):
    case = CaseFinished(
        target="s",
        case="a/b",
        title="",
        family="a",
        perspective=Perspective.CLIENT,
        verdict=Verdict.PASS,
        requirements=["one"],
    )
    run = summarize([case], {"one": view(checked_by=checked_by)})
    (document,) = coverage_by_document(run, [case])
    assert [one.coverage for one in document.results] == [coverage]
    assert document.measured == (coverage is Coverage.HELD)
    assert document.shares([Perspective.CLIENT]) == {Level.MUST: (document.measured, 1)}
