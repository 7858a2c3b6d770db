"""SIGINT, SIGTERM and SIGHUP during a run: it ends early, and what there is gets written."""

import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

import trio

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TOLD = b"\nxmpp-harness: interrupted; servers are stopped and reports written\n"


class Interruption:
    """Hears the signals from before the record is opened until the last report is written.

    Only the first one has an effect: stopping and writing take little time, and have to be done.
    """

    def __init__(self) -> None:
        self.has_happened = False
        self._cancel: Callable[[], None] | None = None

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Listen while the block lasts."""
        before = {number: signal.signal(number, self._take) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def end_early(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work until a signal comes; not at all when one has come."""
        token = trio.lowlevel.current_trio_token()
        with trio.CancelScope() as scope:
            self._cancel = lambda: token.run_sync_soon(scope.cancel)
            if self.has_happened:
                scope.cancel()
            try:
                await work()
            finally:
                self._cancel = None

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.has_happened:
            return
        self.has_happened = True
        with contextlib.suppress(OSError):
            os.write(2, _TOLD)
        if self._cancel is not None:
            self._cancel()
