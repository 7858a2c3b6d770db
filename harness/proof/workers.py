"""Spreads work that only computes over the machine's processors."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from multiprocessing.synchronize import Lock
from typing import Any, TypeVar

from harness.errors import HarnessError

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)

Given = TypeVar("Given")
Made = TypeVar("Made")


def in_processes(work: Callable[[Given], Made], items: Sequence[Given]) -> list[Made]:
    """Return the results in order; a single item, or a single processor, is done right here.

    A worker takes the next item when it has done one. A HarnessError in a worker is raised here, and one is
    when a worker ends. There is no pool of the standard library behind this: when interrupted, those wait
    for their workers, or complain.
    """
    count = min(os.cpu_count() or 1, len(items))
    if count < 2:
        return [work(item) for item in items]
    following = multiprocessing.Value("l", 0)
    results: dict[int, Made] = {}
    ends: list[Connection] = []
    workers: list[multiprocessing.Process] = []
    try:
        # A terminal sends an interruption to all of its processes; workers leave it to their parent.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
        try:
            for _ in range(count):
                end, other = Pipe(duplex=False)
                worker = multiprocessing.Process(
                    target=_serve, args=(work, items, following, other), daemon=True
                )
                worker.start()
                other.close()
                ends.append(end)
                workers.append(worker)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _gather(ends, results)
    finally:
        for worker in workers:
            worker.kill()  # one that is still at work computes what nobody waits for any more
            worker.join()
    return [results[number] for number in range(len(items))]


def _gather(ends: list[Connection], results: dict[int, Any]) -> None:  # `Any`: what the work makes
    """Take results until every worker has said that it is done."""
    while ends:
        for end in wait(ends):
            assert isinstance(end, Connection)
            try:
                told = end.recv()
            except EOFError:
                raise HarnessError("a process that helped to prove has ended", advice="prove again") from None
            if told is None:
                ends.remove(end)
                continue
            number, result, fault = told
            if fault is not None:
                raise fault
            results[number] = result


def _serve(
    work: Callable[[Given], Made], items: Sequence[Given], following: Any, told: Connection
) -> None:  # `Any`: a number that all workers share
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()
    lock: Lock = following.get_lock()
    while True:
        with lock:
            number = following.value
            following.value += 1
        if number >= len(items):
            told.send(None)
            return
        try:
            told.send((number, work(items[number]), None))
        except HarnessError as fault:
            told.send((number, None, fault))


def _watch(sentinel: int) -> None:
    """A worker whose parent was killed would go on with what nobody waits for."""
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGKILL)
