"""The run in numbers, for programs: smaller and more stable than the run record."""

import msgspec

from harness.results.causes import Cause, causes
from harness.results.coverage import Coverage, DocumentCoverage, coverage_by_document
from harness.results.suites import suites_of
from harness.results.summary import (
    Run,
    Tally,
    TargetRun,
    absences,
    by_document,
    by_family,
    by_level,
    expectation,
    flaky,
    percentiles,
    slowest,
)
from harness.results.summary_records import (
    AbsenceSummary,
    CaseSummary,
    CauseSummary,
    CellSummary,
    CoverageSummary,
    FlakySummary,
    SlowSummary,
    Summary,
    TallySummary,
    TargetSummary,
)
from harness.results.verdicts import Verdict


def json_report(run: Run) -> bytes:
    """Return the summary as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(_summary(run)), indent=2) + b"\n"


def _summary(run: Run) -> Summary:
    return Summary(
        version=run.started.version if run.started else "",
        started=run.started.started if run.started else None,
        seconds=round(run.seconds, 3),
        seed=run.started.seed if run.started else None,
        complete=run.is_complete,
        exit_code=run.finished.exit_code if run.finished else None,
        totals=_tally(run.tally),
        levels={level.value if level else "none": _tally(one) for level, one in by_level(run.cases).items()},
        documents={document: _tally(one) for document, one in by_document(run, run.cases).items()},
        families={family: _tally(one) for family, one in by_family(run.cases).items()},
        targets=[_target(run, target) for target in run.targets],
        matrix=_matrix(run),
        causes=[_cause(cause) for cause in causes(run.cases)],
        absences=[
            AbsenceSummary(target=case.target, case=case.case, expectation=expectation(case))
            for case in absences(run.cases)
        ],
        flaky=[
            FlakySummary(target=case.target, case=case.case, tries=case.flaky.split(", "))
            for case in flaky(run.cases)
        ],
        coverage={one.document: _coverage(one) for one in coverage_by_document(run, run.cases)},
        slowest=[
            SlowSummary(target=case.target, case=case.case, seconds=round(case.seconds, 4))
            for case in slowest(run.cases)
        ],
    )


def _tally(counted: Tally) -> TallySummary:
    return TallySummary(
        passed=counted.of(Verdict.PASS),
        fail=counted.of(Verdict.FAIL),
        deviates=counted.of(Verdict.DEVIATES),
        unsupported=counted.of(Verdict.UNSUPPORTED),
        not_applicable=counted.of(Verdict.NOT_APPLICABLE),
        error=counted.of(Verdict.ERROR),
        total=counted.total,
        known=counted.known,
        unexpected=counted.unexpected,
        unexpected_passes=counted.unexpected_passes,
        no_longer_measured=counted.no_longer_measured,
        flaky=counted.flaky,
        surprises=counted.surprises,
    )


def _target(run: Run, target: TargetRun) -> TargetSummary:
    return TargetSummary(
        name=target.name,
        product=target.started.product if target.started else "",
        version=target.started.version if target.started else "",
        died=target.died,
        shortfall=target.shortfall,
        seconds=round(target.finished.seconds, 3) if target.finished else None,
        seconds_by_percentile={
            str(share): round(seconds, 4) for share, seconds in percentiles(target.cases).items()
        },
        suites={
            one.suite.name: {part.document: part.state for part in one.parts}
            for one in suites_of(run, target)
        },
        totals=_tally(target.tally),
    )


def _matrix(run: Run) -> dict[str, dict[str, CellSummary]]:
    names = [target.name for target in run.targets]
    return {
        row.case: {
            name: CellSummary(verdict=cell.verdict, expectation=expectation(cell))
            for name, cell in zip(names, row.cells, strict=True)
            if cell is not None
        }
        for row in run.matrix
    }


def _cause(cause: Cause) -> CauseSummary:
    return CauseSummary(
        cause=cause.text,
        verdict=cause.verdict,
        severity=cause.severity,
        known=cause.is_known,
        requirements=list(cause.requirements),
        cases=[CaseSummary(target=case.target, case=case.case) for case in cause.cases],
        message=cause.first.finding.message,
        step=cause.first.finding.step,
        reproduce=cause.first.reproduce,
    )


def _coverage(document: DocumentCoverage) -> CoverageSummary:
    return CoverageSummary(
        requirements=len(document.results),
        testable=document.testable,
        tested=document.measured,
        broken=document.count(Coverage.BROKEN),
        held=document.count(Coverage.HELD),
        only_named=document.count(Coverage.NAMED),
        not_measured=document.count(Coverage.UNMEASURED),
        no_case=document.count(Coverage.UNTOUCHED),
        untestable=document.count(Coverage.UNTESTABLE),
    )
