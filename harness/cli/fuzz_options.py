"""The options of a campaign, be it against a server or a client."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harness.cli.updated_baseline import update_option

#: `Any`: click decorates functions of every kind.
_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

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


_OPTIONS: tuple[_Decorator, ...] = (
    click.option(
        "--time", "seconds", default="60s", callback=_seconds, help="How long: 60s, 10m, 1h [default: 60s]."
    ),
    click.option(
        "--family",
        "families",
        multiple=True,
        help="Only this family of samples, and others that are named so; a wrong one lists all.",
    ),
    click.option(
        "--property",
        "properties",
        multiple=True,
        help="Only breaches of this property (name or P-number) count; may be repeated.",
    ),
    click.option("--seed", type=click.IntRange(0), help="Where chance begins [default: another each time]."),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="Folder for findings and reports [default: out/DATE-TIME].",
    ),
    click.option("--baseline", type=click.Path(path_type=Path), help="Known deviations."),
    update_option,
    click.option(
        "--database",
        default="",
        metavar="PLACE",
        help="Keeps what has shown: a folder, redis://HOST:PORT/0 or github:OWNER/REPOSITORY.",
    ),
    click.option(
        "--replay-all",
        "replayed",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Play the findings of a campaign again, and say which are fixed.",
    ),
)


def campaign_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all of them."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
