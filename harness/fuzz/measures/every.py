"""All measures, by the names that `--family` knows, in the order in which they are taken."""

from collections.abc import Mapping
from types import MappingProxyType

from harness.fuzz.measures.acknowledgements import ACKNOWLEDGED
from harness.fuzz.measures.addresses import PREPARED
from harness.fuzz.measures.amplification import WORTH
from harness.fuzz.measures.anonymity import HIDING
from harness.fuzz.measures.bystanders import BYSTANDERS
from harness.fuzz.measures.limits import EARLY, HALF
from harness.fuzz.measures.measure import Measure
from harness.fuzz.measures.memory import KEPT
from harness.fuzz.measures.privileges import ROOMS
from harness.fuzz.measures.repetition import REPEATED
from harness.fuzz.measures.services import SERVICES
from harness.fuzz.measures.users import USERS
from harness.fuzz.measures.work import WORK

#: Time comes before limits, which send much more; what takes longest comes last.
_ALL = (
    *(WORK, HALF, EARLY, ACKNOWLEDGED, PREPARED, SERVICES, USERS),
    *(BYSTANDERS, HIDING, ROOMS, REPEATED, KEPT, WORTH),
)
MEASURES: Mapping[str, Measure] = MappingProxyType({one.name: one for one in _ALL})

#: All that they can find broken.
MEASURED = tuple(one.judges for one in _ALL)
