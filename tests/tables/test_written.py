"""The scenarios that are rows of tables stand in the folder as the tables have them."""

import pytest

from harness.catalogue.scenarios import scenarios_folder
from harness.tables.__main__ import FAMILIES
from harness.tables.subscription_scenarios import MIRRORED
from harness.tables.subscription_states import State


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_written_is_what_stands_there(family: str) -> None:
    folder = scenarios_folder() / family
    written = {f"{name}.scs": text for name, text in FAMILIES[family]()}
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.scs")}
    assert there == written, "write them again by `make tables`"


@pytest.mark.parametrize("state", State)
def test_a_state_belongs_to_the_one_it_is_seen_as_from_the_other_side(state: State) -> None:
    other = MIRRORED[state]
    assert MIRRORED[other] is state
    assert state.is_asking == other.is_asked
    turned = {"none": "none", "to": "from", "from": "to", "both": "both"}
    assert other.subscription == turned[state.subscription]
