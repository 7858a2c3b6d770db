"""Client programs: started in a group of their own, told commands, listened to, and gone at the end."""

import contextlib
import os
import re
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
from harness.wire.driver import Command, Report, command_line, read_report

_REAPER = Path(__file__).with_name("reaper.py")
_LONGEST_LINE = 1 << 20  # bytes
_MOST_OUTPUT = 16 << 20  # bytes
_SANITIZER = re.compile(rb"(AddressSanitizer|LeakSanitizer|ThreadSanitizer|MemorySanitizer|runtime error:)")

_LAST_WORDS = 0.5  # seconds; a child of the program's may hold its pipes open


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Told of what a program says: reports of its driver, and other lines (`is_error`: of standard error)."""

    reported: Callable[[Report], None]
    printed: Callable[[bytes, bool], None]
    ended: Callable[[str], None]  # how, in words; empty when its status is 0


class Reaper:
    """Has process groups killed when the harness is killed and cannot do so itself."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def note(self, sign: str, group: int) -> None:
        """Tell of a group that is started (`+`) or gone (`-`)."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{sign}{group}\n".encode())
            self._process.stdin.flush()


@contextlib.contextmanager
def reaping() -> Iterator[Reaper]:
    """Run a reaper until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_REAPER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    try:
        yield Reaper(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


@dataclass(kw_only=True)
class Driven:
    """A running client. `has_sanitizer_report` tells that it printed one."""

    process: trio.Process
    has_sanitizer_report: bool = False
    has_ended: trio.Event = field(default_factory=trio.Event)
    output: int = 0

    async def tell(self, command: Command) -> None:
        """Hand it a command; a program that has gone or does not listen hears nothing."""
        assert self.process.stdin is not None
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError), trio.move_on_after(2):
            await self.process.stdin.send_all(command_line(command))

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
    """Run a client's program until the block ends; then nothing of its process group is left.

    Raises TargetError when it cannot be started.
    """
    try:
        process = await trio.lowlevel.open_process(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=directory,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    except OSError as error:
        raise TargetError(
            f"cannot start {command[0]}: {error.strerror}", advice="is it there, and executable?"
        ) from error
    reaper.note("+", process.pid)
    one = Driven(process=process)
    with when_hurried(lambda: _kill(process)):
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_listen, one, listener)
                yield one
                nursery.cancel_scope.cancel()
        finally:
            with trio.CancelScope(shield=True):
                _kill(process)
                await process.wait()
                for pipe in (process.stdin, process.stdout, process.stderr):
                    if pipe is not None:
                        await pipe.aclose()
            reaper.note("-", process.pid)


def _kill(process: trio.Process) -> None:
    """Kill the group, and what has left it but not its parent."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()


async def _listen(one: Driven, listener: Listener) -> None:
    has_read = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_read_all, one, listener, has_read)
        status = await one.process.wait()
        with trio.move_on_after(_LAST_WORDS):
            await has_read.wait()
        nursery.cancel_scope.cancel()
    one.has_ended.set()
    listener.ended(_told(status, one.has_sanitizer_report))


async def _read_all(one: Driven, listener: Listener, has_read: trio.Event) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_read, one, listener, False)
        nursery.start_soon(_read, one, listener, True)
    has_read.set()


def _told(status: int, has_report: bool) -> str:
    if has_report:
        return "crashed: a sanitizer reported"
    if status < 0:
        return f"crashed: {signal.Signals(-status).name}"
    return f"ended with status {status}" if status else ""


async def _read(one: Driven, listener: Listener, is_error: bool) -> None:
    pipe = one.process.stderr if is_error else one.process.stdout
    assert pipe is not None
    pending = b""
    async for data in pipe:
        one.output += len(data)
        if one.output > _MOST_OUTPUT or len(pending) > _LONGEST_LINE:
            listener.printed(b"(it floods its output; the rest is not read)", is_error)
            _kill(one.process)
            return
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            _take(one, listener, line, is_error)
    if pending:
        _take(one, listener, pending, is_error)


def _take(one: Driven, listener: Listener, line: bytes, is_error: bool) -> None:
    one.has_sanitizer_report |= bool(_SANITIZER.search(line))
    report = None if is_error else read_report(line)
    if report is None:
        listener.printed(line, is_error)
    else:
        listener.reported(report)
