"""The hooks that collect and play, loaded where there is a target."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.engine.campaign import FailOn
from harness.errors import HarnessError
from harness.pytest_plugin.items import ScenarioFile, ScenarioItem, is_scenario
from harness.pytest_plugin.player import Player
from harness.pytest_plugin.targets import KEY, Given, Targets


def take_options(config: pytest.Config, names: Sequence[str]) -> None:
    """Take the options over."""
    config.stash[KEY] = Targets(
        Given(
            root=config.rootpath,
            names=list(dict.fromkeys(names)),
            faults=config.getoption("xmpp_fault") or [],
            baseline=config.getoption("xmpp_baseline"),
            fail_on=FailOn(config.getoption("xmpp_fail_on")),
            at_once=config.getoption("xmpp_at_once"),
            retries=config.getoption("xmpp_retry"),
        )
    )


def pytest_collection(session: pytest.Session) -> None:
    """Say at once what is wrong with a target's name or file."""
    try:
        _ = Targets.of(session.config).players
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Take `.scs` files."""
    return ScenarioFile.from_parent(parent, path=file_path) if is_scenario(file_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Begin with all scenarios, so that they are played beside one another.

    A worker of pytest-xdist does not know before which of them are its own; each is begun when it is run.
    """
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    asked: dict[int, tuple[Player, list[ScenarioItem]]] = {}
    for item in session.items:
        if isinstance(item, ScenarioItem):
            asked.setdefault(id(item.player), (item.player, []))[1].append(item)
    for player, items in asked.values():
        try:
            player.ask_for([one.scenario for one in items])
        except HarnessError:
            continue  # each item tells of it


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the targets, also after an interruption."""
    Targets.of(config).stop()
