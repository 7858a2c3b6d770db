"""Which known deviations apply to which target."""

from pathlib import Path

import pytest

from harness.cli.baselines import baseline_of
from harness.cli.selection import open_catalogue
from harness.engine.known import Baseline
from harness.engine.monitoring import monitor_case
from harness.errors import DataError, UsageError
from harness.monitors.roll import all_monitors
from harness.targets.description import load

ATTACHED = 'host = "127.0.0.1"\ndomain = "example.org"\n'


def applying(path: Path, text: str) -> Baseline:
    path.write_text(text, encoding="utf-8")
    cases = {one.name for one in open_catalogue().scenarios} | {monitor_case(one) for one in all_monitors()}
    return baseline_of(load(path), None, cases)


@pytest.mark.parametrize(
    ("text", "product"),
    [
        pytest.param('launcher = "prosody"', "Prosody", id="launched"),
        pytest.param('launcher = "prosody"\nname = "ejabberd"', "Prosody", id="launched-by-another-name"),
        pytest.param('launcher = "prosody"\nbaseline = "ejabberd"', "ejabberd", id="asked-for"),
        pytest.param('launcher = "prosody"\nbaseline = ""', "", id="none-asked-for"),
        pytest.param('launcher = "reference"', "", id="launched-and-perfect"),
        pytest.param(ATTACHED, "", id="attached"),
        pytest.param(ATTACHED + 'baseline = "prosody"', "Prosody", id="attached-and-asked-for"),
    ],
)
def test_the_launcher_or_the_target_file_chooses(tmp_path: Path, text: str, product: str) -> None:
    """The file is called prosody, which says nothing of what is behind it."""
    assert applying(tmp_path / "prosody.toml", text).product == product


def test_a_baseline_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no baseline 'metronome' \(baselines: .*ejabberd, .*prosody"):
        applying(tmp_path / "mine.toml", ATTACHED + 'baseline = "metronome"')


@pytest.mark.parametrize("name", ["ejabberd", "jabberd2", "openfire", "prosody"])
def test_a_shipped_baseline_is_of_the_configuration_that_is_launched(name: str, tmp_path: Path) -> None:
    baseline = applying(tmp_path / "mine.toml", f'launcher = "{name}"')
    assert baseline.configuration == load(name).configuration
    assert baseline.product == load(name).product
    assert baseline.version


def entry(case: str) -> str:
    return f'[[deviation]]\nreason = "R"\nverdict = "fail"\ncases = ["{case}"]\n'


@pytest.mark.parametrize(
    ("known", "case", "is_taken"),
    [
        pytest.param("roster/get", "fuzz/prompt", True, id="fuzzing-is-of-no-concern"),
        pytest.param("roster/get", "roster/gte", False, id="unknown"),
        pytest.param("fuzz/prompt", "fuzz/promt", False, id="fuzzing-and-unknown"),
    ],
)
def test_names_of_cases_are_checked_where_they_are_known(
    tmp_path: Path, known: str, case: str, is_taken: bool
) -> None:
    path = tmp_path / "known.toml"
    path.write_text(entry(case), encoding="utf-8")
    if is_taken:
        assert baseline_of(load("prosody"), path, {known}).deviation
    else:
        with pytest.raises(DataError, match=f"there is no case {case}"):
            baseline_of(load("prosody"), path, {known})
