"""What is tried on servers."""

import itertools
import random
from collections.abc import Collection, Sequence

from harness.fuzz.machines.every import BY_MACHINE, MACHINES
from harness.fuzz.measures.every import MEASURED, MEASURES
from harness.fuzz.property import Property
from harness.fuzz.rows import rows_of
from harness.fuzz.servers.growth import GROWTH
from harness.fuzz.servers.health import HEALTH
from harness.fuzz.servers.lingering import LINGERING
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.servers.scripts import script_of
from harness.fuzz.side import Side
from harness.fuzz.troubles import BY_COMPARISON
from harness.results.verdicts import Perspective
from harness.strategies.families import FAMILIES, LACKING, LACKS, PLAINEST, derived
from harness.strategies.mutations import MUTATIONS
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Sample

_EACH = 4  # changes to a stanza of each purpose
_FIRST = 8  # families of samples before the state machines: those that end no streams
_SWEPT = 480  # rows of a family in one turn

#: All that a campaign can find broken, besides the monitors' rules.
EVERY_PROPERTY = (*PROPERTIES, *BY_COMPARISON, *BY_MACHINE, *MEASURED, GROWTH, LINGERING, *HEALTH)


def usual_families() -> list[str]:
    """In the order of their turns: all but those that make much of little. After each comes a measure."""
    drawn = [name for name, one in FAMILIES.items() if not one.is_amplifying]
    tried = [*drawn[:_FIRST], *MACHINES, *drawn[_FIRST:]]
    turns = itertools.zip_longest(tried, MEASURES)
    return [name for turn in turns for name in turn if name is not None]


def families_showing(wanted: Collection[str]) -> list[str]:
    """Those by which these properties may be found broken, by name or number; all where there are none."""
    usual = usual_families()
    if not wanted:
        return usual
    apart: dict[str, Sequence[Property]] = {name: (one.judges,) for name, one in MEASURES.items()}
    apart |= {name: one.properties for name, one in MACHINES.items()}
    chosen = {name for name, judged in apart.items() if any(one.is_among(wanted) for one in judged)}
    by_samples = [one for one in EVERY_PROPERTY if one not in (*BY_MACHINE, *MEASURED)]
    if any(one.is_among(wanted) for one in by_samples) or not chosen:
        chosen |= set(usual) - apart.keys()
    return [name for name in usual if name in chosen]


def _rows(name: str, seed: int) -> list[Sample]:
    """All of a family in an order by chance; of stanzas first what is plainest."""
    family, chance = FAMILIES[name], random.Random(seed)
    rows = rows_of(family, chance, _EACH)
    first: list[Sample] = []
    if name == "stanza":
        count = len(MUTATIONS) * len(PLAINEST)
        lacking = [derived(family, one.make(0), number) for number in LACKING for one in PAYLOADS]
        plainest = len(PAYLOADS) * LACKS
        first, rows = [*rows[:count], *lacking[:plainest]], [*rows[count:], *lacking[plainest:]]
    chance.shuffle(first)
    chance.shuffle(rows)
    return [*{one.trace: one for one in (*first, *rows)}.values()]


SERVERS = Side(
    perspective=Perspective.CLIENT,
    properties=EVERY_PROPERTY,
    script_of=script_of,
    rows=_rows,
    swept=lambda _: _SWEPT,
    sweep_seconds=0.7,
    try_seconds=20.0,
)
