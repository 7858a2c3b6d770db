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


@pytest.mark.parametrize(
    ("there", "here", "told"),
    [
        ("(b\"<iq type='result' id='p1'", "(b\"<iq type='result' id='p2'", "Romeo should have sent"),
        ("        client.log_in()\n        client.answer_a_ping()\n", "", "nothing came"),
        ("fake_server(SCENARIO", "fake_server('client_login/no'", "nothing is called client_login/no"),
    ],
    ids=["answers-otherwise", "never-comes", "no-such-scenario"],
)
def test_what_a_client_does_otherwise_is_told(project: Path, there: str, here: str, told: str) -> None:
    path = project / "test_client.py"
    text = path.read_text()
    assert there in text
    path.write_text(text.replace(there, here).replace('tls="disabled"', 'tls="disabled", patience=0.5'))
    assert told in run(project, "test_client.py", code=1)
