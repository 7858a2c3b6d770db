"""Each fault is in a table and in the code, and changes what a long conversation looks like.

`test_oddities.py` has those that only odd input brings out.
"""

import re
from pathlib import Path

import pytest

import harness.reference
from harness.faults.addresses import ADDRESS_FAULTS
from harness.faults.bound_stream import BOUND_STREAM_FAULTS
from harness.faults.extensions import EXTENSION_FAULTS
from harness.faults.fuzzing import ODDITY_FAULTS
from harness.faults.legacy import LEGACY_FAULTS
from harness.faults.occupancy import OCCUPANCY_FAULTS
from harness.faults.presence import PRESENCE_FAULTS, SUBSCRIPTION_FAULTS
from harness.faults.privacy import PRIVACY_FAULTS
from harness.faults.room_ranks import RANK_FAULTS
from harness.faults.rooms import ROOM_FAULTS
from harness.faults.services import SERVICE_FAULTS
from harness.faults.stanzas import STANZA_FAULTS
from harness.faults.tables import SESSION_FAULTS
from harness.faults.written_wrong import WRITING_FAULTS
from harness.reference.miswritings import MISWRITINGS
from harness.tables.subscription_states import TYPES
from tests.reference.extension_visits import EXTENSION_VISITS
from tests.reference.room_visits import visit_occupancy, visit_ranks, visit_room_registration, visit_rooms
from tests.reference.visits import (
    visit_addresses,
    visit_edges,
    visit_extensions,
    visit_legacy,
    visit_privacy,
    visit_registration,
    visit_roster,
    visit_services,
    visit_stanzas,
    visit_streams,
    visit_subscribers,
)

SOURCE = Path(harness.reference.__file__).parent

#: Where clients go, and the faults that are likely to show there.
VISITS = {
    visit_streams: BOUND_STREAM_FAULTS,
    visit_stanzas: STANZA_FAULTS,
    visit_roster: {**PRESENCE_FAULTS, **SUBSCRIPTION_FAULTS},
    visit_subscribers: PRESENCE_FAULTS,
    visit_services: SERVICE_FAULTS,
    visit_rooms: ROOM_FAULTS,
    visit_occupancy: OCCUPANCY_FAULTS,
    visit_ranks: RANK_FAULTS,
    visit_room_registration: RANK_FAULTS,
    visit_extensions: WRITING_FAULTS,
    **dict.fromkeys(EXTENSION_VISITS, EXTENSION_FAULTS),
    visit_registration: {},
    visit_edges: {},
    visit_legacy: LEGACY_FAULTS,
    visit_privacy: PRIVACY_FAULTS,
    visit_addresses: ADDRESS_FAULTS,
}


def tour(make_world, visit, fault=""):
    """What all clients see in a visit."""
    world = make_world(faults=(fault,) if fault else ())
    extra = visit(world) or b""
    return extra + b"\n".join(client.raw for client in world.clients.values())


@pytest.fixture(scope="module")
def usual(make_any_world):
    return {visit: tour(make_any_world, visit) for visit in VISITS}


@pytest.mark.parametrize("visit", VISITS)
def test_a_visit_is_the_same_each_time(make_any_world, usual, visit):
    assert tour(make_any_world, visit) == usual[visit]


def ordered(fault):
    """The visits, first those where the fault is likely to show."""
    return sorted(VISITS, key=lambda visit: fault not in VISITS[visit])


@pytest.mark.parametrize("fault", sorted(SESSION_FAULTS.keys() - ODDITY_FAULTS))
def test_a_fault_shows(make_any_world, usual, fault):
    assert any(tour(make_any_world, visit, fault) != usual[visit] for visit in ordered(fault))


def test_each_fault_is_in_the_code_and_the_other_way_round():
    text = "".join(path.read_text() for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r'faults?\.has\(\s*"([^"]+)"\s*\)', text))
    used |= set(re.findall(r'\bfaults\.has\("([^"]+)"\)', text))
    assert used | MISWRITINGS.keys() == set(SESSION_FAULTS) - set(SUBSCRIPTION_FAULTS)
    assert MISWRITINGS.keys() == WRITING_FAULTS.keys()
    written = set(re.findall(r'faults\.has\(f"([^"]+)"\)', text))
    assert {one.format(type=type) for one in written for type in TYPES} == set(SUBSCRIPTION_FAULTS)
