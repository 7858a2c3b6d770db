"""Something that should not be: a property or a monitor's rule that was broken, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.fuzz.property import Property
from harness.fuzz.trial import Reading, Trial
from harness.monitors.monitor import Breach, Monitor
from harness.monitors.watch import Seen
from harness.results.records import FUZZ, MONITORS, Exchange
from harness.results.verdicts import Level
from harness.wire.events import ElementReceived

_UNALTERED = ("valid", "style", "chunks")  # families of what is as right as can be


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A breach. `signature` is the same for all breaches of one cause."""

    broken: Property
    trial: Trial
    cause: str
    exchanges: tuple[Exchange, ...] = ()
    is_certain: bool = True  # that this trial did it, and not another one of its batch
    script: str = ""  # that shows it, where it is no sample that does

    @property
    def signature(self) -> tuple[str, str, str]:
        """Property, cause, and what was done to the sample; of what was not altered nothing was."""
        sample = self.trial.sample
        is_told = self.is_of_a_monitor or self.broken.is_told
        is_plain = is_told or sample.family in _UNALTERED or not sample.labels
        return self.broken.name, self.cause, "" if is_plain else _kind(sample.labels[0])

    @property
    def is_of_a_monitor(self) -> bool:
        """Whether a monitor has noticed it."""
        return self.broken.number == MONITORS

    @property
    def case(self) -> str:
        """The name under which it stands in records and baselines."""
        return f"{MONITORS if self.is_of_a_monitor else FUZZ}/{self.broken.name}"

    def __str__(self) -> str:
        return f"{self.broken.number} {self.broken.name}: {self.cause} [{self.trial.label}]"


def _kind(label: str) -> str:
    """The first two words: one comment is as good as another.

    >>> _kind("a comment with > in the stanza")
    'a comment'
    """
    return " ".join(label.split()[:2])


DEAD = Property(
    name="alive",
    number="P-24",
    title="The target stays alive, and answers",
    is_grave=True,
    is_certain=False,
    steps=(),
)
SEGMENTS = Property(
    name="segments-mean-nothing",
    number="P-02",
    title="It does not matter in which pieces something is sent",
    requirements=("rfc6120-stream-tcp-binding",),
    concerns=lambda trial: bool(trial.sample.cuts),
)
STYLE = Property(
    name="style-means-nothing",
    number="P-35",
    title="It does not matter in which of its ways XML is written",
    requirements=("rfc6120-xml-wellformed-xml",),
    concerns=lambda trial: trial.sample.family == "style",
)
#: What is found by comparing: with the same in one piece, and the same written plainly.
BY_COMPARISON = (SEGMENTS, STYLE)


def monitored(
    seen: Sequence[Seen], trials: Sequence[Trial], shown: Sequence[Exchange], *, is_alone: bool
) -> list[Trouble]:
    """What monitors have noticed, with the trial that it came of as far as that can be told.

    It can be where nothing else was sent (`is_alone`), or a token stands in what has shown it.
    What arrives though it could not be read is a property's matter, and what it is like is our own doing.
    """
    return [
        _monitored(monitor, breach, trials, shown, is_alone=is_alone)
        for monitor, breach in seen
        if trials and not _is_of_the_unread(breach, trials)
    ]


def _is_of_the_unread(breach: Breach, trials: Sequence[Trial]) -> bool:
    event = breach.evidence.event if breach.evidence is not None else None
    arrivals = [one for trial in trials if trial.reading is Reading.BROKEN for one in trial.arrivals]
    return isinstance(event, ElementReceived) and any(event.raw == one.raw for one in arrivals)


def _monitored(
    monitor: type[Monitor],
    breach: Breach,
    trials: Sequence[Trial],
    shown: Sequence[Exchange],
    *,
    is_alone: bool,
) -> Trouble:
    named = _text_of(breach)
    culprit = next((one for one in trials if one.token in named), None)
    return Trouble(
        broken=_of_monitor(monitor, breach),
        trial=culprit or trials[-1],
        cause=breach.cause,
        exchanges=tuple(shown),
        is_certain=culprit is not None or is_alone,
    )


def _text_of(breach: Breach) -> str:
    """What may name a token: the message, and what has shown it."""
    event = breach.evidence.event if breach.evidence is not None else None
    raw = event.raw.decode("utf-8", "replace") if isinstance(event, ElementReceived) else ""
    return f"{breach.message} {raw}"


def _of_monitor(monitor: type[Monitor], breach: Breach) -> Property:
    return Property(
        name=monitor.name,
        number=MONITORS,
        title=monitor.title,
        requirements=(breach.requirement,),
        level=breach.level or Level.MUST,  # unless the requirement says otherwise
        steps=(),  # whoever plays it has the monitor too
    )
