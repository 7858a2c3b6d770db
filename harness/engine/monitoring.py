"""The monitors over a whole target: each breach is told once, and each monitor is a case of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.catalogue.requirements import Requirement, level_of, strongest
from harness.catalogue.scenarios import Scenario
from harness.engine.case import Played
from harness.engine.log import CaseLog
from harness.engine.stage import Stage
from harness.engine.telling import reproduction
from harness.monitors.monitor import Breach, Memory, Monitor
from harness.monitors.observed import Context
from harness.monitors.roll import all_monitors
from harness.monitors.watch import watch
from harness.results.records import MONITORS, CaseFinished, Exchange, Finding
from harness.results.verdicts import Level, Verdict

_MOST_FINDINGS = 20  # of one monitor; a server that breaks a rule in each stanza shows enough in twenty


@dataclass(frozen=True, kw_only=True)
class _Noted:
    """A breach, and where it showed first."""

    finding: Finding
    level: Level | None
    shown_by: Scenario
    exchanges: Sequence[Exchange]


@dataclass(kw_only=True)
class _Tally:
    """What one monitor has said so far."""

    checked: int = 0
    noted: dict[str, "_Noted"] = field(default_factory=dict)


def monitor_case(monitor: type[Monitor]) -> str:
    """The name under which a monitor stands in records and baselines."""
    return f"{MONITORS}/{monitor.name}"


class Watch:
    """Keeps the monitors' books for one target; `words` mean the target on a command line."""

    def __init__(self, stage: Stage, table: Mapping[str, Requirement], words: str) -> None:
        self._stage = stage
        self._words = words
        self._table = table
        self._memory = Memory()
        self._tallies = {monitor: _Tally() for monitor in all_monitors()}

    def look(self, scenario: Scenario, played: Played) -> None:
        """Let the monitors see what happened when a scenario was played."""
        context = Context(
            domain=self._stage.domain,
            perspective=self._stage.perspective,
            accounts=played.accounts,
            fenced=played.outcome.fenced,
        )
        for report in watch(played.log.observed, context, self._memory):
            tally = self._tallies[report.monitor]
            tally.checked += report.has_checked
            for breach in report.breaches:
                self._note(tally, breach, scenario, played.log)

    def _note(self, tally: _Tally, breach: Breach, scenario: Scenario, log: CaseLog) -> None:
        key = f"{breach.requirement}: {breach.cause}"
        if key in tally.noted or len(tally.noted) >= _MOST_FINDINGS:
            return
        tally.noted[key] = _Noted(
            finding=Finding(
                cause=log.secrets.mask(breach.cause),
                message=f"{log.secrets.mask(breach.message)}; shown by {scenario.name}",
                requirements=[breach.requirement],
            ),
            level=breach.level or self._level(breach.requirement),
            shown_by=scenario,
            exchanges=log.exchanges,
        )

    def _level(self, requirement: str) -> Level | None:
        row = self._table.get(requirement)
        return level_of(row, self._stage.perspective) if row else Level.MUST

    def cases(self, shown_by: str = "") -> Iterator[CaseFinished]:
        """Return one case for each monitor that had something to judge.

        With `shown_by` only for those that noticed something first in the scenario of that name, and of that.
        """
        for monitor, tally in self._tallies.items():
            noted = [one for one in tally.noted.values() if shown_by in ("", one.shown_by.name)]
            if noted or (tally.checked and not shown_by):
                yield self._case(monitor, tally.checked, noted)

    def _case(self, monitor: type[Monitor], checked: int, noted: Sequence[_Noted]) -> CaseFinished:
        first = noted[0] if noted else None
        level = strongest(self._level(one) for one in monitor.requirements)
        return CaseFinished(
            target=self._stage.name,
            case=monitor_case(monitor),
            title=monitor.title,
            perspective=self._stage.perspective,
            verdict=_verdict(noted),
            family=MONITORS,
            requirements=list(monitor.requirements),
            level=level,
            findings=[one.finding for one in noted],
            notes=[f"judged in {checked} case{'' if checked == 1 else 's'}"],
            exchanges=list(first.exchanges) if first else [],
            shown_by=first.shown_by.name if first else "",
            reproduce=reproduction(self._words, first.shown_by) if first else "",
        )


def _verdict(noted: Sequence[_Noted]) -> Verdict:
    if not noted:
        return Verdict.PASS
    return Verdict.FAIL if any(one.level is Level.MUST for one in noted) else Verdict.DEVIATES
