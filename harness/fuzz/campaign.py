"""A campaign: families of samples in turn on one target until the time is over, and what was found."""

import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import hypothesis.database
import trio
from hypothesis.strategies import SearchStrategy

from harness.catalogue.requirements import Requirement, level_of
from harness.errors import HarnessError
from harness.fuzz.deaths import Inquest
from harness.fuzz.examining import Examiner, TargetGoneError, death_by
from harness.fuzz.hunting import Caught, Hunt, Signature
from harness.fuzz.machines.every import BY_MACHINE
from harness.fuzz.measures.every import MEASURES
from harness.fuzz.property import Property
from harness.fuzz.reduction import Confirmed, confirm
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.side import SERVERS
from harness.fuzz.side import Side
from harness.fuzz.troubles import Trouble
from harness.results.records import FUZZ, CaseFinished, Finding
from harness.results.verdicts import Level, Verdict
from harness.strategies.sample import Sample

_ROUND = 12  # batches of a family in one turn; fewer at first, so that all have a turn soon
_MOST_DEATHS = 8  # of a target in one campaign
_GRACE = 15.0  # seconds beyond the time, to confirm what was caught
_MOST_ALIKE = 3  # findings of one property with one cause
_TURN = 4.0  # seconds for a family, so that a slow one leaves time for the others
_CHUNK = 12  # samples of a sweep at once
_BY_MACHINE = frozenset(one.name for one in BY_MACHINE)
_MOST_CONFIRMED = 60  # findings of one campaign; whoever has more has other troubles
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to do. `families` by name, None for those that are no samples; a `folder` for the findings.

    `words` mean the target to a person.
    """

    families: Mapping[str, SearchStrategy[list[Sample]] | None]
    seconds: float
    seed: int
    folder: Path
    target: str
    words: str
    properties: Sequence[str] = ()  # only these count; empty: all
    table: Mapping[str, Requirement] = field(default_factory=dict)
    database: hypothesis.database.ExampleDatabase | None = None
    side: Side = SERVERS


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
    """Runs on a bench. `tell` hears of the progress, `found` of each finding, with its text.

    `is_known` is asked about case and cause: what is known is confirmed, and nothing more.
    """

    open_bench: Callable[[], AbstractAsyncContextManager[Examiner]]
    settings: Settings
    tell: Callable[[Progress], None] = lambda _: None
    found: Callable[[Confirmed, Path, str], None] = lambda _, __, ___: None
    is_known: Callable[[str, str], bool] = lambda _, __: False
    confirmed: list[tuple[Confirmed, Path]] = field(default_factory=list)
    benches: list[Examiner] = field(default_factory=list)
    died: str = ""
    unwritten: str = ""  # the last finding for which there was no place, and why
    _begun: float = 0.0
    _round: int = 0
    _seen: set[Signature] = field(default_factory=set)
    _deaths: int = 0
    _inquests: list[Inquest] = field(default_factory=list)
    _is_inquiring: bool = False
    _waiting: list[Caught] = field(default_factory=list)  # to be confirmed
    _more: Counter[tuple[str, str]] = field(default_factory=Counter)  # kinds like those that were shown
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
                if self._counts(one.trouble) and self._is_worth_it(one.trouble):
                    self._keep(Confirmed(trouble=one.trouble, samples=one.samples, is_flaky=True))

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
                self.died = str(error) or "the target does not answer any more"

    async def _go_on(self, bench: Examiner) -> None:
        hunt = Hunt(
            bench=bench,
            is_over=lambda: self._is_over() or time.monotonic() >= self._turn_ends,
            is_deadly=self._is_deadly,
            database=self.settings.database,
            seen=self._seen,
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
            self._keep(Confirmed(trouble=trouble, samples=[trouble.trial.sample]))

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
        bench.tried[name] += 1
        measure = MEASURES[name]
        found = await measure.take(bench)
        bench.judged[measure.judges.name] += found is not None
        for trouble in map(measure.trouble, found or ()):
            self._keep(Confirmed(trouble=trouble, samples=[trouble.trial.sample]))

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
            death = death_by(gone.samples)
            death = replace(death, broken=replace(death.broken, steps=None))
            self._keep(Confirmed(trouble=death, samples=gone.samples))
            self._is_stopped |= self._fatal >= set(self.settings.families)
        elif any(map(self._is_deadly, gone.samples)):
            return  # that was to be expected
        elif self._deaths < _MOST_DEATHS:
            self._deaths += 1
            self._inquests.append(Inquest(samples=gone.samples))
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
            await bench.examine(samples)
            self._is_inquiring = False
            inquest.survived()

    def _is_deadly(self, sample: Sample) -> bool:
        """Whether its like has been found to end the target."""
        return (sample.family, sample.labels[:1]) in self._deadly

    def _conclude(self, inquest: Inquest) -> None:
        samples = inquest.killers or inquest.samples
        if len(inquest.killers) == 1:
            self._deadly.add((samples[0].family, samples[0].labels[:1]))
        self._keep(Confirmed(trouble=death_by(samples), samples=samples, is_flaky=not inquest.killers))

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
            if self._counts(one.trouble) and self._is_worth_it(one.trouble):
                is_shown = one.trouble.broken.name in _BY_MACHINE  # Hypothesis has tried it again
                confirmed = Confirmed(trouble=one.trouble, samples=one.samples)
                confirmed = confirmed if is_shown else await self._confirmed(bench, one)
                self._keep(confirmed)
            self._waiting.pop(0)

    async def _confirmed(self, bench: Examiner, caught: Caught) -> Confirmed:
        if self.seconds > self.settings.seconds + _GRACE:
            return Confirmed(trouble=caught.trouble, samples=caught.samples, is_flaky=True)
        is_hurried = self._is_over() or self.knows(caught.trouble)
        return await confirm(bench, caught, is_hurried=is_hurried)

    def _is_worth_it(self, trouble: Trouble) -> bool:
        """Whether not enough of its like has been shown, for each costs time to show and to read."""
        alike = (trouble.case, trouble.cause)
        shown = sum((one.trouble.case, one.trouble.cause) == alike for one, _ in self.confirmed)
        is_enough = shown >= (1 if self.knows(trouble) else _MOST_ALIKE)
        self._more[alike] += is_enough
        return not is_enough and len(self.confirmed) < _MOST_CONFIRMED

    def knows(self, trouble: Trouble) -> bool:
        """Whether it is known that the target does this."""
        return self.is_known(trouble.case, _cause(trouble))

    def _keep(self, confirmed: Confirmed) -> None:
        if self._counts(confirmed.trouble):
            path, text = self._written(confirmed)
            self.confirmed.append((confirmed, path))
            self.found(confirmed, path, text)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            except OSError as error:  # it stands in the record all the same
                self.unwritten = f"{path} cannot be written: {error.strerror}"

    def _counts(self, trouble: Trouble) -> bool:
        wanted, broken = self.settings.properties, trouble.broken
        return not wanted or broken.name in wanted or broken.number in wanted

    def _written(self, confirmed: Confirmed) -> tuple[Path, str]:
        trouble = confirmed.trouble
        words = f"{trouble.broken.number} {trouble.cause} {trouble.signature[2]}".lower()
        name = _SLUG.sub("-", words).strip("-")[:90].strip("-")
        script = self.settings.side.script_of(trouble, confirmed.samples)
        path = self._free(name, ".scs" if script else ".txt", is_flaky=confirmed.is_flaky)
        return path, script or self._note_of(trouble)

    def _note_of(self, trouble: Trouble) -> str:
        """What is known of a finding that no script shows."""
        sent = "\n".join(_shown([trouble.trial.sample]))
        return f"{trouble.broken.title}\nFound by fuzzing: {trouble}\n{self._again(trouble)}\nSent:\n{sent}\n"

    def _again(self, trouble: Trouble) -> str:
        """The command that looks for it where it was found."""
        family = trouble.trial.sample.family
        return f"xmpp-harness fuzz {self.settings.words} --family {family} --seed {self.settings.seed}"

    def _free(self, name: str, ending: str, *, is_flaky: bool) -> Path:
        """A path that no other finding has."""
        taken = {path for _, path in self.confirmed}
        names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        folder = self.settings.folder.with_name("flaky") if is_flaky else self.settings.folder
        paths = (folder / f"{one}{ending}" for one in names)
        return next(path for path in paths if path not in taken)

    def _progress(self, family: str) -> None:
        self.tell(
            Progress(
                seconds=time.monotonic() - self._begun,
                tried=self.tried,
                novelty=self.novelty,
                found=len(self.confirmed),
                family=family,
            )
        )

    def cases(self) -> Iterator[CaseFinished]:
        """One case for each property that was judged: what broke it, or that it was held.

        What is known does not hide among what is new: beside that it is only a note.
        """
        shown: dict[str, list[tuple[Confirmed, Path]]] = {}
        for one, path in self.confirmed:
            shown.setdefault(one.trouble.case, []).append((one, path))
        for each in self.settings.side.properties:
            case = f"{FUZZ}/{each.name}"
            if case not in shown and self.judged[each.name]:
                yield self._case(case, each, [])
        for case, found in shown.items():
            new = [one for one in found if not self.knows(one[0].trouble)]
            told = new or found
            yield self._case(case, told[0][0].trouble.broken, told, len(found) - len(told))

    def _case(
        self, case: str, broken: Property, found: Sequence[tuple[Confirmed, Path]], others: int = 0
    ) -> CaseFinished:
        real = [(one, path) for one, path in found if not one.is_flaky]
        times = self.judged[broken.name]
        judged = [f"judged {times} times"] if times else []
        judged += [f"{others} more are known"] if others else []
        more = {one.trouble.cause: self._more[case, one.trouble.cause] for one, _ in real}
        judged += [f"{cause}: shown by {count} more kinds" for cause, count in more.items() if count]
        return CaseFinished(
            target=self.settings.target,
            case=case,
            title=broken.title,
            perspective=self.settings.side.perspective,
            verdict=self._verdict([one for one, _ in real]),
            family=case.partition("/")[0],
            requirements=list(broken.requirements),
            level=broken.level,
            severity="security" if any(map(self._is_grave, real)) else "",
            findings=[self._finding(one, path, is_one_of_many=len(real) > 1) for one, path in real],
            notes=[*judged, *_flaky(found)],
            exchanges=list(real[0][0].trouble.exchanges) if real else [],
            started=time.time(),
            reproduce=self._reproduce(*real[0]) if len(real) == 1 else "",
        )

    def _is_grave(self, found: tuple[Confirmed, Path]) -> bool:
        trouble = found[0].trouble
        return trouble.broken.is_grave and self._level(trouble) is Level.MUST

    def _verdict(self, found: Sequence[Confirmed]) -> Verdict:
        if not found:
            return Verdict.PASS
        is_hard = any(self._level(one.trouble) is Level.MUST for one in found)
        return Verdict.FAIL if is_hard else Verdict.DEVIATES

    def _level(self, trouble: Trouble) -> Level:
        """What a monitor's rule is broken by is as grave as its requirement."""
        rows = [self.settings.table.get(name) for name in trouble.broken.requirements]
        if trouble.is_of_a_monitor and rows and rows[0] is not None:
            return level_of(rows[0], self.settings.side.perspective) or trouble.broken.level
        return trouble.broken.level

    def _finding(self, confirmed: Confirmed, path: Path, *, is_one_of_many: bool) -> Finding:
        trouble = confirmed.trouble
        return Finding(
            cause=_cause(trouble),
            message=f"{trouble.cause}: {trouble.trial.label}",
            difference=_shown(confirmed.samples),
            requirements=list(trouble.broken.requirements),
            hint=self._reproduce(confirmed, path) if is_one_of_many else "",
        )

    def _reproduce(self, confirmed: Confirmed, path: Path) -> str:
        if path.suffix != ".scs":
            return self._again(confirmed.trouble)
        return f"xmpp-harness run {self.settings.words} {path}"


def _cause(trouble: Trouble) -> str:
    """As records and baselines have it."""
    label = trouble.signature[2]
    return f"{trouble.cause} ({label})" if label else trouble.cause


def _flaky(found: Sequence[tuple[Confirmed, Path]]) -> list[str]:
    flaky = [(one.trouble, path) for one, path in found if one.is_flaky]
    return [f"flaky: {trouble.cause} ({trouble.trial.label}); {path}" for trouble, path in flaky]


def _shown(samples: Sequence[Sample]) -> list[str]:
    """What was sent: there is nothing to compare it with."""
    texts = (sample.data.decode("utf-8", "backslashreplace") for sample in samples)
    return [f"  {line}" for text in texts for line in text.splitlines() or [""]]
