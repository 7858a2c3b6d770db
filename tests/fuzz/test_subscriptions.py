"""The tables of subscriptions against those of the requirements, and what the model leaves open."""

import tomllib

import pytest

from harness.fuzz.machines import subscription_script as script
from harness.fuzz.machines.household import Item
from harness.resources import folder
from harness.tables.subscription_model import (
    Outcome,
    View,
    World,
    after_login,
    after_removal,
    after_setting,
    after_stanza,
)
from harness.tables.subscription_states import INBOUND, OUTBOUND, TYPES, Duty, State, requirement

_ROWS = {
    row["id"]: row
    for row in tomllib.loads((folder("scenarios") / "requirements/rfc6121.toml").read_text("utf-8"))[
        "requirement"
    ]
}
_BLOCKED = (Duty.MUST_NOT, Duty.SHOULD_NOT)
FRIENDS = World(views=(View(state=State.BOTH, is_listed=True), View(state=State.BOTH, is_listed=True)))


def _there(state: State) -> State:
    """How the other side stands when both know the same."""
    pairs = {State.OUT: State.IN, State.TO: State.FROM, State.TO_IN: State.FROM_OUT}
    return {**pairs, **{other: one for one, other in pairs.items()}}.get(state, state)


def _world(state: State) -> World:
    views = tuple(View(state=one).entering(one) for one in (state, _there(state)))
    return World(views=(views[0], views[1]))


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("state", State)
def test_rows_of_sending_are_those_of_the_requirements(type: str, state: State) -> None:
    row, mine = _ROWS[requirement(type, state)], OUTBOUND[type][state]
    assert row["state"] == state.value
    assert row["new_state"] in (mine.state.value, "pre-approval")
    assert (row["action"] == "block") == (mine.duty in _BLOCKED)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("state", State)
def test_rows_of_receiving_are_those_of_the_requirements(type: str, state: State) -> None:
    number = ("subscribe", "unsubscribe", "subscribed", "unsubscribed").index(type) + 1
    name = requirement(type, state).replace("outbound", "inbound")
    row = _ROWS[name.replace(f"A.2.{number}-table{number + 1}", f"A.3.{number}-table{number + 5}")]
    mine = INBOUND[type][state]
    assert (row["state"], row["new_state"]) == (state.value, mine.state.value)
    if mine.duty is Duty.EITHER:
        assert "accept both" in row["latitude"]
    else:
        assert (row["action"] == "block") == (mine.duty in _BLOCKED)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("state", State)
def test_there_is_always_a_way_on_that_keeps_both_sides_together(type: str, state: State) -> None:
    views = [one.world.views for one in after_stanza(_world(state), 0, type)]
    assert any(theirs.state is _there(mine.state) for mine, theirs in views)


def test_a_request_is_due_and_may_not_be_answered_by_the_server() -> None:
    (only,) = after_stanza(World(), 0, "subscribe")
    assert only.due == {(1, "subscribe")}
    assert [one.state for one in only.world.views] == [State.OUT, State.IN]


def test_who_has_approved_in_advance_may_be_answered_for() -> None:
    noted = [one.world for one in after_stanza(World(), 1, "subscribed")]
    assert {one.views[1].is_listed for one in noted} == {True, False}
    answered = [one for world in noted for one in after_stanza(world, 0, "subscribe")]
    assert {one.world.views[0].state for one in answered} == {State.TO, State.OUT}


def test_an_approval_in_advance_is_taken_back() -> None:
    (taken,) = {one.world for world in after_stanza(World(), 1, "subscribed") for one in _denied(world.world)}
    (only,) = after_stanza(taken, 0, "subscribe")
    assert only.world.views[0].state is State.OUT


def _denied(world: World) -> list[Outcome]:
    views = (world.views[0], View(may_approve=world.views[1].may_approve))
    return list(after_stanza(World(views=views), 1, "unsubscribed"))


def test_a_removal_ends_both_subscriptions() -> None:
    (only,) = after_removal(FRIENDS, 0)
    assert only.due == {(1, "unsubscribe"), (1, "unsubscribed")}
    assert only.world.views == (View(), View(is_listed=True))


def test_a_removal_need_not_take_back_a_request() -> None:
    outcomes = list(after_removal(_world(State.OUT), 0))
    assert {one.world.views[1].state for one in outcomes} == {State.IN, State.NONE}
    assert not any(one.due for one in outcomes)


def test_a_set_lists_the_contact_and_nothing_else() -> None:
    (only,) = after_setting(_world(State.IN), 0)
    assert only.world.views[0] == View(state=State.IN, is_listed=True)
    assert not only.due | only.free


@pytest.mark.parametrize(("kept", "is_due"), [([(0, "subscribe")], True), ([], False)])
def test_a_request_that_nobody_has_seen_comes_at_the_login(kept: list[tuple[int, str]], is_due: bool) -> None:
    (only,) = after_login(_world(State.IN), 0, kept)
    assert bool(only.due) is is_due
    assert (0, "subscribe") in only.due | only.free


def test_a_script_names_every_permitted_item_once() -> None:
    lines = script.stored("Romeo", 0, [Item(), Item(subscription="to"), Item(), None])
    assert lines[-1].count("<item") == 3
    assert "harness:absent" in lines[-1]
