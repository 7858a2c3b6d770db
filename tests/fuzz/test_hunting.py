"""Samples that are drawn, swept, shown again and made smaller, on an examiner whose target breaks by rule."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import strategies as st

from harness.fuzz.examining import Examined, trouble_by
from harness.fuzz.hunting import Caught, Hunt
from harness.fuzz.property import Property
from harness.fuzz.reduction import Confirmed, confirm
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble
from harness.strategies.sample import Claim, Sample

NO_BAD = Property(name="no-bad", number="P-0", title="Nothing is bad")
CUTS = Property(name="no-cuts", number="P-1", title="Cuts mean nothing", is_certain=False)


def sample(data: bytes, cuts: tuple[int, ...] = ()) -> Sample:
    return Sample(family="f", data=data, claim=Claim.LEGAL, labels=("made",), cuts=cuts)


@dataclass
class Target:
    """Breaks `broken` by the samples of which `is_bad` is true; `seen` is all that it was sent."""

    is_bad: Callable[[Sample], bool]
    broken: Property = NO_BAD
    tried: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    tokens: set[str] = field(default_factory=set)
    seen: list[Sample] = field(default_factory=list)
    renewals: int = 0

    async def examine(self, samples: Sequence[Sample]) -> Examined:
        self.seen += samples
        trials = [Trial(sample=one, token="t", data=one.data, reading=Reading.WHOLE) for one in samples]
        bad = [one for one in trials if self.is_bad(one.sample)]
        return Examined(trials=trials, troubles=[trouble_by(self.broken, one, "bad", ()) for one in bad])

    def conclude(self) -> Sequence[Trouble]:
        return ()

    def renew(self) -> None:
        self.renewals += 1


def is_bad(one: Sample) -> bool:
    return b"<bad" in one.data


def hunt(target: Target) -> Hunt:
    return Hunt(bench=target, is_over=lambda: False, is_deadly=lambda _: False, try_seconds=5.0)


async def test_what_is_swept_is_tried_once() -> None:
    target = Target(is_bad=lambda _: False)
    hunting = hunt(target)
    one, cut = sample(b"<a/>"), sample(b"<a/>", cuts=(2,))
    await hunting.sweep([one, one, cut])
    await hunting.sweep([one, replace(one, labels=("made in another way",))])
    assert target.seen == [one, cut]


async def test_of_what_shows_the_same_the_smallest_is_kept() -> None:
    target = Target(is_bad=is_bad)
    hunting = hunt(target)
    await hunting.sweep([sample(b"<a><bad/></a>"), sample(b"<bad/>"), sample(b"<a/>")])
    assert [[one.data for one in each.samples] for each in hunting.caught] == [[b"<bad/>"]]


async def test_what_has_been_caught_is_not_caught_again() -> None:
    target = Target(is_bad=is_bad)
    hunting = hunt(target)
    await hunting.sweep([sample(b"<bad/>")])
    await hunting.sweep([sample(b"<bad>2</bad>")])
    assert len(hunting.caught) == 1


@pytest.mark.parametrize(
    ("third", "seen", "caught"),
    [(b"<c/>", {b"<a/>": 1, b"<b/>": 1, b"<c/>": 1}, []), (b"<bad/>", None, [[b"<bad/>"]])],
    ids=["nothing-bad", "something-bad"],
)
async def test_what_is_drawn_is_tried_once_until_something_is_caught(third, seen, caught) -> None:
    target = Target(is_bad=is_bad)
    hunting = hunt(target)
    batches = st.lists(st.builds(sample, st.sampled_from([b"<a/>", b"<b/>", third])), min_size=1, max_size=5)
    await hunting.round("f", batches, seed=1, examples=20)
    assert seen is None or Counter(one.data for one in target.seen) == seen
    assert [[one.data for one in each.samples] for each in hunting.caught] == caught


async def confirmed(target: Target, samples: Sequence[Sample]) -> Confirmed:
    trouble = (await target.examine(samples)).troubles[0]
    target.seen.clear()
    return await confirm(target, Caught(trouble=trouble, samples=samples))


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (b"<m><x/><bad/></m>", b"<m><bad/></m>"),
        (b"<m a='1'><x>text</x><bad b='2'>text</bad></m>", b"<m><bad></bad></m>"),
    ],
)
async def test_what_need_not_be_there_is_left_out(data: bytes, left: bytes) -> None:
    target = Target(is_bad=is_bad)
    found = await confirmed(target, [sample(data)])
    assert not found.is_flaky
    assert [one.data for one in found.samples] == [left]
    assert target.renewals >= 2


async def test_of_a_batch_one_is_left() -> None:
    target = Target(is_bad=is_bad, broken=CUTS)
    batch = [sample(b"<a%d/>" % number) for number in range(7)]
    found = await confirmed(target, [*batch[:4], sample(b"<bad/>"), *batch[4:]])
    assert [one.data for one in found.samples] == [b"<bad/>"]


async def test_what_does_not_show_twice_is_flaky() -> None:
    shown = iter([True, False, True, False, False, False])
    target = Target(is_bad=lambda _: next(shown))
    found = await confirmed(target, [sample(b"<a/>")])
    assert found.is_flaky
