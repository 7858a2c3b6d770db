"""Scenarios as pytest's items: collected, played beside one another, reported one by one."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import trio
from lxml import etree

from tests.waiting import until

SCRIPT = """# {title}
## covers: xep0199-4.2-server-answers
## tags: pinging

[Client] Romeo

---------

Romeo connects
Romeo sends:
	<iq type='get' id='x' to='${{domain}}'><{question} xmlns='urn:xmpp:ping'/></iq>
Romeo receives:
	<iq type='{answer}' id='x'/>
Romeo disconnects
"""
KNOWN = """[[deviation]]
reason = "issue 7"
verdict = "fail"
cases = ["conformance/asks_wrongly"]
"""
SCENARIOS = Path(__file__).parents[2] / "scenarios"
COMMAND = [sys.executable, "-m", "pytest", "-rA"]
PING = {"title": "A ping is answered", "question": "ping", "answer": "result"}
WRONG = {"title": "Something else is no ping", "question": "pong", "answer": "result"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "conformance"
    folder.mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (folder / "asks.scs").write_text(SCRIPT.format(**PING))
    (folder / "asks_wrongly.scs").write_text(SCRIPT.format(**WRONG))
    needy = SCRIPT.format(**PING).replace("## tags", "## needs: telepathy\n## tags")
    (folder / "asks_for_more.scs").write_text(needy)
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")
    return tmp_path


def run(project: Path, *words: str, code: int) -> str:
    done = subprocess.run(
        [*COMMAND, *words], cwd=project, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def outcomes(told: str) -> dict[str, str]:
    found = re.findall(r"(?m)^(PASSED|FAILED|SKIPPED|XFAIL|ERROR) (?:\S*/)?(\S+\.\w+::\w+)", told)
    return {name: word for word, name in found}


def test_each_scenario_is_an_item_with_the_text_of_the_console(project: Path) -> None:
    told = run(project, "--xmpp-target", "reference", code=1)
    assert outcomes(told) == {
        "asks.scs::reference": "PASSED",
        "asks_wrongly.scs::reference": "FAILED",
        "test_own.py::test_own": "PASSED",
    }
    assert "1 skipped" in told
    assert "✗ fail Romeo received something else than expected: iq: attribute type is 'error'" in told
    assert "XEP-0199, 4.2 MUST  Server with support answers its client's ping with a result" in told
    assert "conformance/asks_wrongly.scs:12  Romeo receives:\n    - <iq type='result' id='x'>\n" in told
    assert "reproduce  xmpp-harness run reference conformance/asks_wrongly.scs\n" in told


def test_without_a_target_scenarios_are_none_of_its_business(project: Path) -> None:
    assert outcomes(run(project, code=0)) == {"test_own.py::test_own": "PASSED"}
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\nxmpp_target = 'reference'\n")
    assert "asks_wrongly.scs::reference" in outcomes(run(project, code=1))


def test_what_is_known_is_expected_to_fail(project: Path) -> None:
    (project / "known.toml").write_text(KNOWN)
    known = run(project, "--xmpp-target", "reference", "--xmpp-baseline", "known.toml", code=0)
    assert outcomes(known)["asks_wrongly.scs::reference"] == "XFAIL"
    assert "issue 7" in known
    (project / "conformance/asks_wrongly.scs").write_text(SCRIPT.format(**PING))
    gone = run(project, "--xmpp-target", "reference", "--xmpp-baseline", "known.toml", code=1)
    assert outcomes(gone)["asks_wrongly.scs::reference"] == "FAILED"
    assert "unexpected pass" in gone


def test_what_a_monitor_notices_fails_the_item_that_showed_it(project: Path) -> None:
    (project / "conformance/asks_wrongly.scs").unlink()
    told = run(project, "--xmpp-target", "reference", "--xmpp-fault", "header-id-constant", code=1)
    assert outcomes(told)["asks.scs::reference"] == "FAILED"
    assert "monitors/unique-stream-ids  shown by conformance/asks" in told


def test_words_and_tags_choose_and_what_failed_is_run_again(project: Path) -> None:
    words = ["--xmpp-target", "reference"]
    assert list(outcomes(run(project, *words, "-k", "wrongly", code=1))) == ["asks_wrongly.scs::reference"]
    assert "test_own.py::test_own" not in run(project, *words, "-k", "pinging", code=1)
    assert list(outcomes(run(project, *words, "--lf", code=1))) == ["asks_wrongly.scs::reference"]


def test_workers_and_junit(project: Path) -> None:
    told = run(project, "--xmpp-target", "reference", "-n", "2", "--junitxml", "junit.xml", code=1)
    assert outcomes(told)["asks_wrongly.scs::reference"] == "FAILED"
    suite = etree.parse(str(project / "junit.xml"))
    (failure,) = suite.findall(".//failure")
    assert "attribute type is 'error' instead of 'result'" in (failure.text or "")
    assert {one.get("value") for one in suite.iter("property")} == {"xep0199-4.2-server-answers"}


def test_shipped_scenarios_are_items_too(project: Path) -> None:
    told = run(project, "--xmpp-target", "reference", str(SCENARIOS / "sanity"), code=0)
    assert outcomes(told)["log_in_and_ping.scs::reference"] == "PASSED"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--xmpp-target", "prosodi"], "there is no target 'prosodi'"),
        (["--xmpp-target", "reference", "--xmpp-fault", "x"], "the reference server has no fault x"),
        (["--xmpp-target", "reference", "--xmpp-baseline", "none"], "none: cannot read the baseline"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_run(project: Path, words: list[str], told: str) -> None:
    done = subprocess.run(
        [*COMMAND, *words], cwd=project, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 4
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_scenario_is_told_with_its_line(project: Path) -> None:
    (project / "conformance/asks.scs").write_text(
        SCRIPT.format(**PING).replace("Romeo connects", "Romeo conects")
    )
    told = run(project, "--xmpp-target", "reference", code=2)
    assert "conformance/asks.scs:9" in told


def test_a_target_that_cannot_be_reached_fails_each_item_in_a_line(project: Path) -> None:
    (project / "down.toml").write_text("host = '127.0.0.1'\nport = 1\ndomain = 'localhost'\n")
    told = run(project, "--xmpp-target", "down.toml", "conformance", code=1)
    assert "127.0.0.1" in told
    assert "Traceback" not in told


def test_an_interruption_ends_it_and_leaves_nothing(project: Path) -> None:
    begun = project / "begun"
    told_of = f"def pytest_runtest_logreport(report): open({str(begun)!r}, 'w').close()\n"
    (project / "conftest.py").write_text(told_of)
    words = [*COMMAND, "--xmpp-target", "reference", "--xmpp-at-once", "1", ".", str(SCENARIOS)]
    with subprocess.Popen(
        words, cwd=project, stdout=subprocess.PIPE, text=True, preexec_fn=heed_interruptions
    ) as running:
        trio.run(until, begun.exists, 30.0)
        children = psutil.Process(running.pid).children(recursive=True)
        os.kill(running.pid, signal.SIGINT)
        told, _ = running.communicate(timeout=20)
    assert running.returncode == 2, told[-2000:]
    assert "KeyboardInterrupt" in told
    assert "Exception" not in told, "no thread dies noisily"
    assert not [one for one in children if one.is_running()]


def heed_interruptions() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
