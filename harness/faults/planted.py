"""The faults that one server has been told to have."""

from collections.abc import Iterable, Mapping

from harness.errors import UsageError
from harness.faults.fault import Fault


class PlantedFaults:
    """Asked by the code at the place of each fault. Raises `UsageError` for one that there is not."""

    def __init__(self, names: Iterable[str], table: Mapping[str, Fault]) -> None:
        self._table = table
        self._names = frozenset(names)
        for name in sorted(self._names):
            self.has(name)

    def has(self, name: str) -> bool:
        """Tell whether a fault is planted here. Raises `UsageError` for a name that is in no table."""
        if name not in self._table:
            raise UsageError(f"there is no fault named {name!r}", where="reference server")
        return name in self._names
