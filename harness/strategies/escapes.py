"""Characters as they are written in texts and attribute values. Placeholders stay what they are."""

import re
from collections.abc import Callable, Mapping

from harness.strategies.sample import PLACEHOLDER
from harness.strategies.style import Text

Writer = Callable[[str], str]

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}  # XML 1.0, 2.11
_VALUE_ESCAPES = {"\t": "&#9;", "\n": "&#10;"}  # XML 1.0, 3.3.3
_NAMES = {**_ESCAPES, **_VALUE_ESCAPES, "'": "&apos;", '"': "&quot;"}
_IN_TEXT = re.compile(r"[<&>\r]")
_WITH_NAMES = re.compile("[<&>\"'\r]")
_IN_VALUES = {"'": re.compile("[<&\r\t\n']"), '"': re.compile('[<&\r\t\n"]')}
_ALL_WITH_NAMES = re.compile("[<&>\"'\r\t\n]")
_ALWAYS_ESCAPED = frozenset("<&>\r\t\n'\"")


def _by_name(match: re.Match[str]) -> str:
    return _NAMES[match[0]]


def _cdata(text: str) -> str:
    """The text in CDATA sections, which can hold neither their own end nor a carriage return."""
    return "".join(
        "&#13;" if part == "\r" else f"<![CDATA[{part.replace(']]>', ']]]]><![CDATA[>')}]]>"
        for part in re.split("(\r)", text)
        if part
    )


def _in_turns(text: str) -> str:
    return "".join(
        f"&#{ord(character):07d};" if position % 2 == 0 or character in _ALWAYS_ESCAPED else character
        for position, character in enumerate(text)
    )


def _decimal(text: str) -> str:
    return "".join([f"&#{ord(character)};" for character in text])


def _hexadecimal(text: str) -> str:
    return "".join([f"&#x{ord(character):X};" for character in text])


_TEXTS: Mapping[Text, Writer] = {
    Text.LITERAL: lambda text: _IN_TEXT.sub(_by_name, text),
    Text.NAMED: lambda text: _WITH_NAMES.sub(_by_name, text),
    Text.DECIMAL: _decimal,
    Text.HEXADECIMAL: _hexadecimal,
    Text.ZEROS: _in_turns,
    Text.CDATA: _cdata,
    Text.SECTIONS: lambda text: "".join(_cdata(character) for character in text),
}
_VALUES: Mapping[Text, Writer] = {
    **_TEXTS,
    Text.NAMED: lambda text: _ALL_WITH_NAMES.sub(_by_name, text),
}


def _keeping_placeholders(text: str, write: Writer) -> str:
    if "${" not in text:
        return write(text)
    found = iter(PLACEHOLDER.findall(text))
    first, *others = (write(part) for part in PLACEHOLDER.split(text))
    return first + "".join([next(found) + part for part in others])


def write_text(text: str, style: Text) -> str:
    """A text as it stands between tags."""
    return _keeping_placeholders(text, _TEXTS[style])


def write_value(value: str, style: Text, quote: str) -> str:
    """An attribute's value with its quotes, which are others if a placeholder in it holds such a quote."""
    if quote == "'" and "'" in value and any("'" in found for found in PLACEHOLDER.findall(value)):
        quote = '"'
    if style is Text.LITERAL:
        needed = _IN_VALUES[quote]
        return quote + _keeping_placeholders(value, lambda text: needed.sub(_by_name, text)) + quote
    return quote + _keeping_placeholders(value, _VALUES[style]) + quote
