"""`xmpp-harness`: the commands, and the one place where errors become a line and an exit code.

Exit codes: 0 everything as expected, 1 a target deviates from what was expected, 2 usage, 3 the
environment (a target that cannot be started or reached, a disk that is full, an interruption), 4 too little
was measured.
"""

import importlib
import io
import signal
import sys
from typing import Any

import click

from harness.cli.client import client
from harness.cli.compare import compare
from harness.cli.coverage import coverage
from harness.cli.look import doctor, faults, lint, list_cases, show, targets
from harness.cli.prove import prove
from harness.cli.record import record
from harness.cli.report import report
from harness.cli.run import run
from harness.cli.signals import INTERRUPTING, heed
from harness.cli.terminal import is_of_output, mute, say, unwritable
from harness.engine.campaign import ExitCode
from harness.errors import DataError, HarnessError, ScriptError, UsageError
from harness.transport.open_files import raise_limit


class _Commands(click.Group):
    """The commands; click itself would take a closed pipe for exit code 1, which means a deviation here.

    Those in `_RARE` are loaded when they are asked for: what they need takes longer than all the rest.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, sorted."""
        return sorted([*super().list_commands(ctx), *_RARE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find one by its name."""
        if cmd_name in _RARE:
            command: click.Command = getattr(importlib.import_module(_RARE[cmd_name]), cmd_name)
            return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:  # `Any`: what a command returns
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            mute()
            ctx.exit(ExitCode.ENVIRONMENT)


_RARE = {"fuzz": "harness.cli.fuzz"}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xmpp-harness")
def commands() -> None:
    """Test the conformance of XMPP servers and clients."""


for command in (
    *(run, client, record, list_cases, show, lint, targets, faults, doctor, prove, coverage, report, compare),
):
    commands.add_command(command)


def main() -> None:
    """Run the command line; every foreseeable fault ends in one clear message on standard error."""
    heed(INTERRUPTING, signal.default_int_handler)
    raise_limit()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a sign shows its number
    try:
        _check_words()
        sys.exit(commands(standalone_mode=False))
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(_said("interrupted", ExitCode.ENVIRONMENT))
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (UsageError, ScriptError, DataError) as error:
        sys.exit(_said(error, ExitCode.USAGE))
    except HarnessError as error:
        sys.exit(_said(error, ExitCode.ENVIRONMENT))
    except OSError as error:
        sys.exit(_said(unwritable(error) if is_of_output(error) else error, ExitCode.ENVIRONMENT))


def _check_words() -> None:
    """Refuse what is not in UTF-8: it could not be written into a record."""
    for word in sys.argv[1:]:
        if not word.isascii() and any("\udc80" <= character <= "\udcff" for character in word):
            raise UsageError(f"{word!a} on the command line is not in UTF-8")


def _said(error: object, code: ExitCode) -> ExitCode:
    say(error)
    return code
