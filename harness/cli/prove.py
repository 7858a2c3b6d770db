"""`xmpp-harness prove`: show of each scenario that it notices what it claims to check."""

import sys
from collections.abc import Sequence
from functools import partial

import click

from harness.catalogue.scenarios import Scenario
from harness.cli.selection import open_catalogue
from harness.cli.terminal import Terminal, print_rows
from harness.engine.campaign import ExitCode
from harness.faults.tables import all_faults
from harness.proof.attempts import Attempt, Proof, joined
from harness.proof.attempts import prove as prove_scenario
from harness.proof.clients import (
    client_killers,
    is_client_killed_rightly,
    is_relevant_to_client,
    prove_client,
)
from harness.proof.killers import is_killed_rightly, is_relevant, killers
from harness.proof.workers import in_processes
from harness.reference_client.faults import FAULTS
from harness.transcript.script import Side, Transcript


@click.command()
@click.argument("selectors", nargs=-1, metavar="[SELECTION...]")
@click.option("--faults/--no-faults", default=True, help="Play against the reference server's faults too.")
@click.option("--all-killers", is_flag=True, help="Find every fault that kills a scenario, not only one.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Also tell the score of each requirement, and what is left free."
)
def prove(selectors: Sequence[str], faults: bool, all_killers: bool, verbose: bool) -> None:
    """Prove scenarios: each must notice when what it expects does not come, and accept what is permitted.

    A scenario is sound when it plays against itself, catches every mutant of the stanzas that it expects
    (but for what its patterns leave free), accepts every permitted variant, and is killed by at least
    one fault of the reference server that breaks one of its requirements. A fault in brackets breaks
    another, and does not count.
    """
    chosen = open_catalogue().chosen(selectors, (), ())
    scenarios = [one.playable for one in chosen]
    proofs = in_processes(_proof, scenarios)
    killed_by = (
        in_processes(partial(_killers, every=all_killers), scenarios) if faults else [None] * len(scenarios)
    )
    console = Terminal()
    is_sound = True
    rows = []
    for scenario, proof, names in zip(chosen, proofs, killed_by, strict=True):
        rows.append(_row(scenario, proof, names))
        is_sound = is_sound and proof.is_sound and _is_killed(scenario.playable, names)
    heads = ("scenario", "caught", "free", "variants", "killed by")
    print_rows(console, heads, rows, is_labelled=True)
    for transcript, proof, names in zip(scenarios, proofs, killed_by, strict=True):
        for line in _complaints(transcript, proof, names, verbose):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    sys.exit(ExitCode.AS_EXPECTED if is_sound else ExitCode.DEVIATIONS)


def _proof(transcript: Transcript) -> Proof:
    """Scenarios for both sides have to be sound on both."""
    proofs = [prove_side(transcript) for side, prove_side in _PROOFS.items() if side in transcript.tests]
    return proofs[0] if len(proofs) == 1 else joined(proofs)


_PROOFS = {Side.SERVER: prove_scenario, Side.CLIENT: prove_client}


def _killers(transcript: Transcript, *, every: bool) -> list[str]:
    found = []
    if Side.SERVER in transcript.tests:
        found += killers(transcript, every=every)
    if Side.CLIENT in transcript.tests:
        found += client_killers(transcript, every=every)
    return found


def _is_relevant(transcript: Transcript, name: str) -> bool:
    if name in FAULTS and is_relevant_to_client(transcript, name):
        return True
    return name in all_faults() and is_relevant(transcript, name)


def _is_killed(transcript: Transcript, names: Sequence[str] | None) -> bool:
    """Faults that were not asked for prove nothing and fail nothing."""
    if names is None:
        return True
    for side, is_right in ((Side.SERVER, is_killed_rightly), (Side.CLIENT, is_client_killed_rightly)):
        if side in transcript.tests and not is_right(transcript, names):
            return False
    return True


def _row(scenario: Scenario, proof: Proof, names: Sequence[str] | None) -> tuple[str, ...]:
    caught = sum(one.is_caught for one in proof.mutants)
    free = sum(one.is_free and not one.is_caught for one in proof.mutants)
    killers_shown = (name if _is_relevant(scenario.playable, name) else f"({name})" for name in names or ())
    shown = ", ".join(killers_shown)
    return (scenario.name, f"{caught} of {len(proof.mutants)}", str(free), str(proof.variants), shown)


def _complaints(
    transcript: Transcript, proof: Proof, names: Sequence[str] | None, verbose: bool
) -> Sequence[str]:
    lines = [f"{transcript.path}: does not play against itself: {one.message}" for one in proof.self_play]
    lines += [_told(transcript, one, "goes unnoticed") for one in proof.survivors]
    lines += [_told(transcript, one, "is refused though permitted") for one in proof.refused_variants]
    if not proof.self_play:
        lines += [f"{transcript.path}: {one}: no mutant of it is caught" for one in proof.unproven]
    if verbose:
        lines += [f"{transcript.path}: {one}: caught {n} of {m}" for one, (n, m) in proof.scores.items()]
        free = [one for one in proof.mutants if one.is_free and not one.is_caught]
        lines += [_told(transcript, one, "is left free") for one in free]
    if names is not None and not names:
        lines.append(f"{transcript.path}: no fault of the reference server, or client, kills it")
    elif not _is_killed(transcript, names):
        lines.append(f"{transcript.path}: no fault that breaks one of its requirements kills it")
    return lines


def _told(transcript: Transcript, attempt: Attempt, what: str) -> str:
    return f"{transcript.path}:{attempt.line}: {attempt.label}: {what}"
