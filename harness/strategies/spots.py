"""The places of a serialised element, by what the grammar of XML says they are."""

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from harness.strategies.sample import PLACEHOLDER


class Role(Enum):
    """What a place is. All but the first two are ranges that may hold several characters."""

    BETWEEN = "between children"
    TAG_END = "at the end of a start tag"
    NAME = "name of an element"
    ATTRIBUTE = "name of an attribute"
    VALUE = "value of an attribute"
    TEXT = "text"
    START_TAG = "start tag"
    END_TAG = "end tag"
    PAIR = "attribute with its value"
    BEFORE = "before the stanza"
    AFTER = "after the stanza"


class Spot(NamedTuple):
    """A range of bytes; an empty one is a place where something may be put in."""

    start: int
    end: int


Spots = dict[Role, tuple[Spot, ...]]

_TOKEN = re.compile(
    rb"""(?P<cdata><!\[CDATA\[.*?\]\]>)|(?P<close></[^<>]*>)|(?P<open><[^<>"'!?/]+(?:"[^"]*"|'[^']*'|[^<>"'])*>)|(?P<text>[^<]+)""",
    re.DOTALL,
)
_PAIR = re.compile(rb"""([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(rb"<([^\s/>]+)")
_PLACEHOLDER = re.compile(PLACEHOLDER.pattern.encode())
_MOST_KEPT = 64


@lru_cache(maxsize=_MOST_KEPT)
def spots_in(data: bytes) -> Spots:
    """Where what is, in the bytes of one well-formed element without comments or the like."""
    found: dict[Role, list[Spot]] = {role: [] for role in Role}
    depth = 0
    for match in _TOKEN.finditer(data):
        start, end = match.span()
        kind = match.lastgroup
        if kind == "open":
            _add_tag(found, match[0], start)
            depth += 0 if match[0].endswith(b"/>") else 1
        elif kind == "close":
            depth -= 1
            found[Role.END_TAG].append(Spot(start, end))
        elif kind == "text":
            found[Role.TEXT] += [Spot(*span) for span in _outside_placeholders(data, start, end)]
        if depth:
            found[Role.BETWEEN].append(Spot(end, end))
    found[Role.BEFORE].append(Spot(0, 0))
    found[Role.AFTER].append(Spot(len(data), len(data)))
    return {role: tuple(spots) for role, spots in found.items()}


def _add_tag(found: dict[Role, list[Spot]], tag: bytes, start: int) -> None:
    name = _NAME.match(tag)
    assert name is not None, tag
    found[Role.START_TAG].append(Spot(start, start + len(tag)))
    found[Role.NAME].append(Spot(start + name.start(1), start + name.end(1)))
    inner = start + len(tag) - (2 if tag.endswith(b"/>") else 1)
    found[Role.TAG_END].append(Spot(inner, inner))
    for pair in _PAIR.finditer(tag, name.end()):
        found[Role.PAIR].append(Spot(start + pair.start(), start + pair.end()))
        if not pair[1].startswith(b"xmlns"):
            found[Role.ATTRIBUTE].append(Spot(start + pair.start(1), start + pair.end(1)))
            found[Role.VALUE].append(Spot(start + pair.start(2) + 1, start + pair.end(2) - 1))


def _outside_placeholders(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _PLACEHOLDER.finditer(data, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def placeholders_in(data: bytes) -> list[Spot]:
    """Where placeholders stand, which nothing may part."""
    return [Spot(*match.span()) for match in _PLACEHOLDER.finditer(data)]
