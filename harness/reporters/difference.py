"""The marked difference of a finding, read for drawing.

The lines of a difference begin with two characters: `  ` same, `- ` expected, `+ ` received, and `? ` for a
guide whose marks stand under the characters of the line before that matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Side(Enum):
    """What a line tells; the value is its sign."""

    SAME = " "
    EXPECTED = "-"
    RECEIVED = "+"

    @property
    def word(self) -> str:
        """The side in a word, for those who see neither colour nor sign."""
        return {Side.SAME: "same", Side.EXPECTED: "expected", Side.RECEIVED: "received"}[self]


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of a line; `is_marked` where the difference lies."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DifferenceLine:
    """One line without its sign and guide."""

    side: Side
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The line in one piece."""
        return "".join(piece.text for piece in self.pieces)


def read_difference(lines: Sequence[str]) -> tuple[DifferenceLine, ...]:
    """Read the lines of a finding; a line without a sign is taken as the same on both sides."""
    read: list[DifferenceLine] = []
    for line in lines:
        if line.startswith("?") and read:
            read[-1] = _marked(read[-1], line[2:])
        else:
            read.append(_line(line))
    return tuple(read)


def _line(line: str) -> DifferenceLine:
    sign, text = line[:1], line[2:]
    for side in (Side.EXPECTED, Side.RECEIVED):
        if sign == side.value:
            return DifferenceLine(side=side, pieces=(Piece(text=text),))
    return DifferenceLine(side=Side.SAME, pieces=(Piece(text=text if line.startswith("  ") else line),))


def _marked(line: DifferenceLine, guide: str) -> DifferenceLine:
    text = line.text
    flags = [index < len(guide) and not guide[index].isspace() for index in range(len(text))]
    return DifferenceLine(side=line.side, pieces=tuple(_pieces(text, flags)))


def _pieces(text: str, flags: Sequence[bool]) -> Iterable[Piece]:
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or flags[index] != flags[start]:
            yield Piece(text=text[start:index], is_marked=flags[start])
            start = index
