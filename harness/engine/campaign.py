"""A whole run: one target after the other, and what it all adds up to."""

import resource
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum

import msgspec
import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.batch import Batch, BatchRun, Emit, Options
from harness.engine.client_stage import client_stage
from harness.engine.known import Baseline
from harness.engine.stage import ServerStage, Stage
from harness.engine.starting import Running, session_of
from harness.errors import HarnessError
from harness.results.records import CaseFinished, Record, TargetFinished
from harness.results.summary import expectation
from harness.results.verdicts import Verdict
from harness.targets.client_description import ClientDescription
from harness.targets.description import Description
from harness.transcript.script import Side
from harness.transport.open_files import is_exhausted, limit_reached


class ExitCode(IntEnum):
    """What the shell is told."""

    AS_EXPECTED = 0
    DEVIATIONS = 1
    USAGE = 2
    ENVIRONMENT = 3
    TOO_LITTLE = 4


class FailOn(Enum):
    """Which surprises make a run fail."""

    ANY = "any"
    SHOULD = "should"
    MUST = "must"
    SECURITY = "security"

    def counts(self, case: CaseFinished) -> bool:
        """Whether a surprise is grave enough; that something does not show is one for ANY alone."""
        match self:
            case FailOn.ANY:
                return True
            case FailOn.SHOULD:
                return case.verdict in (Verdict.FAIL, Verdict.DEVIATES)
            case FailOn.MUST:
                return case.verdict is Verdict.FAIL
            case FailOn.SECURITY:
                return bool(case.severity)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to play against what.

    `sanity` is the case that has to pass on any server, and on any client. By the target's name: known
    deviations, and the words that mean it on a command line. `warn` hears in one line of what no record
    has a place for.
    """

    descriptions: Sequence[Description | ClientDescription]
    scenarios: Sequence[Scenario]
    sanity: Mapping[Side, Scenario]
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    fail_on: FailOn = FailOn.ANY
    fail_on_flaky: bool = False
    warn: Callable[[str], None] = lambda _: None


@dataclass(kw_only=True)
class Books:
    """Listens to the records and knows the exit code."""

    fail_on: FailOn = FailOn.ANY
    fail_on_flaky: bool = False
    cases: int = 0
    measured: int = 0
    surprises: int = 0
    died: int = 0
    shortfalls: int = 0

    def record(self, record: Record) -> None:
        """Count."""
        if isinstance(record, CaseFinished):
            self.cases += 1
            self.measured += record.verdict.is_measured
            is_news = expectation(record).is_surprise or (self.fail_on_flaky and bool(record.flaky))
            self.surprises += is_news and self.fail_on.counts(record)
        elif isinstance(record, TargetFinished):
            self.died += bool(record.died)
            self.shortfalls += bool(record.shortfall)

    def exit_code(self, *, interrupted: bool) -> ExitCode:
        """A run that measured nothing or too little, lost a target or was cut short is no success."""
        if interrupted or self.died or not self.measured:
            return ExitCode.ENVIRONMENT
        if self.surprises:
            return ExitCode.DEVIATIONS
        return ExitCode.TOO_LITTLE if self.shortfalls else ExitCode.AS_EXPECTED


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """When one of several targets may do what."""

    may_start: trio.Event
    may_play: trio.Event


async def run_targets(plan: Plan, emit: Emit) -> None:
    """Play the plan, one target after the other; while one is played the next one starts already.

    A target that cannot be started or breaks down does not stop the others.
    """
    turns = [_Turn(may_start=trio.Event(), may_play=trio.Event()) for _ in (*plan.descriptions, None, None)]
    turns[0].may_start.set()
    turns[0].may_play.set()
    async with trio.open_nursery() as nursery:
        for number, description in enumerate(plan.descriptions):
            nursery.start_soon(_run_target, plan, description, emit, turns[number], turns[number + 1])


async def _run_target(
    plan: Plan, description: Description | ClientDescription, emit: Emit, turn: _Turn, after: _Turn
) -> None:
    await turn.may_start.wait()
    ending = _Ending(description.name, emit)
    try:
        async with opened(plan, description) as batch:
            await turn.may_play.wait()
            after.may_start.set()
            await BatchRun(batch, plan.options, ending.record).run()
            ending.tell()
            after.may_play.set()  # while this one is stopped
    except* (HarnessError, OSError) as group:
        ending.tell(_first_line(group))
    finally:
        ending.tell()  # of a run that was interrupted
    await turn.may_play.wait()
    after.may_start.set()
    after.may_play.set()


class _Ending:
    """Passes a target's records on, and holds the last one back until it is known how things end."""

    def __init__(self, target: str, emit: Emit) -> None:
        self._emit = emit
        self._target = target
        self._finished: TargetFinished | None = None
        self._is_told = False

    def record(self, record: Record) -> None:
        """Pass a record on."""
        if isinstance(record, TargetFinished):
            self._finished = record
        else:
            self._emit(record)

    def tell(self, died: str = "") -> None:
        """Emit the last record, if there is one to emit; again when there is more to say."""
        finished = self._finished or TargetFinished(target=self._target, seconds=0.0)
        if died or (self._finished is not None and not self._is_told):
            self._is_told = True
            self._emit(msgspec.structs.replace(finished, died=died or finished.died))


@asynccontextmanager
async def _watched_session(plan: Plan, description: Description) -> AsyncIterator[Running]:
    """A session, at whose end we say which accounts we leave behind on somebody else's server."""
    left: Mapping[str, str] = {}
    try:
        async with session_of(description) as running:
            left = running.session.accounts.left_behind
            yield running
    finally:
        if left:
            named = ", ".join(sorted(left))
            plan.warn(f"{description.name}: accounts left behind: {named} ({next(iter(left.values()))})")


def _first_line(group: "ExceptionGroup[HarnessError | OSError]") -> str:
    if is_exhausted(group):
        return str(limit_reached())
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


@asynccontextmanager
async def opened(plan: Plan, description: Description | ClientDescription) -> AsyncIterator[Batch]:
    """A target that is up, with all that there is to play. Raises HarnessError when it cannot be started."""
    begun = trio.current_time()
    if isinstance(description, ClientDescription):
        async with client_stage(description, plan.sanity[Side.CLIENT]) as client:
            batch = _filled(plan, description, client, Side.CLIENT, trio.current_time() - begun)
            yield replace(batch, usage=_usage_of_children)
    else:
        async with _watched_session(plan, description) as running:
            stage = ServerStage(running.session)
            batch = _filled(plan, description, stage, Side.SERVER, running.seconds)
            yield replace(batch, usage=_usage(running), configuration=description.configuration)


def _filled(
    plan: Plan, description: Description | ClientDescription, stage: Stage, side: Side, seconds: float
) -> Batch:
    return Batch(
        stage=stage,
        scenarios=[one for one in plan.scenarios if side in one.transcript.tests],
        sanity=plan.sanity[side],
        baseline=plan.baselines.get(description.name, Baseline()),
        started_in=round(seconds, 3),
        words=plan.words.get(description.name, ""),
    )


def _usage_of_children() -> tuple[float, int]:
    """What the programs that have ended used: clients are started anew for each case."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def _usage(running: Running) -> Callable[[], tuple[float, int] | None]:
    def usage() -> tuple[float, int] | None:
        used = running.instance.usage()
        return (used.cpu_seconds, used.rss) if used else None

    return usage
