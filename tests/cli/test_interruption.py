"""Signals, closed pipes, full disks and kills, done to the real program."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.targets.launching import launcher
from tests.waiting import block_until, is_gone

TARGET = "launcher = '{}'\npatience = 60.0\n[accounts]\nprovider = 'server'\n"
MAIN = "from harness.cli.main import main; main()"
SLOW = """# Waits for what does not come
## dialect: harness

[Client] Romeo

---------

Romeo opens a connection
Romeo receives a stream header
"""
SCRIPT = SLOW.partition("Romeo opens")[0] + "Romeo connects\nRomeo disconnects\n"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the program in a folder of its own; whatever is left of it is killed at the end."""
    begun: list[subprocess.Popen[str]] = []

    def start_program(*words: str, **options: Any) -> "subprocess.Popen[str]":
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        done = subprocess.Popen(
            [sys.executable, "-c", MAIN, *words], cwd=tmp_path, text=True, env=environment, **options
        )
        begun.append(done)
        return done

    yield start_program
    for one in begun:
        if one.poll() is None:
            one.kill()
        one.communicate()


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[str]:
    """A target whose cases take long: the reference server with much patience."""
    (tmp_path / "slow.toml").write_text(TARGET.format("reference"))
    (tmp_path / "slow.scs").write_text(SLOW)
    (tmp_path / "quick.scs").write_text(SCRIPT)
    return str(tmp_path / "slow.toml")


def records(folder: Path) -> list[dict[str, Any]]:
    file = folder / "record.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def has_begun(folder: Path, kind: str) -> Callable[[], bool]:
    def begun() -> bool:
        file = folder / "record.jsonl"
        return file.exists() and f'"type":"{kind}"' in file.read_text()

    return begun


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_play_ends_the_run_with_its_reports(
    start: Start, slow: str, tmp_path: Path, number: signal.Signals
) -> None:
    running = start("run", slow, "quick.scs", "slow.scs", "--out", "here")
    block_until(has_begun(tmp_path / "here", "case"))
    running.send_signal(number)
    running.send_signal(number)
    out, error = running.communicate(timeout=20)
    assert running.returncode == 3, error
    assert "interrupted" in error
    assert "Traceback" not in error
    *_, before, last = records(tmp_path / "here")
    assert before["type"] == "target-finished"
    assert last["type"] == "run-finished"
    assert last["interrupted"] is True
    assert last["exit_code"] == 3
    names = {file.name for file in (tmp_path / "here").iterdir()}
    assert names == {"record.jsonl", "report.html", "junit.xml", "summary.json", "summary.md"}
    assert "report: here/report.html" in out


def test_a_signal_before_and_while_anything_is_played(start: Start, slow: str, tmp_path: Path) -> None:
    """Whenever it comes, there is no traceback, and a record that was begun has an end."""
    for number, delay in enumerate((0.45, 0.6, 0.75, 0.9)):
        folder = tmp_path / f"out-{number}"
        running = start("run", slow, "slow.scs", "--out", str(folder))
        time.sleep(delay)
        running.send_signal(signal.SIGTERM)
        _, error = running.communicate(timeout=20)
        assert "Traceback" not in error
        if records(folder):
            assert running.returncode == 3
            assert records(folder)[-1]["type"] == "run-finished"


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def has_server(running: "subprocess.Popen[str]") -> Callable[[], bool]:
    def is_there() -> bool:
        return any("prosody" in " ".join(command_of(one)) for one in descendants(running.pid))

    return is_there


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def are_gone(processes: list[psutil.Process]) -> Callable[[], bool]:
    return lambda: all(map(is_gone, processes))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["launch", "play"])
def test_no_server_is_left(start: Start, tmp_path: Path, number: signal.Signals, moment: str) -> None:
    if not all(finding.present for finding in launcher("prosody").examine()):
        pytest.skip("not installed: prosody")
    (tmp_path / "slow.toml").write_text(TARGET.format("prosody"))
    (tmp_path / "slow.scs").write_text(SLOW)
    running = start("run", "slow.toml", "slow.scs", "--out", "here")
    block_until(has_server(running) if moment == "launch" else has_begun(tmp_path / "here", "target-started"))
    left = descendants(running.pid)
    assert left
    running.send_signal(number)
    _, error = running.communicate(timeout=20)
    block_until(are_gone(left))
    if number is not signal.SIGKILL:
        assert running.returncode == 3, error
        assert "Traceback" not in error
        assert records(tmp_path / "here")[-1]["type"] == "run-finished"
    block_until(lambda: not list(tmp_path.glob("xmpp-harness-*")))


def test_nobody_reads_the_output(start: Start, slow: str, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    running = start("run", "reference", "quick.scs", "-v", "--out", "here", stdout=writer)
    os.close(writer)
    os.close(reader)
    _, error = running.communicate(timeout=20)
    assert error == ""
    assert running.returncode == 0
    assert records(tmp_path / "here")[-1]["exit_code"] == 0
    assert (tmp_path / "here/report.html").stat().st_size > 1000


@pytest.mark.parametrize("words", [["list"], ["faults"], ["show", "sanity"]])
def test_nobody_reads_a_list(start: Start, slow: str, words: list[str]) -> None:
    reader, writer = os.pipe()
    running = start(*words, stdout=writer)
    os.close(writer)
    os.close(reader)
    _, error = running.communicate(timeout=20)
    assert error == ""
    assert running.returncode == 3


def test_head_gets_its_line(tmp_path: Path) -> None:
    shell = f"set -o pipefail; '{sys.executable}' -c '{MAIN}' list | head -1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_the_output_goes_to_a_full_disk(start: Start, slow: str, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        running = start("run", "reference", "quick.scs", "--out", "here", stdout=full)
    _, error = running.communicate(timeout=20)
    assert "No space left" in error
    assert "Traceback" not in error
    assert running.returncode == 3
    assert records(tmp_path / "here")[-1]["type"] == "run-finished"


def test_the_record_goes_to_a_full_disk(start: Start, slow: str, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/record.jsonl").symlink_to("/dev/full")
    running = start("run", "reference", "quick.scs", "--out", "here")
    out, error = running.communicate(timeout=20)
    assert running.returncode == 3
    assert error.count("\n") == 1
    assert "here/record.jsonl: the run record cannot be written: No space left on device" in error
    assert " passed" in out
    assert (tmp_path / "here/report.html").stat().st_size > 1000
    assert json.loads((tmp_path / "here/summary.json").read_text())


def test_the_disk_fills_up_in_the_middle(start: Start, slow: str, tmp_path: Path) -> None:
    most = 3000

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    running = start("run", "reference", "quick.scs", "--out", "here", preexec_fn=limit)
    out, error = running.communicate(timeout=20)
    assert running.returncode == 3
    assert "the run record cannot be written: File too large" in error
    assert "the report cannot be written: File too large" in error
    assert "Traceback" not in error
    assert " passed" in out
    assert records(tmp_path / "here")[0]["type"] == "run-started"


def test_two_runs_at_once(start: Start, slow: str, tmp_path: Path) -> None:
    both = [start("run", "reference", "quick.scs", "-q") for _ in range(2)]
    for one in both:
        one.communicate(timeout=20)
        assert one.returncode == 0
    folders = [one for one in (tmp_path / "out").iterdir() if not one.is_symlink()]
    assert len(folders) == 2
    assert (tmp_path / "out/latest").resolve() in folders
    for folder in folders:
        assert records(folder)[-1]["type"] == "run-finished"


def test_two_runs_do_not_share_a_folder(start: Start, slow: str, tmp_path: Path) -> None:
    first = start("run", slow, "slow.scs", "--out", "here")
    block_until(has_begun(tmp_path / "here", "target-started"))
    second = start("run", "reference", "quick.scs", "--out", "here")
    _, error = second.communicate(timeout=20)
    assert second.returncode == 2
    assert "here: another run writes to this folder" in error
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=20)
    assert records(tmp_path / "here")[-1]["type"] == "run-finished"


def test_a_proof_can_be_interrupted(start: Start) -> None:
    running = start("prove", "sanity", "roster", start_new_session=True)
    block_until(lambda: bool(descendants(running.pid)))
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, error = running.communicate(timeout=20)
    assert "Traceback" not in error
    assert running.returncode == 3
