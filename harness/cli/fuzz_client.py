"""`xmpp-harness fuzz CLIENT`: the same the other way round, by a server that says what no server should.

`xmpp-harness fuzz client -- COMMAND` does it to any program, as `xmpp-harness client` plays scenarios.
"""

import shlex
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import click
import trio

from harness.catalogue.requirements import cache_folder
from harness.catalogue.scenarios import Scenario
from harness.cli.client import described, program_options, words_for_case
from harness.cli.client import words_of as words_of_program
from harness.cli.fuzz_options import campaign_options
from harness.cli.fuzzing import Hunted, chosen_families, replay, run_campaign, words_of
from harness.cli.playing import fail_on_option
from harness.cli.run import client_with_faults
from harness.cli.selection import Catalogue, open_catalogue
from harness.engine.batch import Emit
from harness.engine.client_stage import client_stage
from harness.engine.telling import target_started
from harness.errors import HarnessError
from harness.fuzz.clients.bench import ClientBench
from harness.fuzz.clients.side import CLIENTS, families_of
from harness.results.verdicts import Verdict
from harness.strategies.client_families import CLIENT_FAMILIES
from harness.targets.client_builds import built
from harness.targets.client_description import ClientDescription, load_client
from harness.targets.driven import reaping
from harness.transcript.script import Side


def fuzz_client(
    target: str,
    options: Mapping[str, Any],  # `Any`: click passes what each option holds
    catalogue: Catalogue,
) -> int:
    """Fuzz a client that has a driver, or play again what was found; the exit code."""
    description = client_with_faults(load_client(target), options["faults"])
    if options["replayed"] is not None:
        return replay(description, target, options, catalogue)
    trio.run(_build, description)
    return _campaign(description, words_of(target, options["faults"]), options, catalogue)


@click.command()
@program_options
@campaign_options
@fail_on_option
def fuzz_program(command: Sequence[str], **options: Any) -> None:
    """Fuzz a client program that has no driver, for a while.

    It is started anew for each session and has to connect and log in by itself; its command line is filled
    in as by `xmpp-harness client`. What only a driver could tell, such as whether a forged message was shown,
    is not judged. Say `--` before the command.
    """
    catalogue = open_catalogue()
    description = described(command, options)
    if options["replayed"] is not None:
        sys.exit(replay(description, words_for_case(command, options), options, catalogue))
    words = words_of_program(options)
    sys.exit(_campaign(description, words, options, catalogue, command=shlex.join(command)))


async def _build(description: ClientDescription) -> None:
    """Build it, if that has not been done, before its time runs: it may take minutes."""
    with reaping() as reaper:
        await built(description, cache_folder() / "clients", reaper)


def _campaign(
    description: ClientDescription,
    words: str,
    options: Mapping[str, Any],
    catalogue: Catalogue,
    *,
    command: str = "",
) -> int:
    sanity = catalogue.sanity[Side.CLIENT]
    usual = [name for name, one in CLIENT_FAMILIES.items() if not one.is_amplifying]
    families = chosen_families(options["families"], CLIENT_FAMILIES, usual, of=" for clients")
    hunted = Hunted(
        description=description,
        words=words,
        command=command,
        side=CLIENTS,
        families=families_of(families),
        open_bench=lambda emit, told: _bench(description, sanity, emit, told),
    )
    return run_campaign(hunted, options, catalogue)


@asynccontextmanager
async def _bench(
    description: ClientDescription, sanity: Scenario, emit: Emit, told: list[str]
) -> AsyncIterator[ClientBench]:
    begun = trio.current_time()
    async with client_stage(description, sanity) as stage:
        await stage.prepare()
        played = await stage.play(sanity)
        if played.judgement.verdict is not Verdict.PASS:
            problems = [one.message for one in played.outcome.problems]
            raise HarnessError(f"{stage.name} fails already at {sanity.name}: {' '.join(problems)}")
        if not told:
            told.append(stage.name)
            emit(target_started(stage, trio.current_time() - begun))
        yield ClientBench(stage=stage)
