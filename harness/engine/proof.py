"""Proof of checks: does a scenario notice when what it expects does not come, and only then?

A scenario first plays against itself. Then, in the same play, its server's side errs in one place at a
time: an expected element is dropped, sent twice, changed in an attribute, a child or its text; what must
not come is sent. Each such mutant must be caught, unless it falls on something that the pattern leaves
open on purpose. Variants that say the same in another way are played too and must pass. At last the
scenario is played against the reference server with one fault at a time: who kills whom.
"""

import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from lxml import etree

from harness.negotiation.client import TlsPolicy
from harness.negotiation.scram import SaltedPasswords
from harness.pattern.make import make
from harness.pattern.match import Matched, match
from harness.pattern.mutants import Mutant, local, mutants, variants
from harness.pattern.nodes import Node, Strictness
from harness.play.acts import Outcome, Problem
from harness.play.cast import Account, Cast, owners
from harness.play.client import play_client
from harness.play.joint import Joint
from harness.play.scene import Scene
from harness.play.served import Making, ServedPlay, Shaping, Style, as_made
from harness.play.served_steps import SERVED_STEPS
from harness.transcript.script import (
    Dialect,
    MayReceive,
    Receives,
    Receives,
    ReceivesHeader,
    ReceivesInAnyOrder,
    ReceivesNothing,
    ReceivesOneOf,
    ReceivesStreamError,
    Standing,
    Step,
    Transcript,
)
from harness.wire.effects import Peer
from harness.wire.writer import serialize
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, STREAM, STREAM_ERRORS, Name

DOMAIN = "example.org"
_SERVICES = {"muc": f"conference.{DOMAIN}", "pubsub": f"pubsub.{DOMAIN}", "upload": f"upload.{DOMAIN}"}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One altered play: where (a line of the script) and what was altered, and whether it was noticed."""

    line: int
    label: str
    is_caught: bool
    is_free: bool = False
    covers: tuple[str, ...] = ()
    message: str = ""

    @property
    def survives(self) -> bool:
        """Whether it went unnoticed without being free to."""
        return not self.is_caught and not self.is_free


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What is proven of one scenario. `self_play` holds what went wrong when it played against itself."""

    self_play: tuple[Problem, ...]
    mutants: tuple[Attempt, ...] = ()
    refused_variants: tuple[Attempt, ...] = ()
    variants: int = 0

    @property
    def survivors(self) -> tuple[Attempt, ...]:
        """The mutants that nobody noticed."""
        return tuple(one for one in self.mutants if one.survives)

    @property
    def is_sound(self) -> bool:
        """Whether there is nothing to mend."""
        return not (self.self_play or self.survivors or self.refused_variants)


def prove(transcript: Transcript) -> Proof:
    """Play a scenario against itself, against its mutants and against its variants."""
    recorder = _Recorder()
    outcome, served = play_itself(transcript, shaping=recorder)
    problems = (*outcome.problems, *served.problems)
    if problems:
        return Proof(self_play=problems)
    attempts = [_tried(transcript, one) for one in alterations(transcript, recorder.makings)]
    accepted = list(_accepted(transcript, recorder.makings))
    for choice in choices(transcript):
        accepted.append(_chosen(transcript, choice))
        attempts.extend(_tried(transcript, one, choice) for one in _alterations_of(transcript, choice))
    return Proof(
        self_play=(),
        mutants=tuple(attempts),
        refused_variants=tuple(one for one in accepted if one.is_caught),
        variants=len(accepted),
    )


# --- playing in memory ------------------------------------------------------------------------------


def memory_cast(transcript: Transcript, fresh: Callable[[str], str]) -> Cast:
    """Accounts that exist only in memory."""
    accounts = {
        owner: Account(username=fresh("user"), password=fresh("secret"), domain=DOMAIN)
        for owner in owners(transcript)
    }
    return Cast(domain=DOMAIN, accounts=accounts, services=_SERVICES)


def counting() -> Callable[[str], str]:
    """Return a source of names that are new within one play, and the same in each."""
    count = itertools.count(1)
    return lambda kind: f"{kind}-{next(count)}"


#: Makes the peer of a play from its names, and from a function that tells the actor of a connection.
PeerMaker = Callable[[Mapping[str, str], Callable[[int], str]], Peer]


def play_against(transcript: Transcript, cast: Cast, fresh: Callable[[str], str], peer: PeerMaker) -> Outcome:
    """Play a case against a peer in memory."""
    scene = Scene(transcript, cast, fresh=fresh, policy=TlsPolicy.IF_OFFERED, salted=_SALTED)
    lines: list[Joint] = []
    joint = Joint(peer(scene.scope, lambda number: lines[0].actor_of(number)))
    lines.append(joint)
    return joint.run(play_client(scene))


_SALTED = SaltedPasswords()


def play_itself(
    transcript: Transcript,
    *,
    shaping: Shaping = as_made,
    style: Style = serialize,
    choices: Mapping[int, int] | None = None,
) -> tuple[Outcome, ServedPlay]:
    """Play both sides of a transcript."""
    fresh = counting()
    cast = memory_cast(transcript, fresh)
    served: list[ServedPlay] = []

    def peer(scope: Mapping[str, str], identify: Callable[[int], str]) -> ServedPlay:
        served.append(
            ServedPlay(
                transcript,
                cast,
                scope=scope,
                fresh=fresh,
                identify=identify,
                steps=SERVED_STEPS,
                shaping=shaping,
                style=style,
                choices=choices,
            )
        )
        return served[0]

    return play_against(transcript, cast, fresh, peer), served[0]


# --- choices ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way that a script leaves to the server: an alternative, or to send what may be sent."""

    step: Step
    index: int
    standing: Standing
    label: str

    @property
    def lines(self) -> dict[int, int]:
        """As the scripted server wants it."""
        return {self.step.line: self.index}


def choices(transcript: Transcript) -> Iterator[Choice]:
    """Give every way besides the first."""
    for step in transcript.steps:
        if isinstance(step, MayReceive):
            yield Choice(step=step, index=1, standing=Standing.REQUIRED, label="what may come comes")
        elif isinstance(step, ReceivesOneOf):
            for index, alternative in enumerate(step.alternatives[1:], 1):
                label = f"alternative {index + 1}"
                yield Choice(step=step, index=index, standing=alternative.standing, label=label)


def _chosen(transcript: Transcript, choice: Choice) -> Attempt:
    """Play a choice: it has to have the standing that the script gives it."""
    outcome, _ = play_itself(transcript, choices=choice.lines)
    has_passed = not outcome.problems
    should_pass = choice.standing in (Standing.REQUIRED, Standing.PERMITTED)
    has_standing = has_passed or choice.standing is outcome.problems[0].standing
    return Attempt(
        line=choice.step.line,
        label=choice.label,
        is_caught=has_passed is not should_pass or not has_standing,
        message=outcome.problems[0].message if outcome.problems else "",
    )


def _alterations_of(transcript: Transcript, choice: Choice) -> "Iterator[Alteration]":
    if choice.standing in (Standing.DEVIATES, Standing.FAILS):
        return
    recorder = _Recorder()
    play_itself(transcript, shaping=recorder, choices=choice.lines)
    for one in alterations(transcript, recorder.makings):
        if one.step is choice.step:
            yield one


# --- mutants ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Alteration:
    """One way to err: at the n-th making of a play, send something else."""

    making: int
    step: Step
    label: str
    change: "Callable[[Making], Sequence[etree._Element]]"
    is_free: bool = False


@dataclass
class _Recorder:
    """A shaping that changes nothing and remembers every making of a play."""

    makings: list[Making] = field(default_factory=list)

    def __call__(self, making: Making) -> "Sequence[etree._Element]":
        self.makings.append(making)
        return making.elements


@dataclass
class _Erring:
    """A shaping that makes one alteration."""

    alteration: Alteration
    count: int = 0

    def __call__(self, making: Making) -> "Sequence[etree._Element]":
        number, self.count = self.count, self.count + 1
        return self.alteration.change(making) if number == self.alteration.making else making.elements


def alterations(transcript: Transcript, makings: Sequence[Making]) -> Iterator[Alteration]:
    """Give every way to err in a play."""
    for number, making in enumerate(makings):
        for label, change, is_free in _changes(making, _may_follow(transcript, making.step)):
            yield Alteration(making=number, step=making.step, label=label, change=change, is_free=is_free)


def _tried(transcript: Transcript, alteration: Alteration, choice: Choice | None = None) -> Attempt:
    outcome, _ = play_itself(transcript, shaping=_Erring(alteration), choices=choice.lines if choice else {})
    return Attempt(
        line=alteration.step.line,
        label=alteration.label,
        is_caught=bool(outcome.problems),
        is_free=alteration.is_free,
        covers=alteration.step.covers,
        message=outcome.problems[0].message if outcome.problems else "",
    )


Change = tuple[str, "Callable[[Making], Sequence[etree._Element]]", bool]


def _may_follow(transcript: Transcript, step: Step) -> list[Node]:
    """What may come for the same actor between a step and its next expectation, however often."""
    later = transcript.steps[transcript.steps.index(step) + 1 :]
    nodes: list[Node] = []
    for one in (one for one in later if one.actor == step.actor):
        if isinstance(one, Receives | ReceivesInAnyOrder | ReceivesNothing | ReceivesOneOf):
            break
        if isinstance(one, MayReceive) and one.repeated:
            nodes.extend(one.nodes)
    return nodes


def _changes(making: Making, may_follow: Sequence[Node]) -> Iterator[Change]:
    if isinstance(making.step, ReceivesNothing):
        yield from _insertions(making)
        return
    is_optional = isinstance(making.step, MayReceive) or _may_be_silent(making.step)
    for index, element in enumerate(making.elements):
        yield f"{local(element)}: dropped", partial(_without, index), is_optional
        if _is_stanza(element):
            repeated = isinstance(making.step, MayReceive) and making.step.repeated
            repeated = repeated or _fits_any(may_follow, element, making)
            yield f"{local(element)}: sent twice", partial(_twice, index), repeated
        if making.nodes:
            for mutant in mutants(making.nodes[index], element):
                is_free = mutant.is_free or _is_also_expected(making, index, mutant)
                yield mutant.label, partial(_instead, index, mutant.element), is_free
        else:
            yield from _stream_changes(making, index, element)
    if len(making.elements) > 1 and not isinstance(making.step, ReceivesInAnyOrder | MayReceive):
        yield "out of order", _reversed, False


def _stream_changes(making: Making, index: int, element: "etree._Element") -> Iterator[Change]:
    if isinstance(making.step, ReceivesStreamError):
        is_free = any(condition == "any" for condition, _ in making.step.conditions)
        other = build(Name(STREAM, "error"), None, build(Name(STREAM_ERRORS, "reset")))
        yield "stream error: another condition", partial(_instead, index, other), is_free
    elif isinstance(making.step, ReceivesHeader):
        for name in making.step.attributes:
            header = copy.deepcopy(element)
            del header.attrib[str(name)]
            yield f"stream header: attribute {name.local} removed", partial(_instead, index, header), False
        for name in making.step.absent:
            header = copy.deepcopy(element)
            header.set(str(name), "added")
            yield f"stream header: attribute {name.local} added", partial(_instead, index, header), False


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
    )


def _these(elements: "Sequence[etree._Element]", making: Making) -> "Sequence[etree._Element]":
    return elements


def _without(index: int, making: Making) -> "Sequence[etree._Element]":
    return [element for number, element in enumerate(making.elements) if number != index]


def _twice(index: int, making: Making) -> "Sequence[etree._Element]":
    return [*making.elements[: index + 1], *making.elements[index:]]


def _instead(index: int, other: "etree._Element", making: Making) -> "Sequence[etree._Element]":
    return [other if number == index else element for number, element in enumerate(making.elements)]


def _reversed(making: Making) -> "Sequence[etree._Element]":
    return making.elements[::-1]


# --- variants ---------------------------------------------------------------------------------------


def _accepted(transcript: Transcript, makings: Sequence[Making]) -> Iterator[Attempt]:
    """Play every variant that says the same; `is_caught` marks those that the scenario wrongly refuses."""
    if transcript.dialect is Dialect.SCANSION:
        return  # its rule of strictness is not ours to judge
    for number, making in enumerate(makings):
        for index, node in enumerate(making.nodes):
            for variant in variants(node, making.elements[index]):
                one = Alteration(
                    making=number,
                    step=making.step,
                    label=variant.label,
                    change=partial(_instead, index, variant.element),
                )
                yield _tried(transcript, one)
        if isinstance(making.step, ReceivesInAnyOrder):
            yield _tried(
                transcript,
                Alteration(making=number, step=making.step, label="in another order", change=_reversed),
            )
    outcome, _ = play_itself(transcript, style=_in_double_quotes)
    yield Attempt(line=0, label="double quotes", is_caught=bool(outcome.problems))


def _in_double_quotes(element: "etree._Element") -> bytes:
    """Write an element as another serialiser would."""
    return serialize(element).replace(b"'", b'"') if b'"' not in serialize(element) else serialize(element)
