"""What can be wrong with a stanza as XML: one construct, put in one place of its bytes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from harness.strategies.choices import Choices
from harness.strategies.sample import Claim
from harness.strategies.spots import Role, Spot, spots_in

#: RFC 6120, 4.9.3.13 and 11.3; 4.9.3.1 permits the general one instead.
NOT_WELL_FORMED = frozenset({"not-well-formed", "bad-format"})
#: RFC 6120, 11.6 and 4.9.3.22; what is no UTF-8 is no well-formed XML either.
BAD_ENCODING = NOT_WELL_FORMED | {"unsupported-encoding"}
#: RFC 6120, 11.1 and 4.9.3.18.
RESTRICTED = frozenset({"restricted-xml", "bad-format"})
#: What would be restricted elsewhere, and is ill-formed besides where it stands.
RESTRICTED_AND_ILL = RESTRICTED | NOT_WELL_FORMED
#: RFC 6120, 11.3 and 4.9.3.2. A stanza error, not-acceptable, is permitted as well (11.3, rule 4).
BAD_NAMESPACE = NOT_WELL_FORMED | {"bad-namespace-prefix", "invalid-namespace"}
#: RFC 6120, 4.8.3 and 4.8.4: what is no stanza is ignored or ends the stream.
NO_STANZA = frozenset(
    {"unsupported-stanza-type", "invalid-namespace", "bad-namespace-prefix", "invalid-xml", "bad-format"}
)
#: RFC 6120, 11.7 permits nothing but white space between stanzas.
NO_ELEMENT = frozenset({"bad-format", "invalid-xml", "not-well-formed", "unsupported-stanza-type"})

ANYTHING_GOES: frozenset[str] = frozenset()
Change = Callable[[bytes, int], bytes | None]


class _Topics:
    """The families that these belong to."""

    BYTES, FORM, RESTRICTED, NAMESPACES = "bytes", "wf", "restricted", "ns"
