"""A target that runs: what a launch gives, whatever server it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from harness.targets.processes import Usage, usage


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Where a target is and how to deal with it.

    `create_account` (user name, password) and `remove_account` (user name) are the server's own fast ways;
    None where it has none. `administrators` are user names that have an administrator's rights, on the
    services too, once there are accounts of these names. `version` is that of the installed program, empty
    when it is not known. `logs` are the files in which the server itself tells of errors, what it prints
    included; not each is there from the beginning.
    """

    host: str
    port: int
    domain: str
    direct_tls_port: int | None = None
    ca_file: str = ""
    pids: tuple[int, ...] = ()
    version: str = ""
    administrators: tuple[str, ...] = ()
    logs: tuple[Path, ...] = ()
    create_account: Callable[[str, str], Awaitable[None]] | None = None
    remove_account: Callable[[str], Awaitable[None]] | None = None

    def usage(self) -> Usage | None:
        """What its processes have used so far; None when they are not ours."""
        return usage(self.pids) if self.pids else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What the doctor says of one thing: is it there, which version, and what to do when it is not."""

    name: str
    present: bool
    version: str = ""
    advice: str = ""
    is_needed: bool = False  # nothing works without it


def finding(name: str, found: object, *, version: str = "", advice: str = "") -> Finding:
    """Say of a program or folder whether it was found; the advice is for when it was not."""
    is_present = bool(found)
    return Finding(name=name, present=is_present, version=version, advice="" if is_present else advice)
