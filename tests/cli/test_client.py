"""The command `client`: what is made of its words."""

import sys
from pathlib import Path

import pytest

from harness.cli.client import described, words_for_case
from harness.errors import UsageError
from harness.targets.client_description import TlsUse
from tests.cli.program import running

OPTIONS = {"tls": "required", "name": "", "patience": 3.0}


def test_a_command_is_a_client_without_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    one = described(["sh", "-c", "exec it '{host}'", "{jid}"], OPTIONS)
    assert (one.name, one.has_driver, one.directory) == ("sh", False, str(tmp_path))
    assert one.run.startswith("/")
    assert one.run.endswith("/sh -c 'exec it '\"'\"'{host}'\"'\"'' '{jid}'")
    assert one.tls == (TlsUse.STARTTLS,)


@pytest.mark.parametrize(("tls", "way"), [("direct", TlsUse.DIRECT), ("disabled", TlsUse.NONE)])
def test_its_tls_and_name_are_given(tls: str, way: TlsUse) -> None:
    one = described(["sh"], {**OPTIONS, "tls": tls, "name": "mine", "patience": 0.5})
    assert (one.tls, one.name, one.patience) == ((way,), "mine", 0.5)


def test_the_command_that_plays_a_case_again_keeps_what_was_given() -> None:
    assert words_for_case(["./it", "a b"], OPTIONS) == "client --only {case} -- ./it 'a b'"
    given = {"tls": "disabled", "name": "my own", "patience": 0.5}
    assert words_for_case(["./it"], given) == (
        "client --tls disabled --name 'my own' --patience 0.5 --only {case} -- ./it"
    )


def test_who_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain").write_text("")
    (tmp_path / "here").write_text("")
    (tmp_path / "here").chmod(0o755)
    for name, told in (
        ("nobody", "there is no such program"),
        ("plain", "not executable .chmod"),
        ("here", r"write \./here"),
        (".", "a folder"),
    ):
        with pytest.raises(UsageError, match=told):
            described([name], OPTIONS)


def test_what_is_not_for_clients_is_refused(tmp_path: Path) -> None:
    words = ("client", "--only", "sanity", "--", sys.executable)
    with running(*words, folder=tmp_path) as program:
        told = program.end()
    assert program.code == 2
    assert "none of the chosen scenarios is for a client" in told
    assert told.count("\n") == 1


def test_a_command_has_to_be_given(tmp_path: Path) -> None:
    with running("client", folder=tmp_path) as program:
        told = program.end()
    assert program.code == 2
    assert "Traceback" not in told
