"""A report that is one file, written when the run is over."""

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.errors import HarnessError
from harness.results.records import Record
from harness.results.requirements import RequirementView
from harness.results.summary import Run, summarize

Render = Callable[[Run], bytes]


class ReportFile:
    """Gathers the records and writes a report of them at the end: `ReportFile(path, junit, requirements)`."""

    def __init__(self, path: Path, render: Render, requirements: Mapping[str, RequirementView]) -> None:
        self._path = path
        self._render = render
        self._requirements = requirements
        self._records: list[Record] = []
        self._is_written = False

    def record(self, record: Record) -> None:
        """Keep one record."""
        self._records.append(record)

    def close(self) -> None:
        """Write the file, also for a run that was cut short."""
        if self._is_written:
            return
        self._is_written = True
        write_report(self._path, self._render(summarize(self._records, self._requirements)))


def write_report(path: Path, content: bytes) -> None:
    """Write a report, making its folder; raises `HarnessError` when that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise HarnessError(
            f"the report cannot be written: {error.strerror or error}",
            where=str(path),
            advice="make it again from the run record",
        ) from error
