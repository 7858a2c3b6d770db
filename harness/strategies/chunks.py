"""Where bytes are cut into segments. Segmentation means nothing, so every way must come to the same."""

import re

from harness.strategies.choices import Choices
from harness.strategies.spots import placeholders_in

#: How many ways there are; numbers that are equal modulo it cut in the same way.
WAYS = 10
_MOST_CUTS = 400  # of many segments, so that nobody waits for long
_MULTIPLIER, _INCREMENT = 6364136223846793005, 1442695040888963407  # Knuth, MMIX
_WITHIN_CHARACTERS = re.compile(rb"(?=[\x80-\xbf])")
_WITHIN_REFERENCES = re.compile(rb"&[^;<]{1,20};")
_WITHIN_SECTIONS = re.compile(rb"<!\[CDATA\[|\]\]>")
_TAGS = re.compile(rb"<[^>]*>")
_LINE_ENDS = re.compile(rb"(?<=\r)(?=\n)")


def cuts(data: bytes, number: int) -> tuple[int, ...]:
    """Offsets at which bytes are to be parted, in order; none for 0. No placeholder is parted."""
    choices = Choices(number)
    way = choices.below(WAYS)
    found = {at for at in _wanted(data, way, choices) if 0 < at < len(data)}
    for start, end in placeholders_in(data):
        found.difference_update(range(start + 1, end))
    return tuple(sorted(found)[:_MOST_CUTS])


def _wanted(data: bytes, way: int, choices: Choices) -> "list[int] | range | set[int]":
    match way:
        case 0:
            return []
        case 1:
            return [choices.below(max(1, len(data)))]
        case 2:
            return range(1, len(data))
        case 3:
            return [match.start() for match in _WITHIN_CHARACTERS.finditer(data)]
        case 4:
            return _inside(_WITHIN_REFERENCES, data)
        case 5:
            return _inside(_WITHIN_SECTIONS, data)
        case 6:
            return [match.end() - 1 for match in _TAGS.finditer(data)]  # before each >
        case 7:
            tags = [match.span() for match in _TAGS.finditer(data)]
            return [start + 1 for start, _ in tags] + [end for _, end in tags]
        case 8:
            lines = [match.start() for match in _LINE_ENDS.finditer(data)]
            return lines or range(0, len(data), 2 + choices.below(62))
        case _:
            return _scattered(len(data), choices)


def _inside(pattern: re.Pattern[bytes], data: bytes) -> set[int]:
    return {at for match in pattern.finditer(data) for at in range(match.start() + 1, match.end())}


def _scattered(length: int, choices: Choices) -> list[int]:
    """A few places that the number determines."""
    count = 1 + choices.below(8)
    state, found = choices.rest, []
    for _ in range(count):
        state = (state * _MULTIPLIER + _INCREMENT) % 2**64
        found.append((state >> 33) % max(1, length))
    return found
