"""One run: targets one after the other, cases of a target many at once, everything emitted as records."""

import datetime
import platform
import pyexpat
import random
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.boundary import boundary
from harness.engine.case import Played, with_faults
from harness.engine.flaky import is_settled, together
from harness.engine.known import Baseline, Subject
from harness.engine.monitoring import Watch
from harness.engine.stage import Stage
from harness.engine.telling import Teller, target_started
from harness.engine.throttling import is_in_trouble
from harness.play.acts import Problem
from harness.results.records import (
    CaseFinished,
    Record,
    RunFinished,
    RunStarted,
    TargetFinished,
    TargetStarted,
)
from harness.results.summary import ABSENCES, Expectation, expectation
from harness.results.verdicts import Perspective, Verdict

#: Tag of scenarios that need administrator rights or try limits; attached servers have to ask for them.
INTRUSIVE = "intrusive"

#: Tag of scenarios that may take long; they are begun first.
SLOW = "slow"

_MOST_REPEATS = 2  # of a case; jabberd2 ends one stream in a hundred for what the one before it left behind

Emit = Callable[[Record], None]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to run. `at_once` is the number of cases that run concurrently on one target."""

    at_once: int = 24
    intrusive: bool = True
    is_partial: bool = False  # not everything is played that there is
    least: int = 0  # scenarios that have to be measured on each target
    repeat: int = 1  # how often each scenario is played
    retries: int = 0  # how often one that brings a surprise is played besides
    seed: int = 0  # by which the order is shuffled; 0: it is not
    command: Sequence[str] = ()
    selection: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What to play on one stage, and what is known of the target."""

    stage: Stage
    scenarios: Sequence[Scenario]
    sanity: Scenario
    feed: AsyncIterable[Scenario] | None = None  # more of them, as they come
    baseline: Baseline = field(default_factory=Baseline)
    configuration: str = ""
    usage: Callable[[], tuple[float, int] | None] = lambda: None  # CPU seconds and resident bytes
    started_in: float = 0.0
    words: str = ""  # what means the target on a command line; empty: its name


def run_started(version: str, options: Options) -> RunStarted:
    """Make the first record."""
    return RunStarted(
        version=version,
        started=time.time(),
        command=list(options.command),
        seed=options.seed,
        python=platform.python_version(),
        expat=".".join(str(part) for part in pyexpat.version_info),
        openssl=ssl.OPENSSL_VERSION,
        selection=list(options.selection),
        is_partial=options.is_partial,
    )


class BatchRun:
    """Plays one batch."""

    def __init__(self, batch: Batch, options: Options, emit: Emit) -> None:
        self._batch = batch
        self._options = options
        self._emit = emit
        self._stage = batch.stage
        words = batch.words or batch.stage.name
        self._teller = Teller(batch.stage.name, words, batch.stage.perspective)
        self._watch = Watch(batch.stage, batch.sanity.table, words)
        self._sanity_lock = trio.Lock()
        self._scopes: set[trio.CancelScope] = set()  # of the cases that are being played
        self._waited = 0.0
        self._died = ""
        self._has_played_all = False
        self._measured = 0  # scenarios

    async def run(self) -> None:
        """Probe, play everything, look after the target, and tell of it."""
        begun = trio.current_time()
        await self._stage.prepare()
        self._emit(self._target_started())
        usage = self._batch.usage()
        harness_cpu = time.process_time()
        try:
            await self._check_sanity("before the first case")
            if not self._died:
                await self._play_all()
                self._has_played_all = not self._options.is_partial
                await self._check_sanity("after the last case")
        finally:
            for monitor_case in self._watch.cases():
                self._emit(self._known(monitor_case))
            self._emit(self._target_finished(begun, usage, harness_cpu))

    async def _play_all(self) -> None:
        limiter = trio.CapacityLimiter(self._at_once)
        async with aclosing(self._in_order()) as scenarios, trio.open_nursery() as nursery:
            async for scenario in scenarios:
                refusal = self._refusal(scenario)
                if refusal is not None:
                    self._emit(self._known(refusal))
                    continue
                await limiter.acquire_on_behalf_of(scenario)
                if self._died:
                    break
                nursery.start_soon(self._one, scenario, limiter)

    async def _in_order(self) -> AsyncGenerator[Scenario, None]:
        """What is slow comes first, so that nothing has to wait for it in the end."""
        scenarios = list(self._batch.scenarios)
        if self._options.seed:
            random.Random(self._options.seed).shuffle(scenarios)
        for scenario in sorted(scenarios, key=lambda one: SLOW not in one.playable.tags):
            yield scenario
        if self._batch.feed is not None:
            async for scenario in self._batch.feed:
                yield scenario

    @property
    def _at_once(self) -> int:
        return min(self._options.at_once, self._stage.most_at_once or self._options.at_once)

    async def _one(self, scenario: Scenario, limiter: trio.CapacityLimiter) -> None:
        tries: list[CaseFinished] = []
        try:
            while not is_settled(tries, self._options.repeat, self._options.retries):
                tries.append(self._known(await self._try(scenario)))
                if self._died:
                    break
        finally:
            limiter.release_on_behalf_of(scenario)
        case = together(tries)
        self._measured += case.verdict.is_measured
        self._emit(case)

    async def _try(self, scenario: Scenario) -> CaseFinished:
        """Play it, and again while what comes of it says nothing of the target."""
        scope = trio.CancelScope()
        self._scopes.add(scope)
        try:
            played = await self._stage.play(scenario, scope)
        finally:
            self._scopes.discard(scope)
        self._waited += played.waited
        played = self._watched(scenario, played)
        notes: list[str] = []
        while _casts_doubt(played):
            await self._check_sanity(f"after {scenario.name}")
            if self._died or len(notes) == _MOST_REPEATS or not _is_worth_repeating(played):
                break
            notes.append(f"played again, after: {played.judgement.findings[0].message}")
            played = self._watched(scenario, await self._stage.play(scenario))
        return self._teller.finished(scenario, played, self._died, notes)

    def alarms(self, case: str) -> list[CaseFinished]:
        """What monitors have first noticed in that case, and nobody has known: one for each of them."""
        seen = map(self._known, self._watch.cases(case))
        return [one for one in seen if expectation(one) is Expectation.UNEXPECTED]

    def _watched(self, scenario: Scenario, played: Played) -> Played:
        """Let the monitors see it."""
        faults: list[Problem] = []
        with boundary(faults):
            self._watch.look(scenario, played)
        return with_faults(scenario, played, faults) if faults else played

    async def _check_sanity(self, when: str) -> None:
        """Play the sanity case; a target that fails it twice is dead, and what is being played is stopped."""
        async with self._sanity_lock:
            if self._died:
                return
            for _ in range(2):
                played = await self._stage.play(self._batch.sanity)
                if played.judgement.verdict is Verdict.PASS:
                    return
            title = self._batch.sanity.transcript.title
            reason = played.judgement.findings[0].message
            self._died = (
                f'{when}, the sanity case ("{title}") failed twice: {reason.rstrip(".")}; nothing more is '
                f"played, for without this nothing can be told of a {self._side}"
            )
            self._emit(self._teller.finished(self._batch.sanity, played))
            for scope in self._scopes:
                scope.cancel()

    @property
    def _side(self) -> str:
        return "client" if self._stage.perspective is Perspective.SERVER else "server"

    def _refusal(self, scenario: Scenario) -> CaseFinished | None:
        missing = [need for need in scenario.playable.needs if need not in self._stage.features]
        if missing:
            return self._teller.refused(scenario, Verdict.UNSUPPORTED, f"not offered: {', '.join(missing)}")
        if INTRUSIVE in scenario.playable.tags and not self._options.intrusive:
            note = "intrusive: give --intrusive to play it on an attached server"
            return self._teller.refused(scenario, Verdict.NOT_APPLICABLE, note)
        obstacle = self._stage.obstacle(scenario)
        return self._teller.refused(scenario, Verdict.NOT_APPLICABLE, obstacle) if obstacle else None

    def _known(self, case: CaseFinished) -> CaseFinished:
        known = self._batch.baseline.apply(case, datetime.date.today())
        if case.is_monitor and expectation(known) in ABSENCES and not self._has_played_all:
            known = case  # what a monitor is known for may show in scenarios that were not played
        return known

    def _target_started(self) -> TargetStarted:
        stage, batch = self._stage, self._batch
        found = Subject(product=stage.product, version=stage.version, configuration=batch.configuration)
        return target_started(
            stage,
            batch.started_in,
            planned=len(batch.scenarios),
            mismatch=batch.baseline.mismatch(found),
        )

    def _target_finished(
        self, begun: float, usage: tuple[float, int] | None, harness_cpu: float
    ) -> TargetFinished:
        now = self._batch.usage()
        return TargetFinished(
            target=self._stage.name,
            seconds=round(trio.current_time() - begun, 6),
            died=self._died,
            shortfall=self._shortfall(),
            cpu_seconds=round(now[0] - usage[0], 3) if now and usage else None,
            harness_cpu_seconds=round(time.process_time() - harness_cpu, 3),
            peak_rss=now[1] if now else None,
            waited=round(self._waited, 3),
        )

    def _shortfall(self) -> str:
        least = self._options.least
        if self._measured < least:
            return f"scenarios measured: {self._measured}, and {least} have to be"
        return self._batch.baseline.shortfall(self._measured) if self._has_played_all else ""


def _casts_doubt(played: Played) -> bool:
    """Whether the target may have died: then the case says nothing about it."""
    if played.judgement.verdict is Verdict.PASS:
        return False
    is_error = played.judgement.verdict is Verdict.ERROR
    return is_error or played.log.has_lost_target or is_in_trouble(played.log.observed)


def _is_worth_repeating(played: Played) -> bool:
    """Whether another try may say more: a login failed by chance, or the target says that it has failed."""
    has_hint = any(finding.hint for finding in played.judgement.findings)  # such as that we are throttled
    is_error = played.judgement.verdict is Verdict.ERROR
    return (is_error and not has_hint) or is_in_trouble(played.log.observed)


def run_finished(exit_code: int, *, interrupted: bool) -> RunFinished:
    """Make the last record."""
    return RunFinished(finished=time.time(), exit_code=exit_code, interrupted=interrupted)
