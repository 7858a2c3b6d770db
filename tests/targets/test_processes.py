"""Processes under a keeper: started, measured, stopped, and never left behind."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import trio

from harness.errors import TargetError
from harness.targets.ports import free_ports
from harness.targets.processes import Program, last_lines, listens, running, usage
from tests.waiting import is_gone, until

#: A server in little: a child of its own, a port that is open, and a deaf ear for SIGTERM where wanted.
SERVER = """
import signal, socket, subprocess, sys, time
port, is_deaf = int(sys.argv[1]), sys.argv[2] == "deaf"
if is_deaf:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
listening = socket.socket()
listening.bind(("127.0.0.1", port))
listening.listen()
print("child", child.pid, flush=True)
time.sleep(60)
"""

#: A harness in little, which is killed while its server runs.
HARNESS = """
import sys, trio
from pathlib import Path
from harness.targets.processes import Program, running

async def main():
    log = Path(sys.argv[1]) / "log"
    command = [sys.executable, "-S", "-c", sys.argv[2], sys.argv[3], "deaf"]
    async with running(Program(command=command, directory=log.parent, log=log, private=True)) as process:
        while "child" not in log.read_text():
            await trio.sleep(0.01)
        print(process.pid, flush=True)
        await trio.sleep_forever()

trio.run(main)
"""


def program(directory: Path, port: int, *, kind: str = "polite", grace: float = 5.0) -> Program:
    return Program(
        command=[sys.executable, "-S", "-c", SERVER, str(port), kind],
        directory=directory,
        log=directory / "log",
        grace=grace,
        private=True,
    )


async def until_gone(*pids: int) -> None:
    await until(lambda: all(map(is_gone, pids)))


def child_in(log: Path) -> int:
    return int(log.read_text().split("child ")[1].split()[0])


@pytest.mark.parametrize(("kind", "grace"), [("polite", 5.0), ("deaf", 0.1), ("deaf", 0.0)])
async def test_nothing_of_the_group_is_left(tmp_path: Path, kind: str, grace: float) -> None:
    port = free_ports(1)[0]
    async with running(program(tmp_path, port, kind=kind, grace=grace)) as process:
        await until(lambda: "child" in process.log.read_text())
        assert listens([process.pid], port)
        assert not listens([process.pid], port + 1)
        used = usage([process.pid])
        assert used.rss > 0
        assert used.cpu_seconds >= 0
        assert not process.has_ended
    assert not psutil.pid_exists(process.pid)
    await until_gone(child_in(process.log))
    assert process.log.exists(), "who lives removes the directory in its own time"
    assert usage([process.pid]).rss == 0


async def test_nothing_is_left_when_the_harness_is_killed(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    private = tmp_path / "private"
    (private / "data").mkdir(parents=True)
    (private / "data" / "file").write_text("")
    command = [sys.executable, "-c", HARNESS, str(private), SERVER, str(port)]
    harness = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE)
    assert harness.stdout is not None
    server = int(await harness.stdout.receive_some())
    child = child_in(private / "log")
    assert psutil.pid_exists(server)
    harness.send_signal(signal.SIGKILL)
    await harness.wait()
    await harness.stdout.aclose()
    await until_gone(server, child)
    await until(lambda: not private.exists())


async def test_the_end_of_a_server_is_noticed_and_told(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "print('no such table'); raise SystemExit(3)"]
    async with running(Program(command=command, directory=tmp_path, log=tmp_path / "log")) as process:
        with trio.fail_after(10):
            await process.keeper.wait()
        assert process.has_ended
    assert last_lines(process.log) == f"no such table | {process.name} ended with status 3"


async def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"cannot start /nowhere/prosody: No such file or directory"):
        async with running(Program(command=["/nowhere/prosody"], directory=tmp_path, log=tmp_path / "log")):
            pass


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20
