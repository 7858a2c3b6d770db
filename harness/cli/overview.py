"""What there is to be listed: scenarios, monitors, and the requirements that neither checks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from harness.catalogue.requirements import Requirement, strongest_level
from harness.catalogue.scenarios import Scenario, rows_of
from harness.cli.selection import Catalogue, is_of_monitors
from harness.engine.monitoring import MONITORS, monitor_case
from harness.errors import UsageError
from harness.monitors.monitor import Monitor
from harness.monitors.roll import all_monitors
from harness.results.verdicts import Level, Perspective

_OF_SERVERS = ("server", "both")  # of the column `testable_as`


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One line of a list. `level` is empty where nothing is demanded."""

    name: str
    level: str
    title: str

    def __str__(self) -> str:
        return f"{self.name}  [{self.level or '-'}]  {self.title}"


def cases(catalogue: Catalogue, selectors: Sequence[str], tags: Sequence[str]) -> list[Listed]:
    """The scenarios that are meant, then the monitors; without selectors and tags all of both.

    Raises UsageError for a selector that means nothing, and as `Catalogue.chosen` does.
    """
    own = [one for one in selectors if is_of_monitors(one)]
    others = [one for one in selectors if one not in own]
    if own and tags:
        raise UsageError("monitors have no tags", advice="list them without --tag")
    scenarios = catalogue.chosen(others, tags, ()) if others or not own else []
    monitors = _monitors(own or [MONITORS]) if own or not (selectors or tags) else []
    return [
        *(_of_scenario(one) for one in scenarios),
        *(_of_monitor(one, catalogue) for one in monitors),
    ]


def uncovered(catalogue: Catalogue, selectors: Sequence[str]) -> list[Listed]:
    """The requirements that show on the wire of a server and that no scenario and no monitor names.

    Selectors are documents, sections and ids; raises UsageError for another one, and ScriptError naming
    all scripts that cannot be read.
    """
    meant = {row for selector in selectors for row in _rows(selector, catalogue)}
    covered = {name for one in catalogue.chosen((), (), ()) for name in one.requirement_ids}
    covered |= {name for one in all_monitors() for name in one.requirements}
    open_rows = (row for row in catalogue.table.values() if row.id not in covered)
    return [
        _of_requirement(row)
        for row in open_rows
        if row.testable_as in _OF_SERVERS and (row.id in meant or not selectors)
    ]


def _monitors(selectors: Iterable[str]) -> list[type[Monitor]]:
    """The monitors that are meant, in their own order."""
    wanted = [selector.rstrip("/") for selector in selectors]
    by_case = {monitor_case(one): one for one in all_monitors()}
    for selector in wanted:
        if not any(_is_meant(case, selector) for case in by_case):
            raise _unknown(selector, by_case)
    return [one for case, one in by_case.items() if any(_is_meant(case, selector) for selector in wanted)]


def _is_meant(case: str, selector: str) -> bool:
    return selector == MONITORS or fnmatchcase(case, selector)


def _rows(selector: str, catalogue: Catalogue) -> set[str]:
    if rows := rows_of(selector, catalogue.table):
        return rows
    known = [word for row in catalogue.table.values() for word in (row.document, row.id)]
    raise _unknown(selector, dict.fromkeys(known))


def _unknown(selector: str, known: Iterable[str]) -> UsageError:
    near = get_close_matches(selector, list(known), n=3)
    advice = f"did you mean {' or '.join(near)}?" if near else ""
    return UsageError(f"nothing is called {selector}", advice=advice)


def _of_scenario(scenario: Scenario) -> Listed:
    level = scenario.level(Perspective.CLIENT)
    return Listed(name=scenario.name, level=_word(level), title=scenario.transcript.title)


def _of_monitor(monitor: type[Monitor], catalogue: Catalogue) -> Listed:
    rows = [catalogue.table[one] for one in monitor.requirements]
    level = strongest_level(rows, Perspective.CLIENT)
    return Listed(name=monitor_case(monitor), level=_word(level), title=monitor.title)


def _of_requirement(row: Requirement) -> Listed:
    return Listed(name=row.id, level=row.view.level_text(Perspective.CLIENT), title=row.summary)


def _word(level: Level | None) -> str:
    return level.value if level else ""
