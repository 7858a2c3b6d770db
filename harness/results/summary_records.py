"""What `summary.json` holds: a run in numbers, for programs.

The schema in `reports/summary.schema.json` is generated from these structs. Times are seconds.
"""

import msgspec

from harness.results.records import StepPlace
from harness.results.suites import State
from harness.results.summary import Expectation
from harness.results.verdicts import Verdict


class TallySummary(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases got which verdict, and how many of them nobody expected."""

    passed: int = msgspec.field(name="pass")
    fail: int
    deviates: int
    unsupported: int
    not_applicable: int = msgspec.field(name="not applicable")
    error: int
    total: int
    known: int
    unexpected: int
    unexpected_passes: int = msgspec.field(name="unexpected passes")
    no_longer_measured: int = msgspec.field(name="no longer measured")
    flaky: int
    surprises: int  # what a gate stops for: the three kinds before, and nothing that is flaky


class TargetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One target. `suites` tell the state of each document that a compliance suite asks for."""

    name: str
    product: str
    version: str
    died: str  # why it was given up, or empty
    shortfall: str  # that too few cases were measured, or empty
    seconds: float | None  # None: the record has no end of it
    seconds_by_percentile: dict[str, float] = msgspec.field(name="seconds by percentile")
    suites: dict[str, dict[str, State]]
    totals: TallySummary


class CellSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One case on one target."""

    verdict: Verdict
    expectation: Expectation


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The name of a case on a target."""

    target: str
    case: str


class CauseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One cause and its cases; message, step and command are those of the first that nobody knew of."""

    cause: str
    verdict: Verdict
    severity: str  # "security", or empty
    known: bool  # each of its cases is a known deviation
    requirements: list[str]
    cases: list[CaseSummary]
    message: str
    step: StepPlace | None
    reproduce: str


class AbsenceSummary(CaseSummary, frozen=True, kw_only=True):
    """A case in which something did not show that was to be expected."""

    expectation: Expectation


class FlakySummary(CaseSummary, frozen=True, kw_only=True):
    """A case that did not come out alike each time."""

    tries: list[str]


class CoverageSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How many requirements of a document came out how; only what is asked of the sides that were tested.

    `requirements` is the sum of the six below `tested`, `testable` the same without `untestable`, and
    `tested` the sum of `broken` and `held`.
    """

    requirements: int
    testable: int
    tested: int
    broken: int
    held: int
    only_named: int = msgspec.field(name="only named")
    not_measured: int = msgspec.field(name="not measured")
    no_case: int = msgspec.field(name="no case")
    untestable: int


class SlowSummary(CaseSummary, frozen=True, kw_only=True):
    """How long a case took."""

    seconds: float


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of the file. Cases and documents are keys of objects, so that programs find them."""

    version: str
    started: float | None  # Unix time
    seconds: float
    seed: int | None
    complete: bool  # the run came to its own end
    exit_code: int | None
    totals: TallySummary
    levels: dict[str, TallySummary]
    documents: dict[str, TallySummary]
    families: dict[str, TallySummary]
    targets: list[TargetSummary]
    matrix: dict[str, dict[str, CellSummary]]  # case, then target
    causes: list[CauseSummary]
    absences: list[AbsenceSummary]
    flaky: list[FlakySummary]
    coverage: dict[str, CoverageSummary]
    slowest: list[SlowSummary]
