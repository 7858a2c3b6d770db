"""Runs the monitors over the traffic of one case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.monitors.monitor import Breach, Case, Memory, Monitor
from harness.monitors.observed import Context, Direction, Observed
from harness.monitors.roll import all_monitors
from harness.monitors.stanzas import Topic, topic_of
from harness.monitors.traffic import Traffic


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What one monitor says of a case. Without `has_checked` there was nothing for it to judge."""

    monitor: type[Monitor]
    breaches: tuple[Breach, ...]
    has_checked: bool


def watch(
    observed: Iterable[Observed],
    context: Context,
    memory: Memory,
    monitors: Sequence[type[Monitor]] | None = None,
) -> tuple[Report, ...]:
    """Let the monitors of the case's perspective see everything, in order; one report each.

    `memory` is shared by all cases of a run against one target.
    """
    watching = Watching(context, memory, monitors)
    breaches: dict[type[Monitor], list[Breach]] = {one: [] for one in watching.monitors}
    for monitor, breach in [*watching.see(observed), *watching.finish()]:
        breaches[monitor].append(breach)
    return tuple(
        Report(monitor=one, breaches=tuple(breaches[one]), has_checked=watching.has_checked(one))
        for one in watching.monitors
    )


class Watching:
    """Monitors of a case that goes on: they are shown its traffic piece by piece."""

    def __init__(
        self, context: Context, memory: Memory, monitors: Sequence[type[Monitor]] | None = None
    ) -> None:
        self._case = Case(context=context, traffic=Traffic(context), memory=memory)
        chosen = [one for one in monitors or all_monitors() if context.perspective in one.perspectives]
        self._watching = [one(self._case) for one in chosen]
        self._hearing = _hearing(tuple(chosen))

    @property
    def monitors(self) -> Sequence[type[Monitor]]:
        """Those of the case's perspective."""
        return [type(one) for one in self._watching]

    def has_checked(self, monitor: type[Monitor]) -> bool:
        """Whether there was something for it to judge."""
        return any(type(one) is monitor and one.has_checked for one in self._watching)

    def see(self, observed: Iterable[Observed]) -> "list[Seen]":
        """Show what has happened since."""
        found: list[Seen] = []
        for one in observed:
            self._case.traffic.note(one)
            for index in self._hearing[one.direction, topic_of(one.event)]:
                monitor = self._watching[index]
                found += ((type(monitor), breach) for breach in monitor.observe(one))
        return found

    def finish(self) -> "list[Seen]":
        """Judge what can only be judged at the end."""
        return [(type(one), breach) for one in self._watching for breach in one.finish()]


#: A breach, and the monitor that noticed it.
Seen = tuple[type[Monitor], Breach]


@lru_cache(maxsize=8)
def _hearing(monitors: tuple[type[Monitor], ...]) -> Mapping[tuple[Direction, Topic], Sequence[int]]:
    """Which of the monitors, by their places, hear of what."""
    return {
        (direction, topic): [place for place, one in enumerate(monitors) if one.hears(direction, topic)]
        for direction in Direction
        for topic in Topic
    }
