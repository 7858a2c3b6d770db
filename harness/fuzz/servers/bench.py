"""A target with everything that is needed to try samples on it and to judge what comes of them."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import Session
from harness.errors import HarnessError
from harness.fuzz.at_once import at_once
from harness.fuzz.examining import DEAF, Examined, TargetGoneError, token_of, trouble_by
from harness.fuzz.property import Property
from harness.fuzz.servers.growth import GROWTH, Growth
from harness.fuzz.servers.health import CANARY, LOG, RETURN, Health
from harness.fuzz.servers.lane import Lane
from harness.fuzz.servers.lingering import LINGERING, Lingerer
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.servers.sending import try_alone, with_arrivals
from harness.fuzz.servers.station import ROMEO, Pair, Station, connection_to, logged_in
from harness.fuzz.trial import Trial
from harness.fuzz.troubles import BY_COMPARISON, DEAD, Trouble, monitored
from harness.monitors.monitor import Memory
from harness.monitors.observed import Context
from harness.monitors.watch import Watching
from harness.negotiation.client import TlsPolicy
from harness.results.records import Exchange
from harness.results.verdicts import Perspective
from harness.strategies.sample import Claim, Place, Sample
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import Connected, Silence, StreamOpened
from harness.wire.writer import stream_header

_AT_ONCE = 8  # connections without a login
_LANES, _TOGETHER = 2, 6  # samples behind one another in each
_DYING_LOOKS = 50
_UNSERVED = "somebody else is not answered any more"
_UNHEARD = "somebody else who was there is not answered any more"
_INTERVAL = 0.02  # seconds
_QUICK = (
    (TlsPolicy.NEVER, ("PLAIN",)),
    (TlsPolicy.NEVER, ("SCRAM-SHA-1",)),
    (TlsPolicy.IF_OFFERED, ("PLAIN",)),
)


Made = TypeVar("Made")


@dataclass(kw_only=True)
class Bench:
    """Tries samples. Whoever finds the target gone gets `HarnessError`."""

    session: Session
    health: Health
    stack: AsyncExitStack
    tried: Counter[str] = field(default_factory=Counter)  # samples, by family
    judged: Counter[str] = field(default_factory=Counter)  # how often, by property
    growth: Growth = field(default_factory=Growth)
    tokens: set[str] = field(default_factory=set)  # what answers there have been, for novelty
    _memory: Memory = field(default_factory=Memory)
    _canary: Station | None = None
    _canaries: AsyncExitStack = field(default_factory=AsyncExitStack)  # the one that sings
    _lanes: Sequence[Lane] = ()
    _lingerer: Lingerer = field(init=False)
    _asked: Sequence[Property] = ()  # of what the target has

    def __post_init__(self) -> None:
        offered = {"", *self.session.features}  # the empty word is for those that need nothing
        self._asked = [one for one in (*PROPERTIES, *BY_COMPARISON) if one.needs in offered]
        is_scarce = self.session.accounts.capacity is not None
        lanes = 1 if is_scarce else _LANES
        self._lanes = [Lane(session=self.session, memory=self._memory) for _ in range(lanes)]
        self._lingerer = Lingerer(session=self.session)

    async def examine(self, samples: Sequence[Sample]) -> Examined:
        """Send samples, judge what comes, and look after the target; TargetGoneError when it has ended."""
        try:
            return await self._examined(samples)
        except HarnessError as error:
            if await self.has_died():
                raise TargetGoneError(samples) from error
            if not await self._is_answered():
                raise TargetGoneError(samples, DEAF) from error
            raise

    async def _is_answered(self) -> bool:
        """Whether a stranger's stream header is answered."""
        connection = connection_to(self.session, CaseLog(trio.current_time, Secrets()), ROMEO)
        try:
            if not isinstance(await connection.perform(OpenConnection()), Connected):
                return False
            header = {"to": self.session.endpoint.domain, "version": "1.0"}
            await connection.perform(Send(data=stream_header(attributes=header)))
            return isinstance(await connection.perform(Receive()), StreamOpened)
        finally:
            await connection.aclose()

    async def has_died(self) -> bool:
        """Whether a process has ended, which may take a moment longer than the end of its connections."""
        for _ in range(_DYING_LOOKS):
            if self.health.deaths():
                return True
            await trio.sleep(_INTERVAL)  # nobody tells of an end
        return False

    async def _examined(self, samples: Sequence[Sample]) -> Examined:
        session_samples = [one for one in samples if one.place is Place.SESSION]
        alone = [one for one in samples if one.place is not Place.SESSION]
        trials: list[Trial] = []
        troubles: list[Trouble] = []
        await self.pair()
        for lane in self._lanes:
            lane.begin()
        if session_samples:
            found = await self._in_lanes(session_samples)
            trials += found.trials
            troubles += found.troubles
        if alone:
            found = await self._apart(alone)
            trials += found.trials
            troubles += found.troubles
        if trials:
            troubles += await self._after(trials)
            troubles += await self._come_back(trials)
        for trial in trials:
            self.tried[trial.sample.family] += 1
            self.tokens.add(token_of(trial))
        if self.growth.is_due(self.tried.total()):
            self.growth.look(self.tried.total(), self.health.memory())
        return Examined(trials=trials, troubles=troubles)

    async def _in_lanes(self, samples: Sequence[Sample]) -> Examined:
        """Those after a login, in as many lanes at once as there is something for."""
        waiting = _batches(samples)
        trials: list[Trial] = []
        troubles: list[Trouble] = []

        async def work(lane: Lane) -> None:
            while waiting:
                batch = waiting.pop(0)
                pair = await lane.pair()
                mark = len(pair.log.exchanges)
                tried = await lane.try_out(pair, batch)
                if pair.is_over and not await self._is_answered():
                    raise TargetGoneError(samples, DEAF)
                shown = pair.log.exchanges[mark:]
                is_alone = len(batch) == 1
                troubles.extend(monitored(pair.breaches(), tried, shown, is_alone=is_alone))
                if not is_alone and not (len(tried) == len(batch) and tried[-1].is_settled):
                    # A stream has ended. Answers may be late, so who lacks the first need not have done it.
                    tried = [one for one in tried if one.is_settled]
                    first, *others = batch[len(tried) :]
                    waiting[:0] = [[first], others] if others else [[first]]
                trials.extend(tried)
                troubles.extend(self._judged(tried, shown))

        await at_once(work, self._lanes[: len(waiting)])
        return Examined(trials=trials, troubles=troubles)

    async def survive(self, work: Callable[[], Awaitable[Made]], family: str) -> Made:
        """Do something that is no sample; TargetGoneError when the target has ended by it."""
        gone = TargetGoneError([Sample(family=family, data=b"", claim=Claim.LEGAL, labels=())])
        try:
            made = await work()
        except HarnessError as error:
            if await self.has_died():
                raise gone from error
            raise
        if self.health.deaths():
            raise gone
        return made

    async def pair(self) -> Pair:
        """Two users who are logged in; others when those that were have served their time."""
        return await self._lanes[0].pair()

    async def _come_back(self, trials: Sequence[Trial]) -> list[Trouble]:
        """Whether users whose streams have ended can log in again as before."""
        self.judged[RETURN.name] += 1
        await at_once(Lane.see_whether_let_in, self._lanes)
        breaches = [one for lane in self._lanes for one in lane.breaches()]  # by what came late
        found = monitored(breaches, trials, (), is_alone=len(trials) == 1)
        if not any(lane.is_locked_out for lane in self._lanes):
            return found
        return [*found, trouble_by(RETURN, trials[-1], "an account cannot log in any more", ())]

    def renew(self) -> None:
        """Let the users go: the next sample meets fresh ones."""
        for lane in self._lanes:
            lane.renew()

    def conclude(self) -> Sequence[Trouble]:
        """What memory and clock have to say."""
        self.judged[GROWTH.name] += self.growth.for_each() is not None
        self.judged[LINGERING.name] += self._lingerer.is_judged
        return [one for one in (self.growth.trouble(), self._lingerer.trouble()) if one is not None]

    async def _apart(self, samples: Sequence[Sample]) -> Examined:
        """Those without a login, several at once."""
        pair = await self.pair()
        trials: list[Trial] = []
        troubles: list[Trouble] = []
        logs: list[CaseLog] = []
        limiter = trio.CapacityLimiter(_AT_ONCE)

        async def one(sample: Sample) -> None:
            async with limiter:
                log = CaseLog(trio.current_time, Secrets())
                trials.append(await try_alone(self.session, log, pair, sample))
                logs.append(log)

        await at_once(one, samples)
        trials = await with_arrivals(pair, trials)
        for trial, log in zip(trials, logs, strict=True):
            watching = Watching(self._context(), self._memory)
            breaches = [*watching.see(log.observed), *watching.finish()]
            troubles += monitored(breaches, [trial], log.exchanges, is_alone=True)
            troubles += self._judged([trial], log.exchanges)
        return Examined(trials=trials, troubles=troubles)

    def _context(self) -> Context:
        return Context(domain=self.session.endpoint.domain, perspective=Perspective.CLIENT)

    def _judged(self, trials: Sequence[Trial], shown: Sequence[Exchange]) -> list[Trouble]:
        found = []
        for trial in trials:
            for each in self._asked:
                if each.concerns(trial):
                    self.judged[each.name] += 1
                    found += [trouble_by(each, trial, cause, shown) for cause in each.causes(trial)]
        return found

    async def _after(self, trials: Sequence[Trial]) -> list[Trouble]:
        """Whether the target is still well, whoever asks."""
        last = trials[-1]
        self.judged[CANARY.name] += 1
        self.judged[DEAD.name] += bool(self.health.instance.pids)
        self.judged[LOG.name] += bool(self.health.instance.logs)
        await self._lingerer.trickle()
        found = [trouble_by(LOG, last, f"its log shows {one}", ()) for one in self.health.traces()]
        if self.health.deaths():
            raise TargetGoneError([one.sample for one in trials])
        silence = await self._ask_the_canary()
        if silence == _UNSERVED and await self.has_died():
            raise TargetGoneError([one.sample for one in trials])
        return [*found, trouble_by(CANARY, last, silence, ())] if silence else found

    async def _ask_the_canary(self) -> str:
        """What somebody else meets with who has done nothing; empty where all is well."""
        if self._canary is None:
            return "" if await self._new_canary_sings() else _UNSERVED
        events, is_answered = await self._canary.ask()
        if is_answered:
            return ""
        self._canary = None
        await self._canaries.aclose()
        if await self._new_canary_sings():
            if not isinstance(events[-1], Silence):
                return ""  # a stream may have ended for reasons of its own
            self.renew()  # they may not be heard either
            return _UNHEARD
        return _UNSERVED

    async def _new_canary_sings(self) -> bool:
        log = CaseLog(trio.current_time, Secrets())
        try:
            account = await self.session.account()
            entering = logged_in(self.session, log, "Mercutio", account)
            self._canary = await self._canaries.enter_async_context(entering)
        except HarnessError:
            return False
        return (await self._canary.ask())[1]

    async def begin(self) -> None:
        """Have everybody log in, by the quickest way that there is; raises HarnessError when they cannot.

        Many logins are needed, and what is looked for lies behind them.
        """
        usual = self.session.access
        for policy, mechanisms in () if self.session.is_attached else _QUICK:
            self.session.access = replace(usual, policy=policy, mechanisms=mechanisms)
            try:
                await self.pair()
            except HarnessError:
                continue
            break
        else:
            self.session.access = usual
            await self.pair()
        if await self._ask_the_canary():
            raise HarnessError("nobody can log in")
        await self._lingerer.begin(self.stack)

    async def aclose(self) -> None:
        """Let everybody go."""
        await self._canaries.aclose()
        for lane in self._lanes:
            await lane.aclose()


@asynccontextmanager
async def bench_of(session: Session, health: Health) -> AsyncIterator[Bench]:
    """Everything that is needed, for the time of the block."""
    async with AsyncExitStack() as stack:
        bench = Bench(session=session, health=health, stack=stack)
        stack.push_async_callback(bench.aclose)
        await bench.begin()
        yield bench


def _is_nameless(sample: Sample) -> bool:
    """Whether its answer can only be told from others where nothing else is asked."""
    return sample.element is not None and sample.element.name.local == "iq" and not sample.element.get("id")


def _batches(samples: Sequence[Sample]) -> list[list[Sample]]:
    """What ends a stream is alone, for it may come before answers to what was sent earlier."""
    batches: list[list[Sample]] = [[]]
    for sample in samples:
        is_alone = sample.claim is not Claim.LEGAL or bool(sample.conditions) or _is_nameless(sample)
        if is_alone:
            batches.append([])
        if len(batches[-1]) >= _TOGETHER:
            batches.append([])
        batches[-1].append(sample)
        if is_alone:
            batches.append([])
    return [one for one in batches if one]
