"""A client with everything that is needed to try samples on it and to judge what comes of them.

A trial is a transcript of the server's side, and is played as any other: the client is started, logs in, is
sent bytes, and shows by an answer that it has dealt with them, or ends its stream. What it survives is sent
many in one session; where something breaks, those that were dealt with are judged, and the others tried anew.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.case import Played
from harness.engine.client_stage import ClientStage
from harness.errors import HarnessError, ScriptError
from harness.fuzz.at_once import at_once
from harness.fuzz.clients.properties import CLIENT_PROPERTIES
from harness.fuzz.clients.scripts import first_raw_line, is_online, trial_script
from harness.fuzz.clients.trials import crash_of, has_come_to, has_logged_in, trials_of
from harness.fuzz.examining import Examined, token_of, trouble_by
from harness.fuzz.trial import Trial
from harness.fuzz.troubles import Trouble, monitored
from harness.monitors.monitor import Memory
from harness.monitors.observed import Context
from harness.monitors.watch import Watching
from harness.results.verdicts import Perspective
from harness.strategies.sample import Claim, Harm, Moment, Sample

_MOST_FAILURES = 6  # logins in a row
#: Seconds after which no more of a batch is tried: where many end the stream, each takes a login of its own.
_LONGEST = 8.0
#: Before the login it is we who break off, only to have an end.
_ON_CLOSING = "closing-tag-answered"


@dataclass(frozen=True, kw_only=True)
class _Written(Scenario):
    """A scenario that stands in no file."""

    text: str

    def _read(self) -> str:
        return self.text


@dataclass(kw_only=True)
class ClientBench:
    """Tries samples. Whoever finds that nobody can log in any more gets `HarnessError`."""

    stage: ClientStage
    tried: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    tokens: set[str] = field(default_factory=set)
    _memory: Memory = field(default_factory=Memory)
    _failures: int = 0

    def renew(self) -> None:
        """Each trial has a program and an account of its own."""

    def conclude(self) -> Sequence[Trouble]:
        """Nothing lasts longer than a trial."""
        return ()

    async def examine(self, samples: Sequence[Sample]) -> Examined:
        """Send samples and judge what comes; those that this client cannot be sent are left out."""
        playable = [one for one in samples if not self._is_obstructed(one)]
        together = [one for one in playable if _is_survivable(one)]
        batches = [together] if together else []
        batches += [[one] for one in playable if not _is_survivable(one)]
        found: list[Examined] = []

        async def try_one(batch: Sequence[Sample]) -> None:
            found.append(await self._examined(batch))

        await at_once(try_one, batches)
        trials = [trial for one in found for trial in one.trials]
        for trial in trials:
            self.tried[trial.sample.family] += 1
            self.tokens.add(token_of(trial))
        return Examined(trials=trials, troubles=[trouble for one in found for trouble in one.troubles])

    async def _examined(self, batch: Sequence[Sample]) -> Examined:
        """Play a batch; of one that breaks, what was dealt with counts, and the others are tried anew."""
        trials: list[Trial] = []
        troubles: list[Trouble] = []
        waiting = [batch]
        until = trio.current_time() + _LONGEST
        while waiting and trio.current_time() < until:
            batch = waiting.pop(0)
            tokens = [self.stage.fresh("token") for _ in batch]
            played = await self._play(batch, tokens)
            if played is None:
                continue
            tried = trials_of(played, batch, tokens, self.stage.fence, has_driver=self.stage.has_driver)
            if len(batch) > 1 and (crash_of(played) or not all(one.is_settled for one in tried)):
                settled = [one for one in tried if one.is_settled]
                if len(settled) == len(batch):  # the end came later: look for it by halves
                    half = len(batch) // 2
                    waiting[:0] = [batch[:half], batch[half:]]
                    continue
                first, *others = [one.sample for one in tried if not one.is_settled]
                waiting[:0] = [[first], *([others] if others else [])]
                tried = [_unharmed(one) for one in settled]
            trials += tried
            troubles += self._watched(played, tried)
            troubles += self._judged(played, tried)
        return Examined(trials=trials, troubles=troubles)

    async def _play(self, batch: Sequence[Sample], tokens: Sequence[str]) -> Played | None:
        """None where the client did not come as far as the samples, so that none was sent."""
        script = trial_script(batch, tokens, self.stage.fence)
        played = await self.stage.attempt(self._scenario(script))
        if has_logged_in(played) or not is_online(batch[0]) or crash_of(played):
            self._failures = 0
            is_tried = crash_of(played) or has_come_to(played, first_raw_line(script))
            return played if is_tried else None
        self._failures += 1
        if self._failures >= _MOST_FAILURES:
            problems = played.outcome.problems
            raise HarnessError(f"the client does not log in: {problems[0].message if problems else ''}")
        return None

    def _scenario(self, text: str) -> Scenario:
        return _Written(path=Path("fuzz.scs"), name="fuzz", text=text)

    def _is_obstructed(self, sample: Sample) -> bool:
        scenario = self._scenario(trial_script([sample], ["t"], self.stage.fence))
        try:
            has_all = set(scenario.playable.needs) <= self.stage.features
            return not has_all or bool(self.stage.obstacle(scenario))
        except ScriptError:
            return True  # what the language cannot say

    def _watched(self, played: Played, trials: Sequence[Trial]) -> list[Trouble]:
        if any(_leads_astray(one.sample) for one in trials):
            return []  # who believes it speaks of another stream
        context = Context(
            domain=self.stage.domain,
            perspective=Perspective.SERVER,
            accounts=played.accounts,
            fenced=played.outcome.fenced,
        )
        watching = Watching(context, self._memory)
        breaches = [*watching.see(played.log.observed), *watching.finish()]
        if not all(is_online(one.sample) for one in trials):
            breaches = [one for one in breaches if one[0].name != _ON_CLOSING]
        return monitored(breaches, trials, played.log.exchanges, is_alone=len(trials) == 1)

    def _judged(self, played: Played, trials: Sequence[Trial]) -> list[Trouble]:
        found = []
        for trial in trials:
            for each in CLIENT_PROPERTIES:
                if each.concerns(trial):
                    self.judged[each.name] += 1
                    causes = each.causes(trial)
                    found += [trouble_by(each, trial, cause, played.log.exchanges) for cause in causes]
        return [replace(one, is_certain=True) for one in found] if len(trials) == 1 else found


def _is_survivable(sample: Sample) -> bool:
    """Whether others may follow it in the same session."""
    is_odd = sample.claim is not Claim.LEGAL or sample.moment is not None or sample.conditions
    return is_online(sample) and not is_odd and Harm.LOOP not in sample.harms


def _leads_astray(sample: Sample) -> bool:
    """Whether a client may take itself for further in its login than we do."""
    is_early = sample.moment in (Moment.FEATURES, Moment.PROCEED, Moment.CHALLENGE)
    return is_early and any(word in sample.data for word in (b"<success", b"<proceed"))


def _unharmed(trial: Trial) -> Trial:
    """What befell the client later is another one's doing."""
    return replace(trial, conduct=replace(trial.conduct, crash=""))
