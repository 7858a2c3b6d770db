"""Where the commands print to."""

import contextlib
import os
import sys

from rich.console import Console


class Terminal(Console):
    """A rich console that lets a closed pipe be known, instead of ending the program on its own account."""

    def on_broken_pipe(self) -> None:
        """Nobody reads any more, as behind `| head`: let the caller decide what that means."""
        raise


def say(what: object) -> None:
    """Print one message to standard error, if anybody hears it."""
    with contextlib.suppress(OSError):
        print(f"xmpp-harness: {what}", file=sys.stderr, flush=True)


def mute(descriptor: int = 1) -> None:
    """Send what is still written to standard output nowhere, so that the exit does not fail for it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
