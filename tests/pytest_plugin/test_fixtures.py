"""Fixtures for tests of one's own: the example project passes, and what is wrong is told."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "pytest-example"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "project"))


def run(project: Path, *words: str, code: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_the_example_passes(project: Path) -> None:
    told = run(project, "-v", code=0)
    assert told.count("PASSED") == 5
    assert "greeting.scs::reference PASSED" in told
    assert "test_a_message_arrives[reference] PASSED" in told


def test_each_target_has_its_turn(project: Path) -> None:
    (project / "other.toml").write_text('launcher = "reference"\n')
    told = run(
        project,
        "-v",
        "--xmpp-target",
        "reference",
        "--xmpp-target",
        "other.toml",
        "-k",
        "message or greeting",
        code=0,
    )
    assert re.findall(r"test_a_message_arrives\[(\S+)\] PASSED", told) == ["reference", "other.toml"]
    assert re.findall(r"greeting.scs::(\S+) PASSED", told) == ["reference", "other"]


def test_a_test_without_a_target_does_not_pass(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    told = run(project, "test_server.py", code=1)
    assert "no target: give --xmpp-target" in told
    assert "passed" not in told


WRONG = """
def test_it_differs(xmpp_client):
    romeo = xmpp_client()
    romeo.send(f"<message to='{romeo.jid}' type='chat'><body>one</body></message>")
    romeo.expect("<message type='chat'><body>other</body></message>")


def test_nothing_comes(xmpp_client):
    xmpp_client().receive(seconds=0.2)


def test_the_stream_ends(xmpp_client):
    romeo = xmpp_client()
    romeo.send("</stream:stream>")
    romeo.receive()
"""


def test_what_does_not_come_is_told(project: Path) -> None:
    (project / "test_wrong.py").write_text(WRONG)
    told = run(project, "test_wrong.py", code=1)
    assert "- <body>other</body>" in re.sub(r"\s+", " ", told)
    assert "+ <body>one</body>" in re.sub(r"\s+", " ", told)
    assert re.search(r"AssertionError: user-\S+/\S+: nothing comes", told)
    assert re.search(r"AssertionError: user-\S+/\S+: the stream has ended", told)
    assert "3 failed" in told


def test_a_client_that_does_otherwise_fails_with_the_text_of_the_console(project: Path) -> None:
    path = project / "test_client.py"
    path.write_text(
        path.read_text().replace("(b\"<iq type='result' id='p1'", "(b\"<iq type='result' id='p2'")
    )
    told = run(project, "test_client.py", code=1)
    assert "Romeo should have sent" in told
    assert "scenario.scs:" in told


def test_a_client_that_never_comes_is_not_waited_for_without_end(project: Path) -> None:
    path = project / "test_client.py"
    text = path.read_text().replace("        client.log_in()\n        client.answer_a_ping()\n", "")
    path.write_text(text.replace('tls="disabled"', 'tls="disabled", patience=0.2'))
    told = run(project, "test_client.py", code=1)
    assert "1 failed" in told
    assert "AssertionError" in told


def test_a_scenario_that_there_is_not_is_told(project: Path) -> None:
    path = project / "test_client.py"
    path.write_text(
        path.read_text().replace("xmpp_fake_server(SCENARIO", "xmpp_fake_server('client_login/nothing'")
    )
    told = run(project, "test_client.py", code=1)
    assert "nothing is called client_login/nothing" in told
