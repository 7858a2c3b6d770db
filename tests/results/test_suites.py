"""A suite is kept only where each of its documents is, and nothing is claimed of what was not measured."""

import pytest

from harness.results.records import CaseFinished, Finding
from harness.results.requirements import RequirementView
from harness.results.suites import SUITES, State, Suite, SuiteResult, suites_of
from harness.results.summary import Run, summarize
from harness.results.verdicts import Level, Perspective, Verdict

DOCUMENTS = sorted({one for suite in SUITES for one in (*suite.server, *suite.client)})
TABLE = {
    f"{document} {level.value}": RequirementView(
        id=f"{document} {level.value}",
        spec=document,
        section="1",
        title="",
        summary="",
        server=level,
        client=level,
    )
    for document in DOCUMENTS
    for level in (Level.MUST, Level.SHOULD)
}


def played(verdict: Verdict, document: str, level: Level = Level.MUST, client: bool = False) -> CaseFinished:
    return CaseFinished(
        target="t",
        case=f"a/{document}",
        title="",
        perspective=Perspective.SERVER if client else Perspective.CLIENT,
        verdict=verdict,
        family="a",
        requirements=[f"{document} {level.value}"],
        findings=[Finding(cause="c", message="m")] if verdict is not Verdict.PASS else [],
    )


def run_of(*cases: CaseFinished) -> Run:
    return summarize(cases, TABLE)


def suite(run: Run, name: str) -> SuiteResult:
    return next(one for one in suites_of(run, run.targets[0]) if one.suite.name == name)


CORE = next(one for one in SUITES if one.name == "Core").server


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (played(Verdict.PASS, CORE[-1]), State.KEPT),
        (played(Verdict.FAIL, CORE[-1]), State.BROKEN),
        (played(Verdict.DEVIATES, CORE[-1], Level.SHOULD), State.KEPT),
        (played(Verdict.UNSUPPORTED, CORE[-1]), State.ABSENT),
        (played(Verdict.PASS, "XEP-0045"), State.UNMEASURED),
    ],
)
def test_one_document_decides(last: CaseFinished, state: State) -> None:
    found = suite(run_of(*(played(Verdict.PASS, one) for one in CORE[:-1]), last), "Core")
    assert found.state is state
    assert found.count(State.KEPT) >= len(CORE) - 1


def test_clients_have_other_documents() -> None:
    found = suite(run_of(played(Verdict.PASS, "XEP-0245", client=True)), "IM")
    assert [part.state for part in found.parts if part.document == "XEP-0245"] == [State.KEPT]
    assert suites_of(run_of(), run_of(played(Verdict.PASS, "RFC 6120")).targets[0])


@pytest.mark.parametrize("one", SUITES, ids=lambda one: one.name)
def test_an_advanced_suite_asks_for_more(one: Suite) -> None:
    advanced = [other for other in SUITES if other.name == f"{one.name}, advanced"]
    for other in advanced:
        assert set(one.server) < set(other.server)
        assert set(one.client) < set(other.client)
    assert len(set(one.server)) == len(one.server)
    assert len(set(one.client)) == len(one.client)
