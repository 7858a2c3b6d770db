"""All changes to the bytes of a stanza, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from harness.strategies.encodings import ENCODINGS
from harness.strategies.octet import Octets
from harness.strategies.prefixes import PREFIXES
from harness.strategies.restrictions import RESTRICTIONS
from harness.strategies.wellformedness import WELLFORMEDNESS

OCTETS: Mapping[str, Octets] = MappingProxyType(
    {one.name: one for one in (*WELLFORMEDNESS, *ENCODINGS, *RESTRICTIONS, *PREFIXES)}
)
