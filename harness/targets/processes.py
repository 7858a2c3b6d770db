"""Server processes: started under a keeper, watched, measured, and gone when the block ends."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import trio

from harness.errors import TargetError
from harness.targets.haste import protected, when_hurried

_KEEPER = Path(__file__).with_name("keeper.py")
_START_SECONDS = 10.0
_KILL_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """How to run one server process.

    What it prints goes to `log`. `grace` is how many seconds it has after SIGTERM before its group is
    killed; with 0 it is killed at once. A `private` directory is removed when the harness is killed and
    cannot do so itself.
    """

    command: Sequence[str]
    directory: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    grace: float = 5.0
    private: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """A running server process. `pid` is the server's own, `keeper` the leader of its group."""

    pid: int
    log: Path
    name: str
    keeper: trio.Process

    @property
    def has_ended(self) -> bool:
        """Whether the server is gone."""
        return self.keeper.poll() is not None


@contextlib.asynccontextmanager
async def running(program: Program) -> AsyncIterator[Process]:
    """Run a program until the block ends, then leave nothing of its process group."""
    keeper = await _start_keeper(program)
    server: psutil.Process | None = None
    with when_hurried(lambda: _signal_group(keeper, signal.SIGKILL)):
        try:
            pid = await _read_pid(keeper, program)
            server = _process(pid)
            yield Process(pid=pid, log=program.log, name=os.path.basename(program.command[0]), keeper=keeper)
        finally:
            with protected():
                await _ask_to_end(keeper, program.grace)
            with trio.CancelScope(shield=True):
                await _end(keeper)
            _kill_abandoned(server, keeper.pid)


async def _start_keeper(program: Program) -> trio.Process:
    abandoned = str(program.directory) if program.private else ""
    with program.log.open("ab") as log:
        return await trio.lowlevel.open_process(
            [sys.executable, "-I", "-S", str(_KEEPER), abandoned, *program.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=program.directory,
            env={**os.environ, **program.environment},
            start_new_session=True,
        )


async def _read_pid(keeper: trio.Process, program: Program) -> int:
    said = b""
    stdout = keeper.stdout
    assert stdout is not None
    with trio.move_on_after(_START_SECONDS):
        async for part in stdout:
            said += part
    line = said.decode(errors="replace").strip()
    if line.isdigit():
        return int(line)
    raise TargetError(f"cannot start {line.removeprefix('!') or program.command[0]}")


async def _ask_to_end(keeper: trio.Process, grace: float) -> None:
    if grace > 0:
        _signal_group(keeper, signal.SIGTERM)
        with trio.move_on_after(grace):
            await keeper.wait()


async def _end(keeper: trio.Process) -> None:
    await _dismiss(keeper)
    with trio.move_on_after(_KILL_SECONDS):
        await keeper.wait()
    _signal_group(keeper, signal.SIGKILL)
    await keeper.wait()


async def _dismiss(keeper: trio.Process) -> None:
    """Have the keeper kill and reap the server; the byte tells that we are alive and clean up ourselves."""
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    with contextlib.suppress(trio.BrokenResourceError):
        await keeper.stdin.send_all(b".")
    await keeper.stdin.aclose()
    await keeper.stdout.aclose()


def _signal_group(keeper: trio.Process, number: signal.Signals) -> None:
    if keeper.poll() is not None:
        return  # the keeper ends only with all of its group, and its number may be somebody else's by now
    try:
        os.killpg(keeper.pid, number)
    except ProcessLookupError:
        return


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _kill_abandoned(server: psutil.Process | None, group: int) -> None:
    """A keeper that somebody else has killed leaves its server behind, by which the group is known."""
    with contextlib.suppress(ProcessLookupError):
        if server is not None and server.is_running() and os.getpgid(server.pid) == group:
            os.killpg(group, signal.SIGKILL)


def last_lines(log: Path, number: int = 3) -> str:
    """The last lines of a log that say something, joined into one line for an error message."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-number:])


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What processes have used: seconds on a processor since they began, and resident bytes now."""

    cpu_seconds: float = 0.0
    rss: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(cpu_seconds=self.cpu_seconds + other.cpu_seconds, rss=self.rss + other.rss)


def usage(pids: Iterable[int]) -> Usage:
    """Add up what processes and their descendants use; those that have gone count nothing."""
    return sum((_usage(process) for process in _with_children(pids)), Usage())


def listens(pids: Iterable[int], port: int) -> bool:
    """Whether one of the processes, or a descendant, listens on a TCP port."""
    return any(port in _listening_ports(process) for process in _with_children(pids))


def _with_children(pids: Iterable[int]) -> list[psutil.Process]:
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        try:
            process = psutil.Process(pid)
            family = [process, *process.children(recursive=True)]
        except psutil.Error:
            continue
        found.update((member.pid, member) for member in family)
    return list(found.values())


def _usage(process: psutil.Process) -> Usage:
    try:
        times = process.cpu_times()
        return Usage(cpu_seconds=times.user + times.system, rss=process.memory_info().rss)
    except psutil.Error:
        return Usage()


def _listening_ports(process: psutil.Process) -> set[int]:
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:
        return set()
    return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}
