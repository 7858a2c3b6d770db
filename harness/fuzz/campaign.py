"""A campaign: families of samples in turn on one target until the time is over, and what was found."""

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.database
import trio
from hypothesis.strategies import SearchStrategy

from harness.errors import HarnessError
from harness.fuzz.bench import Bench
from harness.fuzz.hunting import Caught, Hunt
from harness.fuzz.properties import PROPERTIES, Property
from harness.fuzz.reduction import Confirmed, confirm
from harness.fuzz.scripts import script_of
from harness.fuzz.troubles import FUZZ, HEALTH
from harness.results.records import CaseFinished, Finding
from harness.results.verdicts import Level, Perspective, Verdict
from harness.strategies.sample import Sample

_ROUND = 12  # batches of a family before the next one has its turn
_MOST_CONFIRMED = 60  # findings of one campaign; whoever has more has other troubles
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to do. `families` by name; a `folder` for the findings; `words` mean the target to a person."""

    families: Mapping[str, SearchStrategy[list[Sample]]]
    seconds: float
    seed: int
    folder: Path
    target: str
    words: str
    properties: Sequence[str] = ()  # only these count; empty: all
    database: hypothesis.database.ExampleDatabase | None = None


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
    """Runs on a bench. `tell` hears of the progress, `found` of each finding."""

    bench: Bench
    settings: Settings
    tell: Callable[[Progress], None] = lambda _: None
    found: Callable[[Confirmed, Path], None] = lambda _, __: None
    confirmed: list[tuple[Confirmed, Path]] = field(default_factory=list)
    died: str = ""
    _begun: float = 0.0

    async def run(self) -> None:
        """Go on until the time is over or the target is gone."""
        self._begun = trio_time()
        hunt = Hunt(bench=self.bench, is_over=self._is_over, database=self.settings.database)
        try:
            for number, (name, strategy) in enumerate(itertools.cycle(self.settings.families.items())):
                if self._is_over():
                    break
                self._progress(name)
                caught = await hunt.round(strategy, seed=self.settings.seed + number, examples=_ROUND)
                await self._take(caught)
                self._progress(name)
        except (HarnessError, trio.TooSlowError) as error:
            self.died = str(error) or "the target does not answer any more"

    def _is_over(self) -> bool:
        return trio_time() - self._begun >= self.settings.seconds

    async def _take(self, caught: Sequence[Caught]) -> None:
        for one in sorted(caught, key=lambda each: each.size):
            if not self._counts(one) or len(self.confirmed) >= _MOST_CONFIRMED:
                continue
            confirmed = await confirm(self.bench, one)
            path = self._save(confirmed)
            self.confirmed.append((confirmed, path))
            self.found(confirmed, path)

    def _counts(self, caught: Caught) -> bool:
        wanted = self.settings.properties
        broken = caught.trouble.broken
        return not wanted or broken.name in wanted or broken.number in wanted

    def _save(self, confirmed: Confirmed) -> Path:
        trouble = confirmed.trouble
        words = f"{trouble.broken.number} {trouble.cause} {trouble.signature[2]}".lower()
        path = self.settings.folder / f"{_SLUG.sub('-', words).strip('-')[:90]}.scs"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script_of(trouble, confirmed.samples), encoding="utf-8")
        return path

    def _progress(self, family: str) -> None:
        self.tell(
            Progress(
                seconds=trio_time() - self._begun,
                tried=dict(self.bench.tried),
                novelty=len(self.bench.tokens),
                found=len(self.confirmed),
                family=family,
            )
        )

    def cases(self) -> Iterator[CaseFinished]:
        """One case for each property: what broke it, or that it was held."""
        shown: dict[str, list[tuple[Confirmed, Path]]] = {}
        for one, path in self.confirmed:
            shown.setdefault(one.trouble.case, []).append((one, path))
        for each in (*PROPERTIES, *HEALTH):
            case = f"{FUZZ}/{each.name}"
            if case not in shown and self.bench.tried:
                yield self._case(case, each, [])
        for case, found in shown.items():
            yield self._case(case, found[0][0].trouble.broken, found)

    def _case(self, case: str, broken: Property, found: Sequence[tuple[Confirmed, Path]]) -> CaseFinished:
        real = [(one, path) for one, path in found if not one.is_flaky]
        total = sum(self.bench.tried.values())
        return CaseFinished(
            target=self.settings.target,
            case=case,
            title=broken.title,
            perspective=Perspective.CLIENT,
            verdict=_verdict([one for one, _ in real]),
            family=case.partition("/")[0],
            requirements=list(broken.requirements),
            level=broken.level,
            severity="security" if broken.is_grave and real else "",
            findings=[self._finding(one, path) for one, path in real],
            notes=[f"judged in {total} samples", *_flaky(found)],
            exchanges=list(real[0][0].trouble.exchanges) if real else [],
            started=time.time(),
            reproduce=self._reproduce(real[0][1]) if real else "",
        )

    def _finding(self, confirmed: Confirmed, path: Path) -> Finding:
        trouble = confirmed.trouble
        label = trouble.signature[2]
        return Finding(
            cause=f"{trouble.cause} ({label})" if label else trouble.cause,
            message=f"{trouble.cause}: {trouble.trial.label}",
            difference=[f"+ {line}" for line in _shown(confirmed.samples)],
            requirements=list(trouble.broken.requirements),
            hint=self._reproduce(path),
        )

    def _reproduce(self, path: Path) -> str:
        return f"xmpp-harness run {self.settings.words} {path}"


def trio_time() -> float:
    """Seconds that never go back, also from the thread that Hypothesis runs in."""
    return time.monotonic()


def _verdict(found: Sequence[Confirmed]) -> Verdict:
    if not found:
        return Verdict.PASS
    is_hard = any(one.trouble.broken.level is Level.MUST for one in found)
    return Verdict.FAIL if is_hard else Verdict.DEVIATES


def _flaky(found: Sequence[tuple[Confirmed, Path]]) -> list[str]:
    flaky = [(one.trouble, path) for one, path in found if one.is_flaky]
    return [f"flaky: {trouble.cause} ({trouble.trial.label}); {path}" for trouble, path in flaky]


def _shown(samples: Sequence[Sample]) -> list[str]:
    return [sample.data.decode("utf-8", "backslashreplace") for sample in samples]
