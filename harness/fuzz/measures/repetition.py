"""Whether the same comes of the same."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from harness.fuzz.examining import token_of
from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.trial import Trial
from harness.results.verdicts import Level
from harness.strategies.families import FAMILIES, PLAINEST, derived
from harness.strategies.sample import Sample

REPETITION = Property(
    name="same-comes-of-same",
    number="P-45",
    title="What is sent twice to fresh users gets the same answers",
    level=Level.SHOULD,  # robustness: no sentence forbids to be of two minds
    is_told=True,
    steps=None,
)

#: How many of each family.
_NUMBERS = {"stanza": 12, "valid": 24, "state": 6, "header": 6, "wf": 4}
_AT_ONCE = 6
_LEAST, _ROUNDS, _ENOUGH = 3, 6, 2
#: Of these something stays when the users are others, and services answer when they like.
_LASTING = (b"${muc}", b"jabber:iq:register", b"pubsub")


def _samples() -> list[Sample]:
    """The same ones each time, from everywhere in their families."""
    chosen = []
    for name, most in _NUMBERS.items():
        family = FAMILIES[name]
        numbers = random.Random(name).sample(list(family.numbers), min(most, len(family.numbers)))
        chosen += [derived(family, PLAINEST[number % len(PLAINEST)], number) for number in numbers]
    return [one for one in chosen if not any(word in one.data for word in _LASTING)]


async def _repeated(bench: Bench) -> Sequence[Shown] | None:
    """What differs once may have come late; what differs in several rounds has not."""
    samples = _samples()
    rounds: list[Mapping[bytes, str]] = []
    while len(rounds) < _ROUNDS:
        rounds.append(await _answers(bench, samples))
        if len(rounds) >= _LEAST and not any(_odd(rounds, one) for one in samples):
            return []
    odd = [one for one in samples if _odd(rounds, one)]
    if len(set().union(*(_odd(rounds, one) for one in odd))) < _ENOUGH:
        return []
    return [Shown(data=odd[0].data, cause="now one thing, now another comes of the same")]


def _odd(rounds: Sequence[Mapping[bytes, str]], sample: Sample) -> set[int]:
    """The rounds in which something else came of it than usually."""
    tokens = [one.get(sample.data) for one in rounds]
    usual = Counter(tokens).most_common(1)[0][0]
    return {number for number, token in enumerate(tokens) if token != usual}


async def _answers(bench: Bench, samples: Sequence[Sample]) -> dict[bytes, str]:
    """What came of each, by what was sent; users are fresh."""
    bench.renew()
    trials: list[Trial] = []
    for begin in range(0, len(samples), _AT_ONCE):
        trials += (await bench.examine(samples[begin : begin + _AT_ONCE])).trials
    return {one.sample.data: token_of(one) for one in trials}


REPEATED = Measure(name="repetition", judges=REPETITION, take=_repeated)
