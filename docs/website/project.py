"""What the site tells of: the checkout, its requirements, its scenarios and its monitors."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from harness.catalogue.evidence import load_evidence
from harness.catalogue.requirements import Requirement, load_requirements
from harness.catalogue.scenarios import Scenario, find
from harness.monitors.monitor import Monitor
from harness.monitors.roll import all_monitors
from harness.results.evidence import Evidence

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """All of it, and who names a requirement, by its id."""

    requirements: Mapping[str, Requirement]
    scenarios: Sequence[Scenario]
    monitors: Sequence[type[Monitor]]
    evidence: Evidence
    scenarios_by_requirement: Mapping[str, Sequence[Scenario]]
    monitors_by_requirement: Mapping[str, Sequence[type[Monitor]]]

    @property
    def documents(self) -> Mapping[str, Sequence[Requirement]]:
        """The rows of each document, RFCs first, then XEPs, then what was never written down."""
        found: defaultdict[str, list[Requirement]] = defaultdict(list)
        for row in self.requirements.values():
            found[row.document].append(row)
        return {name: found[name] for name in sorted(found, key=_rank)}

    @property
    def families(self) -> Mapping[str, Sequence[Scenario]]:
        """The scenarios of each folder."""
        found: defaultdict[str, list[Scenario]] = defaultdict(list)
        for scenario in self.scenarios:
            found[scenario.family].append(scenario)
        return found

    def checking(self, requirement: Requirement) -> AbstractSet[str]:
        """The cases that were seen to notice when it is broken, on either side."""
        sides = (self.evidence.server, self.evidence.client)
        return {case for shown in sides for case in shown.get(requirement.id, ())}


def load_project() -> Project:
    """Read everything. Raises a HarnessError for what is broken."""
    table = load_requirements()
    scenarios = find(table=table)
    by_scenario: defaultdict[str, list[Scenario]] = defaultdict(list)
    for scenario in scenarios:
        for row in scenario.requirements:
            by_scenario[row.id].append(scenario)
    by_monitor: defaultdict[str, list[type[Monitor]]] = defaultdict(list)
    for monitor in all_monitors():
        for name in monitor.requirements:
            by_monitor[name].append(monitor)
    return Project(
        requirements=table,
        scenarios=scenarios,
        monitors=all_monitors(),
        evidence=load_evidence(),
        scenarios_by_requirement=dict(by_scenario),
        monitors_by_requirement=dict(by_monitor),
    )


def _rank(document: str) -> tuple[int, str]:
    kinds = ("rfc", "xep")
    return next((at for at, kind in enumerate(kinds) if document.startswith(kind)), len(kinds)), document
