"""What a target file says: `fixtures/targets/NAME.toml`, or any file of that kind by its path."""

import difflib
import math
import pkgutil
import tomllib
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import idna
import msgspec

from harness.errors import DataError, UsageError
from harness.resources import folder
from harness.targets import launchers
from harness.targets.trusted import CA_ADVICE, PIN_ADVICE, objection_to_ca, objection_to_pin


class Tls(Enum):
    """When a connection is secured."""

    STARTTLS = "starttls"  # always, and a target that does not offer it is in error
    DIRECT = "direct"  # TLS from the first byte
    NONE = "none"
    IF_OFFERED = "if-offered"


class Provider(Enum):
    """Where accounts come from."""

    IN_BAND = "in-band"  # registration by the client, XEP-0077
    GIVEN = "given"  # those listed in the file
    ADMIN = "admin"  # service administration, XEP-0133
    HOOK = "hook"  # commands of the user's
    SERVER = "server"  # the launcher's own way


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Given(_Strict, frozen=True):
    """An account that exists already."""

    name: str
    password: str


class AccountSource(_Strict, frozen=True):
    """Table `[accounts]`. The commands may hold `{username}`, `{password}` and `{domain}`."""

    provider: Provider = Provider.IN_BAND
    list: tuple[Given, ...] = ()
    admin: str = ""
    password: str = ""
    create: str = ""
    remove: str = ""


class Services(_Strict, frozen=True):
    """Table `[services]`: addresses of services. What is empty is found by service discovery."""

    muc: str = ""
    pubsub: str = ""
    upload: str = ""


class Features(_Strict, frozen=True):
    """Table `[features]`: what is known of the target whatever it announces."""

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


class Delays(_Strict, frozen=True):
    """Table `[delays]`, in seconds: what this target does not do at once."""

    reconnect: float = 0.0  # between an abrupt disconnect and the next connection
    login: float = 0.0  # after which it ends connections on which nobody has logged in; 0: that is not known


class Settings(_Strict, frozen=True):
    """Table `[settings]`: how a launched server is set up."""

    require_tls: bool = False
    extra: str = ""  # lines for the server's configuration file, where the launcher has a place for them
    max_stanza_bytes: int = 64 * 1024 * 1024
    home: str = ""  # where the server is installed; empty: the usual places
    start_seconds: float = 60.0  # how long it may take to be ready
    process: bool = False  # the reference server: in a process of its own
    faults: tuple[str, ...] = ()  # the reference server's misbehaviour, by name


class Description(_Strict, frozen=True):
    """One target. It has either a `launcher`, or a `host` to attach to."""

    name: str = ""
    product: str = ""
    launcher: str = ""
    host: str = ""
    port: int = 5222
    direct_tls_port: int | None = None
    domain: str = ""
    tls: Tls = Tls.IF_OFFERED
    ca: str = ""
    pin: str = ""
    insecure: bool = False
    baseline: str | None = None  # of known deviations, by its name; None: what fits what is launched
    login_mechanisms: tuple[str, ...] = ()  # in order of preference; empty: the best that both sides have
    patience: float = 2.0  # seconds that an answer may take
    at_once: int | None = None  # how many cases it can take at the same time; None: as many as the run wants
    accounts: AccountSource = AccountSource()
    services: Services = Services()
    features: Features = Features()
    delays: Delays = Delays()
    settings: Settings = Settings()

    @property
    def is_attached(self) -> bool:
        """Whether the target runs already and belongs to somebody else."""
        return not self.launcher

    @property
    def configuration(self) -> str:
        """How a launched server is set up: its templates, and what is set otherwise than usual."""
        if self.is_attached:
            return ""
        usual, own = Settings(), self.settings
        changed = [name for name in _SHAPING if getattr(own, name) != getattr(usual, name)]
        return f"fixtures/servers/{self.launcher}" + (f" with {', '.join(changed)}" if changed else "")


#: Settings that change how the server behaves.
_SHAPING = ("require_tls", "extra", "max_stanza_bytes")


def launcher_names() -> list[str]:
    """The modules in `harness/targets/launchers/`, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(launchers.__path__))


def targets_folder() -> Path:
    """Where the target files are that come with the harness."""
    return folder("fixtures") / "targets"


def names(directory: Path | None = None) -> list[str]:
    """The names that `load` knows without a path, sorted."""
    return sorted(path.stem for path in (directory or targets_folder()).glob("*.toml"))


def load(name_or_path: str | Path) -> Description:
    """Read a target by its name, or by the path of its file.

    Raises UsageError when there is none, and DataError with file, key and what is allowed when it cannot
    be read.
    """
    path = _find(name_or_path)
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot read the target file: {error.strerror}", where=str(path)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(f"this is not TOML: {error}", where=str(path)) from error
    return _checked(_read(tree, path), path)


def _find(name_or_path: str | Path) -> Path:
    text = str(name_or_path)
    if text.endswith(".toml") or "/" in text:
        path = Path(text)
        if not path.is_file():
            raise UsageError("there is no such target file", where=text)
        return path
    if text not in names():
        known = names()
        raise UsageError(f"there is no target {text!r}", advice=_allowed(text, known, "targets"))
    return targets_folder() / f"{text}.toml"


def _read(tree: dict[str, Any], path: Path) -> Description:  # Any: TOML values before they are checked
    _refuse_unknown_keys(tree, Description, path, "")
    try:
        read = msgspec.convert(tree, Description)
    except msgspec.ValidationError as error:
        raise _explained(error, tree, path) from error
    for key, text in _texts(tree, ""):
        if "\0" in text:
            raise DataError(f"{key}: there is a NUL in it", where=str(path))
    if read.ca and (path.parent / read.ca).is_file():
        read = msgspec.structs.replace(read, ca=str(path.parent / read.ca))
    return read if read.name else msgspec.structs.replace(read, name=path.stem)


def _refuse_unknown_keys(tree: dict[str, Any], kind: type[msgspec.Struct], path: Path, table: str) -> None:
    allowed = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in tree.items():
        if key not in allowed:
            raise DataError(
                f"unknown key {table}{key}", where=str(path), advice=_allowed(key, allowed, "keys")
            )
        inner = allowed[key]
        if isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            _refuse_unknown_keys(value, inner, path, f"{table}{key}.")


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every text in a tree of TOML values, with its key."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key)


def _explained(error: msgspec.ValidationError, tree: dict[str, Any], path: Path) -> DataError:
    """Say which key it is, and for a choice what may be chosen."""
    message, _, place = str(error).partition(" - at ")
    key = place.strip("`").removeprefix("$.")
    choices = _CHOICES.get(key)
    if choices is None:
        return DataError(f"{key}: {message}" if key else message, where=str(path))
    value = _value(tree, key)
    allowed = [one.value for one in choices]
    return DataError(
        f"{key}: {value!r} is not known", where=str(path), advice=_allowed(str(value), allowed, key)
    )


_CHOICES: dict[str, type[Enum]] = {"tls": Tls, "accounts.provider": Provider}


def _value(tree: dict[str, Any], key: str) -> object:
    value: Any = tree
    for part in key.split("."):
        value = value[part]
    return value


def _allowed(given: str, allowed: Iterable[str], what: str) -> str:
    known = sorted(allowed)
    near = difflib.get_close_matches(given, known, n=1)
    nearest = f"did you mean {near[0]}? " if near else ""
    return f"{nearest}{what}: {', '.join(known)}"


def _checked(read: Description, path: Path) -> Description:
    for is_wrong, message, advice in _objections(read):
        if is_wrong:
            raise DataError(message, where=str(path), advice=advice)
    return read


def _objections(read: Description) -> Iterable[tuple[bool, str, str]]:
    source = read.accounts
    yield (
        bool(read.launcher) == bool(read.host),
        "a target is either launched or attached to",
        "give one of the keys launcher and host",
    )
    known = launcher_names()
    yield (
        bool(read.launcher) and read.launcher not in known,
        f"launcher: {read.launcher!r} is not known",
        _allowed(read.launcher, known, "launchers"),
    )
    yield read.is_attached and not read.domain, "domain is missing", "give the domain that the host serves"
    yield (
        not read.is_attached and bool(read.domain) and not _is_domain(read.domain),
        f"domain: {read.domain!r} is no domain name",
        "a launched server needs one that a certificate can hold",
    )
    yield (
        read.is_attached and source.provider is Provider.SERVER,
        "accounts.provider: a server that we only attach to has no way of its own",
        "use in-band, given, admin or hook",
    )
    yield (
        source.provider is Provider.GIVEN and not source.list,
        "accounts.list is missing",
        "add [[accounts.list]] with name and password for each account",
    )
    yield (
        source.provider is Provider.ADMIN and not (source.admin and source.password),
        "accounts.admin or accounts.password is missing",
        "give the JID and password of an administrator",
    )
    yield (
        source.provider is Provider.HOOK and not source.create,
        "accounts.create is missing",
        "give a shell command with {username}, {password} and {domain}",
    )
    yield (
        read.tls is Tls.DIRECT and read.is_attached and read.direct_tls_port is None,
        "direct_tls_port is missing",
        "give it, or choose another value for tls",
    )
    yield from _objections_to_numbers(read)
    if read.ca:
        objection = objection_to_ca(read.ca)
        yield bool(objection), f"ca: {objection}", CA_ADVICE
    if read.pin:
        objection = objection_to_pin(read.pin)
        yield bool(objection), f"pin: {objection}", PIN_ADVICE


def _objections_to_numbers(read: Description) -> Iterable[tuple[bool, str, str]]:
    """TOML has `inf` and `nan`, which are no time to wait."""
    settings = read.settings
    for key, port in {"port": read.port, "direct_tls_port": read.direct_tls_port}.items():
        yield port is not None and not 0 < port < 65536, f"{key}: {port} is not a port", "1 to 65535"
    for key, count in {
        "at_once": read.at_once,
        "settings.max_stanza_bytes": settings.max_stanza_bytes,
    }.items():
        yield count is not None and count < 1, f"{key}: {count} is not enough", "1 or more"
    for key, time in {"patience": read.patience, "settings.start_seconds": settings.start_seconds}.items():
        is_time = 0 < time < math.inf
        yield not is_time, f"{key}: {time} is not a time to wait", "seconds, more than 0"
    for key, delay in {"reconnect": read.delays.reconnect, "login": read.delays.login}.items():
        is_time = 0 <= delay < math.inf
        yield not is_time, f"delays.{key}: {delay} is not a time to wait", "seconds, 0 or more"


def _is_domain(text: str) -> bool:
    try:
        idna.encode(text, uts46=True)
    except idna.IDNAError:
        return False
    return True
