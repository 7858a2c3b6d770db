"""Hypothesis strategies of samples."""

from hypothesis import strategies as st

from harness.strategies.families import FAMILIES, Family, derived
from harness.strategies.sample import Element, Sample
from harness.strategies.valid import numbers, stanzas

__all__ = ["FAMILIES", "Family", "batches", "batches_of", "malformed_streams", "samples"]

_RUNS = (1, 2, 4, 8, 16)
_MALFORMED = ("wf", "bytes", "restricted", "ns", "header", "state")


def samples(family: str) -> st.SearchStrategy[Sample]:
    """Samples of one family; KeyError if there is none of that name."""
    found = FAMILIES[family]
    return st.builds(lambda element, number: derived(found, element, number), stanzas(), numbers)


def malformed_streams() -> st.SearchStrategy[Sample]:
    """Everything that is wrong with bytes, and with streams before the login; legal oddities among it."""
    return st.one_of([samples(name) for name in _MALFORMED])


def batches(family: str, most: int = 30) -> st.SearchStrategy[list[Sample]]:
    """Samples of one family, all made of the same stanza; the simplest batch is one plain sample.

    A few numbers are drawn, each with how many of its successors come along, which costs nothing.
    """
    return batches_of(FAMILIES[family], most)


def batches_of(found: Family, most: int = 30) -> st.SearchStrategy[list[Sample]]:
    """The same for a family at hand."""

    def batch(element: Element, runs: list[tuple[int, int]]) -> list[Sample]:
        drawn = dict.fromkeys(number + step for number, length in runs for step in range(length))
        return [derived(found, element, number) for number in [*drawn][:most]]

    runs = st.lists(st.tuples(numbers, st.sampled_from(_RUNS)), min_size=1, max_size=most)
    return st.builds(batch, stanzas(), runs)
