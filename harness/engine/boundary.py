"""Where a fault of the harness itself ends: at the case that showed it."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from harness.errors import LimitError
from harness.play.acts import Problem

_HINT = "this is a fault of the harness, not of the target; please report it with these lines"


@contextmanager
def boundary(faults: list[Problem]) -> Iterator[None]:
    """Turn a fault of ours into a problem of one case, so that all others are played."""
    try:
        yield
    except LimitError:
        raise  # it concerns all cases
    except Exception as error:  # noqa: BLE001  the one place: a run of an hour must not end for one case
        what = f"the harness failed: {type(error).__name__}: {error}"
        lines = "".join(traceback.format_exception(error)).splitlines()
        faults.append(
            Problem(cause=what, message=what, difference=tuple(lines), is_environment=True, hint=_HINT)
        )
