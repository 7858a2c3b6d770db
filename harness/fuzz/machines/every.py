"""All state machines, by the names that `--family` knows."""

from collections.abc import Mapping
from types import MappingProxyType

from harness.fuzz.machines.machine import Machine
from harness.fuzz.machines.negotiating import LOGIN_MACHINE, NEGOTIATION
from harness.fuzz.machines.subscribing import SUBSCRIPTION, SUBSCRIPTION_MACHINE

MACHINES: Mapping[str, Machine] = MappingProxyType(
    {NEGOTIATION: LOGIN_MACHINE, SUBSCRIPTION: SUBSCRIPTION_MACHINE}
)

#: All that they can find broken.
BY_MACHINE = tuple(one for machine in MACHINES.values() for one in machine.properties)
