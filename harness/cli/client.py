"""`xmpp-harness client`: test any program that is an XMPP client, without a driver for it."""

import difflib
import math
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from harness.cli.baselines import baseline_of
from harness.cli.output_folder import output_folder
from harness.cli.playing import check_sides, chosen_seed, gate_options, known_cases, play, verbosity
from harness.cli.selection import open_catalogue
from harness.cli.terminal import say
from harness.cli.updated_baseline import baseline_to_update, update_after, update_option
from harness.engine.batch import Options
from harness.engine.campaign import FailOn, Plan
from harness.errors import UsageError
from harness.targets.client_description import ClientDescription, TlsUse
from harness.transcript.script import Side

_AT_ONCE = 8
_PLACES = ("host", "port", "domain", "user", "jid", "password", "ca")
_PATIENCE = 3.0
WAYS_OF_TLS = {
    "required": (TlsUse.STARTTLS,),
    "direct": (TlsUse.DIRECT,),
    "disabled": (TlsUse.NONE,),
}


#: The options that say what the client is like, with what stands for nothing said.
_KEPT: Mapping[str, object] = {"tls": "required", "name": "", "patience": _PATIENCE}


#: `Any`: click decorates functions of every kind.
_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_OPTIONS: tuple[_Decorator, ...] = (
    click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [ARGUMENT]..."),
    click.option(
        "--tls",
        type=click.Choice(list(WAYS_OF_TLS)),
        default="required",
        show_default=True,
        help="How the program is set up: STARTTLS required, direct TLS, or none.",
    ),
    click.option("--name", default="", help="What reports call it [default: the command's name]."),
    click.option(
        "--patience",
        type=click.FloatRange(0.1, 600),
        default=_PATIENCE,
        show_default=True,
        help="Seconds that a reaction may take.",
    ),
)


def program_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command a client's program, and the options that say what it is like."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.command()
@program_options
@click.option("--only", "selectors", multiple=True, help="Scenarios, as for run.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag.")
@click.option("--without-tag", "without", multiple=True, help="No scenarios with this tag.")
@click.option(
    "--at-once",
    type=click.IntRange(1),
    default=_AT_ONCE,
    show_default=True,
    help="Programs that run at the same time.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the reports [default: out/DATE-TIME]."
)
@click.option("--baseline", type=click.Path(path_type=Path), help="Known deviations.")
@update_option
@click.option("-q", "--quiet", is_flag=True, help="Only surprises, and the sum.")
@click.option("-v", "--verbose", is_flag=True, help="A line for every case.")
@gate_options
def client(command: Sequence[str], **options: Any) -> None:  # `Any`: click passes what each option holds
    """Test a client program: every scenario for clients that needs no commands.

    The program is started anew for each case and has to connect and log in by itself. In its command line
    {host}, {port}, {domain}, {user}, {jid}, {password} and {ca} (the file of the authority to trust) are
    filled in; they are in its environment too, as XMPP_HOST and so on. Say `--` before the command.
    """
    catalogue = open_catalogue()
    description = described(command, options)
    chosen = catalogue.chosen(options["selectors"], options["tags"], options["without"], sides={Side.CLIENT})
    check_sides([description], chosen)
    known = known_cases(catalogue, chosen)
    baseline = baseline_to_update(options, 1)
    plan = Plan(
        descriptions=[description],
        scenarios=chosen,
        sanity=catalogue.sanity,
        baselines={
            description.name: baseline_of(description, options["baseline"], known, may_be_new=bool(baseline))
        },
        fail_on=FailOn(options["fail_on"]),
        fail_on_flaky=options["fail_on_flaky"],
        warn=say,
        words={description.name: words_for_case(command, options)},
        options=Options(
            at_once=options["at_once"],
            command=["xmpp-harness", *sys.argv[1:]],
            selection=list(options["selectors"]),
            is_partial=bool(options["selectors"] or options["tags"] or options["without"]),
            least=options["min_measured"],
            repeat=options["repeat"],
            retries=options["retries"],
            seed=chosen_seed(options),
        ),
    )
    with output_folder(options["out"]) as out:
        code = play(plan, out, catalogue.table, verbosity(options))
        if baseline:
            code = update_after(code, out / "record.jsonl", baseline)
    sys.exit(code)


def words_of(options: Mapping[str, Any]) -> str:
    """What means a program that is like this on a command line, before the program itself."""
    given = [f"--{name} {shlex.quote(str(options[name]))}" for name in _KEPT if options[name] != _KEPT[name]]
    return " ".join(["client", *given])


def words_for_case(command: Sequence[str], options: Mapping[str, Any]) -> str:
    """What plays one case again, which takes the place of `{case}`."""
    return f"{words_of(options)} --only {{case}} -- {shlex.join(command)}"


def _not_found(program: Path) -> UsageError:
    if program.is_dir():
        return UsageError(f"{program}: this is a folder, not a program")
    if not program.is_file():
        return UsageError(f"{program}: there is no such program")
    if os.access(program, os.X_OK):
        return UsageError(f"{program}: not on the search path", advice=f"write ./{program}")
    return UsageError(f"{program}: not executable", advice="chmod +x, or name its interpreter first")


def _name_of(command: Sequence[str]) -> str:
    """The script's name, where the program is its interpreter; otherwise the program's."""
    script = next((Path(word).stem for word in command[1:] if Path(word).is_file()), "")
    return script or Path(command[0]).name


def described(command: Sequence[str], options: Mapping[str, Any]) -> ClientDescription:
    """A client by its command. Raises UsageError when there is no such program."""
    if not math.isfinite(options["patience"]):
        raise UsageError("--patience: this is no number of seconds")
    program = shutil.which(command[0])
    if program is None:
        raise _not_found(Path(command[0]))
    for name in re.findall(r"\{(\w+)\}", " ".join(command)):
        near = difflib.get_close_matches(name, _PLACES, n=1)
        if near and name not in _PLACES:
            raise UsageError(f"{{{name}}} is not filled in", advice=f"did you mean {{{near[0]}}}?")
    return ClientDescription(
        name=options["name"] or _name_of(command),
        description=shlex.join(command),
        run=shlex.join([os.path.abspath(program), *command[1:]]),
        tls=WAYS_OF_TLS[options["tls"]],
        patience=options["patience"],
        baseline="",
        directory=str(Path.cwd()),
        has_driver=False,
    )
