"""A recording is played back; what a server says otherwise each time is left open.

What it says is laid beside what was recorded, stanza by stanza. Where both are built alike and a value
differs, the server makes it up anew; where both hold the same in another order, the order is free.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from harness.recording.script import Loose, Written, write
from harness.recording.session import Recording
from harness.recording.values import Position, values_in
from harness.results.records import CaseFinished, Exchange
from harness.results.verdicts import Verdict
from harness.wire.events import ElementReceived
from harness.wire.reader import StreamReader
from harness.wire.writer import stream_header
from harness.xmpp.elements import children

_Skeleton = tuple[str, ...]
_PLAYS = 2  # one after the other have to pass
_MOST_PLAYS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """How the last play ended: `trouble` is empty when it passed, as the one before it did."""

    written: Written
    loose: Loose
    trouble: str = ""
    was_played: bool = True


def replayed(
    recording: Recording, play: Callable[[Written], CaseFinished | str], described: Callable[[bool], str]
) -> Replayed:
    """Play a recording until it passes twice in a row, or nothing is left that could be left open.

    `play` plays what is written once, and tells of a play that could not be in words; `described` is what
    the script says of itself once it passes, and before.
    """
    loose, passed, trouble = Loose(), 0, ""
    for _ in range(_MOST_PLAYS):
        written = write(recording, described(False), loose)
        case = play(written)
        if isinstance(case, str) or not case.verdict.is_measured:
            why = case if isinstance(case, str) else "; ".join(case.notes) or case.verdict.value
            return Replayed(written=written, loose=loose, trouble=why, was_played=False)
        if case.verdict is Verdict.PASS:
            passed += 1
            if passed == _PLAYS:
                return Replayed(written=write(recording, described(True), loose), loose=loose)
            continue
        passed, before, trouble = 0, loose, _trouble(case)
        loose = loosened(recording, written, case, loose)
        if loose == before:
            break
    return Replayed(written=write(recording, described(False), loose), loose=loose, trouble=trouble)


def _trouble(case: CaseFinished) -> str:
    finding = case.findings[0]
    place = f"line {finding.step.line}: " if finding.step else ""
    return f"{place}{finding.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """What was received, by its number, and what came instead when it was played back: the place of that."""

    at: int
    place: int
    tree: etree._Element


def loosened(recording: Recording, written: Written, case: CaseFinished, loose: Loose) -> Loose:
    """What is to be left open besides, after this play; the same if nothing is to be."""
    values, unordered = set(loose.values), set(loose.unordered)
    for actor, numbers in written.received.items():
        pairs = list(_pairs(recording, numbers, _stanzas(case.exchanges, actor)))
        for pair in pairs:
            values |= set(_differing(recording, written, pair))
        places = {pair.at: pair.place for pair in pairs}
        for group in written.groups:
            seen = [places[at] for at in group if at in places]
            if seen != sorted(seen):
                unordered.add(group[0])
    return Loose(values=frozenset(values), unordered=frozenset(unordered))


def _pairs(
    recording: Recording, numbers: Sequence[int], stanzas: Sequence[etree._Element]
) -> Iterator[_Pair]:
    """The first one left that is built alike, for each."""
    left = {place: (_skeleton(one), one) for place, one in enumerate(stanzas)}
    for at in numbers:
        tree = recording.happenings[at].tree
        wanted = () if tree is None else _skeleton(tree)
        place = next((place for place, (skeleton, _) in left.items() if skeleton == wanted), None)
        if place is not None:
            yield _Pair(at=at, place=place, tree=left.pop(place)[1])


def _skeleton(tree: etree._Element) -> _Skeleton:
    return (tree.get("type", ""), *sorted(str(one.tag) for one in tree.iter(etree.Element)), str(tree.tag))


def _differing(recording: Recording, written: Written, pair: _Pair) -> Iterator[Position]:
    recorded = recording.happenings[pair.at]
    assert recorded.tree is not None
    numbers = {element: number for number, element in enumerate(recorded.tree.iter(etree.Element))}
    for old, new in _aligned(recorded.tree, pair.tree):
        for value in values_in(pair.at, recorded, old, numbers[old]):
            key = value.position[2]
            seen = new.get(key, "") if key else (new.text or "").strip()
            spelled = written.values.spelled(value)
            is_open = "{" in spelled or written.values.is_chosen_by_client(value)
            if seen and seen not in (value.text, spelled) and not is_open:
                yield value.position


def _aligned(old: etree._Element, new: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Elements that belong together: equal children, wherever they stand, and then those of one name."""
    yield old, new
    left = list(children(new))
    unequal = []
    for child in children(old):
        equal = next((one for one in left if _canonical(one) == _canonical(child)), None)
        if equal is None:
            unequal.append(child)
        else:
            left.remove(equal)
    for child in unequal:
        named_alike = next((one for one in left if one.tag == child.tag), None)
        if named_alike is not None:
            left.remove(named_alike)
            yield from _aligned(child, named_alike)


def _canonical(element: etree._Element) -> tuple[object, ...]:
    inner = tuple(map(_canonical, children(element)))
    return element.tag, sorted(element.attrib.items()), (element.text or "").strip(), inner


def _stanzas(exchanges: Sequence[Exchange], actor: str) -> list[etree._Element]:
    """What an actor has received as its client, in order; what cannot be read alone is passed over."""
    texts = [one.text for one in exchanges if one.actor == actor and one.direction == "received"]
    return [event.tree for text in texts for event in _elements(text)]


def _elements(text: str) -> Iterator[ElementReceived]:
    reader = StreamReader()
    reader.push(stream_header(attributes={}) + text.encode())
    while (event := reader.next_event()) is not None:
        if isinstance(event, ElementReceived):
            yield event
