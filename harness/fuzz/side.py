"""What a campaign has to know of the side that it tries: servers or clients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.fuzz.property import Property
from harness.fuzz.troubles import Trouble
from harness.results.verdicts import Perspective
from harness.strategies.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Side:
    """Its `properties`, besides the monitors' rules, and how a finding becomes a script.

    `rows` are the samples that a family knows, in an order of its own for each seed; so many of them are
    `swept` in one turn, and no longer than so many seconds. What is not `is_drawn` knows no others. When a
    batch takes longer than `try_seconds` the target is gone.
    """

    perspective: Perspective
    properties: Sequence[Property]
    script_of: Callable[[Trouble, Sequence[Sample]], str]
    rows: Callable[[str, int], list[Sample]]
    swept: Callable[[str], int]
    sweep_seconds: float
    try_seconds: float
    is_drawn: Callable[[str], bool] = lambda _: True
