"""Confirming what was caught, and making it as small as it can be.

A trouble counts when it shows two times of three with fresh users; otherwise it is told as flaky. Then bytes
are taken away for as long as it still shows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import trio

from harness.fuzz.examining import Examiner
from harness.fuzz.hunting import Caught, Signature
from harness.fuzz.property import Property
from harness.fuzz.trial import Reading, read_as_sent
from harness.fuzz.troubles import SEGMENTS, STYLE, Trouble
from harness.strategies.reading import read
from harness.strategies.sample import Claim, Place, Sample
from harness.strategies.serializing import serialize

_TRIES, _ENOUGH = 3, 2
_MOST_REPLAYS = 120
_SECONDS = 4.0  # for making one finding smaller
_PLACEHOLDER = b"${token}"
_OPENED = re.compile(rb"\$\{[^}]*\}?|(?<!\})\}")


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """A trouble with the samples that show it. With `is_flaky` it did not show two times of three."""

    trouble: Trouble
    samples: Sequence[Sample]
    is_flaky: bool = False


async def confirm(bench: Examiner, caught: Caught, *, is_hurried: bool = False) -> Confirmed:
    """Try it again with fresh users; where there is time, make it smaller and find out what is to blame."""
    shown = await _shows(bench, caught.samples, caught.trouble.signature)
    if shown is None:
        return Confirmed(trouble=caught.trouble, samples=caught.samples, is_flaky=True)
    if is_hurried:
        return Confirmed(trouble=shown, samples=caught.samples)
    signature = caught.trouble.signature
    smaller = await _reduced(bench, caught.samples, signature)
    again = await _once(bench, smaller, signature, is_fresh=True)
    trouble, samples = (again, smaller) if again else (shown, caught.samples)
    blamed = None if trouble.is_of_a_monitor else await _blamed(bench, samples, signature)
    return Confirmed(trouble=replace(trouble, broken=blamed) if blamed else trouble, samples=samples)


async def _blamed(bench: Examiner, samples: Sequence[Sample], signature: Signature) -> Property | None:
    """Whether it is the cuts alone that do it, or the way of writing alone; neither means anything."""
    if len(samples) != 1 or samples[0].claim is not Claim.LEGAL:
        return None
    sample = samples[0]
    if sample.cuts and await _once(bench, [replace(sample, cuts=())], signature) is None:
        return SEGMENTS
    element = read(sample.data)
    plain = serialize(element) if element is not None else sample.data
    if plain != sample.data and await _once(bench, [replace(sample, data=plain)], signature) is None:
        return STYLE
    return None


async def _shows(bench: Examiner, samples: Sequence[Sample], signature: Signature) -> Trouble | None:
    found = []
    for _ in range(_TRIES):
        trouble = await _once(bench, samples, signature, is_fresh=True)
        if trouble is not None:
            found.append(trouble)
        if len(found) == _ENOUGH:
            return found[-1]
    return None


async def _once(
    bench: Examiner, samples: Sequence[Sample], signature: Signature, *, is_fresh: bool = False
) -> Trouble | None:
    if is_fresh:
        bench.renew()
    examined = await bench.examine(samples)
    return next((one for one in examined.troubles if one.signature == signature), None)


async def _reduced(bench: Examiner, samples: Sequence[Sample], signature: Signature) -> Sequence[Sample]:
    """Leave samples out, then take pieces out of the one that is left, the larger ones first."""
    for sample in samples if len(samples) > 1 else ():
        if await _once(bench, [sample], signature) is not None:
            samples = [sample]
            break
    if len(samples) != 1:
        return samples
    best, replays, deadline = samples[0], 0, trio.current_time() + _SECONDS
    if best.cuts:
        whole = replace(best, cuts=())
        replays += 1
        if await _once(bench, [whole], signature) is not None:
            best = whole
    size = max(len(best.data) // 2, 1)
    while size >= 1 and replays < _MOST_REPLAYS and trio.current_time() < deadline:
        begin = 0
        while begin < len(best.data) and replays < _MOST_REPLAYS and trio.current_time() < deadline:
            smaller = _without(best, begin, begin + size)
            if smaller is None:
                begin += size
                continue
            replays += 1
            if await _once(bench, [smaller], signature) is not None:
                best = smaller
            else:
                begin += size
        size //= 2
    return [best]


def _placeholders(data: bytes) -> set[bytes]:
    return set(_OPENED.findall(data))


def _without(sample: Sample, begin: int, end: int) -> Sample | None:
    """Leave bytes out, if what is claimed of the sample stays true; of harms that cannot be told."""
    data = sample.data[:begin] + sample.data[end:]
    if sample.harms or not data.strip() or (_PLACEHOLDER in sample.data and _PLACEHOLDER not in data):
        return None
    if not _placeholders(data) <= _placeholders(sample.data):
        return None  # one has been cut through
    reading, _ = read_as_sent(data, has_header=sample.place is not Place.HEADER)
    wanted = Reading.WHOLE if sample.claim is Claim.LEGAL else Reading.BROKEN
    if reading is not wanted:
        return None
    cuts = {cut if cut <= begin else max(begin, cut - (end - begin)) for cut in sample.cuts}
    return replace(sample, data=data, cuts=tuple(sorted(cuts - {0, len(data)})))
