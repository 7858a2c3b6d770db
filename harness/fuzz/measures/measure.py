"""What a measure is: something that is done to a server once in a campaign, and is no sample."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble
from harness.strategies.sample import Claim, Place, Sample


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What was wrong, and the bytes by which it can be told what was done. `script` shows it, if one can.

    `requirements` are those that it breaks, where these are not all of the property's.
    """

    cause: str
    data: bytes
    requirements: tuple[str, ...] | None = None
    script: Callable[[Trouble], str] | None = None


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`name` is what `--family` knows it by. `take` tells what is wrong, or None where it could not judge."""

    name: str
    judges: Property
    take: Callable[[Bench], Awaitable[Sequence[Shown] | None]]

    def trouble(self, shown: Shown) -> Trouble:
        """What was found, as the sample that it repeats."""
        sample = Sample(family=self.name, data=shown.data, claim=Claim.LEGAL, place=Place.SESSION)
        trial = Trial(sample=sample, token="", data=shown.data, reading=Reading.UNFINISHED)
        broken = self.judges
        if shown.requirements is not None:
            broken = replace(broken, requirements=shown.requirements)
        found = Trouble(broken=broken, trial=trial, cause=shown.cause)
        return replace(found, script=shown.script(found)) if shown.script is not None else found
