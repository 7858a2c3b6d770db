"""Which of the expected elements has come: pure matching of elements against patterns."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.errors import ScriptError
from harness.pattern.assignment import assign
from harness.pattern.difference import Difference
from harness.pattern.match import Matched, captured, match, names_in
from harness.pattern.nodes import Node, Strictness
from harness.wire.events import ElementReceived

_MOST_ATTEMPTS = 5_000


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Matches in the light of one case: its names and its dialect's strictness."""

    scope: dict[str, str]
    strictness: Strictness
    rebind: bool = False

    def compare(self, node: Node, element: ElementReceived) -> Matched | Difference:
        """Match one element, without keeping what it captures."""
        return match(node, element.tree, self.scope, self.strictness, rebind=self.rebind)

    def fits(self, node: Node, element: ElementReceived) -> bool:
        """Whether an element matches. Most that come are told apart by their names, at no cost."""
        return node.name == element.name and self.captured(node, element) is not None

    def captured(
        self, node: Node, element: ElementReceived, extra: Mapping[str, str] | None = None
    ) -> dict[str, str] | None:
        """Return what one element would capture; None when it does not match."""
        scope = {**self.scope, **extra} if extra else self.scope
        return captured(node, element.tree, scope, self.strictness, rebind=self.rebind)

    def accept(self, node: Node, element: ElementReceived) -> Difference | None:
        """Match one element and keep what it captures."""
        result = self.compare(node, element)
        if isinstance(result, Difference):
            return result
        self.scope.update(result.captures)
        return None

    def closest(self, nodes: Sequence[Node], element: ElementReceived) -> Difference:
        """Return the difference to the closest pattern: the one with the fewest marked lines."""
        differences = [
            result for node in nodes if isinstance(result := self.compare(node, element), Difference)
        ]
        return min(
            differences,
            key=lambda one: sum(line[:2] in ("- ", "+ ") for line in one.lines),
            default=Difference(cause="the captures contradict one another", lines=()),
        )


class Gathering:
    """Elements that come in whatever order, each of which needs a pattern of its own.

    `captures` is what those that have come so far give to names.
    """

    def __init__(self, judge: Judge, nodes: Sequence[Node]) -> None:
        self.captures: dict[str, str] = {}
        self.came: list[ElementReceived] = []
        self._judge = judge
        self._nodes = nodes
        self._ways: dict[tuple[int, int], dict[str, str]] = {}
        self._known: dict[tuple[int, int], bool] = {}
        self._attempts = _MOST_ATTEMPTS
        self._assign = self._tried if self._is_tied() else self._matched

    def take(self, element: ElementReceived) -> bool:
        """Take in an element; False, and it stays out, when there is no pattern left for it."""
        found = self._assign([*self.came, element])
        if found is None:
            self._known = {pair: fit for pair, fit in self._known.items() if pair[0] < len(self.came)}
            return False
        self.came.append(element)
        self.captures = found
        return True

    def difference(self, element: ElementReceived) -> Difference:
        """Return how an element that was not taken differs from the closest pattern that is left."""
        judge = replace(self._judge, scope={**self._judge.scope, **self.captures})
        return judge.closest(self.left() or self._nodes, element)

    def left(self) -> list[Node]:
        """Return the patterns for which nothing has come yet."""
        left = list(self._nodes)
        for element in self.came:
            fitting = [node for node in left if self._judge.fits(node, element)]
            if fitting:
                left.remove(fitting[0])
        return left

    def _is_tied(self) -> bool:
        """Whether what one pattern captures decides what another one matches."""
        uses = Counter(name for node in self._nodes for name in set(names_in(node)))
        known = {} if self._judge.rebind else self._judge.scope
        return any(count > 1 and name not in known for name, count in uses.items())

    def _matched(self, elements: Sequence[ElementReceived]) -> dict[str, str] | None:
        """Where patterns are independent of one another, a largest assignment tells."""
        candidates = [
            [right for right, node in enumerate(self._nodes) if node.name == element.name]
            for element in elements
        ]
        pairs = assign(candidates, lambda left, right: self._fits(elements, left, right), is_whole=True)
        if len(pairs) < len(elements):
            return None
        return {name: value for pair in sorted(pairs.items()) for name, value in self._ways[pair].items()}

    def _fits(self, elements: Sequence[ElementReceived], left: int, right: int) -> bool:
        pair = (left, right)
        if pair not in self._known:
            way = self._judge.captured(self._nodes[right], elements[left])
            self._known[pair] = way is not None
            self._ways[pair] = way or {}
        return self._known[pair]

    def _tried(self, elements: Sequence[ElementReceived]) -> dict[str, str] | None:
        """Where patterns share names, one way is tried after the other, but not without end."""
        return self._rest(list(self._nodes), elements, {})

    def _rest(
        self, nodes: list[Node], elements: Sequence[ElementReceived], captures: dict[str, str]
    ) -> dict[str, str] | None:
        if not elements:
            return captures
        for index, node in enumerate(nodes):
            self._count_attempt()
            way = self._judge.captured(node, elements[0], captures)
            if way is not None:
                rest = nodes[:index] + nodes[index + 1 :]
                found = self._rest(rest, elements[1:], captures | way)
                if found is not None:
                    return found
        return None

    def _count_attempt(self) -> None:
        self._attempts -= 1
        if self._attempts < 0:
            raise ScriptError(
                "the captures of these patterns leave too many ways to try",
                where=f"line {self._nodes[0].line}",
                advice="use each capture name once, or give the elements something that tells them apart",
            )
