"""The real program in a process of its own, of which is heard by what it prints and when it ends."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

MAIN = "from harness.cli.main import main; main()"
SECONDS = 30.0  # more than anything here takes; a program that is still there then is killed


class Program:
    """One that runs. `out` is what it has printed to standard output, as far as that has been read."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.out = ""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int:
        return self._process.returncode

    def wait_for(self, text: str) -> None:
        """Read until a line of standard output holds the text."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.out += line
            if text in line:
                return
        raise AssertionError(f"it ended without saying {text}: {self.out}{self._rest_of_error()}")

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> str:
        """Wait for its end, and return what it has said on standard error."""
        if self._process.stdout is not None:
            self.out += self._process.stdout.read()
        error = self._rest_of_error()
        self._process.wait()
        return error

    def _rest_of_error(self) -> str:
        return "" if self._process.stderr is None else self._process.stderr.read()


@contextmanager
def running(
    *words: object, folder: Path, script: str = MAIN, environment: Mapping[str, str] | None = None, **options
) -> Iterator[Program]:
    """Start it in a folder, which is also where its temporary files go."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)],
        cwd=folder,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)} | (environment or {}),
        **(pipes | options),
    ) as process:
        watchdog = threading.Timer(SECONDS, process.kill)
        watchdog.start()
        try:
            yield Program(process)
        finally:
            watchdog.cancel()
            process.kill()


def words_of_children(pid: int) -> Iterator[str]:
    """With what words the children of a process were started, as far as they still are there."""
    for one in psutil.Process(pid).children():
        with suppress(psutil.NoSuchProcess):
            yield from one.cmdline()


class Family:
    """The processes that a program has started, noted now: their end is known even when they are orphans."""

    def __init__(self, pid: int) -> None:
        self.processes = psutil.Process(pid).children(recursive=True)
        self._ends: list[int] = []
        for one in self.processes:
            with suppress(ProcessLookupError):  # it has ended already
                self._ends.append(os.pidfd_open(one.pid))

    def wait(self) -> None:
        """Return when all of them have ended."""
        for end in self._ends:
            assert select.select([end], [], [], SECONDS)[0], f"{list(self._living())} do not end"
            os.close(end)

    def _living(self) -> Iterable[psutil.Process]:
        return (one for one in self.processes if one.is_running())
