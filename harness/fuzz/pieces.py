"""What may be left out of a sample, so that what remains can still be read by a person."""

import re
from collections.abc import Iterator

from harness.strategies.spots import Spot, placeholders_in

_TAG = re.compile(rb"<(?P<close>/?)(?P<name>[^\s/<>]+)[^<>]*?(?P<empty>/?)>")
_PAIR = re.compile(rb"""\s+[^\s=<>/"']+\s*=\s*(?P<value>"[^"]*"|'[^']*')""")
_TEXT = re.compile(rb"(?<=>)[^<]+(?=<)")


def wholes(data: bytes) -> list[Spot]:
    """Elements, attributes and texts, the longest first; of what is ill-formed, what looks like them."""
    found = [
        *_elements(data),
        *(Spot(*one.span()) for regex in (_PAIR, _TEXT) for one in regex.finditer(data)),
    ]
    whole = Spot(0, len(data))
    return sorted((one for one in found if one != whole), key=lambda one: (one.start - one.end, one.start))


def insides(data: bytes) -> list[Spot]:
    """Texts and values, of which a part may be left out, but for placeholders."""
    values = [Spot(one.start("value") + 1, one.end("value") - 1) for one in _PAIR.finditer(data)]
    return [*values, *(Spot(*one.span()) for one in _TEXT.finditer(data))]


def parts_placeholder(data: bytes, start: int, end: int) -> bool:
    """Whether leaving out these bytes would leave a part of a placeholder."""
    return any(one.start < start < one.end or one.start < end < one.end for one in placeholders_in(data))


def _elements(data: bytes) -> Iterator[Spot]:
    begun: list[tuple[bytes, int]] = []
    for tag in _TAG.finditer(data):
        if tag["empty"] and not tag["close"]:
            yield Spot(*tag.span())
        elif not tag["close"]:
            begun.append((tag["name"], tag.start()))
        elif begun and begun[-1][0] == tag["name"]:
            yield Spot(begun.pop()[1], tag.end())
