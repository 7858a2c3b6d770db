"""A target that runs: what a launch gives, whatever server it is."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.targets.description import Description
from harness.targets.ports import PortChooser
from harness.targets.processes import Usage, usage


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Where a target is and how to deal with it.

    `create_account` (user name, password) and `remove_account` (user name) are the server's own fast ways;
    None where it has none. `administrators` are user names that have an administrator's rights, on the
    services too, once there are accounts of these names. `version` is that of the installed program, empty
    when it is not known.
    """

    host: str
    port: int
    domain: str
    direct_tls_port: int | None = None
    ca_file: str = ""
    pids: tuple[int, ...] = ()
    version: str = ""
    administrators: tuple[str, ...] = ()
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


class Launcher(Protocol):
    """What a module in `harness/targets/launchers/` has to offer."""

    def launch(
        self, description: Description, directory: Path, domain: str, *, choose_ports: PortChooser
    ) -> AbstractAsyncContextManager[Instance]:
        """Start a private server in an empty directory; it is gone when the block ends.

        Raises TargetError when it cannot be started, and PortTakenError when another attempt may succeed.
        """
        ...

    def examine(self) -> Sequence[Finding]:
        """Say whether the server is installed and, if not, how to get it."""
        ...
