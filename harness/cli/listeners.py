"""Everybody who listens to a run; one that can no longer write does not stop the others, nor the run."""

from collections.abc import Callable, Sequence

from harness.cli.terminal import mute, say, unwritable
from harness.errors import HarnessError
from harness.reporters.reporter import Reporter
from harness.results.records import Record


class Listeners:
    """Passes records on. `has_failed` tells that something that was asked for is not written."""

    def __init__(self, reporters: Sequence[Reporter]) -> None:
        self._reporters = list(reporters)
        self.has_failed = False
        self._said: set[str] = set()

    def record(self, record: Record) -> None:
        """Tell everybody."""
        for reporter in list(self._reporters):
            if not self.attempt(lambda one=reporter: one.record(record)):  # type: ignore[misc]
                self._reporters.remove(reporter)
                self.attempt(reporter.close)

    def close(self) -> None:
        """The run is over for everybody."""
        for reporter in self._reporters:
            self.attempt(reporter.close)

    def attempt(self, act: Callable[[], None]) -> bool:
        """Do something that writes; tell whether it could. That nobody reads any more is no failure."""
        try:
            act()
        except BrokenPipeError:
            mute()
            return False
        except HarnessError as error:
            self._fail(str(error))
            return False
        except OSError as error:
            self._fail(unwritable(error))
            return False
        return True

    def _fail(self, message: str) -> None:
        self.has_failed = True
        if message not in self._said:
            self._said.add(message)
            say(message)
