"""`xmpp-harness`: the commands, and the one place where errors become a line and an exit code.

Exit codes: 0 everything as expected, 1 a target deviates from what was expected, 2 usage, 3 the
environment (a target that cannot be started or reached, a disk that is full, an interruption).
"""

import os
import sys

import click
from rich.console import Console

from harness.cli.look import doctor, faults, lint, list_scenarios, show, targets
from harness.cli.prove import prove
from harness.cli.report import report
from harness.cli.run import run
from harness.engine.campaign import ExitCode
from harness.errors import DataError, HarnessError, ScriptError, UsageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xmpp-harness")
def commands() -> None:
    """Test the conformance of XMPP servers."""


for command in (run, list_scenarios, show, lint, targets, faults, doctor, prove, report):
    commands.add_command(command)


def main() -> None:
    """Run the command line; every foreseeable fault ends in one clear message on standard error."""
    try:
        sys.exit(commands(standalone_mode=False))
    except click.exceptions.Abort:
        sys.exit(ExitCode.ENVIRONMENT)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (UsageError, ScriptError, DataError) as error:
        sys.exit(_said(error, ExitCode.USAGE))
    except HarnessError as error:
        sys.exit(_said(error, ExitCode.ENVIRONMENT))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit does not fail too
        sys.exit(ExitCode.ENVIRONMENT)


def _said(error: HarnessError, code: ExitCode) -> ExitCode:
    Console(stderr=True).print(
        f"xmpp-harness: {error}", style="red", markup=False, highlight=False, soft_wrap=True
    )
    return code
