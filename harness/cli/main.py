"""The entry point of `xmpp-harness`: small, so that it can be interrupted while all the rest is loaded."""

import importlib
import os
import signal
from types import FrameType

_ENVIRONMENT = 3  # the exit code of an interrupted run


def main() -> None:
    """Load the commands and run what the command line asks for."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    importlib.import_module("harness.cli.commands").main()


def _leave(number: int, frame: FrameType | None) -> None:
    """Nothing has begun yet, so there is nothing to be ended."""
    os._exit(_ENVIRONMENT)
