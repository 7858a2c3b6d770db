"""Who kills whom: scenarios against the reference server with one fault at a time."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.faults.tables import NEGOTIATION_FAULTS, SESSION_FAULTS, all_faults
from harness.play.acts import Outcome
from harness.proof.memory import DOMAIN, counting, memory_cast, play_against
from harness.proof.tap import Tap
from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings
from harness.transcript.script import Transcript

_NOON = 1_700_000_000.0


@dataclass
class _Clock:
    """Time that goes on by itself, a millisecond a look."""

    now: float = _NOON

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def play_reference(transcript: Transcript, fault: str = "", *, tap: Tap | None = None) -> Outcome:
    """Play a scenario in memory against the reference server, with one fault or none.

    `tap` is shown what is on the wire.
    """
    fresh = counting()
    cast = memory_cast(transcript, fresh)
    if tap is not None:
        tap.open(transcript, cast)
    count = itertools.count(1)
    settings = Settings(
        domain=DOMAIN,
        tls_offered=True,
        accounts={account.username: account.password for account in cast.accounts.values()},
        faults=frozenset([fault]) if fault else frozenset(),
    )

    def peer(scope: Mapping[str, str], identify: Callable[[int], str]) -> ReferenceServer:
        return ReferenceServer(settings, clock=_Clock(), fresh=lambda: f"made-{next(count)}")

    return play_against(transcript, cast, fresh, peer, tap)


def killers(transcript: Transcript, *, every: bool = False) -> list[str]:
    """Return faults with which a scenario fails, that passes without any.

    The faults that break a requirement of the scenario are tried first; without `every` the first killer
    is enough.
    """
    if play_reference(transcript).problems:
        return []
    found = []
    for name in _by_relevance(transcript):
        if _is_noticed(play_reference(transcript, name)):
            found.append(name)
            if not every:
                break
    return found


def _by_relevance(transcript: Transcript) -> list[str]:
    """Faults of the scenario's requirements first, those that spoil every login last."""
    faults = {**NEGOTIATION_FAULTS, **SESSION_FAULTS}  # the others do not show in memory
    return sorted(faults, key=lambda name: (not is_relevant(transcript, name), name in NEGOTIATION_FAULTS))


def is_relevant(transcript: Transcript, fault: str) -> bool:
    """Whether a fault breaks a requirement that the scenario covers."""
    return not set(transcript.all_covers).isdisjoint(all_faults()[fault].breaks)


def is_killed_rightly(transcript: Transcript, found: Sequence[str]) -> bool:
    """Whether a fault of the scenario's own requirements is among its killers; without any, each will do."""
    if not transcript.all_covers:
        return bool(found)
    return any(is_relevant(transcript, name) for name in found)


def _is_noticed(outcome: Outcome) -> bool:
    """A fault that merely keeps the actors from logging in is not what the scenario is about."""
    return any(not problem.is_environment for problem in outcome.problems)
