"""A client as a target: its folder below `fixtures/clients`, read and checked (see the README there)."""

import difflib
import re
import shlex
import tomllib
from enum import Enum
from pathlib import Path
from typing import Annotated

import msgspec

from harness.errors import DataError, UsageError
from harness.resources import folder
from harness.wire.driver import REPORTS

FILE = "client.toml"

#: The one client that has faults to switch on.
REFERENCE_CLIENT = "reference-client"


_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
_OURS = ("directory", "has_driver")  # keys that are not for the file


class Transport(Enum):
    """What carries the stream."""

    TCP = "tcp"
    WEBSOCKET = "websocket"


class TlsUse(Enum):
    """How a client can go about TLS."""

    STARTTLS = "starttls"
    DIRECT = "direct"
    NONE = "none"


class ClientDescription(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One client. `run` and `build` are commands in `directory`; `{build}` and `{python}` are filled in."""

    name: str = ""
    description: str = ""
    build: str = ""
    run: str = ""
    needs: tuple[str, ...] = ()
    apt: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    transport: Transport = Transport.TCP
    tls: tuple[TlsUse, ...] = (TlsUse.STARTTLS, TlsUse.NONE)
    offers: tuple[str, ...] = ()  # words of `## needs:` that it has besides, such as legacy-auth
    lacks: tuple[str, ...] = ()  # reports that its driver cannot give
    at_once: Annotated[int, msgspec.Meta(ge=1)] | None = None
    patience: Annotated[float, msgspec.Meta(gt=0, le=600)] = 3.0  # seconds that a reaction may take
    baseline: str | None = None  # of known deviations, by its name; None: the client's own
    environment: dict[str, str] = {}  # besides what the contract gives
    directory: str = "."
    has_driver: bool = True  # it keeps the contract; without, it gets no commands

    @property
    def is_attached(self) -> bool:
        """Whether it is somebody else's and must be handled with care; a program that we start is not."""
        return False


def clients_folder() -> Path:
    """Where the clients are that come with the harness."""
    return folder("fixtures") / "clients"


def client_names(directory: Path | None = None) -> list[str]:
    """The clients that `load_client` knows by name, sorted."""
    return sorted(path.parent.name for path in (directory or clients_folder()).glob(f"*/{FILE}"))


def is_client(name_or_path: str) -> bool:
    """Whether a word on a command line means a client."""
    path = Path(name_or_path)
    return name_or_path in client_names() or (path / FILE).is_file() or path.name == FILE


def load_client(name_or_path: str) -> ClientDescription:
    """Read a client by its name, by its folder, or by its file.

    Raises UsageError when there is none, and DataError with file and key when it cannot be read.
    """
    path = _find(name_or_path)
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"this is no client's description: {error}", where=str(path)) from error
    try:
        read = msgspec.convert(tree, ClientDescription)
    except msgspec.ValidationError as error:
        keys = [field.name for field in msgspec.structs.fields(ClientDescription)]
        advice = f"keys: {', '.join(key for key in keys if key not in _OURS)}"
        raise DataError(str(error), where=str(path), advice=advice) from error
    _check_command(read.run, path)
    _check_words(read, path)
    unknown = next((one for one in read.lacks if one not in REPORTS), None)
    if unknown is not None:
        advice = f"reports: {', '.join(REPORTS)}"
        raise DataError(f"lacks: there is no report {unknown!r}", where=str(path), advice=advice)
    name = read.name or path.parent.name
    return msgspec.structs.replace(read, name=name, directory=str(path.parent))


def _check_words(read: ClientDescription, path: Path) -> None:
    """What no system takes as a name or as part of a command."""
    if read.name and not _NAME.fullmatch(read.name):
        advice = "letters, digits, and . _ + - between them, 64 at most"
        raise DataError(f"name: {read.name[:80]!a} is no name", where=str(path), advice=advice)
    for key, value in (("run", read.run), ("build", read.build), *read.environment.items()):
        if "\0" in value or "\0" in key or "=" in key or not key:
            raise DataError(
                f"{key!a}: this cannot be part of a command or of its environment", where=str(path)
            )


def _check_command(command: str, path: Path) -> None:
    advice = "give the command that runs the driver"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise DataError(f"run cannot be read: {error}", where=str(path), advice=advice) from error
    if not words:
        raise DataError("run is missing", where=str(path), advice=advice)


def _find(text: str) -> Path:
    if text in client_names():
        return clients_folder() / text / FILE
    path = Path(text)
    if (path / FILE).is_file():
        return (path / FILE).resolve()
    if path.is_file() and path.suffix == ".toml":
        return path.resolve()
    near = difflib.get_close_matches(text, client_names(), n=1)
    known = ", ".join(client_names())
    nearest = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"there is no client {text!r}", advice=f"{nearest}clients: {known}")
