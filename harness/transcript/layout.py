"""The layout of a script: header, separator, steps with their bodies. Nothing is understood here yet.

A line of three or more dashes ends the header. A step is a line at the left edge, its body the indented
lines below it; blank lines do not end a body, and comments (`#`, `//`, `--` at the left edge) do not count.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.errors import ScriptError

_SEPARATOR = re.compile(r"-{3,}\s*")
_COMMENT = re.compile(r"#|//|--")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a file; `number` counts from 1. A comment inside a body has no text."""

    path: str
    number: int
    text: str
    is_comment: bool = False

    def fault(self, message: str, *, column: int = 1, advice: str = "") -> ScriptError:
        """The error that points into this line."""
        pad = "".join("\t" if letter == "\t" else " " for letter in self.text[: column - 1])
        where = f"{self.path}:{self.number}:{column}"
        return ScriptError(message, where=where, advice=advice, excerpt=f"{self.text}\n{pad}^")

    @property
    def is_blank(self) -> bool:
        """Whether there is only white space."""
        return not self.text.strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A line at the left edge, the lines of its body, and the `##` lines directly before it.

    The body's lines have consecutive numbers: a comment inside stands in it as a blank line.
    """

    head: Line
    body: tuple[Line, ...] = ()
    directives: tuple[Line, ...] = ()

    @property
    def body_text(self) -> str:
        """The body as it stands in the file."""
        return "\n".join(line.text for line in self.body)


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """`comments` are the header's comments and directives in order; `blocks` its actors."""

    comments: tuple[Line, ...]
    blocks: tuple[Entry, ...]
    steps: tuple[Entry, ...]


def lay_out(text: str, path: str) -> Layout:
    """Cut a script into its parts. Raises `ScriptError` when there is no separator or a body has no owner."""
    lines = _lines(text, path)
    end = next((index for index, line in enumerate(lines) if _SEPARATOR.fullmatch(line.text)), None)
    if end is None:
        advice = "put a line of three or more dashes between the actors and the first step"
        raise lines[-1].fault("the header does not end", advice=advice)
    header, steps = lines[:end], lines[end + 1 :]
    first_block = next((index for index, line in enumerate(header) if line.text.startswith("[")), len(header))
    comments = tuple(line for line in header if line.text.startswith(("##",)))
    title = tuple(line for line in header[:first_block] if _is_title(line))
    ordered = sorted((*comments, *title), key=lambda line: line.number)
    return Layout(comments=tuple(ordered), blocks=_entries(header), steps=_entries(steps))


def _is_title(line: Line) -> bool:
    return line.text.startswith("#") and not line.text.startswith("##")


def _lines(text: str, path: str) -> list[Line]:
    # Not splitlines(): it also cuts at characters that may stand in a message.
    whole = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return [Line(path=path, number=number, text=line) for number, line in enumerate(whole, start=1)]


def _entries(lines: Sequence[Line]) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    directives: list[Line] = []
    body: list[Line] = []
    for line in lines:
        if line.text.startswith("##"):
            directives.append(line)
        if line.is_blank or _COMMENT.match(line.text):
            body.append(replace(line, text="", is_comment=not line.is_blank))
        elif line.text[0].isspace():
            if not entries:
                raise line.fault("an indented line belongs to the step above it, but there is none")
            body.append(line)
        else:
            _close(entries, body)
            entries.append(Entry(head=line, directives=tuple(directives)))
            directives, body = [], []
    _close(entries, body)
    return tuple(entries)


def _close(entries: list[Entry], body: list[Line]) -> None:
    """Give the collected lines to the last entry, without blank ones at either end."""
    written = [index for index, line in enumerate(body) if not line.is_blank]
    if entries and written:
        last = entries[-1]
        content = tuple(body[written[0] : written[-1] + 1])
        entries[-1] = Entry(head=last.head, body=content, directives=last.directives)
