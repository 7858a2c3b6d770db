"""The system's limit of open files: when it is reached, no target is to blame."""

import errno
import resource
from contextlib import suppress

from harness.errors import LimitError

_EXHAUSTED = (errno.EMFILE, errno.ENFILE)
_ENOUGH = 65536  # more than any run opens; some programs go through all numbers that they could have


def raise_limit() -> None:
    """Have as many open files as the system lets us, up to what can be of use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems have a lower limit than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def is_exhausted(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, is that no more files can be opened."""
    match error:
        case OSError(errno=number) if number in _EXHAUSTED:
            return True
        case BaseExceptionGroup(exceptions=inner):
            return any(map(is_exhausted, inner))
        case None:
            return False
    return is_exhausted(error.__cause__)


def limit_reached() -> LimitError:
    """The error to raise then."""
    number = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return LimitError(
        f"the limit of open files is reached, which is {number}",
        advice="raise it with ulimit -n, or play fewer cases at once with --at-once",
    )
