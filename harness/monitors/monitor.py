"""What a monitor is.

A monitor is a rule over all traffic of a case. It is told of the events it asked for and answers with
breaches. To add one: write the class in the module of its topic, name it in `roll.py`, and prove it by a
conversation that passes and one that does not in `tests/monitors`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from harness.monitors.observed import Context, Direction, Observed
from harness.monitors.stanzas import Topic
from harness.monitors.traffic import Link, Traffic
from harness.results.verdicts import Level, Perspective
from harness.wire.events import ElementReceived, Event

#: Whom a monitor watches: servers are seen from a client's perspective, and the reverse.
SERVERS = frozenset({Perspective.CLIENT})
CLIENTS = frozenset({Perspective.SERVER})

#: A message and a requirement for each breach; a level where it is not that of the requirement.
Findings = Iterable[tuple[str, str] | tuple[str, str, Level]]

#: Quoted values, and addresses without quotes.
_VARYING = re.compile(r"'[^']*'|[^\s'<>]+@[^\s',;]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A rule was broken. How gravely, its requirement says, unless `level` is given.

    `evidence` is what showed it; None when it is something that never came.
    """

    message: str
    requirement: str
    evidence: Observed | None = None
    level: Level | None = None

    @property
    def cause(self) -> str:
        """The message without what differs from one occurrence to the next, such as ids and addresses.

        >>> Breach(message="the request 'a7' is answered again", requirement="x").cause
        'the request … is answered again'
        """
        return _VARYING.sub("…", self.message)


@dataclass(kw_only=True)
class Memory:
    """What monitors remember over all cases of a run against one target."""

    stream_ids: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the monitors of one case share."""

    context: Context
    traffic: Traffic
    memory: Memory


class Monitor:
    """A rule. `received` and `sent` say what it wants to hear of in each direction.

    `has_checked` becomes true when there was something to judge, so that a monitor that had nothing to
    do is not counted as passed.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    requirements: ClassVar[tuple[str, ...]]
    perspectives: ClassVar[frozenset[Perspective]] = SERVERS | CLIENTS
    received: ClassVar[frozenset[Topic]] = frozenset()
    sent: ClassVar[frozenset[Topic]] = frozenset()

    def __init__(self, case: Case) -> None:
        self.case = case
        self.context = case.context
        self.traffic = case.traffic
        self.has_checked = False

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Judge an event. The traffic has taken it in already."""
        return ()

    def finish(self) -> Iterable[Breach]:
        """Judge what can only be judged at the end of the case."""
        return ()

    @classmethod
    def hears(cls, direction: Direction, topic: Topic) -> bool:
        """Whether it wants such events."""
        return topic in (cls.sent if direction is Direction.SENT else cls.received)

    def link(self, observed: Observed) -> Link:
        """The connection of an event."""
        return self.traffic.link(observed)


class EventMonitor(Monitor):
    """A monitor that judges each received event by itself: `judge` gets the event alone."""

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Judge an event."""
        return breaches(self.judge(observed.event, self.link(observed)), observed)

    def judge(self, event: Event, link: Link) -> Findings:
        """Give what is wrong with it."""
        raise NotImplementedError


class ElementMonitor(Monitor):
    """A monitor that judges each received first-level element by itself, or those of one `kind`."""

    kind: ClassVar[str] = ""  # message, presence or iq; empty: all

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Judge an element that concerns it."""
        event = observed.event
        if isinstance(event, ElementReceived) and self.concerns(event):
            yield from breaches(self.judge(event, self.link(observed)), observed)

    def concerns(self, element: ElementReceived) -> bool:
        """Whether it is to be judged at all."""
        return self.kind in ("", element.name.local)

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Give what is wrong with it."""
        raise NotImplementedError


def breaches(findings: Findings, observed: Observed) -> Iterable[Breach]:
    """Name what showed the breaches."""
    for message, requirement, *level in findings:
        yield Breach(
            message=message,
            requirement=requirement,
            evidence=observed,
            level=level[0] if level else None,
        )
