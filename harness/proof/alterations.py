"""The ways in which the server's side of a play can err, one place at a time."""

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from lxml import etree

from harness.pattern.make import make
from harness.pattern.match import Matched, match
from harness.pattern.mutants import local, mutants
from harness.pattern.nodes import Node, Strictness
from harness.play.served import Making
from harness.proof.memory import DOMAIN, counting
from harness.transcript.script import (
    MayReceive,
    Receives,
    ReceivesHeader,
    ReceivesInAnyOrder,
    ReceivesNothing,
    ReceivesOneOf,
    ReceivesStreamError,
    Step,
    Transcript,
)
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, STREAM, STREAM_ERRORS, Name


@dataclass(frozen=True, kw_only=True)
class Alteration:
    """One way to err: at the n-th making of a play, send something else."""

    making: int
    step: Step
    label: str
    change: "Callable[[Making], Sequence[etree._Element]]"
    is_free: bool = False


@dataclass
class Recorder:
    """A shaping that changes nothing and remembers every making of a play."""

    makings: list[Making] = field(default_factory=list)

    def __call__(self, making: Making) -> "Sequence[etree._Element]":
        """Let everything pass."""
        self.makings.append(making)
        return making.elements


@dataclass
class Erring:
    """A shaping that makes one alteration."""

    alteration: Alteration
    count: int = 0

    def __call__(self, making: Making) -> "Sequence[etree._Element]":
        """Err at the one making, let all others pass."""
        number, self.count = self.count, self.count + 1
        return self.alteration.change(making) if number == self.alteration.making else making.elements


def alterations(transcript: Transcript, makings: Sequence[Making]) -> Iterator[Alteration]:
    """Give every way to err in a play."""
    for number, making in enumerate(makings):
        for label, change, is_free in _changes(making, _also_expected(transcript, making)):
            yield Alteration(making=number, step=making.step, label=label, change=change, is_free=is_free)


Change = tuple[str, "Callable[[Making], Sequence[etree._Element]]", bool]


def _changes(making: Making, others: Sequence[Node]) -> Iterator[Change]:
    """Give every change of what a step makes; what matches one of `others` may come as well, and is free."""
    if isinstance(making.step, ReceivesNothing):
        yield from _insertions(making)
        return
    for index, element in enumerate(making.elements):
        yield f"{local(element)}: dropped", partial(_without, index), _may_be_missing(making.step)
        if _is_stanza(element):
            yield (
                f"{local(element)}: sent twice",
                partial(_twice, index),
                _may_repeat(making, others, element),
            )
        if making.nodes:
            yield from _mutations(making, others, index)
        else:
            yield from _stream_changes(making, index, element)
    if len(making.elements) > 1 and not isinstance(making.step, ReceivesInAnyOrder | MayReceive):
        yield "out of order", reverse, _may_be_reversed(making)


def _may_be_reversed(making: Making) -> bool:
    """Whether another alternative of the step is the same elements in the opposite order."""
    if not isinstance(making.step, ReceivesOneOf):
        return False
    backwards = making.elements[::-1]
    return any(
        len(one.nodes) == len(backwards)
        and all(_fits(making, [node], element) for node, element in zip(one.nodes, backwards, strict=True))
        for one in making.step.alternatives
    )


def _mutations(making: Making, others: Sequence[Node], index: int) -> Iterator[Change]:
    own = making.nodes[index]
    beside = [node for node in (*others, *_siblings(making, index)) if node is not own]
    for mutant in mutants(own, making.elements[index]):
        is_free = mutant.is_free or _fits(making, beside, mutant.element)
        yield mutant.label, partial(replace, index, mutant.element), is_free


def _may_repeat(making: Making, others: Sequence[Node], element: "etree._Element") -> bool:
    repeats = isinstance(making.step, MayReceive) and making.step.repeated
    return repeats or _fits(making, others, element)


def _stream_changes(making: Making, index: int, element: "etree._Element") -> Iterator[Change]:
    if isinstance(making.step, ReceivesStreamError):
        is_free = any(condition == "any" for condition, _ in making.step.conditions)
        other = build(Name(STREAM, "error"), None, build(Name(STREAM_ERRORS, "reset")))
        yield "stream error: another condition", partial(replace, index, other), is_free
    elif isinstance(making.step, ReceivesHeader):
        for name in making.step.attributes:
            header = copy.deepcopy(element)
            del header.attrib[str(name)]
            yield f"stream header: attribute {name.local} removed", partial(replace, index, header), False
        for name in making.step.absent:
            header = copy.deepcopy(element)
            header.set(str(name), "added")
            yield f"stream header: attribute {name.local} added", partial(replace, index, header), False


def _insertions(making: Making) -> Iterator[Change]:
    """What must not come, comes."""
    assert isinstance(making.step, ReceivesNothing)
    if making.step.nodes:
        for node in making.step.nodes:
            made = make(node, making.scope, counting())
            yield f"{local(made.element)}: inserted", partial(_these, (made.element,)), False
        return
    stranger = f"stranger@{DOMAIN}/inserted"
    for kind, attributes in (
        ("message", {"type": "chat"}),
        ("presence", {}),
        ("iq", {"type": "set", "id": "x1"}),
    ):
        element = build(Name(CLIENT, kind), {**attributes, "from": stranger})
        yield f"{kind}: inserted", partial(_these, (element,)), False


def _is_stanza(element: "etree._Element") -> bool:
    return Name.of(str(element.tag)).namespace == CLIENT


def _may_be_missing(step: Step) -> bool:
    """Whether a step is content when nothing comes."""
    if isinstance(step, ReceivesOneOf):
        return any(one.nothing for one in step.alternatives)
    return isinstance(step, MayReceive)


def _siblings(making: Making, index: int) -> Sequence[Node]:
    """What the step itself expects besides: other alternatives, other elements in any order."""
    if isinstance(making.step, ReceivesOneOf):
        return [node for one in making.step.alternatives for node in one.nodes[:1]]
    if isinstance(making.step, MayReceive | ReceivesInAnyOrder):
        return [node for number, node in enumerate(making.nodes) if number != index]
    return []


def _also_expected(transcript: Transcript, making: Making) -> Sequence[Node]:
    """What the actor may receive besides while the step waits, or before its next expectation is met."""
    steps = [step for step in transcript.steps if step.actor == making.step.actor]
    place = next(index for index, step in enumerate(steps) if step is making.step)
    before = itertools.takewhile(_is_no_expectation, reversed(steps[:place]))
    behind = itertools.takewhile(_is_no_expectation, steps[place + 1 :])
    optional = (step for step in (*before, *behind) if isinstance(step, MayReceive))
    return [node for step in optional for node in step.nodes]


def _is_no_expectation(step: Step) -> bool:
    return not isinstance(step, Receives | ReceivesInAnyOrder | ReceivesOneOf | ReceivesNothing)


def _fits(making: Making, nodes: Sequence[Node], element: "etree._Element") -> bool:
    return any(
        isinstance(match(node, element, making.scope, Strictness.OPEN, rebind=True), Matched)
        for node in nodes
        if str(node.name) == element.tag  # before what costs more: an evening in a room has many of each
    )


def _these(elements: "Sequence[etree._Element]", making: Making) -> "Sequence[etree._Element]":
    return elements


def _without(index: int, making: Making) -> "Sequence[etree._Element]":
    return [element for number, element in enumerate(making.elements) if number != index]


def _twice(index: int, making: Making) -> "Sequence[etree._Element]":
    return [*making.elements[: index + 1], *making.elements[index:]]


def replace(index: int, other: "etree._Element", making: Making) -> "Sequence[etree._Element]":
    """Send another element in one's place."""
    return [other if number == index else element for number, element in enumerate(making.elements)]


def reverse(making: Making) -> "Sequence[etree._Element]":
    """Send them in the opposite order."""
    return making.elements[::-1]
