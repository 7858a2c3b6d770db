"""All changes to the meaning of a stanza, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from harness.strategies.forgeries import FORGERIES
from harness.strategies.frames import FRAMES
from harness.strategies.mutation import Mutation
from harness.strategies.structures import STRUCTURES

MUTATIONS: Mapping[str, Mutation] = MappingProxyType(
    {one.name: one for one in (*FRAMES, *FORGERIES, *STRUCTURES)}
)
