"""A change of meaning, and how it is said where it applies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.strategies.answers import NOTHING
from harness.strategies.choices import Choices
from harness.strategies.sample import Element
from harness.strategies.trees import Path, paths

Apply = Callable[[Element, int], Element | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """A change to a stanza that leaves it legal XML; `apply` answers None where it does not apply.

    The number says where and how, if there are several ways. `conditions` are stream errors that are
    permitted afterwards; without any, the stream has no reason to end.
    """

    name: str
    apply: Apply
    conditions: frozenset[str] = NOTHING


Deed = Callable[[Element, Choices], Element | None]


def mutation(name: str, deed: Deed, conditions: frozenset[str] = NOTHING) -> Mutation:
    """A change that takes what it decides from choices."""
    return Mutation(
        name=name, apply=lambda element, number: deed(element, Choices(number)), conditions=conditions
    )


def somewhere(
    element: Element, choices: Choices, wanted: Callable[[Element], bool] = lambda _: True
) -> tuple[Path, Element] | None:
    """One of the elements within a stanza, none if none is wanted."""
    found = [(path, one) for path, one in paths(element) if wanted(one)]
    return choices.among(found) if found else None


def only(kinds: Sequence[str], deed: Deed) -> Deed:
    """For stanzas of these kinds."""
    return lambda element, choices: deed(element, choices) if element.name.local in kinds else None
