"""Which of some samples has ended the target."""

import pytest

from harness.fuzz.deaths import Inquest
from harness.strategies.sample import Claim, Sample

SAMPLES = [Sample(family="f", data=b"%d" % number, claim=Claim.LEGAL) for number in range(11)]


@pytest.mark.parametrize("culprits", [{0}, {5}, {10}, {3, 4}, {0, 10}])
def test_the_fewest_are_found(culprits: set[int]) -> None:
    """Those that only do it together and are in both halves cannot be parted."""
    inquest = Inquest(samples=SAMPLES)
    deaths = 0
    while (tried := inquest.next()) is not None:
        if {SAMPLES.index(one) for one in tried} >= culprits:
            inquest.killed()
            deaths += 1
        else:
            inquest.survived()
    found = {SAMPLES.index(one) for one in inquest.killers}
    assert culprits <= found
    assert len(culprits) > 1 or found == culprits
    assert deaths < 6


def test_what_does_no_harm_again_has_no_killers() -> None:
    inquest = Inquest(samples=SAMPLES)
    while inquest.next() is not None:
        inquest.survived()
    assert not inquest.killers
