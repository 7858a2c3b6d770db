"""Which samples end a process of the target. It is started again after each end, so halving takes a while."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.fuzz.examining import ENDED
from harness.strategies.sample import Sample


@dataclass(kw_only=True)
class Inquest:
    """What was sent before an end, and what of it has ended the target again."""

    samples: Sequence[Sample]
    cause: str = ENDED
    killers: Sequence[Sample] = ()  # the fewest that have
    _open: list[Sequence[Sample]] = field(default_factory=list)

    def __post_init__(self) -> None:
        last = self.samples[-1:]
        self._open = [last] if len(self.samples) == 1 else [last, self.samples]

    def next(self) -> Sequence[Sample] | None:
        """What is to be sent now; None when no more can be found out."""
        return self._open[0] if self._open else None

    def survived(self) -> None:
        """What was sent did no harm."""
        self._open.pop(0)

    def killed(self) -> None:
        """The target has ended again: one of the halves may do for that."""
        self.killers = self._open[0]
        half = len(self.killers) // 2
        self._open = [self.killers[half:], self.killers[:half]] if half else []

    def close(self) -> None:
        """There is no time to find out more."""
        self._open = []
