"""The evidence of a whole catalogue: which cases are seen to check which requirement."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, groupby, islice

from harness.catalogue.scenarios import Scenario
from harness.faults.fault import Fault
from harness.proof.evidence import (
    FAULTS_IN_MEMORY,
    Shown,
    client_evidence,
    monitor_evidence,
    server_evidence,
)
from harness.proof.workers import in_processes
from harness.results.evidence import Evidence
from harness.results.records import MONITORS
from harness.transcript.script import Side, Transcript

_ORDINARY = 20  # scenarios of each family, in which monitors look for a fault


def survey(scenarios: Sequence[Scenario]) -> Evidence:
    """Play every scenario with the faults that concern it, and monitors with all that concern them."""
    of_servers = [one for one in scenarios if Side.SERVER in one.transcript.tests]
    of_clients = [one for one in scenarios if Side.CLIENT in one.transcript.tests]
    transcripts = [one.playable for one in of_servers]
    shown = in_processes(server_evidence, transcripts)
    by_clients = in_processes(client_evidence, [one.playable for one in of_clients])
    families = groupby(of_servers, lambda one: one.family)
    ordinary = [one.playable for _, family in families for one in islice(family, _ORDINARY)]
    noticed = in_processes(partial(_by_monitors, transcripts, ordinary), list(FAULTS_IN_MEMORY.values()))
    cases = [(one.name, said) for one, said in zip(of_servers, shown, strict=True)]
    cases += [pair for said in noticed for pair in said.items()]
    return Evidence(
        server=_by_requirement(cases),
        client=_by_requirement((one.name, said) for one, said in zip(of_clients, by_clients, strict=True)),
    )


def _by_monitors(
    transcripts: Sequence[Transcript], ordinary: Sequence[Transcript], fault: Fault
) -> Mapping[str, Shown]:
    """Monitors watch what is about the fault, and some scenarios of each family."""
    named = set(fault.breaks)
    about = (one for one in transcripts if not named.isdisjoint(one.all_covers))
    found = monitor_evidence(fault, chain(about, ordinary))
    return {f"{MONITORS}/{one.name}": said for one, said in found.items()}


def _by_requirement(cases: Iterable[tuple[str, Shown]]) -> dict[str, dict[str, str]]:
    """The first that is said of a case counts."""
    found: dict[str, dict[str, str]] = {}
    for case, said in cases:
        for requirement, how in said.items():
            found.setdefault(requirement, {}).setdefault(case, how)
    return found
