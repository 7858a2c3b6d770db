"""Everything that the reference client can do wrong, by name."""

from collections.abc import Mapping

from harness.faults.fault import Fault
from harness.reference_client.deaths import DEATH_FAULTS
from harness.reference_client.header_faults import HEADER_FAULTS
from harness.reference_client.login_faults import LOGIN_FAULTS
from harness.reference_client.request_faults import REQUEST_FAULTS
from harness.reference_client.roster_faults import ROSTER_FAULTS
from harness.reference_client.stream_faults import STREAM_FAULTS
from harness.reference_client.talk_faults import TALK_FAULTS

#: All faults by name. Each is asked for at one place of the code.
FAULTS: Mapping[str, Fault] = {
    **STREAM_FAULTS,
    **HEADER_FAULTS,
    **DEATH_FAULTS,
    **LOGIN_FAULTS,
    **REQUEST_FAULTS,
    **ROSTER_FAULTS,
    **TALK_FAULTS,
}
