"""`xmpp-harness report`: any report from any record, and several records as one."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from harness.cli.report import FORMATS
from harness.resources import folder
from harness.results.record_file import read_records
from harness.results.records import Record, RunFinished, RunStarted
from tests.cli.running import Run


def renamed(path: Path, target: str) -> Path:
    """A record of the same run, as if another target had been there."""
    other = path.with_name(f"{target}.jsonl")
    records = [
        msgspec.structs.replace(one, target=target) if not isinstance(one, RunStarted | RunFinished) else one
        for one in read_records(path)
    ]
    other.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in records))
    return other


@pytest.fixture
def record(run: Run, tmp_path: Path) -> Path:
    run("run", "sanity", "--quiet", "--out", "here")
    return tmp_path / "here/record.jsonl"


@pytest.mark.parametrize("name", FORMATS)
def test_only_what_was_asked_for_is_written(run: Run, tmp_path: Path, record: Path, name: str) -> None:
    file = FORMATS[name][0]
    done = run("report", str(record), "--format", name, "--out", "there")
    assert (done.code, done.out) == (0, f"written: there/{file}\n")
    assert [one.name for one in (tmp_path / "there").iterdir()] == [file]


def test_runs_on_several_targets_make_one_report(run: Run, tmp_path: Path, record: Path) -> None:
    other = renamed(record, "verona")
    done = run("report", str(record), str(other), "--format", "json", "--out", "both")
    assert done.code == 0, done.error
    both = json.loads((tmp_path / "both/summary.json").read_text())
    assert [one["name"] for one in both["targets"]] == ["reference", "verona"]
    assert both["complete"]
    assert both["seconds"] == pytest.approx(2 * length(read_records(record)), abs=0.01)
    other.write_bytes(b"\n".join(other.read_bytes().splitlines()[:-1]))
    run("report", str(record), str(other), "--format", "json", "--out", "cut")
    assert not json.loads((tmp_path / "cut/summary.json").read_text())["complete"]


def test_real_summary_obeys_the_published_schema(tmp_path: Path, record: Path) -> None:
    schema = json.loads((folder("reports") / "summary.schema.json").read_text())
    summary = json.loads((record.parent / "summary.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(summary)
    assert sum(one["requirements"] for one in summary["coverage"].values()) > 1000


def length(records: list[Record]) -> float:
    begun, ended = records[0], records[-1]
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunFinished)
    return ended.finished - begun.started


def test_one_target_twice_is_no_one_report(run: Run, record: Path) -> None:
    done = run("report", str(record), str(renamed(record, "reference")))
    assert done.code == 2
    assert "reference is in " in done.error
    assert "xmpp-harness compare" in done.error
