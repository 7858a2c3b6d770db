"""A whole run: one target after the other, and what it all adds up to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from harness.catalogue.scenarios import Scenario
from harness.engine.known import Baseline
from harness.engine.run import Batch, BatchRun, Emit, Options
from harness.engine.starting import Running, session_of
from harness.errors import HarnessError
from harness.results.records import CaseFinished, Record, TargetFinished
from harness.results.summary import expectation
from harness.targets.description import Description


class ExitCode(IntEnum):
    """What the shell is told."""

    AS_EXPECTED = 0
    DEVIATIONS = 1
    USAGE = 2
    ENVIRONMENT = 3


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to play against what. `baselines` holds known deviations by target name."""

    descriptions: Sequence[Description]
    scenarios: Sequence[Scenario]
    sanity: Scenario
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    options: Options = field(default_factory=Options)


@dataclass(kw_only=True)
class Books:
    """Listens to the records and knows the exit code."""

    measured: int = 0
    surprises: int = 0
    died: int = 0

    def record(self, record: Record) -> None:
        """Count."""
        if isinstance(record, CaseFinished):
            self.measured += record.verdict.is_measured
            self.surprises += expectation(record).is_surprise
        elif isinstance(record, TargetFinished):
            self.died += bool(record.died)

    def exit_code(self, *, interrupted: bool) -> ExitCode:
        """A run that measured nothing, lost a target or was cut short is no success."""
        if interrupted or self.died or not self.measured:
            return ExitCode.ENVIRONMENT
        return ExitCode.DEVIATIONS if self.surprises else ExitCode.AS_EXPECTED


async def run_targets(plan: Plan, emit: Emit) -> None:
    """Play the plan; a target that cannot be started or breaks down does not stop the others."""
    for description in plan.descriptions:
        try:
            async with session_of(description) as running:
                await BatchRun(_batch(plan, description, running), plan.options, emit).run()
        except* HarnessError as group:
            emit(TargetFinished(target=description.name, seconds=0.0, died=_first_line(group)))


def _first_line(group: "ExceptionGroup[HarnessError]") -> str:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


def _batch(plan: Plan, description: Description, running: Running) -> Batch:
    return Batch(
        session=running.session,
        scenarios=plan.scenarios,
        sanity=plan.sanity,
        baseline=plan.baselines.get(description.name, Baseline()),
        usage=_usage(running),
        started_in=round(running.seconds, 3),
    )


def _usage(running: Running) -> Callable[[], tuple[float, int] | None]:
    def usage() -> tuple[float, int] | None:
        used = running.instance.usage()
        return (used.cpu_seconds, used.rss) if used else None

    return usage
