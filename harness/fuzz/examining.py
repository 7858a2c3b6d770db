"""What is shared by all that try samples on a target: what comes of it, and how it is asked for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.errors import HarnessError
from harness.fuzz.property import Property
from harness.fuzz.trial import Trial, read_as_sent
from harness.fuzz.troubles import DEAD, Trouble
from harness.results.records import Exchange
from harness.strategies.sample import Sample
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import STANZA_ERRORS, Name


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What came of some samples: those that were tried, and what was wrong."""

    trials: Sequence[Trial] = ()
    troubles: Sequence[Trouble] = ()


class Examiner(Protocol):
    """Tries samples on a target, and keeps the books.

    `tried` counts samples by family, `judged` says how often each property was, `tokens` are the kinds of
    answers that there have been.
    """

    tried: Counter[str]
    judged: Counter[str]
    tokens: set[str]

    async def examine(self, samples: Sequence[Sample]) -> Examined:
        """Send samples and judge what comes; TargetGoneError when the target has ended."""
        ...

    def conclude(self) -> Sequence[Trouble]:
        """What only shows when much has been tried."""
        ...

    def renew(self) -> None:
        """See to it that the next sample meets fresh users."""
        ...


#: How a target may be gone.
ENDED, SILENT, DEAF = (
    "a process of the target has ended",
    "the target does not answer any more",
    "the target hears nobody any more",
)


class TargetGoneError(HarnessError):
    """The target is gone, in one of these ways, while these samples were tried."""

    def __init__(self, samples: Sequence[Sample], cause: str = ENDED) -> None:
        super().__init__(cause)
        self.samples = samples
        self.cause = cause


def death_by(samples: Sequence[Sample], cause: str = ENDED) -> Trouble:
    """What the end of a target is as a trouble."""
    last = samples[-1]
    reading, sent = read_as_sent(last.data)
    trial = Trial(sample=last, token="", data=last.data, reading=reading, sent=sent)
    return Trouble(broken=DEAD, trial=trial, cause=cause)


def trouble_by(each: Property, trial: Trial, cause: str, shown: Sequence[Exchange]) -> Trouble:
    """What a breach of a property is as a trouble."""
    return Trouble(broken=each, trial=trial, cause=cause, exchanges=tuple(shown), is_certain=each.is_certain)


def token_of(trial: Trial) -> str:
    """Of what kind a sample was, and what came of it."""
    return f"{trial.sample.family}/{trial.sample.labels[:1]}: {answer_of(trial)}"


def answer_of(trial: Trial) -> str:
    """What came of a trial, without texts and ids, in words."""
    said = [f"{_words_of(one)} to the sender" for one in trial.answers]
    said += [f"{_words_of(one)} to the other user" for one in trial.arrivals]
    if trial.ending is not None:
        said.append(f"the end ({', '.join(trial.ending.conditions) or 'no stream error'})")
    elif not trial.is_settled:
        said.append("nothing more")
    return ", ".join(said) or "nothing"


def _words_of(element: ElementReceived) -> str:
    """Its kind, and the condition of an error."""
    type = element.attributes.get("type", "")
    conditions = [Name.of(str(one.tag)) for one in element.tree.iter() if isinstance(one.tag, str)]
    named = [one.local for one in conditions if one.namespace == STANZA_ERRORS and one.local != "text"]
    return " ".join(filter(None, [element.name.local, type, *named[:1]]))
