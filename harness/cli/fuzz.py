"""`xmpp-harness fuzz`: send what nobody would write down, and keep what it shows."""

import ipaddress
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from harness.cli.attach import attach_options, attached_description, check_host_given
from harness.cli.fuzz_client import fuzz_client
from harness.cli.fuzzing import Hunted, chosen_families, replay, run_campaign, words_of
from harness.cli.playing import fail_on_option
from harness.cli.run import with_faults
from harness.cli.selection import open_catalogue
from harness.engine.batch import Emit
from harness.engine.stage import ServerStage
from harness.engine.starting import session_of
from harness.engine.telling import target_started
from harness.errors import UsageError
from harness.fuzz.machines.every import MACHINES
from harness.fuzz.measures.every import MEASURES
from harness.fuzz.servers.bench import Bench, bench_of
from harness.fuzz.servers.health import Health
from harness.fuzz.servers.side import SERVERS, usual_families
from harness.strategies.derive import FAMILIES, batches
from harness.targets.client_description import is_client
from harness.targets.description import Description, load

_UNITS = {"s": 1, "m": 60, "h": 3600}


def _seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    try:
        seconds = float(number) * _UNITS[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e7:
        raise click.BadParameter(f"{text!r} is no time; write 60s, 10m or 1h")
    return seconds


@click.command()
@click.argument("target", default="", metavar="[TARGET]")
@click.option(
    "--time", "seconds", default="60s", callback=_seconds, help="How long: 60s, 10m, 1h [default: 60s]."
)
@click.option(
    "--family",
    "families",
    multiple=True,
    help="Only this family of samples, and others that are named so; a wrong one lists all.",
)
@click.option(
    "--property",
    "properties",
    multiple=True,
    help="Only breaches of this property (name or P-number) count; may be repeated.",
)
@click.option("--seed", type=click.IntRange(0), help="Where chance begins [default: another each time].")
@click.option("--fault", "faults", multiple=True, help="One misbehaviour of the reference server or client.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for findings and reports [default: out/DATE-TIME]."
)
@click.option("--baseline", type=click.Path(path_type=Path), help="Known deviations.")
@click.option(
    "--database",
    default="",
    metavar="PLACE",
    help="Keeps what has shown: a folder, redis://HOST:PORT/0 or github:OWNER/REPOSITORY.",
)
@click.option(
    "--replay-all",
    "replayed",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Play the findings of a campaign again, and say which are fixed.",
)
@click.option("--i-own-this-server", "is_own", is_flag=True, help="Fuzz a server elsewhere.")
@fail_on_option
@attach_options
def fuzz(target: str, **options: Any) -> None:  # `Any`: click passes what each option holds
    """Fuzz a server or a client with malformed streams, for a while.

    Whatever breaks a property is confirmed with fresh users, made as small as it can be, and saved as a
    scenario that `xmpp-harness run TARGET FILE` plays.
    """
    catalogue = open_catalogue()
    if target and not options["host"] and is_client(target):
        check_host_given(options)
        sys.exit(fuzz_client(target, options, catalogue))
    description = _description(target, options)
    _check_owned(description, options["is_own"])
    if options["replayed"] is not None:
        sys.exit(replay(description, target, options, catalogue))
    families = chosen_families(options["families"], (*FAMILIES, *MACHINES, *MEASURES), usual_families())
    drawn = {name: batches(name) if name in FAMILIES else None for name in families}
    hunted = Hunted(
        description=description,
        words=words_of(target or description.name, options["faults"]),
        side=SERVERS,
        families=drawn,
        open_bench=lambda emit, told: _bench(description, emit, told),
    )
    sys.exit(run_campaign(hunted, options, catalogue))


@asynccontextmanager
async def _bench(description: Description, emit: Emit, told: list[str]) -> AsyncIterator[Bench]:
    """The target, started or joined anew, and told of the first time."""
    async with session_of(description) as running:
        stage = ServerStage(running.session)
        await stage.prepare()
        if not told:
            told.append(stage.name)
            emit(target_started(stage, running.seconds))
        async with bench_of(running.session, Health(instance=running.instance)) as bench:
            yield bench


def _description(target: str, options: Mapping[str, Any]) -> Description:
    if options["host"]:
        if target:
            raise UsageError("--host and a target's name exclude each other")
        return with_faults(attached_description(dict(options)), options["faults"])
    check_host_given(options)
    name = target or "reference"
    description = with_faults(load(name), options["faults"])
    if description.launcher == "reference":  # so that its memory and its end can be watched
        settings = msgspec.structs.replace(description.settings, process=True)
        description = msgspec.structs.replace(description, settings=settings)
    return description


def _check_owned(description: Description, is_own: bool) -> None:
    if description.is_attached and not is_own and not _is_loopback(description.host):
        raise UsageError(
            f"{description.host} is not this machine",
            advice="--i-own-this-server says that you may do this to it",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
