"""One misbehaviour of the reference server, and the form of the tables of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One deviation. `breaks` holds the ids of the requirements that no longer hold.

    It is empty where no sentence forbids it, and only a fuzzer minds.
    """

    name: str
    description: str
    breaks: tuple[str, ...]


def table(*rows: tuple[str, str, *tuple[str, ...]]) -> Mapping[str, Fault]:
    """Faults by name, from rows of name, description and the ids of what it breaks."""
    return {
        name: Fault(name=name, description=description, breaks=tuple(breaks))
        for name, description, *breaks in rows
    }
