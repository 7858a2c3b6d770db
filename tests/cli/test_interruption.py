"""Signals, closed pipes, full disks and kills, done to the real program."""

import json
import multiprocessing
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.targets.launching import launcher
from tests.cli.program import MAIN, SECONDS, Family, Program, running
from tests.needing import needed

TARGET = "launcher = '{}'\npatience = 60.0\n[accounts]\nprovider = 'server'\n"
SLOW = """# Waits for what does not come
## dialect: harness

[Client] Romeo

---------

Romeo opens a connection
Romeo receives a stream header
"""
SCRIPT = SLOW.partition("Romeo opens")[0] + "Romeo connects\nRomeo disconnects\n"

#: Stands before a server on the path, and tells when it is started.
ANNOUNCING = """#!/bin/sh
echo launched > '{}'
exec '{}' "$@"
"""

#: Tells when the workers are made.
FORKING = """
import os, sys
sys.addaudithook(lambda event, arguments: event == "os.fork" and os.write(1, b"forking\\n"))
"""

Start = Callable[..., AbstractContextManager[Program]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts the program in a folder of its own, where there are scripts and a target with much patience."""
    (tmp_path / "slow.toml").write_text(TARGET.format("reference"))
    (tmp_path / "slow.scs").write_text(SLOW)
    (tmp_path / "quick.scs").write_text(SCRIPT)
    return partial(running, folder=tmp_path)


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_play_ends_the_run_with_its_reports(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    with start("run", "slow.toml", "quick.scs", "slow.scs", "-v", "--out", "here") as program:
        program.wait_for("quick")
        program.send(number)
        program.send(number)
        error = program.end()
    assert program.code == 3, error
    assert error == (
        "\nxmpp-harness: interrupted; stopping\n"
        "xmpp-harness: interrupted; servers are stopped, reports are written\n"
    )
    *_, before, last = records(tmp_path / "here")
    assert before["type"] == "target-finished"
    assert last["type"] == "run-finished"
    assert last["interrupted"] is True
    assert last["exit_code"] == 3
    names = {file.name for file in (tmp_path / "here").iterdir()}
    assert names == {"record.jsonl", "report.html", "junit.xml", "summary.json", "summary.md"}
    assert "report: here/report.html" in program.out


@pytest.fixture
def announced(tmp_path: Path) -> int:
    """A descriptor that can be read from when Prosody is started, and the folder `path` for that."""
    needed(all(finding.present for finding in launcher("prosody").examine()), "Prosody is not installed")
    pipe, script = tmp_path / "launched", tmp_path / "path" / "prosody"
    os.mkfifo(pipe)
    script.parent.mkdir()
    script.write_text(ANNOUNCING.format(pipe, shutil.which("prosody")))
    script.chmod(0o755)
    return os.open(pipe, os.O_RDWR)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["launch", "play"])
def test_no_server_is_left(
    start: Start, announced: int, tmp_path: Path, number: signal.Signals, moment: str
) -> None:
    (tmp_path / "slow.toml").write_text(TARGET.format("prosody"))
    path = {"PATH": f"{tmp_path / 'path'}:{os.environ['PATH']}"}
    with start("run", "slow.toml", "slow.scs", "--out", "here", environment=path) as program:
        assert select.select([announced], [], [], SECONDS)[0]
        if moment == "play":
            program.wait_for("▸ slow")
        family = Family(program.pid)
        program.send(number)
        error = program.end()
    os.close(announced)
    family.wait()
    assert family.processes
    assert not list(tmp_path.glob("xmpp-harness-*"))
    if number is not signal.SIGKILL:
        assert program.code == 3, error
        assert "Traceback" not in error
        assert records(tmp_path / "here")[-1]["type"] == "run-finished"


def test_no_key_is_left_when_the_reference_server_is_killed(start: Start, tmp_path: Path) -> None:
    with start("run", "slow.toml", "slow.scs", "--out", "here") as program:
        program.wait_for("▸ slow")
        (folder,) = tmp_path.glob("xmpp-harness-*")
        assert not [file for file in folder.iterdir() if b"PRIVATE" in file.read_bytes()]
        family = Family(program.pid)
        program.send(signal.SIGKILL)
        program.end()
    family.wait()
    assert not folder.exists()


@pytest.fixture
def nobody() -> Iterator[int]:
    """The writing end of a pipe whose reading end is closed."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def test_nobody_reads_the_output(start: Start, nobody: int, tmp_path: Path) -> None:
    with start("run", "reference", "quick.scs", "-v", "--out", "here", stdout=nobody) as program:
        assert program.end() == ""
    assert program.code == 0
    assert records(tmp_path / "here")[-1]["exit_code"] == 0
    assert (tmp_path / "here/report.html").stat().st_size > 1000


@pytest.mark.parametrize("words", [["list"], ["faults"], ["show", "sanity"]])
def test_nobody_reads_a_list(start: Start, nobody: int, words: list[str]) -> None:
    with start(*words, stdout=nobody) as program:
        assert program.end() == ""
    assert program.code == 3


def test_head_gets_its_line(tmp_path: Path) -> None:
    shell = f"set -o pipefail; '{sys.executable}' -c '{MAIN}' list | head -1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("words", [["run", "quick.scs", "-v", "--out", "here"], ["list"]])
def test_the_output_goes_to_a_full_disk(start: Start, tmp_path: Path, words: list[str]) -> None:
    with open("/dev/full", "w") as full, start(*words, stdout=full) as program:
        error = program.end()
    assert error == "xmpp-harness: standard output cannot be written: No space left on device\n"
    assert program.code == 3
    if "run" in words:
        assert records(tmp_path / "here")[-1]["type"] == "run-finished"


def test_the_record_goes_to_a_full_disk(start: Start, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/record.jsonl").symlink_to("/dev/full")
    with start("run", "reference", "quick.scs", "--out", "here") as program:
        error = program.end()
    assert program.code == 3
    assert error.count("\n") == 1
    assert "here/record.jsonl: the run record cannot be written: No space left on device" in error
    assert " passed" in program.out
    assert (tmp_path / "here/report.html").stat().st_size > 1000
    assert json.loads((tmp_path / "here/summary.json").read_text())


def test_the_disk_fills_up_in_the_middle(start: Start, tmp_path: Path) -> None:
    most = 3000

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    with start("run", "reference", "quick.scs", "--out", "here", preexec_fn=limit) as program:
        error = program.end()
    assert program.code == 3
    assert "the run record cannot be written: File too large" in error
    assert "the report cannot be written: File too large" in error
    assert "Traceback" not in error
    assert " passed" in program.out
    assert records(tmp_path / "here")[0]["type"] == "run-started"


def test_two_runs_at_once(start: Start, tmp_path: Path) -> None:
    words = ("run", "reference", "quick.scs", "-q")
    with start(*words) as one, start(*words) as another:
        for program in (one, another):
            program.end()
            assert program.code == 0
    folders = [one for one in (tmp_path / "out").iterdir() if not one.is_symlink()]
    assert len(folders) == 2
    assert (tmp_path / "out/latest").resolve() in folders
    for folder in folders:
        assert records(folder)[-1]["type"] == "run-finished"


def test_two_runs_do_not_share_a_folder(start: Start, tmp_path: Path) -> None:
    with start("run", "slow.toml", "slow.scs", "--out", "here") as first:
        first.wait_for("▸ slow")
        with start("run", "reference", "quick.scs", "--out", "here") as second:
            assert "here: another run writes to this folder" in second.end()
        assert second.code == 2
        first.send(signal.SIGINT)
        first.end()
    assert records(tmp_path / "here")[-1]["type"] == "run-finished"


@pytest.mark.skipif(os.cpu_count() == 1, reason="no workers on one processor")
@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="workers are not forked")
def test_a_proof_can_be_interrupted(start: Start) -> None:
    words = ("prove", "sanity", "roster")
    with start(*words, script=FORKING + MAIN, start_new_session=True) as program:
        program.wait_for("forking")
        os.killpg(program.pid, signal.SIGINT)  # as a terminal does: to the workers too
        error = program.end()
    assert "Traceback" not in error
    assert program.code == 3
