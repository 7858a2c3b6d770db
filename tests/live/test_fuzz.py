"""`xmpp-harness fuzz` against the reference server in a process of its own."""

import base64
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

from tests.needing import needed


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("xmpp-harness")), *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def fuzz(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    out = folder / ("replayed" if "--replay-all" in words else "out")
    given = ["--seed", "1", "--database", str(folder / "database"), "--out", str(out)]
    return run("fuzz", *given, *words)


BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")


def decoded(word: str) -> bytes:
    return base64.b64decode(word.rstrip("=")[: len(word) // 4 * 4 - 4])


def causes_in_the_report(path: Path) -> list[str]:
    page = html.document_fromstring(path.read_text(encoding="utf-8"))
    return [" ".join(one.text_content().split()) for one in page.xpath("//article")]


def path_of(cause: str) -> str:
    return cause.rpartition(" ")[2]


def test_what_is_planted_is_found_and_its_script_shows_it(tmp_path: Path) -> None:
    fault = "comment-becomes-text"
    done = fuzz(tmp_path, "--fault", fault, "--family", "restricted", "--time", "3s", "--property", "P-05")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "P-05 restricted-ends-the-stream" in done.stdout
    scripts = sorted(map(str, (tmp_path / "out/findings").iterdir()))
    told = sorted(causes_in_the_report(tmp_path / "out/report.html"), key=path_of)
    for cause, script in zip(told, scripts, strict=True):
        assert "fuzz/restricted-ends-the-stream" in cause
        assert re.search(r"sent .*<(!|\?)", cause)
        assert f"Reproduce xmpp-harness run reference --fault {fault} {script}" in cause
    again = fuzz(tmp_path, "--fault", fault, "--replay-all", str(tmp_path / "out/findings"))
    assert again.returncode == 1, again.stdout
    assert "still there" in again.stdout
    mended = fuzz(tmp_path, "--replay-all", str(tmp_path / "out/findings"))
    assert mended.returncode == 0, mended.stdout
    assert "fixed" in mended.stdout
    assert "still there" not in mended.stdout


@pytest.mark.parametrize(
    ("fault", "family", "told"),
    [
        (
            "approval-wrong-state",
            "subscription",
            "after subscribed in the state None + Pending In its sender has the roster item both",
        ),
        (
            "clear-bytes-survive-starttls",
            "negotiation",
            "what was sent in the clear is answered within TLS",
        ),
        (
            "unoffered-mechanism-accepted",
            "negotiation",
            "PLAIN succeeds though it is not offered",
        ),
    ],
)
def test_what_a_machine_finds_is_a_script_too(fault: str, family: str, told: str, tmp_path: Path) -> None:
    done = fuzz(tmp_path, "--fault", fault, "--family", family, "--time", "6s")
    assert done.returncode == 1, done.stdout + done.stderr
    assert told in done.stdout
    written = [one.read_text(encoding="utf-8") for one in (tmp_path / "out").rglob("*") if one.is_file()]
    assert not any(b"secret-" in decoded(word) for text in written for word in BASE64.findall(text))
    again = fuzz(tmp_path, "--fault", fault, "--replay-all", str(tmp_path / "out/findings"))
    assert "still there" in again.stdout
    mended = fuzz(tmp_path, "--replay-all", str(tmp_path / "out/findings"))
    assert "fixed" in mended.stdout
    assert "still there" not in mended.stdout


def test_nothing_is_found_where_nothing_is_planted(tmp_path: Path) -> None:
    done = fuzz(tmp_path, "--time", "5s")
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"(\d+) samples in .* (\d+) findings", done.stdout)
    assert told is not None
    assert int(told[1]) > 100
    assert told[2] == "0"


def test_a_target_that_dies_is_a_finding_and_is_started_again(tmp_path: Path) -> None:
    done = fuzz(tmp_path, "--fault", "early-response-kills-server", "--family", "state", "--time", "5s")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "P-24 alive: a process of the target has ended" in done.stdout


def test_a_fault_of_a_client_is_found_and_its_script_shows_it(tmp_path: Path) -> None:
    words = ["reference-client", "--fault", "forged-push-accepted"]
    done = fuzz(
        tmp_path, *words, "--family", "forgeries", "--time", "4s", "--property", "forged-push-ignored"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "P-C6a forged-push-ignored: a forged push changes the roster" in done.stdout
    again = fuzz(tmp_path, *words, "--replay-all", str(tmp_path / "out/findings"))
    assert again.returncode == 1, again.stdout
    assert "still there" in again.stdout
    mended = fuzz(tmp_path, words[0], "--replay-all", str(tmp_path / "out/findings"))
    assert mended.returncode == 0, mended.stdout
    assert "fixed" in mended.stdout
    assert "still there" not in mended.stdout


def test_nothing_is_found_in_a_client_without_fault(tmp_path: Path) -> None:
    done = fuzz(tmp_path, "reference-client", "--time", "8s", "--family", "valid", "--family", "wf")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 findings" in done.stdout


BAD_CLIENT = Path(__file__).with_name("bad_client.py")


def test_a_program_without_driver_is_fuzzed_by_its_command(tmp_path: Path) -> None:
    command = ["--", sys.executable, "-S", str(BAD_CLIENT), "none", str(tmp_path / "notes")]
    words = ["client", "--tls", "disabled", "--name", "mine", "--patience", "0.5"]
    done = fuzz(tmp_path, *words, "--family", "forgeries", "--time", "4s", *command)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "P-C6a forged-push-ignored: a forged push gets a result" in done.stdout
    told = "reproduce  xmpp-harness client --tls disabled --name mine --patience 0.5 --only "
    assert told in done.stdout
    assert " ".join(command) in done.stdout
    again = fuzz(tmp_path, *words, "--replay-all", str(tmp_path / "out/findings"), *command)
    assert again.returncode == 1, again.stdout + again.stderr
    assert "still there" in again.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--time", "soon"], "'soon' is no time; write 60s, 10m or 1h"),
        (["--family", "odd"], "there is no family odd"),
        (["--port", "1"], "--port says something about a server to attach to"),
        (["reference-client", "--tls", "none"], "--tls says something about a server to attach to"),
        (["--host", "127.0.0.1", "--domain", "x", "--fault", "ping-refused"], "has no faults"),
        (["--property", "P-99"], "there is no property P-99"),
        (["--replay-all", "findings", "--family", "wf"], "--replay-all plays all that was found"),
        (["nowhere"], "there is no target 'nowhere'"),
        (["reference-client", "--family", "state"], "there is no family state for clients"),
        (["reference-client", "--property", "P-01"], "there is no property P-01"),
        (["client"], "Missing argument '-- COMMAND [ARGUMENT]...'"),
        (["client", "--", "no-such-program"], "no-such-program: there is no such program"),
        (["client", "--family", "state", "--", "sh"], "there is no family state for clients"),
        (["slixmpp", "--fault", "forged-push-accepted"], "slixmpp has no faults"),
        (["prosody", "--fault", "ping-refused"], "prosody has no faults"),
        (
            ["--host", "198.51.100.7", "--domain", "x"],
            "198.51.100.7 is not this machine",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, words: list[str], told: str) -> None:
    done = fuzz(tmp_path, *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_several_servers_are_compared_and_nobody_is_accused(tmp_path: Path) -> None:
    others = ["--against", "prosody", "--against", "jabberd2"]
    needed(shutil.which("prosody") and shutil.which("jabberd2-c2s"), "Prosody and jabberd2 are not installed")
    done = run(
        "fuzz", "reference", *others, "--family", "header", "--seed", "1", "--out", str(tmp_path / "out")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nobody is accused" in done.stdout
    assert "alone:" in (tmp_path / "out/alone.txt").read_text("utf-8")


def test_a_baseline_is_begun_by_a_campaign_and_no_entry_goes_because_chance_did_not_show_it(
    tmp_path: Path,
) -> None:
    known = tmp_path / "known.toml"
    words = ("--family", "restricted", "--time", "3s", "--baseline", str(known), "--update-baseline")
    done = fuzz(tmp_path / "with", "reference", "--fault", "comment-becomes-text", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    begun = known.read_text()
    assert 'cases = ["fuzz/restricted-ends-the-stream"]' in begun
    assert "sometimes = true" in begun
    assert "measured" not in begun
    done = fuzz(tmp_path / "without", "reference", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert known.read_text() == begun
