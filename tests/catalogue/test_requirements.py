"""The requirement tables and their reader."""

import os
from pathlib import Path

import pytest

from harness.catalogue.requirements import (
    cache_folder,
    level_of,
    load_requirements,
    requirements_folder,
    strongest_level,
    views,
)
from harness.errors import DataError
from harness.results.evidence import Evidence
from harness.results.verdicts import Level, Perspective

ROW = """
[[requirement]]
id = "x-1"
spec = "RFC 6120"
section = "1.2"
title = "a title"
summary = "a summary"
client = "N/A"
server = "MUST"
area = "stream"
testable_as = "server"
kind = "rule"
source = "rfc-text"
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def test_our_own_tables_are_read():
    requirements = load_requirements()
    assert len(requirements) > 3000
    push = requirements["rfc6121-2.1.6-push-one-item"]
    assert (push.document, push.section, push.server, push.client) == ("rfc6121", "2.1.6", Level.MUST, None)
    assert views(requirements, Evidence())[push.id].place == "RFC 6121, 2.1.6"


def test_ids_are_fit_for_a_header_line():
    assert all(name and not set(name) & set(" ,\t#") for name in load_requirements())


def test_readme_explains_every_column():
    text = (requirements_folder() / "README.md").read_text("utf-8")
    columns = next(iter(load_requirements().values())).__struct_fields__
    assert [one for one in columns if f"`{one}`" not in text] == []


def test_level_depends_on_perspective(tmp_path):
    row = load_requirements(write(tmp_path, "a.toml", ROW))["x-1"]
    levels = [level_of(row, one) for one in Perspective]
    assert levels == [Level.MUST, None, Level.MUST]
    assert strongest_level([row], Perspective.SERVER) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (ROW + ROW, "stands twice"),
        (ROW + "surprise = 1\n", "surprise"),
        (ROW.replace('"MUST"', '"must"'), "must"),
        (ROW.replace('kind = "rule"', ""), "kind"),
        ("id = 1", "nothing else"),
        ("[[requirement]", "cannot be read"),
    ],
)
def test_faulty_table(tmp_path, text, complaint):
    with pytest.raises(DataError, match=complaint) as raised:
        load_requirements(write(tmp_path, "a.toml", text))
    assert "a.toml" in str(raised.value)


def test_folder_without_tables(tmp_path):
    with pytest.raises(DataError, match="no requirement tables"):
        load_requirements(tmp_path)


def test_cache_gives_the_same_rows(tmp_path):
    cache = tmp_path / "cache"
    assert load_requirements(cache=cache) == load_requirements(cache=cache) == load_requirements()
    assert len(list(cache.iterdir())) == 1


def test_cache_is_left_when_a_table_changes(tmp_path):
    folder, cache = write(tmp_path / "tables", "a.toml", ROW), tmp_path / "cache"
    load_requirements(folder, cache=cache)
    write(folder, "a.toml", ROW.replace("a summary", "another summary"))
    os.utime(folder / "a.toml", (1, 1))
    assert load_requirements(folder, cache=cache)["x-1"].summary == "another summary"


def test_cache_that_is_spoilt_or_forbidden_is_done_without(tmp_path):
    folder, cache = write(tmp_path / "tables", "a.toml", ROW), tmp_path / "cache"
    load_requirements(folder, cache=cache)
    next(cache.iterdir()).write_bytes(b"\xc1")
    assert "x-1" in load_requirements(folder, cache=cache)
    assert "x-1" in load_requirements(folder, cache=folder / "a.toml")


def test_cache_folder_follows_the_environment(tmp_path):
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "xmpp-harness"
    assert cache_folder({}) == Path.home() / ".cache" / "xmpp-harness"
