"""The samples that a family knows, in the order in which they are tried."""

import random

from harness.strategies.families import MESSAGE, PLAINEST, RICH, Family, derived
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Sample

_STRIDE = 977  # so that neighbouring rows have other texts
_OF_TEXTS = ("style", "chunks")  # of which other texts make more than other numbers


def rows_of(family: Family, chance: random.Random, each: int) -> list[Sample]:
    """Each thing in its plainest form; of stanzas also so many changes to one of each purpose, by chance."""
    if family.name in _OF_TEXTS:
        rows = [derived(family, RICH, number) for number in family.numbers] if family.name == "style" else []
        rows += [derived(family, MESSAGE.make(number * _STRIDE), number) for number in family.numbers]
        return rows + [derived(family, one.make(0), chance.choice(family.numbers)) for one in PAYLOADS]
    if family.name != "stanza":
        return [derived(family, PLAINEST[0], number) for number in family.numbers]
    rows = [derived(family, stanza, number) for number in family.numbers for stanza in PLAINEST]
    rows += [derived(family, one.make(0), chance.choice(family.numbers)) for one in PAYLOADS * each]
    return rows
