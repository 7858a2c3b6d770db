"""Cleaning up that goes on when a run is cancelled, until somebody is in a hurry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import trio


class _Haste:
    """Whether there is any, and what is to be done then."""

    def __init__(self) -> None:
        self.has_begun = False
        self.acts: dict[object, Callable[[], None]] = {}


_HASTE: trio.lowlevel.RunVar[_Haste] = trio.lowlevel.RunVar("haste")


def hurry() -> None:
    """From now on no cleaning up of this trio run waits for a target. Called within the run."""
    haste = _of_this_run()
    haste.has_begun = True
    for act in list(haste.acts.values()):
        act()


@contextmanager
def when_hurried(act: Callable[[], None]) -> Iterator[None]:
    """Do something, which must not raise, if somebody hurries during the block or has done so before."""
    haste, key = _of_this_run(), object()
    haste.acts[key] = act
    try:
        if haste.has_begun:
            act()
        yield
    finally:
        del haste.acts[key]


@contextmanager
def protected() -> Iterator[None]:
    """Shield the block from cancellation; it is left early when somebody hurries."""
    with trio.CancelScope(shield=True) as scope, when_hurried(scope.cancel):
        yield


def _of_this_run() -> _Haste:
    try:
        return _HASTE.get()
    except LookupError:
        made = _Haste()
        _HASTE.set(made)
        return made
