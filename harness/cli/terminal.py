"""Where the commands print to."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


class Terminal(Console):
    """A rich console that lets a closed pipe be known, instead of ending the program on its own account.

    A terminal that does not know its size has a width of 0 in COLUMNS, where rich would print nothing.
    """

    def __init__(self) -> None:
        super().__init__(_environ={name: value for name, value in os.environ.items() if _means(name, value)})

    def on_broken_pipe(self) -> None:
        """Nobody reads any more, as behind `| head`: let the caller decide what that means."""
        raise


def print_rows(
    console: Console, heads: Sequence[str], rows: Iterable[Sequence[str]], *, is_labelled: bool = False
) -> None:
    """Print a table on a terminal, and elsewhere a line for each row; no name is ever cut short.

    Labelled lines have the heads in them, but for the first.
    """
    if console.is_terminal:
        table = Table()
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
        return
    for row in rows:
        labels = ("", *(f"{head} " for head in heads[1:])) if is_labelled else [""] * len(row)
        line = "  ".join(f"{label}{cell}" for label, cell in zip(labels, row, strict=True) if cell)
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def say(what: object) -> None:
    """Print one message to standard error, if anybody hears it."""
    with contextlib.suppress(OSError):
        print(f"xmpp-harness: {what}", file=sys.stderr, flush=True)


_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def is_of_output(error: OSError) -> bool:
    """Whether it comes from printing: the error of a file that was named would name it."""
    return error.filename is None and error.errno in _WRITING


def unwritable(error: OSError) -> str:
    """Say why standard output cannot be written; nothing more is, for Python would try again at its end."""
    mute()
    return f"standard output cannot be written: {error.strerror or error}"


def mute(descriptor: int = 1) -> None:
    """Send what is still written to standard output nowhere, so that the exit does not fail for it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _means(name: str, value: str) -> bool:
    return name not in ("COLUMNS", "LINES") or value.strip("0") != ""
