"""What there is to be listed: scenarios, monitors, and the requirements that neither checks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from harness.catalogue.requirements import Requirement, strongest_level
from harness.catalogue.scenarios import Scenario, rows_of
from harness.cli.selection import Catalogue, is_of_monitors
from harness.engine.monitoring import monitor_case
from harness.errors import UsageError
from harness.monitors.monitor import Monitor
from harness.monitors.roll import all_monitors
from harness.results.records import MONITORS
from harness.results.verdicts import Level, Perspective
from harness.transcript.script import Side

_MARKS = {
    frozenset({Side.SERVER}): "",
    frozenset({Side.CLIENT}): "client",
    frozenset({Side.SERVER, Side.CLIENT}): "server and client",
}
_PERSPECTIVES = {Side.SERVER: Perspective.CLIENT, Side.CLIENT: Perspective.SERVER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One line of a list. `level` is empty where nothing is demanded, `mark` where servers are tested."""

    name: str
    level: str
    title: str
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.name}  [{self.level or '-'}]  {self.mark and f'({self.mark}) '}{self.title}"


def cases(
    catalogue: Catalogue, selectors: Sequence[str], tags: Sequence[str], side: Side | None = None
) -> list[Listed]:
    """The scenarios that are meant, then the monitors; without selectors and tags all of both.

    With a `side` only what tests it; monitors watch both.
    Raises UsageError for a selector that means nothing, and as `Catalogue.chosen` does.
    """
    own = [one for one in selectors if is_of_monitors(one)]
    others = [one for one in selectors if one not in own]
    if own and tags:
        raise UsageError("monitors have no tags", advice="list them without --tag")
    scenarios = catalogue.chosen(others, tags, ()) if others or not own else []
    monitors = _monitors(own or [MONITORS]) if own or not (selectors or tags) else []
    return [
        *(_of_scenario(one, side) for one in scenarios if side is None or side in one.transcript.tests),
        *(_of_monitor(one, catalogue) for one in monitors),
    ]


def uncovered(catalogue: Catalogue, selectors: Sequence[str], side: Side = Side.SERVER) -> list[Listed]:
    """The requirements that show on the wire of a side and that no scenario for it and no monitor names.

    Selectors are documents, sections and ids; raises UsageError for another one, and ScriptError naming
    all scripts that cannot be read.
    """
    meant = rows_meant(catalogue, selectors)
    scenarios = [one for one in catalogue.chosen((), (), ()) if side in one.transcript.tests]
    covered = {name for one in scenarios for name in one.requirement_ids}
    covered |= {name for one in all_monitors() for name in one.requirements}
    open_rows = (row for row in catalogue.table.values() if row.id not in covered)
    return [
        _of_requirement(row, side)
        for row in open_rows
        if row.view.is_testable(_PERSPECTIVES[side]) and (row.id in meant or not selectors)
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


def rows_meant(catalogue: Catalogue, selectors: Sequence[str]) -> set[str]:
    """The ids that documents, sections and ids stand for; raises UsageError for another word."""
    return {row for selector in selectors for row in _rows(selector, catalogue)}


def _rows(selector: str, catalogue: Catalogue) -> set[str]:
    if rows := rows_of(selector, catalogue.table):
        return rows
    known = [word for row in catalogue.table.values() for word in (row.document, row.id)]
    raise _unknown(selector, dict.fromkeys(known))


def _unknown(selector: str, known: Iterable[str]) -> UsageError:
    near = get_close_matches(selector, list(known), n=3)
    advice = f"did you mean {' or '.join(near)}?" if near else ""
    return UsageError(f"nothing is called {selector}", advice=advice)


def _of_scenario(scenario: Scenario, side: Side | None) -> Listed:
    """Its level is that of the side that is asked for, or else of servers where it tests them."""
    sides = scenario.transcript.tests
    shown = side or (Side.SERVER if Side.SERVER in sides else Side.CLIENT)
    return Listed(
        name=scenario.name,
        level=_word(scenario.level(_PERSPECTIVES[shown])),
        title=scenario.transcript.title,
        mark=_MARKS[sides],
    )


def _of_monitor(monitor: type[Monitor], catalogue: Catalogue) -> Listed:
    rows = [catalogue.table[one] for one in monitor.requirements]
    level = strongest_level(rows, Perspective.CLIENT)
    return Listed(name=monitor_case(monitor), level=_word(level), title=monitor.title)


def _of_requirement(row: Requirement, side: Side) -> Listed:
    return Listed(name=row.id, level=row.view.level_text(_PERSPECTIVES[side]), title=row.summary)


def _word(level: Level | None) -> str:
    return level.value if level else ""
