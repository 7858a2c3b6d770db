"""Client programs: started in a group of their own, told commands, listened to, and gone at the end."""

import contextlib
import itertools
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import trio

from harness.errors import TargetError
from harness.targets.haste import when_hurried
from harness.targets.processes import usage
from harness.targets.reaper import VARIABLE, kill_marked
from harness.wire.driver import Command, Report, command_line, read_report

_REAPER = Path(__file__).with_name("reaper.py")
_LONGEST_LINE = 1 << 20  # bytes
_MOST_OUTPUT = 4 << 20  # bytes
_MOST_LINES = 20_000

#: What the sanitizers of compilers say of a program, in the forms that they have; on standard error.
_SANITIZER = re.compile(rb"(?:ERROR|WARNING): \w+Sanitizer: |:\d+:\d+: runtime error: ")

#: How a program has ended that had to be killed because it printed without end.
FLOODED = "prints without end"

_LAST_WORDS = 0.5  # seconds; a child of the program's may hold its pipes open


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Told of what a program says: reports of its driver, and other lines (`is_error`: of standard error)."""

    reported: Callable[[Report], None]
    printed: Callable[[bytes, bool], None]
    ended: Callable[[str], None]  # how, in words; empty when its status is 0


class Reaper:
    """Marks programs, so that all that they start is found again: by us, or when the harness is killed."""

    def __init__(self) -> None:
        self.mark = secrets.token_hex(8)
        self._numbers = itertools.count(1)

    def mark_of_program(self) -> str:
        """A mark for one more program."""
        return f"{self.mark}.{next(self._numbers)}."


@contextlib.contextmanager
def reaping() -> Iterator[Reaper]:
    """Until the block ends, have a process ready that kills all marked ones if the harness is killed."""
    reaper = Reaper()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_REAPER), reaper.mark],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    try:
        yield reaper
    finally:
        process.kill()  # everything has been seen to
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


@dataclass(kw_only=True)
class Driven:
    """A running client. All that it starts carries the `mark`."""

    process: trio.Process
    mark: str
    has_sanitizer_report: bool = False
    is_flooding: bool = False
    has_ended: trio.Event = field(default_factory=trio.Event)
    output: int = 0  # bytes so far
    lines: int = 0

    async def tell(self, command: Command) -> None:
        """Hand it a command; a program that has gone or does not listen hears nothing."""
        assert self.process.stdin is not None
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError), trio.move_on_after(2):
            await self.process.stdin.send_all(command_line(command))

    def cpu_seconds(self) -> float:
        """What it and its children have used of the processor."""
        return usage([self.process.pid]).cpu_seconds

    def wants_a_core(self) -> bool:
        """Whether it could run at this moment, or does."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.process.pid).status() == psutil.STATUS_RUNNING
        return False

    async def leave(self, grace: float) -> bool:
        """Close its standard input and give it some seconds to end; whether it did."""
        assert self.process.stdin is not None
        with trio.move_on_after(grace):
            await self.tell(Command(name="quit"))
            await self.process.stdin.aclose()
            await self.has_ended.wait()
        return self.has_ended.is_set()


@contextlib.asynccontextmanager
async def driven(
    command: Sequence[str],
    directory: str,
    environment: Mapping[str, str],
    listener: Listener,
    reaper: Reaper,
) -> AsyncIterator[Driven]:
    """Run a client's program until the block ends; then nothing is left of it, nor of what it started.

    Raises TargetError when it cannot be started.
    """
    mark = reaper.mark_of_program()
    try:
        process = await trio.lowlevel.open_process(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=directory,
            env={**os.environ, **environment, VARIABLE: mark},
            start_new_session=True,
        )
    except OSError as error:
        raise TargetError(
            f"cannot start {command[0]}: {error.strerror}", advice="is it there, and executable?"
        ) from error
    one = Driven(process=process, mark=mark)
    with when_hurried(lambda: _kill(one)):
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_listen, one, listener)
                yield one
                nursery.cancel_scope.cancel()
        finally:
            with trio.CancelScope(shield=True):
                _kill(one)
                await process.wait()
                for pipe in (process.stdin, process.stdout, process.stderr):
                    if pipe is not None:
                        await pipe.aclose()


def _kill(one: Driven) -> None:
    """Kill the group, and what has left it; once the leader is reaped, its number may be somebody else's."""
    if one.process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.process.pid, signal.SIGKILL)
    kill_marked(one.mark)


async def _listen(one: Driven, listener: Listener) -> None:
    has_read = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_read_all, one, listener, has_read)
        status = await one.process.wait()
        with trio.move_on_after(_LAST_WORDS):
            await has_read.wait()
        nursery.cancel_scope.cancel()
    one.has_ended.set()
    listener.ended(_told(one, status))


async def _read_all(one: Driven, listener: Listener, has_read: trio.Event) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_read, one, listener, False)
        nursery.start_soon(_read, one, listener, True)
    has_read.set()


def _told(one: Driven, status: int) -> str:
    if one.is_flooding:
        return FLOODED
    if one.has_sanitizer_report:
        return "crashed: a sanitizer reported"
    if status < 0:
        return f"crashed: {_name_of_signal(-status)}"
    return f"ended with status {status}" if status else ""


def _name_of_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"  # most of the real-time ones have no name


async def _read(one: Driven, listener: Listener, is_error: bool) -> None:
    pipe = one.process.stderr if is_error else one.process.stdout
    assert pipe is not None
    pending = b""
    async for data in pipe:
        one.output += len(data)
        one.lines += data.count(b"\n")
        if one.output > _MOST_OUTPUT or one.lines > _MOST_LINES or len(pending) > _LONGEST_LINE:
            one.is_flooding = True
            listener.printed(b"(it prints without end; the rest is not read)", is_error)
            _kill(one)
            return
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            _take(one, listener, line, is_error)
    if pending:
        _take(one, listener, pending, is_error)


def _take(one: Driven, listener: Listener, line: bytes, is_error: bool) -> None:
    one.has_sanitizer_report |= is_error and bool(_SANITIZER.search(line))
    report = None if is_error else read_report(line)
    if report is None:
        listener.printed(line, is_error)
    else:
        listener.reported(report)
