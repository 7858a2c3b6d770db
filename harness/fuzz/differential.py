"""What several servers make of the same samples: who is alone with an answer is worth a look (P-47).

Nobody is accused. Specifications leave much open, and who is alone may be the only one who is right.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.fuzz.examining import answer_of
from harness.fuzz.servers.bench import Bench
from harness.strategies.families import FAMILIES, PLAINEST, derived
from harness.strategies.sample import Sample

_LEFT_OUT = ("bombs", "size", "chunks", "style", "valid")  # of which nothing else should come anywhere
_AT_ONCE = 12
#: So many targets there have to be, that one can be alone.
FEWEST = 3


@dataclass(frozen=True, kw_only=True)
class Alone:
    """Something of which one target makes something else than all others."""

    sample: Sample
    target: str
    answer: str
    others: str


def samples_for(families: Sequence[str], seed: int, most: int) -> list[Sample]:
    """The same for each target: so many of each family, in an order of its own for each seed."""
    chosen: list[Sample] = []
    for name in families or [one for one in FAMILIES if one not in _LEFT_OUT]:
        family, chance = FAMILIES[name], random.Random(f"{name} {seed}")
        numbers = list(family.numbers)
        chance.shuffle(numbers)
        rows = [derived(family, stanza, number) for number in numbers[:most] for stanza in PLAINEST]
        chosen += list({one.data: one for one in rows}.values())[:most]
    return chosen


async def note_answers(bench: Bench, waiting: list[Sample], told: dict[bytes, str]) -> None:
    """Note what comes of each, without texts and ids, by what was sent, and take it from those that wait.

    TargetGoneError when the target has ended: those that it was sent last do not wait any more, either.
    """
    while waiting:
        bench.renew()
        batch, waiting[:] = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        told |= {one.sample.data: answer_of(one) for one in (await bench.examine(batch)).trials}


def alone(samples: Sequence[Sample], told: Mapping[str, Mapping[bytes, str]]) -> Iterator[Alone]:
    """Where all targets but one agree, and there are enough of them."""
    for sample in samples:
        answered = {name: one[sample.data] for name, one in told.items() if sample.data in one}
        counts = Counter(answered.values())
        if len(answered) < FEWEST or len(counts) != 2:
            continue
        (usual, _), (odd, number) = counts.most_common()
        if number == 1:
            target = next(name for name, answer in answered.items() if answer == odd)
            yield Alone(sample=sample, target=target, answer=odd, others=usual)
