"""What is tried on servers."""

import itertools
import random
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from hypothesis.strategies import SearchStrategy

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
from harness.strategies.derive import batches
from harness.strategies.families import FAMILIES, FORGING, LACKING, LACKING_MUCH, ONCE, PLAINEST, derived
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Claim, Place, Sample

_EACH = 4  # changes to a stanza of each purpose
_FIRST = 8  # families of samples before the state machines: those that end no streams
_IN_SESSION = 2  # of so many samples that end a stream, one is drawn for after a login
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


def families_of(names: Iterable[str]) -> Mapping[str, SearchStrategy[list[Sample]] | None]:
    """Strategies of families by their names; None for machines and measures."""
    return {name: batches(name).map(_cheaper) if name in FAMILIES else None for name in names}


def _cheaper(samples: list[Sample]) -> list[Sample]:
    """What ends a stream costs a login each time; most of it shows before any login as well."""
    return [_before_login(one) if _is_cheaper(one) else one for one in samples]


def _is_cheaper(sample: Sample) -> bool:
    return _ends_session(sample) and zlib.crc32(sample.data) % _IN_SESSION > 0


def _ends_session(sample: Sample) -> bool:
    return sample.claim is not Claim.LEGAL and sample.place is Place.SESSION


def _before_login(sample: Sample) -> Sample:
    return replace(sample, place=Place.OPEN)


def _rows(name: str, seed: int) -> list[Sample]:
    """All of a family in an order by chance; of stanzas first what is plainest."""
    family, chance = FAMILIES[name], random.Random(seed)
    rows = rows_of(family, chance, _EACH)
    if name == "stanza":
        first = [derived(family, one, number) for number in (*ONCE, *FORGING) for one in PLAINEST]
        first += [derived(family, one.make(0), number) for number in LACKING_MUCH for one in PAYLOADS]
        rows += [derived(family, one.make(0), number) for number in LACKING for one in PAYLOADS]
    else:  # what ends a stream comes in both places, in the other one later
        first = _cheaper(rows)
        rows = [one if _is_cheaper(one) else _before_login(one) for one in rows if _ends_session(one)]
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
