"""SIGINT, SIGTERM and SIGHUP during a run: it ends early, and what there is gets written.

The first one ends the play: servers are stopped, accounts removed, reports written. The second one does
not wait for servers and accounts any more. The third one ends the program on the spot; the keepers of
the servers see to what is left (`harness/targets/keeper.py`).
"""

import contextlib
import math
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

import trio

from harness.cli.signals import heed, restore
from harness.engine.campaign import ExitCode
from harness.targets.haste import hurry

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STOPPING = "interrupted; stopping"
_HURRYING = "interrupted again; servers and accounts are not waited for"
_ENDED = "interrupted once more; ended on the spot"
_SHOW_CURSOR = b"\x1b[?25h"  # a moving line hides it

#: Seconds. `timeout`, and a terminal that is closed, send the same signal twice.
_ONE_INTERRUPTION = 0.2


class Interruption:
    """Hears the signals from before the record is opened until the last report is written.

    `clock` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = 0
        self._last = -math.inf
        self._scope: trio.CancelScope | None = None
        self._token: trio.lowlevel.TrioToken | None = None

    @property
    def has_happened(self) -> bool:
        """Whether a signal has come."""
        return self._count > 0

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Listen while the block lasts."""
        before = heed(_SIGNALS, self._take)
        try:
            yield
        finally:
            restore(before)

    async def end_early(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work until a signal comes; not at all when one has come."""
        with trio.CancelScope() as self._scope:
            self._token = trio.lowlevel.current_trio_token()
            self._pass_on()
            try:
                await work()
            finally:
                self._token = None

    def _take(self, number: int, frame: FrameType | None) -> None:
        now = self._clock()
        if now - self._last < _ONE_INTERRUPTION:
            return
        self._last = now
        self._count += 1
        if self._count > 2:
            _end()
        _tell(_STOPPING if self._count == 1 else _HURRYING)
        if self._token is not None:
            self._token.run_sync_soon(self._pass_on)

    def _pass_on(self) -> None:
        if self._count > 0 and self._scope is not None:
            self._scope.cancel()
        if self._count > 1:
            hurry()


def _tell(message: str) -> None:
    """Write at once, from within whatever was interrupted; a line that moves may stand at the bottom."""
    with contextlib.suppress(OSError):
        os.write(2, f"\nxmpp-harness: {message}\n".encode())


def _end() -> None:
    _tell(_ENDED)
    with contextlib.suppress(OSError):
        if os.isatty(1):
            os.write(1, _SHOW_CURSOR)
    os._exit(ExitCode.ENVIRONMENT)
