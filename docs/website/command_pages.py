"""The reference of commands, from the help that they have themselves."""

import inspect
from collections.abc import Iterator

import click

from harness.cli.commands import commands
from harness.cli.fuzz_client import fuzz_program
from website.markup import code, paragraphs, prose, rows_of

_PROGRAM = "xmpp-harness"


def commands_reference() -> str:
    """Every command with its arguments and options, as Markdown with tables in HTML."""
    return "\n".join(_section(name, command) for name, command in every_command())


def every_command() -> Iterator[tuple[str, click.Command]]:
    """The commands by the words that call them."""
    group = click.Context(commands, info_name=_PROGRAM)
    for name in commands.list_commands(group):
        command = commands.get_command(group, name)
        if command is not None:
            yield name, command
    yield "fuzz client", fuzz_program  # `fuzz` itself hands over to it


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"{_PROGRAM} {name}", **command.context_settings)
    usage = " ".join(command.collect_usage_pieces(context))
    help_text = inspect.cleandoc(command.help or "").split("\n\n")
    options = [record for one in command.get_params(context) if (record := one.get_help_record(context))]
    rows = [(code(names), prose(meaning)) for names, meaning in options if meaning]
    return "\n".join(
        (
            f"## {name} {{ #{name.replace(' ', '-')} }}\n",
            f"<pre><code>{_PROGRAM} {name} {usage}</code></pre>\n".replace("[OPTIONS]", "[OPTION...]"),
            paragraphs(*(prose(" ".join(part.split())) for part in help_text)),
            "",
            rows_of(("Option", "What it does"), rows),
        )
    )
