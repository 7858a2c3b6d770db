"""The limit of open files, in the real program."""

import json
import resource
from pathlib import Path

import pytest

from tests.cli.program import MAIN, running

#: Tells at its end which limit it has.
SHOWS = f"""
import atexit, resource
atexit.register(lambda: print(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
{MAIN}
"""


def limited(soft: int, hard: int):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("number", [24, 30, 40, 60])
def test_a_limit_that_is_reached_is_one_line_and_no_accusation(tmp_path: Path, number: int) -> None:
    words = ("run", "reference", "--at-once", "40", "--out", "here")
    with running(*words, folder=tmp_path, preexec_fn=limited(number, number)) as program:
        error = program.end()
    assert (program.code, error) == (3, "")
    told = f"the limit of open files is reached, which is {number} (raise it with ulimit -n, or play fewer"
    assert program.out.count(told) == 1
    lines = [json.loads(line) for line in (tmp_path / "here/record.jsonl").read_text().splitlines()]
    assert [one["died"].startswith(told) for one in lines if one["type"] == "target-finished"] == [True]
    verdicts = {one["verdict"] for one in lines if one["type"] == "case"}
    assert verdicts <= {"pass", "unsupported", "not applicable"}
    assert (tmp_path / "here/report.html").exists()


def test_the_limit_is_raised_as_far_as_it_may_be(tmp_path: Path) -> None:
    with running("list", "sanity", folder=tmp_path, script=SHOWS, preexec_fn=limited(40, 999)) as program:
        program.end()
    assert program.out.endswith("\n999\n")
    with running(
        "run", "sanity", "--at-once", "40", folder=tmp_path, script=MAIN, preexec_fn=limited(40, 999)
    ) as program:
        program.end()
    assert program.code == 0
