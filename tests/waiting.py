"""Waiting for what only the system or another process knows, and does not tell."""

from collections.abc import Callable

import psutil
import trio

_INTERVAL = 0.01


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Look again and again, while other tasks go on."""
    with trio.fail_after(seconds):
        while True:
            if condition():
                return
            await trio.sleep(_INTERVAL)


def is_gone(process: int | psutil.Process) -> bool:
    """Whether a process has ended; who inherits an orphan may take its time to bury it."""
    try:
        found = psutil.Process(process) if isinstance(process, int) else process
        return not found.is_running() or found.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
