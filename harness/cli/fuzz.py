"""`xmpp-harness fuzz`: send what nobody would write down, and keep what it shows."""

import ipaddress
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import click
import msgspec

from harness.cli.attach import attach_options, attached_description, check_host_given
from harness.cli.fuzz_against import fuzz_against
from harness.cli.fuzz_client import fuzz_client, fuzz_program
from harness.cli.fuzz_options import campaign_options
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
from harness.fuzz.servers.side import SERVERS, families_of, families_showing
from harness.strategies.derive import FAMILIES
from harness.targets.client_description import is_client
from harness.targets.description import Description, Provider, load

_ACCOUNTS = 6

#: What makes no sense of findings that are played again, by the names of the options.
_OF_A_CAMPAIGN = {
    "families": "--family",
    "properties": "--property",
    "others": "--against",
    "update_baseline": "--update-baseline",
}


class _Fuzz(click.Command):
    """Where the word `client` stands before a command, it is `fuzz_program` that is meant."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the command line."""
        ours = args[: args.index("--")] if "--" in args else args
        if "client" not in ours:
            return super().make_context(info_name, args, parent, **extra)
        at = ours.index("client")
        return fuzz_program.make_context(f"{info_name} client", args[:at] + args[at + 1 :], parent, **extra)


@click.command(cls=_Fuzz)
@click.argument("target", default="", metavar="[TARGET]")
@campaign_options
@click.option("--fault", "faults", multiple=True, help="One misbehaviour of the reference server or client.")
@click.option(
    "--against",
    "others",
    multiple=True,
    metavar="TARGET",
    help="Send the same samples to this server too, and tell who is alone with an answer; give two or more.",
)
@click.option("--i-own-this-server", "is_own", is_flag=True, help="Fuzz a server elsewhere.")
@fail_on_option
@attach_options
def fuzz(target: str, **options: Any) -> None:  # `Any`: click passes what each option holds
    """Fuzz a server or a client with malformed streams, for a while.

    A client is named as its driver is, or is any program: `xmpp-harness fuzz client --help`.

    Whatever breaks a property is confirmed with fresh users, made as small as it can be, and saved as a
    scenario that `xmpp-harness run TARGET FILE` plays.
    """
    _check_replay(options)
    catalogue = open_catalogue()
    if target and not options["host"] and is_client(target):
        check_host_given(options)
        sys.exit(fuzz_client(target, options, catalogue))
    description = _description(target, options)
    _check_owned(description, options["is_own"])
    if options["others"]:
        compared = [description, *(load(name) for name in options["others"])]
        for one in compared:
            _check_owned(one, options["is_own"])
        sys.exit(fuzz_against(compared, _server, options))
    if options["replayed"] is not None:
        sys.exit(replay(description, target or description.name, options, catalogue))
    _check_accounts(description)
    usual = families_showing(options["properties"])
    families = chosen_families(options["families"], (*FAMILIES, *MACHINES, *MEASURES), usual)
    hunted = Hunted(
        description=description,
        words=words_of(target or description.name, options["faults"]),
        side=SERVERS,
        families=families_of(families),
        open_bench=lambda emit, told: _bench(description, emit, told),
    )
    sys.exit(run_campaign(hunted, options, catalogue))


def _check_replay(options: Mapping[str, Any]) -> None:
    """What was found is played as it is: raises UsageError where something is to be chosen as well."""
    given = [word for name, word in _OF_A_CAMPAIGN.items() if options[name]]
    if options["replayed"] is not None and given:
        advice = f"leave out {' and '.join(given)}, or --replay-all"
        raise UsageError("--replay-all plays all that was found, and nothing else", advice=advice)


def _server(description: Description) -> AbstractAsyncContextManager[Bench]:
    """One of several, of which nobody is told."""
    return _bench(description, lambda _: None, [description.name])


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


def _check_accounts(description: Description) -> None:
    """Two users who talk, one who watches, and up to three who try other things, each on an account."""
    source = description.accounts
    if source.provider is Provider.GIVEN and len(source.list) < _ACCOUNTS:
        told = f"{len(source.list)} accounts are too few to fuzz with"
        raise UsageError(told, advice=f"give {_ACCOUNTS} or more")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
