"""Which received child is most likely meant by which expected one, for explaining a difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from lxml import etree

from harness.pattern.assignment import assign
from harness.pattern.judge import Judge, Scope, extra_attributes
from harness.pattern.nodes import Node, Strictness
from harness.pattern.text import element_children, expected_text, received_text

# Explaining may be imprecise where there are very many candidates, but never slow.
_MOST_RIVALS = 20
_MOST_LOOKS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Alignment:
    """`expected_of` maps received to expected indexes; `missing` are expected ones without a partner."""

    expected_of: dict[int, int]
    missing: tuple[int, ...]
    is_perfect: bool

    @property
    def is_in_order(self) -> bool:
        """Whether partners stand in the same order on both sides."""
        order = [self.expected_of[received] for received in sorted(self.expected_of)]
        return order == sorted(order)


def align(
    expected: Sequence[Node],
    actual: Sequence["etree._Element"],
    scope: Scope,
    judge: Judge,
    inherited: Strictness | None,
) -> Alignment:
    """Give the matching ones to each other, then each that is left to the most similar of its name."""

    @cache  # asked twice at each of many levels, this would double the work with every level
    def apart(left: int, right: int) -> int:
        return distance(expected[left], actual[right], scope, judge, inherited)

    most = max(_MOST_RIVALS, _MOST_LOOKS // max(len(expected), 1))
    candidates = [rivals[:most] for rivals in judge.candidates(expected, actual, scope)]
    pairs = assign(candidates, lambda left, right: apart(left, right) == 0)
    is_perfect = len(pairs) == len(expected)
    taken = set(pairs.values())
    for index, node in enumerate(expected):
        rivals = [
            position
            for position, child in enumerate(actual)
            if index not in pairs and position not in taken and child.tag == str(node.name)
        ][:_MOST_RIVALS]
        if rivals:
            best = min(rivals, key=partial(apart, index))
            pairs[index] = best
            taken.add(best)
    missing = tuple(index for index in range(len(expected)) if index not in pairs)
    expected_of = {received: index for index, received in pairs.items()}
    return Alignment(expected_of=expected_of, missing=missing, is_perfect=is_perfect)


def distance(
    node: Node, actual: "etree._Element", scope: Scope, judge: Judge, inherited: Strictness | None
) -> int:
    """How many things differ; 0 for a match. Captures within the pattern are not compared with each other."""
    if actual.tag != str(node.name):
        return 1000
    faults = sum(
        1
        for name, template in node.attributes.items()
        if judge.value(template, actual.get(str(name), "\0"), scope) is None or str(name) not in actual.attrib
    )
    faults += sum(
        1
        for name, template in node.optional_attributes.items()
        if str(name) in actual.attrib and judge.value(template, actual.get(str(name), ""), scope) is None
    )
    faults += sum(1 for name in node.absent_attributes if str(name) in actual.attrib)
    text = expected_text(node)
    if text is not None and judge.value(text, received_text(actual), scope) is None:
        faults += 1
    return faults + _inner_distance(node, actual, scope, judge, inherited)


def _inner_distance(
    node: Node, actual: "etree._Element", scope: Scope, judge: Judge, inherited: Strictness | None
) -> int:
    explicit = node.strictness or inherited
    children = element_children(actual)
    alignment = align(node.children, children, scope, judge, explicit)
    faults = 0 if alignment.is_perfect else 1 + len(alignment.missing)
    faults += sum(
        align((child,), children, scope, judge, explicit).is_perfect for child in node.absent_children
    )
    if judge.strictness_of(node, inherited) is Strictness.EXACT:
        faults += len(list(extra_attributes(node, actual)))
        faults += abs(len(children) - len(node.children)) + (not alignment.is_in_order)
    if judge.demands_no_text(node, inherited) and received_text(actual):
        faults += 1
    return faults
