"""The contract between the harness and a client's driver: commands as lines, reports as JSON lines.

`fixtures/clients/README.md` tells what each command and each report means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

#: The commands with the names of their fields, in order.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "connect": (),
    "register": (),
    "disconnect": (),
    "send-message": ("to", "type", "body"),
    "set-presence": ("show", "status", "priority"),
    "send-presence": ("to", "type"),
    "get-roster": (),
    "add-contact": ("jid", "name", "group"),
    "remove-contact": ("jid",),
    "join-room": ("room", "nick", "password"),
    "leave-room": ("room", "nick"),
    "change-nickname": ("room", "nick"),
    "set-subject": ("room", "text"),
    "change-password": ("password",),
    "unregister": (),
    "query-disco": ("jid",),
    "query-version": ("jid",),
    "ping": ("jid",),
    "quit": (),
}

#: The reports with the names of their values.
REPORTS: Mapping[str, tuple[str, ...]] = {
    "ready": ("library", "version", "commands"),
    "done": ("command",),
    "refused": ("command", "reason"),
    "connected": ("jid",),
    "disconnected": ("reason",),
    "error": ("condition", "text", "command"),
    "message": ("from", "type", "body", "id", "subject", "condition"),
    "presence": ("from", "type", "show", "status", "condition"),
    "roster": ("items",),
    "contact": ("jid", "name", "subscription"),
    "joined": ("room", "nick"),
    "left": ("room", "condition"),
    "registered": (),
    "password-changed": (),
    "unregistered": (),
    "disco": ("jid", "features"),
    "version": ("jid", "name"),
    "pong": ("jid",),
}

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}
_UNESCAPES = {"\\": "\\", "t": "\t", "n": "\n"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What a driver is told to do."""

    name: str
    fields: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        """The fields by their names; those that are missing are empty."""
        names = COMMANDS.get(self.name, ())
        return dict(zip(names, (*self.fields, *[""] * len(names)), strict=False))


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a driver tells: the event's name, and values of JSON's types."""

    event: str
    values: Mapping[str, Any] = field(default_factory=dict)


def command_line(command: Command) -> bytes:
    """Write a command as a driver reads it, with the line's end."""
    fields = ("".join(_ESCAPES.get(one, one) for one in text) for text in command.fields)
    return "\t".join((command.name, *fields)).rstrip("\t").encode("utf-8", "surrogateescape") + b"\n"


def read_command(line: bytes) -> Command:
    """Read what `command_line` wrote; a backslash before anything else stays."""
    name, *fields = line.removesuffix(b"\n").decode("utf-8", "surrogateescape").split("\t")
    return Command(name=name, fields=tuple(_unescaped(one) for one in fields))


def _unescaped(text: str) -> str:
    parts = iter(text)
    made = ""
    for one in parts:
        following = next(parts, "") if one == "\\" else ""
        made += _UNESCAPES.get(following, one + following) if one == "\\" else one
    return made


def report_line(report: Report) -> bytes:
    """Write a report as the harness reads it, with the line's end."""
    return msgspec.json.encode({"event": report.event, **report.values}) + b"\n"


def read_report(line: bytes) -> Report | None:
    """Read a line of a driver's output; None when it is no report."""
    try:
        values = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(values, dict) or not isinstance(values.get("event"), str):
        return None
    return Report(event=values.pop("event"), values=values)
