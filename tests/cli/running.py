"""The command line, run within a test."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli.main import main


@dataclass(frozen=True, kw_only=True)
class Done:
    code: int
    out: str
    error: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """The command line, run in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run_main(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["xmpp-harness", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, error = capfd.readouterr()
        return Done(code=int(ended.value.code or 0), out=out, error=error)

    yield run_main
    for number, handler in before.items():
        signal.signal(number, handler)
