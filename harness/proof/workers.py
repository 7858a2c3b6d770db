"""Spreads work that only computes over the machine's processors."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import TypeVar

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)

Given = TypeVar("Given")
Made = TypeVar("Made")


def in_processes(work: Callable[[Given], Made], items: Sequence[Given]) -> list[Made]:
    """Return the results in order; a single item, or a single processor, is done right here."""
    count = min(os.cpu_count() or 1, len(items))
    if count < 2:
        return [work(item) for item in items]
    with ProcessPoolExecutor(count, initializer=_end_with_parent) as pool:
        # A terminal sends an interruption to all of its processes; workers leave it to their parent.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
        try:
            results = pool.map(work, items, chunksize=max(1, len(items) // (count * 8)))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            return list(results)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.kill()  # what it computes is of no use any more
            raise


def _end_with_parent() -> None:
    """A worker whose parent was killed would go on with what nobody waits for."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGKILL)
