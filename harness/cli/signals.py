"""Which signals the program heeds: never one that whoever started it wants ignored, as `nohup` does."""

import signal
from collections.abc import Callable, Iterable, Mapping
from types import FrameType

Handler = Callable[[int, FrameType | None], object] | signal.Handlers

#: What ends a command that has nothing to finish.
INTERRUPTING = (signal.SIGINT, signal.SIGTERM)


def heed(numbers: Iterable[signal.Signals], handler: Handler) -> Mapping[signal.Signals, Handler]:
    """Have a handler called for signals that are not ignored; return those, with what stood there before."""
    before = {number: signal.getsignal(number) for number in numbers}
    heeded = {number: _known(one) for number, one in before.items() if one is not signal.SIG_IGN}
    for number in heeded:
        signal.signal(number, handler)
    return heeded


def restore(before: Mapping[signal.Signals, Handler]) -> None:
    """Undo what `heed` has done."""
    for number, handler in before.items():
        signal.signal(number, handler)


def _known(handler: "Handler | int | None") -> Handler:
    """Stand in for a handler that Python cannot name, because a library in C has set it."""
    return signal.SIG_DFL if handler is None or isinstance(handler, int) else handler
