"""What the HTML report tells of one target by itself."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.reporters.headline import is_green, played, verdict_of_run
from harness.results.causes import Cause, causes
from harness.results.records import CaseFinished
from harness.results.suites import SuiteResult, suites_of
from harness.results.summary import (
    Run,
    Tally,
    TargetRun,
    absences,
    by_document,
    flaky,
    percentiles,
    slowest,
)
from harness.results.unmeasured import Unmeasured, unmeasured

_SLOWEST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetView:
    """One target; `headline` and `is_green` are what they would be had nothing else been tested."""

    target: TargetRun
    anchor: str
    headline: str
    is_green: bool
    played: str
    new: tuple[Cause, ...]
    known: tuple[Cause, ...]
    absences: tuple[CaseFinished, ...]
    flaky: tuple[CaseFinished, ...]
    unmeasured: tuple[Unmeasured, ...]
    documents: Mapping[str, Tally]
    suites: tuple[SuiteResult, ...]
    percentiles: Mapping[int, float]
    slowest: tuple[CaseFinished, ...]


def target_views(run: Run) -> list[TargetView]:
    """The views of all targets, in the order of the run."""
    anchors = _anchors(one.name for one in run.targets)
    return [_view(run.only(target), target, anchors[target.name]) for target in run.targets]


def _view(run: Run, target: TargetRun, anchor: str) -> TargetView:
    found = causes(case for case in target.cases if not case.flaky)
    return TargetView(
        target=target,
        anchor=anchor,
        headline=verdict_of_run(run),
        is_green=is_green(run),
        played=played(run),
        new=tuple(one for one in found if not one.is_known),
        known=tuple(one for one in found if one.is_known),
        absences=absences(target.cases),
        flaky=flaky(target.cases),
        unmeasured=unmeasured(target.cases),
        documents=by_document(run, target.cases),
        suites=suites_of(run, target),
        percentiles=percentiles(target.cases),
        slowest=slowest(target.cases, _SLOWEST),
    )


def _anchors(names: Iterable[str]) -> dict[str, str]:
    """An anchor for each name, of characters that every program takes for a part of the address."""
    anchors: dict[str, str] = {}
    for name in names:
        plain = f"target-{re.sub('[^A-Za-z0-9._-]+', '-', name)}"
        taken = set(anchors.values())
        anchors[name] = f"{plain}-{len(anchors) + 1}" if plain in taken else plain
    return anchors
