"""All faults of this room in one table, and with those of negotiation."""

from collections.abc import Mapping

from harness.negotiation.faults import FAULTS as NEGOTIATION_FAULTS
from harness.negotiation.faults import Fault
from harness.reference.presence_faults import PRESENCE_FAULTS
from harness.reference.room_faults import ROOM_FAULTS
from harness.reference.service_faults import SERVICE_FAULTS
from harness.reference.stanza_faults import STANZA_FAULTS
from harness.reference.stream_faults import STREAM_FAULTS

FAULTS: Mapping[str, Fault] = {
    **STREAM_FAULTS,
    **STANZA_FAULTS,
    **PRESENCE_FAULTS,
    **SERVICE_FAULTS,
    **ROOM_FAULTS,
}


def all_faults() -> Mapping[str, Fault]:
    """Every fault that the reference server can be told to have, by name."""
    return {**NEGOTIATION_FAULTS, **FAULTS}
