"""A target with everything that is needed to try samples on it and to judge what comes of them."""

import zlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import Session
from harness.errors import HarnessError
from harness.fuzz.examining import DEAF, Examined, TargetGoneError, token_of, trouble_by
from harness.fuzz.servers.growth import GROWTH, Growth
from harness.fuzz.servers.health import CANARY, LOG, RETURN, Health
from harness.fuzz.servers.lingering import LINGERING, Lingerer
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.servers.sending import try_alone, try_in_session, with_arrivals
from harness.fuzz.servers.station import ROMEO, Pair, Station, connection_to, logged_in, paired
from harness.fuzz.trial import Trial
from harness.fuzz.troubles import BY_COMPARISON, DEAD, Trouble, monitored
from harness.monitors.monitor import Memory
from harness.monitors.observed import Context
from harness.monitors.watch import Watching
from harness.negotiation.client import TlsPolicy
from harness.play.cast import Account
from harness.results.records import Exchange
from harness.results.verdicts import Perspective
from harness.strategies.sample import Claim, Place, Sample
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import Connected, StreamOpened
from harness.wire.writer import stream_header

_AT_ONCE = 8  # connections without a login
_ACCOUNTS_FOR = 12  # pairs that use the same two accounts
_LOGIN_TRIES = 3
_IN_SESSION = 2  # of so many samples that end a stream, one is tried after a login
_DYING_LOOKS = 50
_INTERVAL = 0.02  # seconds
_REGISTER = b"jabber:iq:register"
_QUICK = (
    (TlsPolicy.NEVER, ("PLAIN",)),
    (TlsPolicy.NEVER, ("SCRAM-SHA-1",)),
    (TlsPolicy.IF_OFFERED, ("PLAIN",)),
)


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
    _pair: Pair | None = None
    _pairs: AsyncExitStack = field(default_factory=AsyncExitStack)
    _accounts: list[Account] = field(default_factory=list)
    _used: int = 0
    _lingerer: Lingerer = field(init=False)
    _may_be_changed: bool = False  # the passwords, by something that was sent
    _is_locked_out: bool = False  # an account that was used, though its password is the same

    def __post_init__(self) -> None:
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
        samples = [_cheapest(one) for one in samples] if len(samples) > 1 else samples
        session_samples = [one for one in samples if one.place is Place.SESSION]
        alone = [one for one in samples if one.place is not Place.SESSION]
        trials: list[Trial] = []
        troubles: list[Trouble] = []
        await self.pair()
        self._is_locked_out = False  # what was done before is another one's matter
        waiting = _batches(session_samples)
        while waiting:
            batch = waiting.pop(0)
            pair = await self.pair()
            mark = len(pair.log.exchanges)
            self._may_be_changed |= any(_REGISTER in one.data for one in batch)
            tried = await try_in_session(pair, batch)
            if len(batch) > 1 and not (len(tried) == len(batch) and tried[-1].is_settled):
                # A stream has ended. Answers may be late, so who lacks the first need not have done it.
                tried = [one for one in tried if one.is_settled]
                first, *others = batch[len(tried) :]
                waiting[:0] = [[first], others] if others else [[first]]
            shown = pair.log.exchanges[mark:]
            trials += tried
            troubles += monitored(pair.breaches(), tried, shown)
            troubles += self._judged(tried, shown)
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

    async def pair(self) -> Pair:
        """Two users who are logged in; others when those that were have served their time."""
        if self._pair is not None and not self._pair.is_worn and await self._is_together(self._pair):
            return self._pair
        await self._pairs.aclose()
        self._pair = None
        if not self._accounts or self._used >= _ACCOUNTS_FOR:
            await self._new_accounts()
        for left in reversed(range(_LOGIN_TRIES)):
            try:
                self._pair = await self._pairs.enter_async_context(
                    paired(self.session, self._accounts, self._memory)
                )
                break
            except HarnessError:
                if not left:
                    raise
                self._is_locked_out |= self._used > 0 and not self._may_be_changed
                await self._new_accounts()  # what was tried may have changed a password
        self._used += 1
        assert self._pair is not None
        return self._pair

    async def _is_together(self, pair: Pair) -> bool:
        """Whether both are there, if need be since one came again."""
        if not pair.is_parted:
            return True
        if self._used >= _ACCOUNTS_FOR:
            return False
        self._used += 1
        try:
            await pair.come_again()
        except HarnessError:
            return False  # whether others are let in is seen next
        return True

    async def _come_back(self, trials: Sequence[Trial]) -> list[Trouble]:
        """Whether users whose streams have ended can log in again as before."""
        if self._used < _ACCOUNTS_FOR:
            await self.pair()
        self.judged[RETURN.name] += 1
        is_locked_out, self._is_locked_out = self._is_locked_out, False
        if not is_locked_out:
            return []
        return [trouble_by(RETURN, trials[-1], "an account cannot log in any more", ())]

    def renew(self) -> None:
        """Let the users go: the next sample meets fresh ones."""
        if self._pair is not None:
            self._pair.is_over = True
        self._used = _ACCOUNTS_FOR

    def conclude(self) -> Sequence[Trouble]:
        """What memory and clock have to say."""
        self.judged[GROWTH.name] += self.growth.for_each() is not None
        self.judged[LINGERING.name] += self._lingerer.is_judged
        return [one for one in (self.growth.trouble(), self._lingerer.trouble()) if one is not None]

    async def _new_accounts(self) -> None:
        for account in self._accounts:
            await self.session.done_with(account)
        self._accounts = [await self.session.account() for _ in range(2)]
        self._used = 0
        self._may_be_changed = False

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

        async with trio.open_nursery() as nursery:
            for sample in samples:
                nursery.start_soon(one, sample)
        trials = await with_arrivals(pair, trials)
        for trial, log in zip(trials, logs, strict=True):
            watching = Watching(self._context(), self._memory)
            breaches = [*watching.see(log.observed), *watching.finish()]
            troubles += monitored(breaches, [trial], log.exchanges)
            troubles += self._judged([trial], log.exchanges)
        return Examined(trials=trials, troubles=troubles)

    def _context(self) -> Context:
        return Context(domain=self.session.endpoint.domain, perspective=Perspective.CLIENT)

    def _judged(self, trials: Sequence[Trial], shown: Sequence[Exchange]) -> list[Trouble]:
        found = []
        for trial in trials:
            for each in (*PROPERTIES, *BY_COMPARISON):
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
        if not await self._canary_sings():
            if await self.has_died():
                raise TargetGoneError([one.sample for one in trials])
            found.append(trouble_by(CANARY, last, "somebody else is not answered any more", ()))
        return found

    async def _canary_sings(self) -> bool:
        if self._canary is not None:
            _, is_answered = await self._canary.ask()
            if is_answered:
                return True
            self._canary = None
        log = CaseLog(trio.current_time, Secrets())
        try:
            account = await self.session.account()
            entering = logged_in(self.session, log, "Mercutio", account)
            self._canary = await self.stack.enter_async_context(entering)
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
        if not await self._canary_sings():
            raise HarnessError("nobody can log in")
        await self._lingerer.begin(self.stack)

    async def aclose(self) -> None:
        """Let everybody go."""
        await self._pairs.aclose()


@asynccontextmanager
async def bench_of(session: Session, health: Health) -> AsyncIterator[Bench]:
    """Everything that is needed, for the time of the block."""
    async with AsyncExitStack() as stack:
        bench = Bench(session=session, health=health, stack=stack)
        stack.push_async_callback(bench.aclose)
        await bench.begin()
        yield bench


def _cheapest(sample: Sample) -> Sample:
    """What ends a stream costs a login each time; most of it shows before any login as well."""
    is_costly = sample.claim is not Claim.LEGAL and sample.place is Place.SESSION
    if is_costly and zlib.crc32(sample.data) % _IN_SESSION:
        return replace(sample, place=Place.OPEN)
    return sample


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
        batches[-1].append(sample)
        if is_alone:
            batches.append([])
    return [one for one in batches if one]
