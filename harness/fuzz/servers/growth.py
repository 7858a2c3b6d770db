"""Whether the target's memory grows for as long as samples come."""

import itertools
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.fuzz.property import Property
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble
from harness.results.verdicts import Level
from harness.strategies.sample import Claim, Sample

GROWTH = Property(
    name="memory-stays",
    number="P-22b",
    title="Memory does not grow for as long as samples come",
    level=Level.SHOULD,
    is_told=True,
    steps=None,
)

_FEWEST = 12  # looks; before that nothing is said
_APART, _MOST_LOOKS = 100, 200  # samples; looks
_LEFT_OUT = 3  # one in so many looks at the beginning, while stores and caches fill
_MOST = 16 * 1024  # bytes for each sample, for as long as it goes on


@dataclass(kw_only=True)
class Growth:
    """Looks at memory now and then. What servers keep rightly is far less than the limit."""

    looks: list[tuple[int, int]] = field(default_factory=list)  # samples so far, bytes

    def is_due(self, samples: int) -> bool:
        """Whether it is time to look again, after so many samples."""
        return not self.looks or samples >= self.looks[-1][0] + _APART

    def look(self, samples: int, memory: int) -> None:
        """Note how much there is now; 0 bytes are not known."""
        if memory:
            self.looks.append((samples, memory))
        if len(self.looks) > _MOST_LOOKS:
            del self.looks[::2]

    def for_each(self) -> float | None:
        """Bytes for each sample, as the median of the slopes between any two looks; None of too few."""
        if len(self.looks) < _FEWEST:
            return None
        return _slope(itertools.combinations(self._later, 2))

    @property
    def _later(self) -> list[tuple[int, int]]:
        return self.looks[len(self.looks) // _LEFT_OUT :]

    @property
    def _is_steady(self) -> bool:
        """Whether it also grows from look to look: what has grown in one leap need not go on."""
        return _slope(itertools.pairwise(self._later)) > _MOST / 4

    def trouble(self) -> Trouble | None:
        """What is wrong with it, if it goes on and on."""
        if (self.for_each() or 0.0) <= _MOST or not self._is_steady:
            return None
        sample = Sample(family="valid", data=b"", claim=Claim.LEGAL)
        trial = Trial(sample=sample, token="", data=b"", reading=Reading.WHOLE)
        return Trouble(broken=GROWTH, trial=trial, cause="memory grows with each sample")


def _slope(pairs: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> float:
    """The median of those between the two looks of each pair."""
    return statistics.median((two[1] - one[1]) / (two[0] - one[0]) for one, two in pairs)
