"""Confirming what was caught, and making it as small as it can be.

A trouble counts when it shows two times of three with fresh users; otherwise it is told as flaky. Then
something is left out for as long as it still shows: elements, attributes and texts first.
"""

import pyexpat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import trio

from harness.fuzz.examining import Examiner
from harness.fuzz.hunting import Caught, Signature
from harness.fuzz.pieces import insides, parts_placeholder, wholes
from harness.fuzz.property import Property
from harness.fuzz.trial import Reading, read_as_sent
from harness.fuzz.troubles import SEGMENTS, STYLE, Trouble
from harness.strategies.reading import read
from harness.strategies.sample import Claim, Element, Place, Sample
from harness.strategies.serializing import serialize
from harness.wire.events import Violation
from harness.wire.reader import StreamReader
from harness.wire.writer import stream_footer, stream_header

_TRIES, _ENOUGH = 3, 2
_MOST_REPLAYS = 120
_SECONDS = 4.0  # for making one finding smaller
_PLACEHOLDER = b"${token}"


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """A trouble with the samples that show it.

    With `is_flaky` it did not show two times of three, for which there was no time where it is `is_untried`.
    """

    trouble: Trouble
    samples: Sequence[Sample]
    is_flaky: bool = False
    is_untried: bool = False


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
    if blamed:  # what shows it stays the same
        trouble = replace(trouble, broken=replace(blamed, steps=trouble.broken.steps))
    return Confirmed(trouble=trouble, samples=samples)


async def _blamed(bench: Examiner, samples: Sequence[Sample], signature: Signature) -> Property | None:
    """Whether it is the cuts alone that do it, or the way of writing alone; neither means anything."""
    if len(samples) != 1 or samples[0].claim is not Claim.LEGAL:
        return None
    sample = samples[0]
    if sample.cuts and await _once(bench, [replace(sample, cuts=())], signature) is None:
        return SEGMENTS
    element = read(sample.data)
    plain = serialize(_in_order(element)) if element is not None else sample.data
    if plain != sample.data and await _once(bench, [replace(sample, data=plain)], signature) is None:
        return STYLE
    return None


def _in_order(element: Element) -> Element:
    """The same with attributes in order, which means nothing either."""
    children = [_in_order(one) if isinstance(one, Element) else one for one in element.children]
    attributes = sorted(element.attributes, key=lambda one: str(one[0]))
    return replace(element, attributes=tuple(attributes), children=tuple(children))


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
    """Halve a batch until one sample is left that does it alone, and make that one smaller."""
    while len(samples) > 1:
        half = len(samples) // 2
        parts = (samples[half:], samples[:half])  # the last first, for it was the last that was seen
        found = [part for part in parts if await _once(bench, part, signature) is not None]
        if not found:
            return samples
        samples = found[0]
    search = _Search(bench=bench, signature=signature, best=samples[0])
    await search.make_smaller()
    return [search.best]


@dataclass(kw_only=True)
class _Search:
    """Takes something out of a sample for as long as that shows the same, and there is time."""

    bench: Examiner
    signature: Signature
    best: Sample
    left: int = _MOST_REPLAYS
    deadline: float = field(default_factory=lambda: trio.current_time() + _SECONDS)

    async def make_smaller(self) -> None:
        """First what a person would leave out, then bytes; of what is legal those of texts and values."""
        await self._try(replace(self.best, cuts=()) if self.best.cuts else None)
        index = 0
        while not self._is_over and index < len(spots := wholes(self.best.data)):
            index = 0 if await self._try(_without(self.best, *spots[index])) else index + 1
        size = max(len(self.best.data) // 2, 1)
        while size >= 1:
            await self._cut_out(size)
            size //= 2

    async def _cut_out(self, size: int) -> None:
        at = 0
        while at < len(self.best.data) and not self._is_over:
            is_open = self.best.claim is not Claim.LEGAL or any(
                one.start <= at and at + size <= one.end for one in insides(self.best.data)
            )
            if not (is_open and await self._try(_without(self.best, at, at + size))):
                at += size if self.best.claim is not Claim.LEGAL else 1

    async def _try(self, smaller: Sample | None) -> bool:
        if smaller is None or self._is_over:
            return False
        self.left -= 1
        if await _once(self.bench, [smaller], self.signature) is None:
            return False
        self.best = smaller
        return True

    @property
    def _is_over(self) -> bool:
        return self.left <= 0 or trio.current_time() >= self.deadline


def _is_xml(sample: Sample) -> bool:
    """Whether it is well-formed for a parser that knows nothing of streams, as restricted XML is."""
    header = (
        b"" if sample.place is Place.HEADER else stream_header(attributes={"xmlns:fuzz": "urn:example:fuzz"})
    )
    parser = pyexpat.ParserCreate("UTF-8", " ")
    try:
        parser.Parse(header + sample.data + stream_footer(), True)
    except pyexpat.ExpatError:
        return False
    return True


def _is_broken_by_itself(sample: Sample) -> bool:
    """Whether it cannot become well-formed, whatever follows."""
    header = b"" if sample.place is Place.HEADER else stream_header(attributes={})
    return any(isinstance(event, Violation) for event in StreamReader().feed(header + sample.data))


def _without(sample: Sample, begin: int, end: int) -> Sample | None:
    """Leave bytes out, if what is claimed of the sample stays true and no placeholder is parted.

    Where harm must not come of it, what is left may do none: such samples stay whole.
    """
    data = sample.data[:begin] + sample.data[end:]
    if sample.harms or not data.strip() or parts_placeholder(sample.data, begin, end):
        return None
    if _PLACEHOLDER in sample.data and _PLACEHOLDER not in data:
        return None
    reading, _ = read_as_sent(data, has_header=sample.place is not Place.HEADER)
    wanted = Reading.WHOLE if sample.claim is Claim.LEGAL else Reading.BROKEN
    if _is_broken_by_itself(sample) and not _is_broken_by_itself(replace(sample, data=data)):
        return None  # something would have to follow, so that a reader may wait
    if reading is not wanted or _is_xml(replace(sample, data=data)) is not _is_xml(sample):
        return None
    cuts = {cut if cut <= begin else max(begin, cut - (end - begin)) for cut in sample.cuts}
    return replace(sample, data=data, cuts=tuple(sorted(cuts - {0, len(data)})))
