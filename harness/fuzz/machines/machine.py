"""What a state machine of Hypothesis is to a campaign: what it can find broken, and how it is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis.stateful import RuleBasedStateMachine

from harness.engine.session import Session
from harness.fuzz.property import Property, Steps
from harness.fuzz.troubles import Trouble
from harness.play.cast import Account
from harness.results.verdicts import Level

#: Hears of a breach, and raises when it is a new one.
Tell = Callable[[Trouble], None]


def told(
    name: str,
    number: str,
    title: str,
    requirement: str,
    level: Level = Level.MUST,
    *,
    is_grave: bool = False,
    steps: Steps | None = None,
) -> Property:
    """A property that a machine judges as it goes; its causes say what has been done."""
    return Property(
        name=name,
        number=number,
        title=title,
        requirements=(requirement,),
        level=level,
        is_grave=is_grave,
        is_told=True,
        steps=steps,
    )


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where a machine runs, and whom it tells. `check_time` raises when the time is over."""

    session: Session
    account: Account  # one that is there already
    report: Tell
    check_time: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """`steps` of it make one run, and `runs` one turn of its family."""

    properties: Sequence[Property]
    build: Callable[[Setting], type[RuleBasedStateMachine]]
    steps: int
    runs: int
