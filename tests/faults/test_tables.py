"""What stands in the tables of faults; that each shows is tested beside the code that has it."""

import tomllib

from harness.faults.addresses import ADDRESS_FAULTS
from harness.faults.bound_stream import BOUND_STREAM_FAULTS
from harness.faults.extensions import EXTENSION_FAULTS
from harness.faults.fuzzing import ENTRANCE_FAULTS, ODDITY_FAULTS, RAW_FAULTS
from harness.faults.legacy import LEGACY_FAULTS
from harness.faults.login import LOGIN_FAULTS
from harness.faults.occupancy import OCCUPANCY_FAULTS
from harness.faults.presence import PRESENCE_FAULTS, SUBSCRIPTION_FAULTS
from harness.faults.privacy import PRIVACY_FAULTS
from harness.faults.room_ranks import RANK_FAULTS
from harness.faults.rooms import ROOM_FAULTS
from harness.faults.services import SERVICE_FAULTS
from harness.faults.stanzas import STANZA_FAULTS
from harness.faults.stream_opening import STREAM_OPENING_FAULTS
from harness.faults.stream_rules import STREAM_RULE_FAULTS
from harness.faults.tables import all_faults
from harness.faults.written_wrong import WRITING_FAULTS
from harness.resources import folder

TABLES = (
    STREAM_OPENING_FAULTS,
    STREAM_RULE_FAULTS,
    LOGIN_FAULTS,
    BOUND_STREAM_FAULTS,
    STANZA_FAULTS,
    ADDRESS_FAULTS,
    PRESENCE_FAULTS,
    SUBSCRIPTION_FAULTS,
    SERVICE_FAULTS,
    LEGACY_FAULTS,
    EXTENSION_FAULTS,
    PRIVACY_FAULTS,
    ROOM_FAULTS,
    OCCUPANCY_FAULTS,
    RANK_FAULTS,
    WRITING_FAULTS,
    ENTRANCE_FAULTS,
    ODDITY_FAULTS,
    RAW_FAULTS,
)


#: Some of those that only a fuzzer finds break no sentence.
FUZZED = ODDITY_FAULTS.keys() | RAW_FAULTS.keys()


def test_no_name_stands_in_two_tables() -> None:
    assert sum(map(len, TABLES)) == len(all_faults())


def test_every_fault_breaks_requirements_that_exist() -> None:
    known = {
        row["id"]
        for path in (folder("scenarios") / "requirements").glob("*.toml")
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["requirement"]
    }
    for fault in all_faults().values():
        assert fault.breaks or fault.name in FUZZED, fault
        assert known.issuperset(fault.breaks), fault
        assert len(set(fault.breaks)) == len(fault.breaks), fault


def test_descriptions_begin_like_sentences() -> None:
    """Words of the protocol keep their case."""
    small = [one.description for one in all_faults().values() if one.description[0].islower()]
    assert [one for one in small if not one.startswith(("bind ", "iq ", "jabber:", "muc#"))] == []
