import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from harness.errors import DataError, HarnessError
from harness.resources import folder
from harness.results.record_file import RecordWriter, read_records
from harness.results.records import CaseFinished, Exchange, RunFinished, RunStarted
from harness.results.schema import record_schema, schema_text, summary_schema
from harness.results.verdicts import Level, Perspective, Verdict

STARTED = RunStarted(version="1", started=1.0, command=["xmpp-harness", "run"])
CASE = CaseFinished(
    target="t",
    case="roster/a",
    title="Ein Röster 🌹",
    perspective=Perspective.CLIENT,
    verdict=Verdict.NOT_APPLICABLE,
    family="roster",
    level=Level.MUST,
    exchanges=[Exchange(at=0.1, actor="Romeo", direction="sent", kind="bytes", text="<a>\n</a>\u2028")],
)
FINISHED = RunFinished(finished=2.0, exit_code=0)
RECORDS = [STARTED, CASE, FINISHED]


def _write(path: Path) -> None:
    with RecordWriter(path) as writer:
        for record in RECORDS:
            writer.record(record)


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "run.jsonl"
    _write(path)
    assert read_records(path) == RECORDS
    assert path.read_bytes().count(b"\n") == len(RECORDS)


def test_every_line_is_on_disk_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RecordWriter(path) as writer:
        writer.record(STARTED)
        assert read_records(path) == [STARTED]
        writer.record(CASE)
        assert read_records(path) == [STARTED, CASE]


def test_cut_last_line_is_left_out_wherever_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    _write(path)
    whole = path.read_bytes()
    first, second = (len(line) + 1 for line in whole.split(b"\n")[:2])
    for cut in range(first, first + second - 1):
        path.write_bytes(whole[:cut])
        assert read_records(path) == [STARTED]
    path.write_bytes(whole[: first + second - 1])
    assert read_records(path) == [STARTED, CASE], "only the newline is missing"


@pytest.mark.parametrize(
    "line",
    [b"{not json}", b'{"type":"no-such-record"}', b'{"type":"run-finished"}', b"", b"\xff\xfe", b"[1, 2]"],
)
def test_bad_line_is_named_with_its_number(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(
        msgspec.json.encode(STARTED) + b"\n" + line + b"\n" + msgspec.json.encode(FINISHED) + b"\n"
    )
    with pytest.raises(DataError, match=r"run\.jsonl:2: not a line of a run record"):
        read_records(path)


def test_last_line_that_is_json_but_no_record_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"type":"no-such-record"}')
    with pytest.raises(DataError, match=r":1: "):
        read_records(path)


def test_missing_record_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_records(tmp_path / "none.jsonl")


def test_folder_in_place_of_the_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="the run record cannot be written: Is a directory"):
        RecordWriter(tmp_path)


def test_file_in_place_of_the_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HarnessError, match="cannot be written"):
        RecordWriter(tmp_path / "file" / "run.jsonl")


def test_full_device_fails_once_and_clearly() -> None:
    with RecordWriter(Path("/dev/full")) as writer:
        with pytest.raises(HarnessError, match=r"/dev/full: .*No space left on device.*make room"):
            writer.record(STARTED)
        writer.record(CASE)


_FILL = """
import resource, sys
from pathlib import Path
from harness.errors import HarnessError
from harness.results.record_file import RecordWriter
from harness.results.records import RunFinished
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with RecordWriter(Path(sys.argv[1])) as writer:
    for number in range(100):
        try:
            writer.record(RunFinished(finished=float(number), exit_code=number))
        except HarnessError as error:
            print(number, error)
"""


def test_full_disk_leaves_every_earlier_line_readable(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    command = [sys.executable, "-c", _FILL, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    (line,) = done.stdout.splitlines()
    number, message = line.split(" ", 1)
    assert "cannot be written: File too large" in message
    assert [one.exit_code for one in read_records(path)] == list(range(int(number)))  # type: ignore[union-attr]
    assert path.read_bytes().endswith(b"\n"), "the half line was taken back"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_closing_twice_is_harmless_and_nothing_is_written_after(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "run.jsonl")
    writer.close()
    writer.close()
    writer.record(STARTED)
    assert read_records(tmp_path / "run.jsonl") == []


@pytest.mark.parametrize(
    ("name", "schema"),
    [("run-record.schema.json", record_schema), ("summary.schema.json", summary_schema)],
)
def test_schema_in_reports_is_up_to_date(name: str, schema: Callable[[], dict[str, Any]]) -> None:
    text = (folder("reports") / name).read_text()
    assert text == schema_text(schema()), f"write schema_text({schema.__name__}()) to this file"


def test_schema_is_valid_and_accepts_every_record() -> None:
    schema = record_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for record in RECORDS:
        validator.validate(json.loads(msgspec.json.encode(record)))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"type": "case", "target": "t"})
