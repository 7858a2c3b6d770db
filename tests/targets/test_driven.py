"""Programs of clients: told and heard, and nothing of them is left, whatever they do."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from harness.errors import TargetError
from harness.targets.driven import FLOODED, Driven, Listener, Reaper, driven, reaping
from harness.targets.reaper import VARIABLE, kill_marked
from harness.wire.driver import Command, Report
from tests.waiting import is_gone, until

#: A daemon in little: a session of its own, deaf, and its parent gone.
DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("daemon", os.getpid(), flush=True)
        time.sleep(600)
    os._exit(0)
os.wait()
"""

#: A harness in little, which is killed while its client runs.
HARNESS = """
import sys, trio
from harness.targets.driven import Listener, driven, reaping

async def main():
    printed = lambda line, is_error: print(line.decode(), flush=True)
    heard = Listener(reported=print, printed=printed, ended=lambda how: None)
    with reaping() as reaper:
        async with driven([sys.executable, "-S", "-c", sys.argv[1]], "/", {}, heard, reaper):
            await trio.sleep_forever()

trio.run(main)
"""


class Heard:
    """What a program has said."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.lines: list[tuple[bytes, bool]] = []
        self.ends: list[str] = []

    @property
    def listener(self) -> Listener:
        return Listener(
            reported=self.reports.append,
            printed=lambda line, is_error: self.lines.append((line, is_error)),
            ended=self.ends.append,
        )


@pytest.fixture
def reaper() -> Iterator[Reaper]:
    with reaping() as made:
        yield made


def python(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", text]


async def ended(text: str, reaper: Reaper) -> Heard:
    """Run some Python to its end."""
    heard = Heard()
    with trio.fail_after(20):
        async with driven(python(text), "/", {"GIVEN": "so"}, heard.listener, reaper) as one:
            await one.has_ended.wait()
            await until(lambda: bool(heard.ends))
    return heard


async def test_reports_are_told_from_other_lines(reaper: Reaper) -> None:
    heard = await ended(
        "import os\n"
        'print(\'{"event": "message", "body": "x"}\')\n'
        "print('{\"event\": 7}')\n"
        "print(os.environ['GIVEN'], os.getcwd(), end='', flush=True)\n"
        'os.write(2, b\'{"event": "not here"}\\n\')',
        reaper,
    )
    assert heard.reports == [Report(event="message", values={"body": "x"})]
    assert [line for line, is_error in heard.lines if not is_error] == [b'{"event": 7}', b"so /"]
    assert [line for line, is_error in heard.lines if is_error] == [b'{"event": "not here"}']
    assert heard.ends == [""]


#: What a program does, and how it is said to have ended.
ENDS = {
    "in-order": ("pass", ""),
    "failed": ("raise SystemExit(1)", "ended with status 1"),
    "signal": ("import os; os.kill(os.getpid(), 11)", "crashed: SIGSEGV"),
    "real-time-signal": ("import os; os.kill(os.getpid(), 40)", "crashed: signal 40"),
    "address": (
        "import os; os.write(2, b'==1==ERROR: AddressSanitizer: x'); os._exit(1)",
        "crashed: a sanitizer reported",
    ),
    "undefined": ("import os; os.write(2, b'a.c:3:7: runtime error: x')", "crashed: a sanitizer reported"),
    "talk-of-sanitizers": ("print('ERROR: AddressSanitizer: in a message')", ""),
    "go": ("import os; os.write(2, b'panic: runtime error: x'); os._exit(2)", "ended with status 2"),
    "flood": ("while True: print('x' * 1000)", FLOODED),
    "flood-of-lines": ("while True: print()", FLOODED),
    "one-endless-line": ("while True: print('x' * 1000, end='')", FLOODED),
}


@pytest.mark.parametrize("kind", ENDS)
async def test_how_a_program_ended(kind: str, reaper: Reaper) -> None:
    text, how = ENDS[kind]
    heard = await ended(text, reaper)
    assert heard.ends == [how]


async def test_commands_are_heard_and_quit_is_waited_for(reaper: Reaper) -> None:
    heard = Heard()
    text = "import sys\nfor line in sys.stdin: print(repr(line), flush=True)"
    async with driven(python(text), "/", {}, heard.listener, reaper) as one:
        await one.tell(Command(name="ping", fields=("a\tb",)))
        assert await one.leave(20)
    assert [line for line, _ in heard.lines] == [rb"'ping\ta\\tb\n'", rb"'quit\n'"]


async def test_who_does_not_listen_is_not_waited_for_long(reaper: Reaper) -> None:
    async with driven(python("import time; time.sleep(600)"), "/", {}, Heard().listener, reaper) as one:
        with trio.fail_after(20):
            await one.tell(Command(name="send-message", fields=("x" * 200_000,)))
            assert not await one.leave(0.1)
    assert one.process.returncode == -signal.SIGKILL


async def daemon(heard: Heard) -> int:
    await until(lambda: any(b"daemon" in line for line, _ in heard.lines))
    return int(heard.lines[0][0].split()[1])


@pytest.mark.parametrize("more", ["", "import time; time.sleep(600)"])
async def test_nothing_is_left_of_what_a_program_started(more: str, reaper: Reaper) -> None:
    heard = Heard()
    async with driven(python(DAEMON + more), "/", {}, heard.listener, reaper) as one:
        number = await daemon(heard)
        assert not is_gone(number)
    await until(lambda: is_gone(number) and is_gone(one.process.pid))


async def test_others_of_the_same_reaper_go_on(reaper: Reaper) -> None:
    waiting = python("import time; time.sleep(600)")
    async with driven(waiting, "/", {}, Heard().listener, reaper) as one:
        async with driven(waiting, "/", {}, Heard().listener, reaper):
            pass
        assert isinstance(one, Driven)
        assert not is_gone(one.process.pid)


async def test_nothing_is_left_when_the_harness_is_killed() -> None:
    code = DAEMON + "\nimport time; time.sleep(600)"
    harness = await trio.lowlevel.open_process(
        [sys.executable, "-c", HARNESS, code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert harness.stdout is not None
    number = int((await harness.stdout.receive_some()).split()[1])
    harness.send_signal(signal.SIGKILL)
    await harness.wait()
    await harness.stdout.aclose()
    await until(lambda: is_gone(number))


def test_a_mark_is_of_the_variable_and_from_its_beginning() -> None:
    kinds = [{VARIABLE: "abc.1."}, {VARIABLE: "xabc.1."}, {f"X{VARIABLE}": "abc.1."}]
    commands = [
        subprocess.Popen(python("import time; time.sleep(600)"), env={**os.environ, **kind}) for kind in kinds
    ]
    try:
        kill_marked("abc.")
        assert commands[0].wait(20) == -signal.SIGKILL
        assert [one.poll() for one in commands[1:]] == [None, None]
    finally:
        for one in commands:
            one.kill()
            one.wait()


@pytest.mark.parametrize(
    ("name", "reason"), [("/nowhere/client", "No such file"), ("/", "Permission denied")]
)
async def test_a_program_that_cannot_be_started(name: str, reason: str, reaper: Reaper) -> None:
    with pytest.raises(TargetError, match=f"cannot start {name}: {reason}"):
        async with driven([name], "/", {}, Heard().listener, reaper):
            pass
