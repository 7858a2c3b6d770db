"""Finding scenarios and choosing among them."""

import os

import pytest

from harness.catalogue.requirements import load_requirements
from harness.catalogue.scenarios import broken, find, select
from harness.errors import ScriptError, UsageError
from harness.results.verdicts import Level, Perspective

TABLE = load_requirements()
SCRIPT = """# {title}
## covers: {covers}
## tags: {tags}

[Client] Romeo

---------

Romeo connects
"""


def write(root, name, covers, tags="core", title="A title"):
    path = root / f"{name}.scs"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPT.format(title=title, covers=covers, tags=tags), "utf-8")
    return path


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "scenarios"
    write(root, "roster/push", "rfc6121-2.1.6-push-one-item", tags="roster, quick")
    write(root, "roster/deep/set", "rfc6121-2.3.2-add-result", tags="roster")
    write(root, "stream/restart", "rfc6120-4.3.3-restart-no-close-tag")
    write(root, "stream/lang", "rfc6120-8.1.5-lang-for-text")
    return root


@pytest.fixture
def scenarios(root):
    return find(table=TABLE, root=root)


def names(scenarios):
    return [one.name for one in scenarios]


def test_found_by_being_there(scenarios):
    assert [(one.name, one.family) for one in scenarios] == [
        ("roster/deep/set", "roster"),
        ("roster/push", "roster"),
        ("stream/lang", "stream"),
        ("stream/restart", "stream"),
    ]


def test_requirements_and_level(scenarios):
    lang = scenarios[2]
    assert [one.section for one in lang.requirements] == ["8.1.5"]
    assert lang.level(Perspective.CLIENT) is Level.SHOULD
    assert scenarios[1].level(Perspective.SERVER) is None


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("rfc6121", ["roster/deep/set", "roster/push"]),
        ("RFC-6120", ["stream/lang", "stream/restart"]),
        ("rfc6120/4.3", ["stream/restart"]),
        ("rfc6120/4.3.3", ["stream/restart"]),
        ("rfc6121-2.1.6-push-one-item", ["roster/push"]),
        ("roster", ["roster/deep/set", "roster/push"]),
        ("roster/deep", ["roster/deep/set"]),
        ("roster/push", ["roster/push"]),
        ("roster/push.scs", ["roster/push"]),
        ("*/l*", ["stream/lang"]),
    ],
)
def test_selector(scenarios, selector, chosen):
    assert names(select(scenarios, [selector], table=TABLE)) == chosen


def test_section_prefix_ends_at_a_point(scenarios):
    with pytest.raises(UsageError, match=r"nothing is called rfc6120/4\.3\.33"):
        select(scenarios, ["rfc6120/4.3.33"], table=TABLE)


def test_several_selectors_add_up_and_none_means_all(scenarios):
    assert names(select(scenarios, ["stream/lang", "stream"], table=TABLE)) == [
        "stream/lang",
        "stream/restart",
    ]
    assert select(scenarios, table=TABLE) == scenarios


def test_filters(scenarios):
    assert names(select(scenarios, table=TABLE, tags=["quick"])) == ["roster/push"]
    assert names(select(scenarios, ["roster"], table=TABLE, without_tags=["quick"])) == ["roster/deep/set"]
    assert names(select(scenarios, table=TABLE, levels=[Level.SHOULD])) == ["stream/lang"]


def test_nothing_left_is_an_error(scenarios):
    with pytest.raises(UsageError, match="no scenario is left"):
        select(scenarios, table=TABLE, tags=["nobody"])


@pytest.mark.parametrize(
    ("selector", "hint"),
    [("rooster", "roster"), ("rfc612", "rfc6121"), ("roster/pusch", "roster/push")],
)
def test_unknown_selector_names_the_nearest(scenarios, selector, hint):
    with pytest.raises(UsageError, match=f"did you mean .*{hint}"):
        select(scenarios, [selector], table=TABLE)


def test_known_document_without_scenario(scenarios):
    with pytest.raises(UsageError, match="no scenario is about xep0199"):
        select(scenarios, ["xep0199"], table=TABLE)


def test_file_and_folder_from_elsewhere(scenarios, tmp_path):
    path = write(tmp_path / "mine", "sub/own", "rfc6121-2.3.2-add-result")
    assert names(select(scenarios, [str(path)], table=TABLE)) == ["sub/own"]
    assert names(select(scenarios, [str(tmp_path / "mine")], table=TABLE)) == ["mine/sub/own"]


def test_path_of_a_known_scenario_is_that_scenario(scenarios, root):
    assert select(scenarios, [str(root / "roster" / "push.scs")], table=TABLE) == [scenarios[1]]


def test_two_scenarios_of_one_name(tmp_path):
    for where in ("a", "b"):
        write(tmp_path / where / "x", "own", "rfc6121-2.3.2-add-result")
    with pytest.raises(UsageError, match="two scenarios are called x/own"):
        find([tmp_path / "a" / "x", tmp_path / "b" / "x"], table=TABLE)


@pytest.mark.parametrize("where", ["nowhere", "empty"])
def test_path_without_scenarios(tmp_path, where):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError):
        find([tmp_path / where], table=TABLE)


def test_links_that_lead_in_a_circle_are_told_and_pipes_are_not_read(tmp_path):
    folder = tmp_path / "mine"
    write(folder, "own", "rfc6121-2.3.2-add-result")
    (folder / "there.scs").symlink_to("back.scs")
    (folder / "back.scs").symlink_to("there.scs")
    (folder / "again").symlink_to(folder)
    os.mkfifo(folder / "pipe.scs")
    found = find([folder], table=TABLE)
    assert names(found) == ["mine/back", "mine/own", "mine/there"]
    assert [fault.message.count("symbolic links") for fault in broken(found)] == [1, 1]
    with pytest.raises(UsageError, match="no such file"):
        find([folder / "there.scs"], table=TABLE)


@pytest.mark.parametrize("selector", ["", " \n"])
def test_an_empty_selector_is_refused(scenarios, selector):
    with pytest.raises(UsageError, match="an empty word selects nothing"):
        select(scenarios, [selector], table=TABLE)


def test_all_broken_scripts_are_told_at_once(root):
    (root / "stream" / "bad.scs").write_text("# Bad\n\n[Client] Romeo\n\n---\n\nJuliet dances\n", "utf-8")
    (root / "stream" / "binary.scs").write_bytes(b"\xff\xfe")
    write(root, "stream/unknown", "rfc6120-4.3.3-restart-no-close-tagg")
    scenarios = find(table=TABLE, root=root)
    faults = [str(one) for one in broken(scenarios)]
    assert len(faults) == 3
    assert any(
        "unknown.scs:2" in one and "did you mean rfc6120-4.3.3-restart-no-close-tag" in one for one in faults
    )
    with pytest.raises(ScriptError, match="3 scripts") as raised:
        select(scenarios, ["rfc6120"], table=TABLE)
    assert all(name in str(raised.value) for name in ("bad.scs", "binary.scs", "unknown.scs"))
