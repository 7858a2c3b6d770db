"""Wire text as HTML with the parts of its tags set apart. Every character of the text is escaped."""

import re

from markupsafe import Markup, escape

from harness.reporters.printable import printable, shortened

_TAG = re.compile(r"(</?)([\w:.-]+)((?>[^<>\"']|\"[^\"]*\"|'[^']*')*+)(>)")
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'")
_LONGEST = 16_000  # characters of one text
_COLOURED = 6_000  # beyond it colours cost more than they tell


def wire_markup(text: str) -> Markup:
    """Return the text escaped, with tag names in `b` and attribute values in `i`."""
    shown = shortened(printable(text), _LONGEST)
    if len(shown) > _COLOURED:
        return escape(shown)
    parts: list[Markup] = []
    place = 0
    for found in _TAG.finditer(shown):
        parts += (escape(shown[place : found.start()]), _tag(found))
        place = found.end()
    return Markup("").join([*parts, escape(shown[place:])])


def _tag(found: re.Match[str]) -> Markup:
    opening, name, rest, closing = found.groups()
    return Markup("{}<b>{}</b>{}{}").format(opening, name, _values(rest), closing)


def _values(text: str) -> Markup:
    parts: list[Markup] = []
    place = 0
    for found in _VALUE.finditer(text):
        parts += (escape(text[place : found.start()]), Markup("<i>{}</i>").format(found.group()))
        place = found.end()
    return Markup("").join([*parts, escape(text[place:])])
