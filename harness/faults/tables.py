"""All faults there are, by name."""

from collections.abc import Mapping

from harness.faults.addresses import ADDRESS_FAULTS
from harness.faults.bound_stream import BOUND_STREAM_FAULTS
from harness.faults.extensions import EXTENSION_FAULTS
from harness.faults.fault import Fault
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
from harness.faults.written_wrong import WRITING_FAULTS

#: Those that show before a client has a session, by the code of `harness/negotiation/`.
NEGOTIATION_FAULTS: Mapping[str, Fault] = {
    **STREAM_OPENING_FAULTS,
    **STREAM_RULE_FAULTS,
    **LOGIN_FAULTS,
    **ENTRANCE_FAULTS,
}

#: Those that show in a session, by the code of `harness/reference/`.
SESSION_FAULTS: Mapping[str, Fault] = {
    **BOUND_STREAM_FAULTS,
    **STANZA_FAULTS,
    **ADDRESS_FAULTS,
    **PRESENCE_FAULTS,
    **SUBSCRIPTION_FAULTS,
    **SERVICE_FAULTS,
    **LEGACY_FAULTS,
    **EXTENSION_FAULTS,
    **PRIVACY_FAULTS,
    **ROOM_FAULTS,
    **OCCUPANCY_FAULTS,
    **RANK_FAULTS,
    **WRITING_FAULTS,
    **ODDITY_FAULTS,
}


def all_faults() -> Mapping[str, Fault]:
    """Every fault that the reference server can be told to have, by name."""
    return {**NEGOTIATION_FAULTS, **SESSION_FAULTS, **RAW_FAULTS}
