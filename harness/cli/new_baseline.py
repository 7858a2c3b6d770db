"""A baseline to begin with: every surprise of a run, with reasons that a person has to write."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.engine.known import TO_BE_WRITTEN
from harness.errors import HarnessError, UsageError
from harness.results.records import CaseFinished
from harness.results.summary import Expectation, Run, TargetRun, expectation
from harness.results.verdicts import Verdict

_DEVIATING = (Verdict.FAIL, Verdict.DEVIATES)  # errors say nothing of the target and are never known


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBaseline:
    """The text of a baseline, and how many deviations it holds."""

    text: str
    number: int


def begin_baseline(run: Run, target: str) -> NewBaseline:
    """Make the baseline of a target, which may go unnamed when only one has surprises.

    Raises UsageError when it is not clear whose it is to be.
    """
    chosen = _chosen(run, target)
    tables = [_table(_of_target(chosen))]
    tables += [f"[[deviation]]\n{_table(rows)}{_listed(cases)}" for rows, cases in _deviations(chosen)]
    return NewBaseline(text="\n".join(tables), number=len(tables) - 1)


def write_new(path: Path, text: str) -> None:
    """Write a file that must not be there: an older one holds reasons."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        if path.exists():
            what = "there is a file of that name"
            raise UsageError(what, where=str(path), advice="name a new one") from error
        what = f"the baseline cannot be written: {error.strerror or error}"
        raise HarnessError(what, where=str(path)) from error


def _chosen(run: Run, target: str) -> TargetRun:
    named = {one.name: one for one in run.targets}
    if target and target not in named:
        what = f"there is no target {target} in this record"
        raise UsageError(what, advice=f"targets: {', '.join(named)}")
    if target:
        return named[target]
    having = [one for one in run.targets if any(map(_is_new, one.cases))]
    if len(having) > 1:
        what = f"{len(having)} targets have surprises, and a baseline is of one"
        raise UsageError(what, advice=f"--target {' or '.join(one.name for one in having)}")
    if not having:
        raise UsageError("no target has surprises that a baseline could hold")
    return having[0]


def _is_new(case: CaseFinished) -> bool:
    return case.verdict in _DEVIATING and expectation(case) is Expectation.UNEXPECTED


def _of_target(target: TargetRun) -> Iterable[tuple[str, str]]:
    if target.started:
        yield from (("product", target.started.product), ("version", target.started.version))


def _deviations(target: TargetRun) -> Iterable[tuple[list[tuple[str, str]], list[str]]]:
    """One for each cause, with its cases: together they excuse these, and nothing that they did not show."""
    found: dict[tuple[Verdict, str], list[str]] = {}
    for case in filter(_is_new, target.cases):
        for cause in dict.fromkeys(finding.cause for finding in case.findings) or [""]:
            found.setdefault((case.verdict, cause), []).append(case.case)
    for (verdict, cause), cases in found.items():
        yield [("reason", TO_BE_WRITTEN), ("verdict", verdict.value), ("cause", cause)], cases


def _listed(cases: Iterable[str]) -> str:
    return "".join(["cases = [\n", *(f"    {_quoted(case)},\n" for case in cases), "]\n"])


def _table(rows: Iterable[tuple[str, str]]) -> str:
    """Keys and values as TOML, whose strings hold what JSON's do, but for one control character."""
    return "".join(f"{key} = {_quoted(value)}\n" for key, value in rows if value)


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
