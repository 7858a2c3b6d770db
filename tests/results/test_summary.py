import msgspec
import pytest

from harness.results.causes import causes
from harness.results.coverage import Coverage, coverage_by_document
from harness.results.records import CaseFinished, Finding, RunFinished
from harness.results.requirements import RequirementView, document_of, unknown
from harness.results.summary import (
    Expectation,
    by_document,
    by_family,
    by_level,
    expectation,
    percentiles,
    slowest,
    summarize,
    tally,
)
from harness.results.verdicts import Level, Perspective, Verdict
from tests.reporters.sample import NO_PUSH, REQUIREMENTS, records

RUN = summarize(records(), REQUIREMENTS)


def _case(verdict: Verdict, **more: object) -> CaseFinished:
    fields = {"target": "t", "case": "a/b", "title": "A", "perspective": Perspective.CLIENT, "family": "a"}
    return CaseFinished(verdict=verdict, **(fields | more))  # type: ignore[arg-type]


def test_run_holds_targets_in_the_order_of_the_record() -> None:
    assert [target.name for target in RUN.targets] == ["reference", "verona", "mantua"]
    assert RUN.targets[2].label == "Mantua 0.9β"
    assert RUN.targets[2].died == "ended with signal 11"
    assert RUN.is_complete
    assert RUN.has_measured
    assert round(RUN.seconds, 2) == 6.84


def test_totals_add_up_in_every_view() -> None:
    assert RUN.tally.total == len(RUN.cases) == 51
    assert sum(one.total for one in by_level(RUN.cases).values()) == 51
    assert sum(one.total for one in by_family(RUN.cases).values()) == 51
    assert sum(target.tally.total for target in RUN.targets) == 51
    assert RUN.tally.of(Verdict.FAIL) == 6
    assert (RUN.tally.known, RUN.tally.unexpected, RUN.tally.unexpected_passes) == (1, 7, 1)
    assert sum(expectation(one).is_surprise for one in RUN.cases) == RUN.tally.surprises == 8


def test_levels_come_strongest_first_and_none_last() -> None:
    assert list(by_level(RUN.cases)) == [Level.MUST, Level.SHOULD, None]


def test_case_of_two_documents_counts_for_both() -> None:
    case = _case(Verdict.PASS, requirements=["rfc6120-8.2.3-iq-bad-type", "xep0045-7.2.2-presence-order"])
    assert list(by_document(RUN, [case])) == ["RFC 6120", "XEP-0045"]


def test_matrix_has_a_row_for_each_case_and_a_gap_where_it_was_not_played() -> None:
    cases = [record for record in records() if not (isinstance(record, CaseFinished) and _left_out(record))]
    row = next(row for row in summarize(cases, {}).matrix if row.case == "stanza/spoofed_from")
    assert [cell and cell.verdict for cell in row.cells] == [Verdict.PASS, None, Verdict.FAIL]


def _left_out(record: CaseFinished) -> bool:
    return record.target == "verona" and record.case == "stanza/spoofed_from"


def test_cut_record_gives_an_incomplete_run() -> None:
    cut = summarize(records()[:5], REQUIREMENTS)
    assert not cut.is_complete
    assert cut.seconds == 0.0
    assert cut.targets[0].finished is None


def test_empty_record_has_measured_nothing() -> None:
    empty = summarize([RunFinished(finished=1.0, exit_code=3)], {})
    assert not empty.has_measured
    assert empty.matrix == ()


def test_expectations() -> None:
    assert expectation(_case(Verdict.PASS)) is Expectation.EXPECTED
    assert expectation(_case(Verdict.UNSUPPORTED)) is Expectation.EXPECTED
    assert expectation(_case(Verdict.FAIL)) is Expectation.UNEXPECTED
    assert expectation(_case(Verdict.DEVIATES, known="why")) is Expectation.KNOWN
    assert expectation(_case(Verdict.PASS, unexpected_pass=True)) is Expectation.UNEXPECTED_PASS
    assert tally([]).total == 0


def test_one_cause_is_told_once_with_all_its_cases() -> None:
    found = causes(RUN.cases)
    push = next(one for one in found if one.text == NO_PUSH.cause)
    assert [(case.target, case.case) for case in push.cases] == [
        ("verona", "roster/set_is_pushed_to_all"),
        ("verona", "roster/update_replaces_name"),
        ("mantua", "roster/set_is_pushed_to_all"),
    ]
    assert push.targets == ("verona", "mantua")
    assert push.requirements == ("rfc6121-2.1.6-push-interested",)
    assert not push.is_known
    assert push is found[0], "the most frequent failure comes first"
    assert [one.verdict for one in found] == [Verdict.FAIL] * 4 + [Verdict.ERROR, Verdict.DEVIATES]


def test_known_causes_come_last() -> None:
    known = _case(Verdict.FAIL, findings=[Finding(cause="k", message="")], known="issue 1")
    new = _case(Verdict.DEVIATES, findings=[Finding(cause="n", message="")])
    assert [one.text for one in causes([known, new])] == ["n", "k"]


def test_failure_without_finding_still_has_a_cause() -> None:
    (cause,) = causes([_case(Verdict.ERROR)])
    assert "without a finding" in cause.text


def test_failing_case_breaks_only_the_requirements_that_its_findings_name() -> None:
    case = _case(
        Verdict.FAIL,
        requirements=["rfc6121-2.3.2-set-acknowledged", "rfc6121-2.1.6-push-interested"],
        findings=[NO_PUSH],
    )
    found = {
        result.requirement.id: result.coverage
        for document in coverage_by_document(RUN, [case])
        for result in document.results
    }
    assert found["rfc6121-2.1.6-push-interested"] is Coverage.BROKEN
    assert found["rfc6121-2.3.2-set-acknowledged"] is Coverage.UNMEASURED
    assert found["xep0199-4.1-pong"] is Coverage.UNTOUCHED


def test_coverage_counts_each_requirement_once_over_all_targets() -> None:
    documents = {document.document: document for document in coverage_by_document(RUN, RUN.cases)}
    muc = documents["XEP-0045"]
    assert [result.requirement.section for result in muc.results] == ["7.2.2", "7.2.13", "7.2.15"]
    assert (muc.measured, muc.count(Coverage.BROKEN), muc.count(Coverage.HELD)) == (3, 1, 2)
    assert documents["XEP-0363"].count(Coverage.UNTOUCHED) == 1


def _view(**fields: object) -> RequirementView:
    plain = RequirementView(id="one", spec="RFC 1", section="1", title="", summary="", server=Level.MUST)
    return msgspec.structs.replace(plain, **fields)


@pytest.mark.parametrize(
    ("fields", "of_server", "of_client"),
    [
        ({}, Coverage.UNTOUCHED, None),
        ({"server": None, "client": Level.SHOULD}, None, Coverage.UNTOUCHED),
        ({"testable_as": "none"}, Coverage.UNTESTABLE, None),
        ({"testable_as": "client", "client": Level.MAY}, Coverage.UNTESTABLE, Coverage.UNTOUCHED),
        ({"testable_as": "server", "client": Level.MAY}, Coverage.UNTOUCHED, Coverage.UNTESTABLE),
        ({"testable_as": "none", "id": "two"}, Coverage.HELD, None),  # a case found a way
        ({"server": None, "id": "two"}, Coverage.HELD, None),
    ],
)
def test_requirement_counts_for_the_side_that_it_asks_something_of(
    fields: dict[str, object], of_server: Coverage | None, of_client: Coverage | None
) -> None:
    view = _view(**fields)
    server = _case(Verdict.PASS, requirements=["two"])
    client = _case(Verdict.PASS, target="c", perspective=Perspective.SERVER)
    for cases, cells in (
        ([server], (of_server,)),
        ([client], (of_client,)),
        ([server, client], (of_server, of_client)),
    ):
        documents = coverage_by_document(summarize(cases, {view.id: view}), cases)
        found = [one.cells for document in documents for one in document.results if one.requirement is view]
        assert found == ([cells] if any(cells) else [])


def test_share_of_what_can_be_tested_leaves_out_what_cannot() -> None:
    views = [_view(id="a"), _view(id="b"), _view(id="c", testable_as="none"), _view(id="d", server=None)]
    case = _case(Verdict.PASS, requirements=["a"])
    (document,) = coverage_by_document(summarize([case], {one.id: one for one in views}), [case])
    assert (len(document.results), document.testable, document.measured) == (3, 2, 1)
    assert document.count(Coverage.UNTESTABLE) == 1


def test_slowest_first() -> None:
    times = [case.seconds for case in slowest(RUN.cases, 5)]
    assert times == sorted(times, reverse=True)
    assert len(times) == 5


def test_unknown_requirement_has_a_document_by_its_id() -> None:
    assert unknown("rfc6121-2.3.2-x").spec == "RFC 6121"
    assert unknown("xep0045-x").place == "XEP-0045"
    assert document_of("legacy-auth-get") == ""


def test_level_text_of_a_prohibition() -> None:
    view = REQUIREMENTS["rfc6120-8.1.2.1-from-spoof-overridden"]
    assert view.level_text(Perspective.CLIENT) == "MUST NOT"
    assert view.level_text(Perspective.SERVER) == ""
    assert view.place == "RFC 6120, 8.1.2.1"


def test_percentiles_are_times_that_cases_took() -> None:
    cases = [_case(Verdict.PASS, seconds=number / 10) for number in range(1, 11)]
    assert percentiles(cases) == {50: 0.5, 90: 0.9, 99: 1.0}
    assert percentiles(cases[:1]) == {50: 0.1, 90: 0.1, 99: 0.1}
    assert percentiles([]) == {}
