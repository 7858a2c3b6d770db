"""What pytest collects: each scenario on each target."""

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.catalogue.scenarios import SUFFIX, Scenario, scenarios_folder
from harness.errors import HarnessError, ScriptError
from harness.pytest_plugin.player import Player, Shown
from harness.pytest_plugin.targets import Targets
from harness.reporters.console_summary import print_news
from harness.results.records import CaseFinished
from harness.results.requirements import RequirementView
from harness.results.summary import expectation, summarize
from harness.results.verdicts import Verdict

_WIDTH = 240  # columns of what is told of a failure: whoever shows it cuts lines as it needs them
_UNMEASURED = (Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE)


class ScenarioFailedError(Exception):
    """A scenario brought a surprise; the text is what the console tells of it."""


class ScenarioFile(pytest.File):
    """One `.scs` file: an item for each target that it tests."""

    def collect(self) -> Iterator["ScenarioItem"]:
        """Read the file. Raises CollectError when it is broken."""
        targets = Targets.of(self.config)
        scenario = Scenario(path=self.path, name=_name(self.path, self.config.rootpath), table=targets.table)
        try:
            sides = scenario.transcript.tests
            _ = scenario.requirements
        except ScriptError as error:
            raise self.CollectError(str(error)) from error
        for player in targets.players:
            if targets.side_of(player) in sides:
                yield ScenarioItem.from_parent(
                    self, name=player.description.name, scenario=scenario, player=player
                )


class ScenarioItem(pytest.Item):
    """One scenario on one target."""

    obj = None  # the function that other plugins look for

    def __init__(self, *, scenario: Scenario, player: Player, **values: Any) -> None:  # what pytest passes
        super().__init__(**values)
        self.scenario = scenario
        self.player = player
        self.extra_keyword_matches |= {*scenario.name.split("/"), *scenario.transcript.tags}
        for requirement in scenario.requirement_ids:
            self.user_properties.append(("requirement", requirement))

    def runtest(self) -> None:
        """Wait for what came of it; ScenarioFailedError where it is a surprise."""
        targets = Targets.of(self.config)
        shown = self.player.result(self.scenario)
        case = shown.case
        if told := list(_surprises(shown, targets)):
            raise ScenarioFailedError(text_of(told, targets.views))
        if case.flaky:
            self.add_report_section("call", "flaky", f"{case.flaky}\n{text_of([case], targets.views)}")
        if case.known:
            pytest.xfail(case.known)
        if case.verdict in _UNMEASURED:
            # Nothing was measured, so it may neither pass nor fail. Where it used to be measured, the
            # baseline knows (`unmeasured`), and it has failed above.
            pytest.skip("; ".join(case.notes) or case.verdict.value)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> Any:
        """What the console would tell, and no traceback."""
        if isinstance(excinfo.value, ScenarioFailedError | HarnessError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it is, and its title."""
        return self.path, 0, f"{self.path.stem} [{self.name}]: {self.scenario.transcript.title}"


def _name(path: Path, root: Path) -> str:
    """By its place below our scenarios, or below the project's root: no two have the same one."""
    for base in (scenarios_folder(), root):
        if path.is_relative_to(base):
            return path.relative_to(base).with_suffix("").as_posix()
    return path.with_suffix("").as_posix().lstrip("/")


def _surprises(shown: Shown, targets: Targets) -> Iterator[CaseFinished]:
    for one in (shown.case, *shown.alarms):
        if expectation(one).is_surprise and targets.fail_on.counts(one):
            yield one


def text_of(cases: Iterable[CaseFinished], requirements: Mapping[str, RequirementView]) -> str:
    """What the console tells of cases."""
    told = StringIO()
    console = Console(file=told, width=_WIDTH, no_color=True)
    print_news(console, summarize(cases, requirements), is_verbose=True)
    return "\n".join(line.rstrip() for line in told.getvalue().strip("\n").splitlines())


def is_scenario(path: Path) -> bool:
    """Whether a file is one."""
    return path.suffix == SUFFIX
