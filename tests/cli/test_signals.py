"""Signals at chosen moments: the program sends them to itself, when it comes to that point."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

#: Sends itself a signal when it is about to import a module, or to open a file of that name.
BEFORE = """
import os, sys
moment, number = sys.argv[1], int(sys.argv[2])
del sys.argv[1:3]
def listen(event, arguments):
    global moment
    if moment and event in ("import", "open") and str(arguments[0]).endswith(moment):
        moment = ""
        os.kill(os.getpid(), number)
sys.addaudithook(listen)
from harness.cli.main import main
main()
"""

#: Interrupts a run of its own again and again, by a clock that it holds itself.
AGAIN = """
import os, signal, sys, trio
from harness.cli.interruption import Interruption
from harness.targets.haste import protected

now = 0.0
interruption = Interruption(lambda: now)

async def work():
    global now
    try:
        for seconds in map(float, sys.argv[1:]):
            now += seconds
            os.kill(os.getpid(), signal.SIGTERM)
        await trio.sleep_forever()
    finally:
        with protected():
            print("cleaning up", flush=True)
            if len(sys.argv) > 2:
                await trio.sleep_forever()
        print("cleaned up", flush=True)

with interruption.heard():
    trio.run(interruption.end_early, work)
print("reports", flush=True)
"""


def ended(script: str, *words: object, cwd: Path, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        timeout=30,
        **options,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "moment", ["harness.cli.look", "trio", "harness.engine.batch", "sanity/log_in_and_ping.scs"]
)
def test_a_signal_before_anything_is_begun_is_one_line(
    tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    done = ended(BEFORE, moment, int(number), "run", "sanity", "--out", "here", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.strip().endswith("xmpp-harness: interrupted")
    assert len(done.stderr.split("\n")) <= 3
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize("moment", ["record.jsonl", "ca.pem", "report.html"])
def test_a_record_that_was_begun_has_an_end(tmp_path: Path, moment: str) -> None:
    done = ended(BEFORE, moment, int(signal.SIGTERM), "run", "sanity", "--out", "here", cwd=tmp_path)
    assert "Traceback" not in done.stderr
    first, last = done.stderr.split("\n")[1], done.stderr.split("\n")[-2]
    assert first == "xmpp-harness: interrupted; stopping"
    assert last == "xmpp-harness: interrupted; servers are stopped, reports are written"
    assert '"type":"run-finished"' in (tmp_path / "here/record.jsonl").read_text().splitlines()[-1]
    assert (tmp_path / "here/summary.md").exists()
    assert done.returncode == (0 if moment == "report.html" else 3)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["trio", "record.jsonl"])
def test_a_signal_that_was_ignored_stays_so(tmp_path: Path, moment: str, number: signal.Signals) -> None:
    def ignore() -> None:
        signal.signal(number, signal.SIG_IGN)

    words = (moment, int(number), "run", "sanity", "--out", "here")
    done = ended(BEFORE, *words, cwd=tmp_path, preexec_fn=ignore)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_same_signal_twice_in_a_moment_is_one(tmp_path: Path) -> None:
    done = ended(AGAIN, 1, cwd=tmp_path)
    assert done.stdout.split("\n")[:3] == ["cleaning up", "cleaned up", "reports"]
    done = ended(AGAIN, 1, 0.1, 0.05, 1, cwd=tmp_path)
    assert done.stderr.count("interrupted") == 2


def test_a_second_signal_hurries_and_a_third_ends(tmp_path: Path) -> None:
    done = ended(AGAIN, 1, 1, cwd=tmp_path)
    assert done.returncode == 0
    assert "interrupted; stopping\n" in done.stderr
    assert "interrupted again; servers and accounts are not waited for\n" in done.stderr
    assert done.stdout.split("\n")[:3] == ["cleaning up", "cleaned up", "reports"]
    done = ended(AGAIN, 1, 1, 1, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.endswith("interrupted once more; ended on the spot\n")


def test_nobody_hears_of_the_end(tmp_path: Path) -> None:
    """As when the terminal is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", AGAIN, "1"]
    with os.fdopen(writer) as gone:
        done = subprocess.run(command, stderr=gone, stdout=subprocess.PIPE, check=False, cwd=tmp_path)
    assert done.stdout == b"cleaning up\ncleaned up\nreports\n"
