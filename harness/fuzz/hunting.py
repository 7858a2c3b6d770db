"""Rounds of Hypothesis: it draws samples and makes them smaller, the bench tries them.

Hypothesis runs in a thread of its own and reaches the one trio loop through `trio.from_thread`. A breach is
raised as an exception of a class of its own for each signature, so that Hypothesis tells them apart; what has
been seen before is counted and not raised, so that the search goes on.
"""

import contextlib
import io
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import hypothesis
import hypothesis.database
import hypothesis.errors
import trio
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from harness.engine.session import Session
from harness.fuzz.examining import SILENT, Examined, Examiner, TargetGoneError
from harness.fuzz.machines.every import MACHINES
from harness.fuzz.machines.machine import Setting
from harness.fuzz.servers.bench import Bench
from harness.fuzz.troubles import Trouble
from harness.strategies.sample import Sample, Trace

Signature = tuple[str, str, str]

_FOR_EACH = 2.0  # seconds for a sample, besides what a batch may take
_SHRINKING_SECONDS = 6.0
_SHRINKING = 24  # tries for one signature


class _BreachError(Exception):
    """A signature that is new. Each has a subclass of its own."""


class _OverError(BaseException):
    """The time is over; Hypothesis lets this through at once."""


class _GoneError(BaseException):
    """The target has ended, and with it all that Hypothesis could still try."""

    def __init__(self, error: TargetGoneError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, kw_only=True)
class Caught:
    """The smallest samples that have shown a trouble so far."""

    trouble: Trouble
    samples: Sequence[Sample]

    @property
    def size(self) -> tuple[int, int]:
        """By which two are compared."""
        return len(self.samples), sum(len(one.data) for one in self.samples)

    def is_less_than(self, other: "Caught | None") -> bool:
        """Whether it shows the same by less, or nothing else does."""
        return other is None or self.size < other.size


@dataclass(kw_only=True)
class _Shrinking:
    """What Hypothesis is to make smaller, and for how long: not what is known."""

    is_known: Callable[[Trouble], bool]
    _tries: Counter[Signature] = field(default_factory=Counter)
    _until: float = math.inf

    @property
    def has_begun(self) -> bool:
        """Whether Hypothesis tries again what it has tried."""
        return bool(self._tries)

    def is_worth(self, trouble: Trouble) -> bool:
        """Whether this one is to be raised again."""
        if self.is_known(trouble) or time.monotonic() > self._until:
            return False
        self._until = min(self._until, time.monotonic() + _SHRINKING_SECONDS)
        self._tries[trouble.signature] += 1
        return self._tries[trouble.signature] <= _SHRINKING


@dataclass(kw_only=True)
class Hunt:
    """What all rounds on one target share. `is_over` is asked before each try.

    Samples that are known to end the target are left out, for each end costs a start; so is what has been
    `tried` before, until something is caught that has to be shown again.
    """

    bench: Examiner
    is_over: Callable[[], bool]
    is_deadly: Callable[[Sample], bool]
    try_seconds: float
    is_known: Callable[[Trouble], bool] = lambda _: False
    database: hypothesis.database.ExampleDatabase | None = None
    seen: set[Signature] = field(default_factory=set)
    tried: set[Trace] = field(default_factory=set)
    caught: list[Caught] = field(default_factory=list)
    _kinds: dict[Signature, type[_BreachError]] = field(default_factory=dict)

    async def round(
        self, family: str, strategy: SearchStrategy[list[Sample]], *, seed: int, examples: int
    ) -> None:
        """Draw so many batches; what is new goes to `caught`, each with the smallest samples that show it."""
        caught: dict[Signature, Caught] = {}
        shrinking = _Shrinking(is_known=self.is_known)

        def examine(samples: list[Sample]) -> None:
            if self.is_over():
                raise _OverError
            chosen = samples if shrinking.has_begun else self._fresh(samples)
            examined = trio.from_thread.run(self._try, chosen) if chosen else []
            new = [one for one in examined if one.signature not in self.seen]
            for one in new:
                known = caught.get(one.signature)
                mine = Caught(trouble=one, samples=_only(one, chosen))
                if mine.is_less_than(known):
                    caught[one.signature] = mine
            for one in new:
                if shrinking.is_worth(one):
                    raise self._kind(one.signature)(one.signature)

        examine.__name__ = f"examine_{family}"  # by which the database keeps what has shown something

        def run() -> None:
            test = hypothesis.given(strategy)(examine)
            test = hypothesis.seed(seed)(test)
            settings = hypothesis.settings(
                max_examples=examples,
                database=self.database,
                deadline=None,
                phases=(Phase.reuse, Phase.generate, Phase.shrink),
                report_multiple_bugs=True,
                suppress_health_check=list(HealthCheck),  # a target over a network is slow
                verbosity=hypothesis.Verbosity.quiet,
            )
            _guarded(settings(test))

        try:
            await trio.to_thread.run_sync(run, abandon_on_cancel=False)
        finally:
            self.seen |= set(caught)
            self.caught += caught.values()

    async def sweep(self, samples: Sequence[Sample]) -> None:
        """Try samples as they are, which nobody has to make smaller."""
        caught: dict[Signature, Caught] = {}
        try:
            fresh = self._fresh(samples)
            for one in await self._try(fresh) if fresh else ():
                mine = Caught(trouble=one, samples=_only(one, fresh))
                if one.signature not in self.seen and mine.is_less_than(caught.get(one.signature)):
                    caught[one.signature] = mine
        except _GoneError as gone:
            raise gone.error from gone
        finally:
            self.seen |= set(caught)
            self.caught += caught.values()

    async def run_machine(self, name: str, *, seed: int) -> None:
        """Let a state machine go its ways; TargetGoneError when the target has ended on one of them."""
        assert isinstance(self.bench, Bench), "servers only are logged in to"
        session = self.bench.session
        await self.bench.survive(lambda: self._go_ways(session, name, seed), name)

    async def _go_ways(self, session: Session, name: str, seed: int) -> None:
        machine = MACHINES[name]
        caught: dict[Signature, Caught] = {}
        account = await session.account()
        shrinking = _Shrinking(is_known=self.is_known)

        def check_time() -> None:
            if self.is_over():
                raise _OverError
            self.bench.tried[name] += 1
            self.bench.judged.update(one.name for one in machine.properties)

        def report(trouble: Trouble) -> None:
            if trouble.signature in self.seen:
                return
            known = caught.get(trouble.signature)
            mine = Caught(trouble=trouble, samples=[trouble.trial.sample])
            if mine.is_less_than(known):
                caught[trouble.signature] = mine
            if shrinking.is_worth(trouble):
                raise self._kind(trouble.signature)(trouble.signature)

        built = machine.build(Setting(session=session, account=account, report=report, check_time=check_time))
        settings = hypothesis.settings(
            max_examples=machine.runs,
            stateful_step_count=machine.steps,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            verbosity=hypothesis.Verbosity.quiet,
        )

        def run() -> None:
            seeded = hypothesis.seed(seed)(built)
            with contextlib.redirect_stdout(io.StringIO()):  # Hypothesis prints the steps there
                _guarded(lambda: run_state_machine_as_test(seeded, settings=settings))

        try:
            await trio.to_thread.run_sync(run, abandon_on_cancel=False)
        finally:
            self.seen |= set(caught)
            self.caught += caught.values()
        await session.done_with(account)

    def _fresh(self, samples: Sequence[Sample]) -> list[Sample]:
        """Those that have not been tried before."""
        traces = {one.trace: one for one in samples}
        return [one for trace, one in traces.items() if trace not in self.tried]

    async def _try(self, samples: Sequence[Sample]) -> list[Trouble]:
        harmless = [one for one in samples if not self.is_deadly(one)]
        try:
            examined = await within_time(self.bench, harmless, self.try_seconds)
        except TargetGoneError as error:
            raise _GoneError(error) from error
        self.tried.update(one.sample.trace for one in examined.trials)
        return list(examined.troubles)

    def _kind(self, signature: Signature) -> type[_BreachError]:
        if signature not in self._kinds:
            self._kinds[signature] = type("BreachError", (_BreachError,), {})
        return self._kinds[signature]


async def within_time(bench: Examiner, samples: Sequence[Sample], seconds: float) -> Examined:
    """Try samples; TargetGoneError when the target is gone, or takes longer than it ever should.

    Each of them may be one that the target leaves without an answer, which is another matter.
    """
    try:
        with trio.fail_after(seconds + _FOR_EACH * len(samples)):
            return await bench.examine(samples)
    except trio.TooSlowError as error:
        raise TargetGoneError(samples, SILENT) from error


def _guarded(work: Callable[[], None]) -> None:
    """Take what Hypothesis raises for what it is: what was caught has been kept."""
    try:
        work()
    except (_BreachError, _OverError, hypothesis.errors.Flaky):
        return
    except _GoneError as gone:
        raise gone.error from gone
    except BaseExceptionGroup as group:
        if group.split((_BreachError, hypothesis.errors.Flaky))[1] is not None:
            raise


def _only(trouble: Trouble, samples: Sequence[Sample]) -> Sequence[Sample]:
    """The one that did it, as it was sent, where that is known."""
    return [trouble.trial.sample] if trouble.is_certain else list(samples)
