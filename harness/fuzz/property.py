"""What a property is, and the steps that show in a script that one is broken."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.fuzz.trial import Trial
from harness.results.verdicts import Level

_ANYTHING = "{} may receive any number of:\n\t<iq/>\n\t<message/>\n\t<presence/>"
_STILL_THERE = (
    "{0} sends:\n\t<iq type='get' id='{1}' to='${{domain}}'><ping xmlns='urn:xmpp:ping'/></iq>",
    "{0} receives one of:\n\t<iq type='result' id='{1}'/>\n\tor:\n\t<iq type='error' id='{1}'/>",
)


def _answered(name: str, identity: str) -> Iterable[str]:
    return (step.format(name, identity) for step in _STILL_THERE)


#: Two requests, so that at least the second one comes after what the sender has sent.
STILL_ANSWERED = (_ANYTHING.format("Juliet"), *_answered("Juliet", "first"), *_answered("Juliet", "second"))
#: Whoever watches has to say that it waits for nothing in particular.
WATCHED = (_ANYTHING.format("Juliet"), _ANYTHING.format("Romeo"))
#: The sender's stream goes on; that of the other user does, whatever the sender's does; the sender's ends.
STAYS = (*WATCHED, *_answered("Romeo", "still-there"))
OTHER_STAYS = (*WATCHED, *_answered("Juliet", "still-there"))
ENDS = (*WATCHED, "Romeo receives a stream error:\n\tany")


def _always(_: Trial) -> bool:
    return True


def _found_elsewhere(_: Trial) -> Iterable[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Property:
    """Something that has to hold. What `judge` yields of a trial that it `concerns` breaks it.

    A breach is a failure at the level MUST; SHOULD is also for what a text leaves open. With `is_told` its
    causes alone tell its breaches apart, whatever was sent. Without `is_certain` another sample of the same
    batch may have done it. Without `has_script` only fuzzing shows it.
    """

    name: str
    number: str
    title: str
    requirements: tuple[str, ...] = ()
    judge: Callable[[Trial], Iterable[str]] = _found_elsewhere
    concerns: Callable[[Trial], bool] = _always
    level: Level = Level.MUST
    lines: Sequence[str] = WATCHED
    is_grave: bool = False  # whoever breaks it endangers users
    is_told: bool = False
    is_certain: bool = True
    has_script: bool = True

    def causes(self, trial: Trial) -> Iterable[str]:
        """What of a trial breaks it, each once."""
        return dict.fromkeys(self.judge(trial)) if self.concerns(trial) else ()
