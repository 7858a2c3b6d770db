"""What commands read of run records: runs, and the targets in them."""

from pathlib import Path

from harness.catalogue.evidence import load_evidence
from harness.catalogue.requirements import cache_folder, load_requirements, views
from harness.errors import DataError, UsageError
from harness.results.record_file import read_records
from harness.results.records import CaseFinished, Record, TargetFinished
from harness.results.summary import Run, TargetRun, summarize


def read_cases(path: Path) -> list[Record]:
    """Read a record. Raises DataError when nothing was played in it."""
    records = read_records(path)
    if not any(isinstance(one, CaseFinished | TargetFinished) for one in records):
        raise DataError("there are no cases in this record", where=str(path), advice="run again")
    return records


def run_of(records: list[Record]) -> Run:
    """Put the lines of a record together with what the tables say of their requirements."""
    return summarize(records, views(load_requirements(cache=cache_folder()), load_evidence()))


def chosen_target(run: Run, name: str, option: str) -> TargetRun:
    """The target of that name, which may go unnamed where there is one; UsageError proposes the option."""
    named = {one.name: one for one in run.targets}
    if name in named:
        return named[name]
    if name or len(named) > 1:
        what = f"there is no target {name}" if name else f"there are {len(named)} targets"
        raise UsageError(f"{what} in this record", advice=f"{option} {' or '.join(named)}")
    return next(iter(named.values()))
