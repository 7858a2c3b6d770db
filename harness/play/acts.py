"""The joints of play: what it asks for, and what it ends with."""

from collections.abc import Generator
from dataclasses import dataclass, replace

from harness.results.records import StepPlace
from harness.transcript.script import Standing, Step
from harness.wire.effects import Effect, T
from harness.wire.events import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """An effect on the connection of one actor."""

    actor: str
    effect: Effect


#: Play code that ends with a T: yields acts, is sent events.
Playing = Generator[Act, Event | None, T]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why a step did not go as written.

    `standing` says how bad it is when the requirement is a MUST; `is_environment` marks what says
    nothing about the target's conformance, such as a login that an account provider should have made
    possible.
    """

    cause: str
    message: str
    difference: tuple[str, ...] = ()
    standing: Standing = Standing.FAILS
    covers: tuple[str, ...] = ()
    place: StepPlace | None = None
    is_environment: bool = False
    hint: str = ""


def at_step(problem: Problem, path: str, step: Step) -> Problem:
    """Say in which step of which script a problem came up, and what that step is about."""
    place = problem.place or StepPlace(file=path, line=step.line, text=step.text)
    return replace(problem, covers=step.covers, place=place)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a case ended: no problems is a pass. `fenced` names the actors whose last words were awaited.

    `silent` names those of whom something was awaited that never came.
    """

    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    fenced: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
