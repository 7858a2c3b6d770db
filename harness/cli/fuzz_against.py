"""`xmpp-harness fuzz TARGET --against TARGET...`: what several servers make of the same samples."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import trio

from harness.cli.interruption import Interruption
from harness.cli.output_folder import output_folder
from harness.cli.terminal import Terminal
from harness.engine.campaign import ExitCode
from harness.errors import HarnessError, UsageError
from harness.fuzz.differential import FEWEST, Alone, alone, note_answers, samples_for
from harness.fuzz.examining import TargetGoneError
from harness.fuzz.servers.bench import Bench
from harness.strategies.families import FAMILIES
from harness.strategies.sample import Sample
from harness.targets.description import Description

_EACH = 40  # samples of a family
_LONGEST = 300  # characters of a sample that are shown

#: Opens a server that is fuzzed.
OpenServer = Callable[[Description], AbstractAsyncContextManager[Bench]]


def fuzz_against(
    descriptions: Sequence[Description],
    open_server: OpenServer,
    options: Mapping[str, Any],  # `Any`: click passes what each option holds
) -> int:
    """Send the same to all, and tell of what only one makes something else; 2 where one is not there."""
    if options["update_baseline"]:
        raise UsageError("--against accuses nobody, so that there is nothing to write into a baseline")
    names = [one.name for one in descriptions]
    if len(set(names)) < FEWEST:
        raise UsageError(f"of fewer than {FEWEST} servers none can be alone", advice="give --against again")
    for name in options["families"]:
        if name not in FAMILIES:
            raise UsageError(
                f"there is no family {name} of samples", advice=f"families: {', '.join(FAMILIES)}"
            )
    seed = secrets.randbelow(1 << 31) if options["seed"] is None else options["seed"]
    samples = samples_for(options["families"], seed, _EACH)
    console = Terminal()
    console.print(f"{len(samples)} samples, seed {seed}", highlight=False)
    told: dict[str, dict[bytes, str]] = {}

    async def work() -> None:
        for description in descriptions:
            told[description.name] = {}  # grows, so that an interruption leaves what there is
            await _ask(description, open_server, samples, told[description.name])
            console.print(f"▸ {description.name}  {len(told[description.name])} answered", highlight=False)

    interruption = Interruption()
    with interruption.heard():
        trio.run(interruption.end_early, work)
    found = list(alone(samples, told))
    with output_folder(options["out"]) as out:
        path = out / "alone.txt"
        path.write_text("\n".join(map(_text_of, found)), encoding="utf-8")
        for one in found:
            console.print(_text_of(one), markup=False, highlight=False, soft_wrap=True)
        console.print(_sum(found, names), highlight=False)
        console.print(f"written to {path}", highlight=False, soft_wrap=True)
    return ExitCode.ENVIRONMENT if interruption.has_happened else 0


async def _ask(
    description: Description, open_server: OpenServer, samples: Sequence[Sample], told: dict[bytes, str]
) -> None:
    """Note what a server makes of them; it is started again where one of them ends it."""
    waiting = list(samples)
    while waiting:
        try:
            async with open_server(description) as bench:
                await note_answers(bench, waiting, told)
        except TargetGoneError:
            continue
        except HarnessError as error:
            raise HarnessError(f"{description.name}: {error}") from error


def _text_of(one: Alone) -> str:
    label = ", ".join(one.sample.labels) or one.sample.family
    data = one.sample.data.decode("utf-8", "backslashreplace")
    shown = data if len(data) <= _LONGEST else f"{data[:_LONGEST]}... ({len(data)} characters)"
    return f"{one.target} alone: {label}\n  {one.target}: {one.answer}\n  others: {one.others}\n  {shown}\n"


def _sum(found: Sequence[Alone], names: Sequence[str]) -> str:
    counts = Counter(one.target for one in found)
    return "alone: " + ", ".join(f"{name} {counts[name]} times" for name in names) + "; nobody is accused"
