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
    case = Case(context=context, traffic=Traffic(context), memory=memory)
    chosen = [one for one in monitors or all_monitors() if context.perspective in one.perspectives]
    breaches = _seen(observed, case, watching := [one(case) for one in chosen])
    return tuple(
        Report(monitor=type(one), breaches=tuple(breaches[index]), has_checked=one.has_checked)
        for index, one in enumerate(watching)
    )


def _seen(observed: Iterable[Observed], case: Case, watching: Sequence[Monitor]) -> list[list[Breach]]:
    breaches: list[list[Breach]] = [[] for _ in watching]
    hearing = _hearing(tuple(type(one) for one in watching))
    for one in observed:
        case.traffic.note(one)
        for index in hearing[one.direction, topic_of(one.event)]:
            breaches[index].extend(watching[index].observe(one))
    for monitor, kept in zip(watching, breaches, strict=True):
        kept.extend(monitor.finish())
    return breaches


@lru_cache(maxsize=8)
def _hearing(monitors: tuple[type[Monitor], ...]) -> Mapping[tuple[Direction, Topic], Sequence[int]]:
    """Which of the monitors, by their places, hear of what."""
    return {
        (direction, topic): [place for place, one in enumerate(monitors) if one.hears(direction, topic)]
        for direction in Direction
        for topic in Topic
    }
