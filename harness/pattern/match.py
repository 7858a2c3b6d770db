"""Does a received element match a pattern, and if not, how does it differ?

    result = match(node, element, scope, Strictness.OPEN)
    if isinstance(result, Matched):
        scope = {**scope, **result.captures}

Names are compared expanded. Every expected attribute and child must be there, each expected child as a
child of its own; text is compared without the white space at its ends, and only where the pattern has
some. Open elements may hold more, in any order. Exact ones may not: their attributes and children are
the same both ways and in order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from harness.errors import ScriptError
from harness.pattern.assignment import assign
from harness.pattern.difference import Difference, explain
from harness.pattern.judge import Judge, Scope
from harness.pattern.nodes import Node, Strictness, Template
from harness.pattern.template import captures, look_up, variables
from harness.pattern.text import element_children

_MOST_ATTEMPTS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """The element matches. `captures` are the names that it gave a value to.

    `notes` tell, with `rebind`, which names had another value before.
    """

    captures: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def match(
    node: Node,
    element: "etree._Element",
    scope: Scope,
    strictness: Strictness,
    *,
    rebind: bool = False,
) -> Matched | Difference:
    """Compare an element with a pattern.

    With `rebind` a captured name that has another value already gets the new one, with a note, as
    Scansion does it. Raises `ScriptError` for an unknown variable, and for a pattern whose captures
    leave too many ways to try.
    """
    found = captured(node, element, scope, strictness, rebind=rebind)
    if found is None:
        return explain(node, element, scope, Judge(strictness=strictness, rebind=rebind))
    changed = [name for name, value in found.items() if scope.get(name, value) != value]
    notes = tuple(f"{{capture:{name}}} had another value before" for name in changed)
    return Matched(captures=found, notes=notes)


def captured(
    node: Node,
    element: "etree._Element",
    scope: Scope,
    strictness: Strictness,
    *,
    rebind: bool = False,
) -> dict[str, str] | None:
    """What a match gives to names; None, at little cost, where `match` tells the difference."""
    _check_variables(node, scope)
    search = _Search(node, scope, Judge(strictness=strictness, rebind=rebind))
    return next(search.element(node, element, {}, None), None)


class _Search:
    """All ways in which captures can make a pattern match, the most likely first."""

    def __init__(self, node: Node, scope: Scope, judge: Judge) -> None:
        self.scope = scope
        self.judge = judge
        self.attempts = _MOST_ATTEMPTS
        self.place = f"line {node.line}"
        uses = Counter(names_in(node))
        # A name used once in the pattern can take any value: only the others tie children together.
        self.shared = {name for name, count in uses.items() if count > 1 and name not in scope}

    def element(
        self, node: Node, actual: "etree._Element", found: Scope, inherited: Strictness | None
    ) -> Iterator[dict[str, str]]:
        """The captures of each way in which `actual` matches, including those `found` before."""
        own = self.judge.own_content(node, actual, {**self.scope, **found}, inherited)
        if own is None:
            return
        explicit = node.strictness or inherited
        strictness = self.judge.strictness_of(node, inherited)
        children = element_children(actual)
        for forbidden in node.absent_children:
            if any(True for child in children for _ in self.element(forbidden, child, found, explicit)):
                return
        together = {**found, **own}
        if strictness is Strictness.EXACT:
            yield from self._in_order(node.children, children, together, explicit)
        else:
            yield from self._any_order(node.children, children, together, explicit)

    def _in_order(
        self,
        expected: Sequence[Node],
        actual: Sequence["etree._Element"],
        found: dict[str, str],
        explicit: Strictness | None,
    ) -> Iterator[dict[str, str]]:
        if len(expected) != len(actual):
            return
        for node, child in zip(expected, actual, strict=True):
            # The children of an exact element have one partner each: the first way is taken.
            way = next(self.element(node, child, found, explicit), None)
            if way is None:
                return
            found = way
        yield found

    def _any_order(
        self,
        expected: Sequence[Node],
        actual: Sequence["etree._Element"],
        found: dict[str, str],
        explicit: Strictness | None,
    ) -> Iterator[dict[str, str]]:
        if not self.shared:
            complete = self._loose(expected, actual, found, explicit)
            if complete is not None:
                yield complete
            return
        tied = [node for node in expected if self.shared.intersection(names_in(node))]
        loose = [node for node in expected if not self.shared.intersection(names_in(node))]
        for way, taken in self._tied(self._ordered(tied, found), actual, found, explicit):
            rest = [child for index, child in enumerate(actual) if index not in taken]
            complete = self._loose(loose, rest, way, explicit)
            if complete is not None:
                yield complete

    def _ordered(self, nodes: Sequence[Node], found: Scope) -> list[Node]:
        """First what is settled by names known already: that leaves the fewest ways to try."""
        known = {*found, *self.scope}
        ordered: list[Node] = []
        left = list(nodes)
        while left:
            settled = [node for node in left if known.issuperset(self.shared.intersection(names_in(node)))]
            usable = [node for node in left if known.issuperset(_used_before_kept(node))]
            following = (settled or usable or left)[0]
            left.remove(following)
            ordered.append(following)
            known.update(names_in(following))
        return ordered

    def _tied(
        self,
        expected: Sequence[Node],
        actual: Sequence["etree._Element"],
        found: dict[str, str],
        explicit: Strictness | None,
        taken: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[dict[str, str], frozenset[int]]]:
        """Backtrack over the children whose captures depend on one another."""
        if not expected:
            yield found, taken
            return
        for index, child in enumerate(actual):
            if index in taken or child.tag != str(expected[0].name):
                continue
            self._count_attempt()
            for way in self.element(expected[0], child, found, explicit):
                yield from self._tied(expected[1:], actual, way, explicit, taken | {index})

    def _loose(
        self,
        expected: Sequence[Node],
        actual: Sequence["etree._Element"],
        found: dict[str, str],
        explicit: Strictness | None,
    ) -> dict[str, str] | None:
        ways: dict[tuple[int, int], dict[str, str]] = {}

        def fits(left: int, right: int) -> bool:
            way = next(self.element(expected[left], actual[right], found, explicit), None)
            if way is not None:
                ways[left, right] = way
            return way is not None

        candidates = self.judge.candidates(expected, actual, {**self.scope, **found})
        pairs = assign(candidates, fits, is_whole=True)
        if len(pairs) < len(expected):
            return None
        result = dict(found)
        for pair in sorted(pairs.items()):
            result |= ways[pair]
        return result

    def _count_attempt(self) -> None:
        self.attempts -= 1
        if self.attempts < 0:
            raise ScriptError(
                "the captures of this pattern leave too many ways to try",
                where=self.place,
                advice="use each capture name once, or give the elements something that tells them apart",
            )


def _check_variables(node: Node, scope: Scope) -> None:
    """An unknown variable is told whatever came, not only when the matching gets as far."""
    kept = {name for template in _templates(node) for name in captures(template)}
    for template in _templates(node):
        for name in variables(template):
            if name not in kept:
                look_up(name, template, scope)


def _used_before_kept(node: Node) -> set[str]:
    """The variables of a pattern that it does not capture itself."""
    kept = {name for template in _templates(node) for name in captures(template)}
    return {name for template in _templates(node) for name in variables(template)} - kept


def names_in(node: Node) -> Iterator[str]:
    """Give the names captured or used as a variable anywhere in a pattern, as often as they stand there."""
    for template in _templates(node):
        yield from captures(template)
        yield from variables(template)


def _templates(node: Node) -> Iterator[Template]:
    yield from node.attributes.values()
    yield from node.optional_attributes.values()
    yield from (template for template in (node.text, node.tail) if template is not None)
    for child in (*node.children, *node.absent_children):
        yield from _templates(child)
