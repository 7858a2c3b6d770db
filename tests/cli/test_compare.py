"""`xmpp-harness compare`, from records that real runs have left."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html

from tests.cli.running import Run


@pytest.fixture
def records(run: Run, tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, *words: str) -> Path:
        run("run", "sanity", "discovery", *words, "--quiet", "--out", name)
        return tmp_path / name / "record.jsonl"

    return make


def test_what_a_change_breaks_is_told_and_what_it_mends(
    run: Run, records: Callable[..., Path], tmp_path: Path
) -> None:
    good, bad = records("good"), records("bad", "--fault", "ping-refused")
    worse = run("compare", str(good), str(bad), "--html", "c.html")
    assert worse.code == 1
    told = "worse  iq: attribute type is 'error' instead of 'result' (feature-not-implemented)\n"
    assert f"{told}  ✓ pass → ✗ fail  discovery/server_answers_a_ping\n" in worse.out
    page = html.parse(str(tmp_path / "c.html"))
    (shown,) = page.xpath("//section[@id='worse']//article")
    assert "discovery/server_answers_a_ping" in shown.text_content()
    assert "type='error'" in shown.text_content()
    assert not page.xpath("//*[@src or @href[not(starts-with(., '#'))]]"), "nothing is fetched"
    better = run("compare", str(bad), str(good))
    assert better.code == 0
    assert "\n  ✗ fail → ✓ pass  discovery/server_answers_a_ping\n" in better.out
    same = run("compare", str(good), str(records("again")))
    assert (same.code, "the same.\n" in same.out) == (0, True)


def test_whom_to_compare_has_to_be_clear(run: Run, records: Callable[..., Path], tmp_path: Path) -> None:
    one = str(records("one"))
    for words, told in (
        (["compare", one, one], "this is the same target of the same run (name another one by --with)"),
        (["compare", one, one, "--target", "x"], "there is no target x in this record (--target reference)"),
        (["compare", one, "none"], "none: the run record cannot be read"),
    ):
        done = run(*words)
        assert done.code == 2, done.out
        assert told in done.error
