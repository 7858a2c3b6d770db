"""What shows that a requirement is checked: somebody breaks it, and a case that names it takes notice.

That a scenario names a requirement is a claim. It counts as checked when a fault that breaks it makes the
scenario fail in a step that is about it; or else, where a step is about nothing but this requirement, when
an error in that one step is noticed. Monitors count when they name the requirement in what they notice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from harness.faults.fault import Fault
from harness.faults.tables import NEGOTIATION_FAULTS, SESSION_FAULTS
from harness.monitors.monitor import Memory, Monitor
from harness.monitors.observed import Context
from harness.monitors.roll import all_monitors
from harness.monitors.watch import watch
from harness.play.acts import Outcome, Problem
from harness.proof.alterations import Alteration
from harness.proof.attempts import possible_alterations, tried
from harness.proof.clients import client_attempts, play_reference_client
from harness.proof.killers import play_reference
from harness.proof.tap import Tap
from harness.reference_client.faults import FAULTS as CLIENT_FAULTS
from harness.results.verdicts import Perspective
from harness.transcript.script import Transcript

#: Requirements, and what showed of each that it is checked: "fault NAME", or what was altered.
Shown = Mapping[str, str]

#: The faults that show in memory; the others only do on sockets.
FAULTS_IN_MEMORY = {**SESSION_FAULTS, **NEGOTIATION_FAULTS}


def server_evidence(transcript: Transcript) -> Shown:
    """What a scenario for servers is seen to check."""
    shown = _by_faults(transcript, FAULTS_IN_MEMORY, play_reference)
    alterations = (
        one for one in possible_alterations(transcript) if _lone(transcript, one) not in (None, *shown)
    )
    for one in alterations:
        requirement = _lone(transcript, one)
        if requirement is not None and requirement not in shown and tried(transcript, one).is_caught:
            shown[requirement] = one.label
    return shown


def client_evidence(transcript: Transcript) -> Shown:
    """What a scenario for clients is seen to check."""
    shown = _by_faults(transcript, CLIENT_FAULTS, play_reference_client)
    each = [transcript.covers, *(step.covers for step in transcript.steps)]
    if not {covers[0] for covers in each if len(covers) == 1} <= shown.keys():
        for one in client_attempts(transcript):
            covers = one.covers or transcript.covers
            if one.is_caught and len(covers) == 1:
                shown.setdefault(covers[0], one.label)
    return shown


def _by_faults(
    transcript: Transcript, faults: Mapping[str, Fault], play: Callable[[Transcript, str], Outcome]
) -> dict[str, str]:
    """Play with each fault that breaks something which the scenario names."""
    if play(transcript, "").problems:
        return {}
    named = set(transcript.all_covers)
    shown: dict[str, str] = {}
    for fault in faults.values():
        if not (wanted := named.intersection(fault.breaks).difference(shown)):
            continue
        for problem in play(transcript, fault.name).problems:
            for one in wanted.intersection(_about(transcript, problem)):
                shown.setdefault(one, f"fault {fault.name}")
    return shown


def _about(transcript: Transcript, problem: Problem) -> Sequence[str]:
    """The requirements of the step that failed; what merely keeps a scenario from its point is about none."""
    return () if problem.is_environment else problem.covers or transcript.covers


def _lone(transcript: Transcript, alteration: Alteration) -> str | None:
    """The one requirement that an erring step is about; None where there are several."""
    covers = alteration.step.covers or transcript.covers
    return covers[0] if len(covers) == 1 else None


# --- monitors ---------------------------------------------------------------------------------------


def monitor_evidence(fault: Fault, transcripts: Iterable[Transcript]) -> Mapping[type[Monitor], Shown]:
    """Which monitors notice a fault of the reference server, and name a requirement that it breaks."""
    watching = [one for one in all_monitors() if set(one.requirements).intersection(fault.breaks)]
    wanted = {(one, name) for one in watching for name in one.requirements if name in fault.breaks}
    shown: dict[type[Monitor], dict[str, str]] = {}
    for transcript in transcripts:
        if not wanted:
            break
        for one, name in _noticed(transcript, fault.name, watching):
            if (one, name) in wanted:
                wanted.remove((one, name))
                shown.setdefault(one, {})[name] = f"fault {fault.name}"
    return shown


def _noticed(
    transcript: Transcript, fault: str, monitors: Sequence[type[Monitor]]
) -> Iterator[tuple[type[Monitor], str]]:
    tap = Tap()
    outcome = play_reference(transcript, fault, tap=tap)
    context = Context(
        domain=tap.domain, perspective=Perspective.CLIENT, accounts=tap.accounts, fenced=outcome.fenced
    )
    for report in watch(tap.observed, context, Memory(), monitors):
        yield from ((report.monitor, breach.requirement) for breach in report.breaches)
