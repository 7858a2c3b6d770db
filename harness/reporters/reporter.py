"""What listens to a run."""

from typing import Protocol

from harness.results.records import Record


class Reporter(Protocol):
    """Hears every record as it arises. What it cannot write it says by a `HarnessError`."""

    def record(self, record: Record) -> None:
        """Hear of one thing."""

    def close(self) -> None:
        """The run is over: write what is left to write. May be called again."""
