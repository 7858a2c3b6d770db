"""Work for several processes: results in order, and faults that come back."""

import os
import signal

import pytest

from harness.errors import DataError, HarnessError
from harness.proof.workers import in_processes


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    raise DataError(f"{number} is broken")


def end(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_results_come_in_order(count: int) -> None:
    assert in_processes(double, range(count)) == [2 * number for number in range(count)]


def test_a_fault_of_the_work_is_told() -> None:
    with pytest.raises(DataError, match="is broken"):
        in_processes(fail, range(5))


@pytest.mark.skipif(os.cpu_count() == 1, reason="no workers on one processor")
def test_the_end_of_a_worker_is_told() -> None:
    with pytest.raises(HarnessError, match="has ended"):
        in_processes(end, range(50))
