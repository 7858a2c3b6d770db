"""What a state machine of Hypothesis is to a campaign: what it can find broken, and how it is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis.stateful import RuleBasedStateMachine

from harness.engine.session import Session
from harness.fuzz.property import Property
from harness.fuzz.troubles import Trouble
from harness.play.cast import Account

#: Hears of a breach, and raises when it is a new one.
Report = Callable[[Trouble], None]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a machine runs, and whom it tells. `check_time` raises when the time is over."""

    session: Session
    account: Account  # one that is there already
    report: Report
    check_time: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """`steps` of it make one run, and `runs` one turn of its family."""

    properties: Sequence[Property]
    build: Callable[[Place], type[RuleBasedStateMachine]]
    steps: int
    runs: int
