"""A baseline brought up to date with a run: what showed keeps its reason, what is new waits for one.

Whatever else stands in the file (comments, order, links, dates) stays, for people have written it.
"""

import datetime
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, Table

from harness.cli.recorded import chosen_target, run_of
from harness.cli.terminal import Terminal
from harness.cli.whole_file import write_whole
from harness.engine.campaign import ExitCode
from harness.engine.known import TO_BE_WRITTEN, Baseline, Deviation, load_baseline
from harness.errors import DataError, HarnessError, UsageError
from harness.reporters.headline import number_of
from harness.results.record_file import read_records
from harness.results.records import FUZZ, CaseFinished
from harness.results.summary import Run, TargetRun
from harness.results.verdicts import Verdict

_DEVIATING = (Verdict.FAIL, Verdict.DEVIATES)  # errors say nothing of the target and are never known


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated:
    """The new text, and how many deviations came and went."""

    text: str
    added: int
    removed: int

    def __str__(self) -> str:
        told = f"{number_of(self.added, 'deviation')} added" + (
            (" that waits" if self.added == 1 else " that wait") + " for a reason" if self.added else ""
        )
        return f"{told}, {self.removed} taken out"


def update_option(command: Callable[..., Any]) -> Callable[..., Any]:  # `Any`: what click decorates
    """Add the option that has a run bring its baseline up to date."""
    option = click.option(
        "--update-baseline",
        is_flag=True,
        help="Bring the --baseline up to date with this run, or begin it; exit code 0 when that is done.",
    )
    return option(command)


def baseline_to_update(options: Mapping[str, Any], targets: int) -> Path | None:
    """Which file is to be brought up to date. Raises UsageError when that is not clear."""
    if not options["update_baseline"]:
        return None
    path: Path | None = options["baseline"]
    if path is None:
        raise UsageError("--update-baseline has no file to write to", advice="give --baseline FILE")
    if targets > 1:
        raise UsageError("a baseline is of one target, and here are several", advice="name one of them")
    return path


def update_after(code: int, record: Path, path: Path) -> int:
    """Bring the file up to date with a run that ended with this exit code, and return another one."""
    if code == ExitCode.ENVIRONMENT:
        return code
    told = f"written: {path}: {update(run_of(read_records(record)), '', path)}"
    Terminal().print(told, markup=False, highlight=False, soft_wrap=True)
    return ExitCode.AS_EXPECTED


def update(run: Run, target: str, path: Path) -> Updated:
    """Bring the file up to date, or begin it where there is none; `target` may be left out of a run of one.

    Raises UsageError when it is not clear whose it is to be, and HarnessError when it cannot be read or
    written.
    """
    chosen = chosen_target(run, target, "--target")
    text = ""
    if path.exists():
        load_baseline(path)
        text = path.read_text("utf-8")
    is_whole = run.is_complete and run.started is not None and not run.started.is_partial
    try:
        result = updated(text, chosen, is_whole=is_whole, run=run)
        _check_readable(result.text, path)
    except TOMLKitError as error:
        raise _unfit(path) from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, result.text)
    except OSError as error:
        what = f"the baseline cannot be written: {error.strerror or error}"
        raise HarnessError(what, where=str(path)) from error
    return result


def _check_readable(text: str, path: Path) -> None:
    """What could not be read again is not written."""
    try:
        msgspec.convert(tomllib.loads(text), Baseline)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _unfit(path) from error


def _unfit(path: Path) -> DataError:
    advice = "write each deviation as a table of its own, [[deviation]], at the left edge"
    return DataError("this form of a baseline cannot be brought up to date", where=str(path), advice=advice)


def updated(text: str, target: TargetRun, *, is_whole: bool, run: Run | None = None) -> Updated:
    """The text of a baseline after a run on its target; `is_whole` when all was played that there is.

    The run knows what its requirements are called.
    """
    head, tables = _parted(text)
    document = tomlkit.parse(tables)
    cases = {one.case: one for one in target.cases}
    removed = _prune(document, cases, is_whole=is_whole)
    added = _tables(_new(_read(document), cases.values()), run)
    parts = (_headed(head, target, is_whole=is_whole), tomlkit.dumps(document), *added)
    stripped = [part.strip("\n") for part in parts]
    return Updated(
        text="\n\n".join(part for part in stripped if part) + "\n", added=len(added), removed=removed
    )


def _parted(text: str) -> tuple[str, str]:
    """The lines before the tables, and the tables with the comment on the first of them."""
    lines = text.splitlines(keepends=True)
    end = next((number for number, line in enumerate(lines) if line.startswith("[")), len(lines))
    while end and end < len(lines) and lines[end - 1].startswith("#"):
        end -= 1
    return "".join(lines[:end]), "".join(lines[end:])


def _read(document: tomlkit.TOMLDocument) -> Baseline:
    return msgspec.convert(tomllib.loads(tomlkit.dumps(document)), Baseline)


def _prune(document: tomlkit.TOMLDocument, cases: Mapping[str, CaseFinished], *, is_whole: bool) -> int:
    """Take out what no longer shows, and return how many deviations have nothing left."""
    tables: list[Table] = document.get("deviation", [])
    empty = []
    for number, known in enumerate(_read(document).deviation):
        listed: Array = tables[number]["cases"]
        for case in known.cases:
            if case in cases and _is_gone(known, cases[case], is_whole=is_whole):
                listed.remove(case)
        if not listed:
            empty.append(number)
    for number in reversed(empty):
        del tables[number]
    if empty and not tables:
        del document["deviation"]
    return len(empty)


def _is_gone(known: Deviation, case: CaseFinished, *, is_whole: bool) -> bool:
    """Whether it would show by now. What a monitor is known for may show in what was not played."""
    if known.sometimes or case.verdict is Verdict.ERROR or (case.is_monitor and not is_whole):
        return False
    return case.verdict not in _DEVIATING or not any(map(known.excuses, case.findings))


def _headed(head: str, target: TargetRun, *, is_whole: bool) -> str:
    """Say of what it is known, and of a whole run how much was measured."""
    document = tomlkit.parse(head)
    if target.started:
        _set(document, "product", target.started.product)
        _set(document, "version", target.started.version)
    scenarios = [one for one in target.cases if not one.is_monitor]
    if is_whole and not target.died:
        _set(document, "measured", sum(one.verdict.is_measured for one in scenarios))
        _set(document, "unmeasured", _listed(sorted(one.case for one in scenarios if _is_left_out(one))))
    return tomlkit.dumps(document)


def _is_left_out(case: CaseFinished) -> bool:
    return case.verdict in (Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE)


def _set(document: tomlkit.TOMLDocument, key: str, value: object) -> None:
    if value != "" and document.get(key) != value:
        document[key] = value


@dataclass(kw_only=True)
class _Fresh:
    """Cases of one cause that nothing excuses, with the requirements that it breaks."""

    cases: list[str]
    requirements: dict[str, None]


def _new(baseline: Baseline, cases: Iterable[CaseFinished]) -> Mapping[tuple[Verdict, str, bool], _Fresh]:
    """What nothing excuses, by cause. What has expired is a person's matter, and not new."""
    found: dict[tuple[Verdict, str, bool], _Fresh] = {}
    for case in cases:
        if case.verdict in _DEVIATING and not baseline.apply(case, datetime.date.min).known:
            named = [one for one in baseline.deviation if case.case in one.cases]
            fresh = [one for one in case.findings if not any(known.excuses(one) for known in named)]
            broken = {one.cause: one.requirements for one in fresh or case.findings} or {"": []}
            for cause, requirements in broken.items():
                key = (case.verdict, cause, case.family == FUZZ)
                kind = found.setdefault(key, _Fresh(cases=[], requirements={}))
                kind.cases.append(case.case)
                kind.requirements |= dict.fromkeys(requirements)
    return found


def _tables(found: Mapping[tuple[Verdict, str, bool], _Fresh], run: Run | None) -> list[str]:
    """As text: what is put into a parsed document comes where its last comment ends."""
    texts = []
    for (verdict, cause, is_by_chance), fresh in found.items():
        table = {"reason": _to_be_written(fresh, run), "verdict": verdict.value, "cause": cause}
        told = {key: value for key, value in table.items() if value}
        chance = {"sometimes": True} if is_by_chance else {}
        texts.append(f"[[deviation]]\n{tomlkit.dumps({**told, **chance, 'cases': _listed(fresh.cases)})}")
    return texts


def _to_be_written(fresh: _Fresh, run: Run | None) -> str:
    """What to read before a reason can be given, where that is known."""
    views = [run.requirement(one) for one in fresh.requirements] if run else []
    places = dict.fromkeys(view.place for view in views if view.section)
    return f"{TO_BE_WRITTEN} ({'; '.join(places)})" if places else TO_BE_WRITTEN


def _listed(cases: Sequence[str]) -> Array:
    listed = tomlkit.array()
    listed.extend(cases)
    return listed.multiline(len(cases) > 1)
