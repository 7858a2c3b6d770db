"""What a property is."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from harness.fuzz.trial import Trial
from harness.results.verdicts import Level

#: Steps of a script, each with its body.
Steps = Sequence[str]


def _always(_: Trial) -> bool:
    return True


def _found_elsewhere(_: Trial) -> Iterable[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Property:
    """Something that has to hold. What `judge` yields of a trial that it `concerns` breaks it.

    A breach is a failure at the level MUST; SHOULD is also for what a text leaves open. With `is_told` its
    causes alone tell its breaches apart, whatever was sent. Without `is_certain` another sample of the same
    batch may have done it. `steps` show a breach in a script, or find the steps that do for a trial; without
    any of its own, `()`, a script only sends and looks on; None where only fuzzing shows it.
    """

    name: str
    number: str
    title: str
    requirements: tuple[str, ...] = ()
    judge: Callable[[Trial], Iterable[str]] = _found_elsewhere
    concerns: Callable[[Trial], bool] = _always
    level: Level = Level.MUST
    steps: Steps | Callable[[Trial], Steps | None] | None = None
    needs: str = ""  # a word of `## needs:`, where it is asked of those alone who have that
    is_grave: bool = False  # whoever breaks it endangers users
    is_told: bool = False
    is_certain: bool = True

    def is_among(self, wanted: Collection[str]) -> bool:
        """Whether its name or its number is one of these."""
        return self.name in wanted or self.number in wanted

    def causes(self, trial: Trial) -> Iterable[str]:
        """What of a trial breaks it, each once."""
        return dict.fromkeys(self.judge(trial)) if self.concerns(trial) else ()

    def steps_for(self, trial: Trial) -> Steps | None:
        """The steps that show a breach by this trial; None where no script can."""
        return self.steps(trial) if callable(self.steps) else self.steps
