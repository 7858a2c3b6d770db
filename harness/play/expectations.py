"""Which of the expected elements has come: pure matching of elements against patterns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.pattern.difference import Difference
from harness.pattern.match import Matched, match
from harness.pattern.nodes import Node, Strictness
from harness.wire.events import ElementReceived


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Matches in the light of one case: its names and its dialect's strictness."""

    scope: dict[str, str]
    strictness: Strictness
    rebind: bool = False

    def compare(
        self, node: Node, element: ElementReceived, extra: Mapping[str, str] | None = None
    ) -> Matched | Difference:
        """Match one element, without keeping what it captures."""
        scope = {**self.scope, **extra} if extra else self.scope
        return match(node, element.tree, scope, self.strictness, rebind=self.rebind)

    def fits(self, node: Node, element: ElementReceived) -> bool:
        """Whether an element matches. Most that come are told apart by their names, at no cost."""
        return node.name == element.name and isinstance(self.compare(node, element), Matched)

    def accept(self, node: Node, element: ElementReceived) -> Difference | None:
        """Match one element and keep what it captures."""
        result = self.compare(node, element)
        if isinstance(result, Difference):
            return result
        self.scope.update(result.captures)
        return None

    def assign(self, nodes: Sequence[Node], elements: Sequence[ElementReceived]) -> dict[str, str] | None:
        """Find each element a pattern of its own; return what is captured, None when there is no such way."""
        return self._assign(list(nodes), list(elements), {})

    def _assign(
        self, nodes: list[Node], elements: list[ElementReceived], captures: dict[str, str]
    ) -> dict[str, str] | None:
        if not elements:
            return captures
        for index, node in enumerate(nodes):
            result = self.compare(node, elements[0], captures)
            if isinstance(result, Matched):
                rest = nodes[:index] + nodes[index + 1 :]
                found = self._assign(rest, elements[1:], captures | dict(result.captures))
                if found is not None:
                    return found
        return None

    def closest(self, nodes: Sequence[Node], element: ElementReceived) -> Difference:
        """Return the difference to the closest pattern: the one with the fewest marked lines."""
        differences = [
            result for node in nodes if isinstance(result := self.compare(node, element), Difference)
        ]
        return min(differences, key=lambda one: sum(line[:2] in ("- ", "+ ") for line in one.lines))
