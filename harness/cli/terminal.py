"""Where the commands print to."""

import contextlib
import errno
import os
import sys

from rich.console import Console


class Terminal(Console):
    """A rich console that lets a closed pipe be known, instead of ending the program on its own account.

    A terminal that does not know its size has a width of 0 in COLUMNS, where rich would print nothing.
    """

    def __init__(self) -> None:
        super().__init__(_environ={name: value for name, value in os.environ.items() if _means(name, value)})

    def on_broken_pipe(self) -> None:
        """Nobody reads any more, as behind `| head`: let the caller decide what that means."""
        raise


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
