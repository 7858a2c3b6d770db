"""The entry point of `xmpp-harness`: small, so that it can be interrupted while all the rest is loaded."""

import importlib
import os
import signal
from types import FrameType

from harness.cli.signals import INTERRUPTING, heed

_ENVIRONMENT = 3  # the exit code of an interrupted run
_TOLD = b"xmpp-harness: interrupted\n"


def main() -> None:
    """Load the commands and run what the command line asks for."""
    heed(INTERRUPTING, _leave)
    try:
        importlib.import_module("harness.cli.commands").main()
    finally:
        heed(INTERRUPTING, signal.SIG_IGN)  # all is done and said; what is left is Python's own end


def _leave(number: int, frame: FrameType | None) -> None:
    """Nothing has begun yet, so there is nothing to be ended."""
    try:
        os.write(2, _TOLD)
    finally:
        os._exit(_ENVIRONMENT)
