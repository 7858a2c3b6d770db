"""Proof of checks: does a scenario notice when what it expects does not come, and only then?

A scenario first plays against itself. Then, in the same play, its server's side errs in one place at a
time: an expected element is dropped, sent twice, changed in an attribute, a child or its text; what must
not come is sent. Each such mutant must be caught, unless it falls on something that the pattern leaves
open on purpose. Variants that say the same in another way are played too and must pass. At last the
scenario is played against the reference server with one fault at a time: who kills whom.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from lxml import etree

from harness.pattern.mutants import variants
from harness.play.acts import Problem
from harness.play.served import Making
from harness.proof.alterations import Alteration, Erring, Recorder, alterations, replace, reverse
from harness.proof.memory import play_itself
from harness.transcript.script import (
    Dialect,
    MayReceive,
    ReceivesInAnyOrder,
    ReceivesOneOf,
    Standing,
    Step,
    Transcript,
)
from harness.wire.writer import serialize


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
    covers: tuple[str, ...] = ()
    mutants: tuple[Attempt, ...] = ()
    refused_variants: tuple[Attempt, ...] = ()
    variants: int = 0

    @property
    def survivors(self) -> tuple[Attempt, ...]:
        """The mutants that nobody noticed."""
        return tuple(one for one in self.mutants if one.survives)

    @property
    def scores(self) -> dict[str, tuple[int, int]]:
        """How many of the mutants of each requirement were caught, and of how many; free ones do not count.

        A step's own requirements take its mutants; the scenario's take those of all other steps.
        """
        scores = dict.fromkeys(self.covers, (0, 0))
        for one in self.mutants:
            if one.is_caught or not one.is_free:
                for requirement in one.covers or self.covers:
                    caught, tried = scores.get(requirement, (0, 0))
                    scores[requirement] = (caught + one.is_caught, tried + 1)
        return scores

    @property
    def unproven(self) -> tuple[str, ...]:
        """The requirements of which no mutant was caught: they are claimed, not checked."""
        return tuple(requirement for requirement, (caught, _) in self.scores.items() if not caught)

    @property
    def is_sound(self) -> bool:
        """Whether there is nothing to mend."""
        return not (self.self_play or self.survivors or self.refused_variants)


def joined(proofs: Sequence[Proof]) -> Proof:
    """One proof of a scenario that has several sides."""
    return Proof(
        self_play=tuple(one for proof in proofs for one in proof.self_play),
        covers=proofs[0].covers,
        mutants=tuple(one for proof in proofs for one in proof.mutants),
        refused_variants=tuple(one for proof in proofs for one in proof.refused_variants),
        variants=sum(proof.variants for proof in proofs),
    )


def prove(transcript: Transcript) -> Proof:
    """Play a scenario against itself, against its mutants and against its variants."""
    recorder = Recorder()
    outcome, served = play_itself(transcript, shaping=recorder)
    problems = (*outcome.problems, *served.problems)
    if problems:
        return Proof(self_play=problems)
    attempts = [tried(transcript, one) for one in alterations(transcript, recorder.makings)]
    accepted = list(_accepted(transcript, recorder.makings))
    for choice in choices(transcript):
        accepted.append(_chosen(transcript, choice))
        attempts.extend(tried(transcript, one, choice) for one in _alterations_of(transcript, choice))
    return Proof(
        self_play=(),
        covers=transcript.covers,
        mutants=tuple(attempts),
        refused_variants=tuple(one for one in accepted if one.is_caught),
        variants=len(accepted),
    )


def possible_alterations(transcript: Transcript) -> Iterator[Alteration]:
    """Give every alteration of what a scenario expects first; none if it does not play against itself."""
    recorder = Recorder()
    outcome, served = play_itself(transcript, shaping=recorder)
    if not (outcome.problems or served.problems):
        yield from alterations(transcript, recorder.makings)


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


def _alterations_of(transcript: Transcript, choice: Choice) -> Iterator[Alteration]:
    if choice.standing in (Standing.DEVIATES, Standing.FAILS):
        return
    recorder = Recorder()
    play_itself(transcript, shaping=recorder, choices=choice.lines)
    for one in alterations(transcript, recorder.makings):
        if one.step is choice.step:
            yield one


def tried(transcript: Transcript, alteration: Alteration, choice: Choice | None = None) -> Attempt:
    """Play with one alteration, and tell whether the script noticed it."""
    outcome, _ = play_itself(transcript, shaping=Erring(alteration), choices=choice.lines if choice else {})
    return Attempt(
        line=alteration.step.line,
        label=alteration.label,
        is_caught=bool(outcome.problems),
        is_free=alteration.is_free,
        covers=alteration.step.covers,
        message=outcome.problems[0].message if outcome.problems else "",
    )


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
                    change=partial(replace, index, variant.element),
                )
                yield tried(transcript, one)
        if isinstance(making.step, ReceivesInAnyOrder):
            yield tried(
                transcript,
                Alteration(making=number, step=making.step, label="in another order", change=reverse),
            )
    outcome, _ = play_itself(transcript, style=_in_double_quotes)
    yield Attempt(line=0, label="double quotes", is_caught=bool(outcome.problems))


def _in_double_quotes(element: "etree._Element") -> bytes:
    """Write an element as another serialiser would."""
    return serialize(element).replace(b"'", b'"') if b'"' not in serialize(element) else serialize(element)
