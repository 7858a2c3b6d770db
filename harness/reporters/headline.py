"""The run in a few words, the same in every report."""

from harness.results.records import FUZZ
from harness.results.summary import Run


def is_green(run: Run) -> bool:
    """Whether the run came to its end, measured enough and brought no surprise."""
    is_enough = run.has_measured and not any(one.shortfall for one in run.targets)
    return run.is_complete and is_enough and not run.tally.surprises and not _stops_for_flaky(run)


def _stops_for_flaky(run: Run) -> bool:
    return bool(run.tally.flaky and run.started and run.started.fail_on_flaky)


def verdict_of_run(run: Run) -> str:
    """Say how the run came out."""
    if not run.is_complete:
        return "The run was cut short."
    if not run.has_measured:
        return "Nothing was measured."
    counted = run.tally
    if counted.surprises:
        told = [number_of(counted.unexpected_passes, "unexpected pass", "unexpected passes")]
        told = told if counted.unexpected_passes else []
        told += [f"{counted.no_longer_measured} no longer measured"] if counted.no_longer_measured else []
        of_these = f" ({', '.join(told)})" if told else ""
        return f"{number_of(counted.surprises, 'surprise')}{of_these}."
    if _stops_for_flaky(run):
        return f"{counted.flaky} flaky, for which the gate stops (--fail-on-flaky)."
    parts = [number_of(counted.known, "known deviation")] if counted.known else []
    parts += [f"{counted.flaky} flaky"] if counted.flaky else []
    known = f": {', '.join(parts)}, nothing new" if parts else ""
    if given_up := [one.name for one in run.targets if one.died]:
        return f"Nothing new, but {', '.join(given_up)} was given up{known.removesuffix(', nothing new')}."
    if short := [one.name for one in run.targets if one.shortfall]:
        return f"Nothing new, but too little was measured on {', '.join(short)}."
    return f"As expected{known}."


def played(run: Run) -> str:
    """What there was, so that the verdicts add up: "251 scenarios with 43 monitors"; empty for nothing."""
    monitors = sum(row.any.is_monitor for row in run.matrix)
    others = [row for row in run.matrix if not row.any.is_monitor]
    is_fuzzed = bool(others) and all(row.any.family == FUZZ for row in others)
    words = ("property", "properties") if is_fuzzed else ("scenario", "scenarios")
    parts = [number_of(len(others), *words)] if run.matrix else []
    parts += [f"with {number_of(monitors, 'monitor')}"] if monitors else []
    return " ".join(parts) + (f", {run.tally.total} verdicts" if len(run.targets) > 1 and parts else "")


def number_of(number: int, singular: str, plural: str = "") -> str:
    """A number and what it counts: "1 case", "2 cases"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
