"""A campaign: families of samples in turn on one target until the time is over, and what was found."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

import trio
from hypothesis.strategies import SearchStrategy

from harness.errors import HarnessError
from harness.fuzz.deaths import Inquest
from harness.fuzz.examining import SILENT, Examiner, TargetGoneError, death_by
from harness.fuzz.findings import Findings
from harness.fuzz.hunting import Caught, Hunt, Signature, within_time
from harness.fuzz.machines.every import BY_MACHINE
from harness.fuzz.measures.every import MEASURES
from harness.fuzz.reduction import Confirmed, confirm
from harness.fuzz.servers.bench import Bench
from harness.fuzz.settings import Settings
from harness.strategies.sample import Sample, Trace

_ROUND = 12  # batches of a family in one turn; fewer at first, so that all have a turn soon
_MOST_DEATHS, _APART = 8, 30.0  # of a target at first, and seconds for which there may be another one
_GRACE = 15.0  # seconds beyond the time, to confirm what was caught
_TURN = 4.0  # seconds for a family, so that a slow one leaves time for the others
_CHUNK = 12  # samples of a sweep at once
_BY_MACHINE = frozenset(one.name for one in BY_MACHINE)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a campaign has got, for a line that moves."""

    seconds: float
    tried: Mapping[str, int]
    novelty: int
    found: int
    family: str


@dataclass(kw_only=True)
class Campaign:
    """Runs on a bench. `tell` hears of the progress, `findings` keep what it finds.

    What is known is confirmed, and nothing more.
    """

    open_bench: Callable[[], AbstractAsyncContextManager[Examiner]]
    settings: Settings
    findings: Findings
    tell: Callable[[Progress], None] = lambda _: None
    benches: list[Examiner] = field(default_factory=list)
    died: str = ""
    _begun: float = 0.0
    _round: int = 0
    _seen: set[Signature] = field(default_factory=set)
    _traces: set[Trace] = field(default_factory=set)  # of what has been tried
    _doubted: set[Signature] = field(default_factory=set)  # that have been flaky once
    _deaths: int = 0
    _inquests: list[Inquest] = field(default_factory=list)
    _is_inquiring: bool = False
    _waiting: list[Caught] = field(default_factory=list)  # to be confirmed
    _turn_ends: float = 0.0
    _fatal: set[str] = field(default_factory=set)  # machines that have ended the target, and go no further
    _deadly: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    _is_stopped: bool = False
    _sweeps: dict[str, list[Sample]] = field(default_factory=dict)
    _turns: Counter[str] = field(default_factory=Counter)
    _measured: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rounds = itertools.cycle(self.settings.families.items())

    @property
    def tried(self) -> Counter[str]:
        """How many samples of each family have been tried."""
        return sum((bench.tried for bench in self.benches), Counter())

    @property
    def judged(self) -> Counter[str]:
        """How often each property has been judged."""
        return sum((bench.judged for bench in self.benches), Counter())

    @property
    def novelty(self) -> int:
        """How many kinds of answers there have been."""
        return len({token for bench in self.benches for token in bench.tokens})

    async def run(self) -> None:
        """Go on until the time is over or the target is gone for good."""
        self._begun = time.monotonic()
        try:
            await self._run()
        finally:  # whatever has ended it: what was caught is told, if only as not shown again
            for inquest in self._inquests:
                self._conclude(inquest)
            for one in self._waiting:
                if self.findings.wants(one.trouble):
                    self.findings.keep(_doubtful(one))

    async def _run(self) -> None:
        while not self.died and (self._inquests or not self._is_over()):
            try:
                async with self.open_bench() as bench:
                    self.benches.append(bench)
                    await self._hold_inquests(bench)
                    await self._go_on(bench)
            except TargetGoneError as gone:
                self._note_death(gone)
            except (HarnessError, trio.TooSlowError) as error:
                self.died = str(error) or SILENT

    async def _go_on(self, bench: Examiner) -> None:
        hunt = Hunt(
            bench=bench,
            is_over=lambda: self._is_over() or time.monotonic() >= self._turn_ends,
            is_deadly=self._is_deadly,
            try_seconds=self.settings.side.try_seconds,
            is_known=self.findings.knows,
            database=self.settings.database,
            seen=self._seen,
            tried=self._traces,
        )
        await self._take(bench)
        for name, strategy in self._rounds:
            if self._is_over():
                break
            self._progress(name)
            self._turn_ends = time.monotonic() + _TURN
            try:
                await self._play(hunt, bench, name, strategy)
            finally:
                self._waiting += sorted(hunt.caught, key=lambda each: each.size)
                hunt.caught = []
            await self._take(bench)
            self._progress(name)
        for trouble in bench.conclude():
            self.findings.keep(Confirmed(trouble=trouble, samples=[trouble.trial.sample]))

    async def _play(
        self, hunt: Hunt, bench: Examiner, name: str, strategy: SearchStrategy[list[Sample]] | None
    ) -> None:
        seed = self.settings.seed + self._round
        self._round += 1
        if strategy is not None:
            self._turns[name] += 1
            await self._sweep(hunt, name)
            if self.settings.side.is_drawn(name):
                await hunt.round(name, strategy, seed=seed, examples=min(self._turns[name], _ROUND))
        elif name in MEASURES:
            await self._measure(bench, name)
        else:
            await hunt.run_machine(name, seed=seed)

    async def _sweep(self, hunt: Hunt, name: str) -> None:
        """A part of what the family knows, in an order of its own for each seed."""
        side = self.settings.side
        if name not in self._sweeps:
            self._sweeps[name] = side.rows(name, self.settings.seed)
        left = self._sweeps[name]
        begun = time.monotonic()
        for _ in range(0, min(side.swept(name), len(left)), _CHUNK):
            if hunt.is_over() or time.monotonic() - begun > side.sweep_seconds:
                break
            part, left[:] = left[:_CHUNK], left[_CHUNK:]
            await hunt.sweep(part)

    async def _measure(self, bench: Examiner, name: str) -> None:
        """Once is enough, for a measure is taken several times as it is."""
        if name in self._measured:
            return
        assert isinstance(bench, Bench), "servers only are measured"
        self._measured.add(name)
        self._stop_when_done()
        bench.tried[name] += 1
        measure = MEASURES[name]
        try:
            found = await bench.survive(lambda: measure.take(bench), name)
        finally:
            bench.renew()  # whatever it has done to its users
        bench.judged[measure.judges.name] += found is not None
        for trouble in map(measure.trouble, found or ()):
            self.findings.keep(Confirmed(trouble=trouble, samples=[trouble.trial.sample]))

    def _note_death(self, gone: TargetGoneError) -> None:
        """What is known of an end may be told by another one, so that it is tried again."""
        family = gone.samples[0].family
        if self._is_inquiring:
            self._is_inquiring = False
            self._inquests[0].killed()
        elif family in self.settings.families and self.settings.families[family] is None:
            self._rounds = itertools.cycle(
                [
                    (name, drawn)
                    for name, drawn in self.settings.families.items()
                    if name not in self._fatal | {family}
                ]
            )
            self._fatal.add(family)
            death = death_by(gone.samples, gone.cause)
            death = replace(death, broken=replace(death.broken, steps=None))
            self.findings.keep(Confirmed(trouble=death, samples=gone.samples))
            self._stop_when_done()
        elif any(map(self._is_deadly, gone.samples)):
            return  # that was to be expected
        elif self._deaths < _MOST_DEATHS + self.seconds / _APART:
            self._deaths += 1
            self._inquests.append(Inquest(samples=gone.samples, cause=gone.cause))
        else:
            self.died = "the target has ended too often"

    async def _hold_inquests(self, bench: Examiner) -> None:
        """Try what was sent before an end; a target that ends again comes back here."""
        while self._inquests:
            inquest = self._inquests[0]
            if self.seconds > self.settings.seconds + _GRACE:
                inquest.close()
            samples = inquest.next()
            if samples is None:
                self._conclude(self._inquests.pop(0))
                continue
            self._is_inquiring = True
            bench.renew()
            await within_time(bench, samples, self.settings.side.try_seconds)
            self._is_inquiring = False
            inquest.survived()

    def _is_deadly(self, sample: Sample) -> bool:
        """Whether its like has been found to end the target."""
        return (sample.family, sample.labels[:1]) in self._deadly

    def _conclude(self, inquest: Inquest) -> None:
        samples = inquest.killers or inquest.samples
        if len(inquest.killers) == 1:
            self._deadly.add((samples[0].family, samples[0].labels[:1]))
        self.findings.keep(
            Confirmed(trouble=death_by(samples, inquest.cause), samples=samples, is_flaky=not inquest.killers)
        )

    def _stop_when_done(self) -> None:
        """Measures are taken once, and what ends the target goes no further."""
        self._is_stopped |= self._fatal | self._measured >= set(self.settings.families)

    def stop(self) -> None:
        """Enough has been found."""
        self._is_stopped = True

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._begun

    def _is_over(self) -> bool:
        return self._is_stopped or self.seconds >= self.settings.seconds

    async def _take(self, bench: Examiner) -> None:
        while self._waiting:
            one = self._waiting[0]
            self.findings.leave_out(one.trouble)
            if self.findings.wants(one.trouble):
                try:
                    confirmed = await self._confirmed(bench, one)
                except TargetGoneError:
                    self._waiting.pop(0)
                    self.findings.keep(_doubtful(one))
                    raise
                if confirmed.is_flaky and one.trouble.signature not in self._doubted:
                    self._doubted.add(one.trouble.signature)
                    self._seen.discard(one.trouble.signature)  # another sample may show it
                self.findings.keep(confirmed)
            self._waiting.pop(0)

    async def _confirmed(self, bench: Examiner, caught: Caught) -> Confirmed:
        if caught.trouble.broken.name in _BY_MACHINE:  # Hypothesis has tried it again
            return Confirmed(trouble=caught.trouble, samples=caught.samples)
        if self.seconds > self.settings.seconds + _GRACE or any(map(self._is_deadly, caught.samples)):
            return _doubtful(caught)
        is_hurried = self._is_over() or self.findings.knows(caught.trouble)
        return await confirm(bench, caught, is_hurried=is_hurried)

    def _progress(self, family: str) -> None:
        self.tell(
            Progress(
                seconds=time.monotonic() - self._begun,
                tried=self.tried,
                novelty=self.novelty,
                found=len(self.findings.kept),
                family=family,
            )
        )


def _doubtful(caught: Caught) -> Confirmed:
    """What nobody has tried to show again."""
    return Confirmed(trouble=caught.trouble, samples=caught.samples, is_flaky=True, is_untried=True)
