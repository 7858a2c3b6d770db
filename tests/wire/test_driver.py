"""Commands and reports survive the way over a pipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.driver import Command, Report, command_line, read_command, read_report, report_line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXTS, max_size=3))
def test_a_command_is_read_as_it_was_written(fields: list[str]) -> None:
    while fields and not fields[-1]:
        fields.pop()
    command = Command(name="send-message", fields=tuple(fields))
    line = command_line(command)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read_command(line).values == command.values


def test_missing_fields_are_empty() -> None:
    assert read_command(b"join-room\troom@muc").values == {"room": "room@muc", "nick": "", "password": ""}


def test_a_report_is_read_as_it_was_written() -> None:
    report = Report(event="message", values={"from": "a@b", "body": 'a "line"\n'})
    assert read_report(report_line(report)) == report


@pytest.mark.parametrize("line", [b"", b"hello", b"[1]", b"{}", b'{"event": 1}', b"\xff", b'{"event": "x"'])
def test_what_is_no_report_is_none(line: bytes) -> None:
    assert read_report(line) is None


def test_a_line_nested_without_end_is_no_report() -> None:
    assert read_report(b"[" * 200_000) is None
