"""The wheel, in an environment and a folder that know nothing of this one: all that it needs is in it."""

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(words: list[str | Path], folder: Path) -> str:
    done = subprocess.run(
        [*map(str, words)], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a fresh environment, in which the wheel has been installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT], folder)
    venv.create(folder / "environment", with_pip=True)
    programs = folder / "environment" / "bin"
    (wheel,) = folder.glob("*.whl")
    run([programs / "python", "-m", "pip", "install", "--quiet", f"{wheel}", "pytest"], folder)
    return programs


def test_it_has_all_that_is_played(installed: Path, tmp_path: Path) -> None:
    here = run([Path(sys.executable).with_name("xmpp-harness"), "list"], tmp_path)
    assert run([installed / "xmpp-harness", "list"], tmp_path) == here
    assert len(here.splitlines()) > 500


def test_it_plays_and_reports(installed: Path, tmp_path: Path) -> None:
    program = installed / "xmpp-harness"
    told = run([program, "run", "reference", "sanity", "discovery", "--out", "out"], tmp_path)
    assert "As expected." in told
    assert (tmp_path / "out/report.html").stat().st_size > 50_000
    made = run([program, "report", "out/record.jsonl", "--format", "sarif", "--format", "badge"], tmp_path)
    assert made.count("written: ") == 2
    client = run([program, "run", "reference-client", "client_sanity", "client_login"], tmp_path)
    assert "As expected" in client


def test_it_says_what_cannot_be_launched_here(installed: Path, tmp_path: Path) -> None:
    told = run([installed / "xmpp-harness", "doctor"], tmp_path)
    for name in ("prosody", "ejabberd", "jabberd2", "openfire", "gloox"):
        assert re.search(rf"(?m)^\W*{name}\b", told), name


def test_its_pytest_plays_the_scenarios_that_come_with_it(installed: Path, tmp_path: Path) -> None:
    asked = "from harness.catalogue.scenarios import scenarios_folder as f; print(f())"
    scenarios = Path(run([installed / "python", "-c", asked], tmp_path).strip())
    assert not scenarios.is_relative_to(ROOT)
    told = run([installed / "pytest", "--xmpp-target", "reference", scenarios / "sanity"], tmp_path)
    assert re.search(r"\d passed", told)
