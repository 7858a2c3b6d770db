"""One case against a live server: accounts, connections, play, judgement."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.boundary import boundary
from harness.engine.log import Bounds, CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import TLS_REQUIRED, Session
from harness.engine.throttling import ADVICE, is_throttled
from harness.engine.verdict import Judgement, judge
from harness.errors import ExchangeError, HarnessError, LimitError, ThrottledError
from harness.play.acts import Act, Outcome, Playing, Problem
from harness.play.cast import Account, Cast, owner_of, owners
from harness.play.client import play_client
from harness.play.scene import Scene
from harness.targets.logins import Login
from harness.transport.connection import Connection
from harness.wire.driver import Report
from harness.wire.effects import CloseConnection, OpenConnection
from harness.wire.events import Event
from harness.wire.reader import Limits

#: Tag of scenarios in which a stanza is larger than any that a server has reason to send.
HUGE = "huge"

_USUAL = (Limits(), Bounds())
_RAISED = (Limits(max_stanza=64 << 20), Bounds(size=256 << 20))


@dataclass(frozen=True, kw_only=True)
class Played:
    """A case that has been played."""

    judgement: Judgement
    log: CaseLog
    accounts: Mapping[str, str]  # bare JIDs by actor
    outcome: Outcome
    started: float
    seconds: float
    is_worth_repeating: bool = False  # what went wrong may be chance
    waited: float = 0.0  # seconds that passed before the target was taken to say nothing more
    reports: tuple[Report, ...] = ()  # what drivers of clients have told
    observed_in_play: int | None = None  # so many events of the log came before the script was over


async def play_case(session: Session, scenario: Scenario, scope: trio.CancelScope | None = None) -> Played:
    """Play one scenario against the session's target, with fresh accounts.

    It waits for accounts where there are only so many; its time counts from then. Whoever cancels `scope`
    does so because the target has died.
    """
    limits, bounds = _RAISED if HUGE in scenario.transcript.tags else _USUAL
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(session.pool.lent(needed(scenario)))
        lent = {
            owner: await stack.enter_async_context(session.administrators.lent())
            for owner in _administrators(scenario)
        }
        play = _Play(session, scenario, limits, bounds, lent)
        return await play.run(scope or trio.CancelScope())


def needed(scenario: Scenario) -> int:
    """How many accounts without rights a scenario takes."""
    return len(owners(scenario.playable)) - len(_administrators(scenario))


def _administrators(scenario: Scenario) -> list[str]:
    """The owners that need an administrator's rights."""
    return [actor.name for actor in scenario.playable.actors if actor.is_admin and not actor.account_of]


class _Play:
    """The course of one case, of which something is left also when it is cut short."""

    def __init__(
        self,
        session: Session,
        scenario: Scenario,
        limits: Limits,
        bounds: Bounds,
        administrators: Mapping[str, Login],
    ) -> None:
        begun = trio.current_time()
        self._session = session
        self._scenario = scenario
        self._limits = limits
        self._administrators = administrators
        self._accounts: dict[str, Account] = {}
        self._connections: dict[str, Connection] = {}
        self._everything: list[Connection] = []
        self._begun = begun
        self._log = CaseLog(
            lambda: trio.current_time() - begun, Secrets(session.passwords), limits=limits, bounds=bounds
        )

    async def run(self, scope: trio.CancelScope) -> Played:
        """Play to the end, whatever that is."""
        started = time.time()
        deadline = scope.deadline = self._begun + self._session.case_seconds
        outcome = Outcome()
        with scope:
            outcome = await self._guarded()
        if scope.cancelled_caught:
            is_late = trio.current_time() >= deadline
            outcome = _stopped(
                f"the case did not end within {self._session.case_seconds:g} s"
                if is_late
                else "the target died while this was being played"
            )
        for account in self._accounts.values():
            await self._session.done_with(account)
        return Played(
            judgement=judge(self._scenario, outcome),
            log=self._log,
            accounts=self._jids(),
            outcome=outcome,
            started=started,
            seconds=trio.current_time() - self._begun,
        )

    def _jids(self) -> dict[str, str]:
        actors = self._scenario.playable.actors
        owned = {actor.name: self._accounts.get(owner_of(actor)) for actor in actors}
        return {name: account.jid for name, account in owned.items() if account is not None}

    async def _guarded(self) -> Outcome:
        faults: list[Problem] = []
        outcome = Outcome()
        with boundary(faults):
            outcome = await self._attempt()
        if faults:
            return Outcome(problems=tuple(faults))
        if outcome.problems and is_throttled(self._log.observed):
            return _blamed_on_throttling(outcome)
        return outcome

    async def _attempt(self) -> Outcome:
        scenario, session = self._scenario, self._session
        try:
            for owner in owners(scenario.playable):
                account = self._accounts[owner] = await self._account(owner)
                self._log.secrets.add(account.password, public=account.jid)
        except LimitError:
            raise
        except ThrottledError as error:
            return _stopped(str(error), hint=ADVICE)
        except HarnessError as error:
            return _stopped(str(error))
        cast = Cast(domain=session.endpoint.domain, accounts=self._accounts, services=session.services)
        scene = Scene(
            scenario.playable,
            cast,
            fresh=session.fresh,
            policy=session.access.policy,
            is_tls_required=TLS_REQUIRED in session.features,
            mechanisms=session.access.mechanisms,
            salted=session.access.salted,
        )
        try:
            return await self._drive(play_client(scene))
        finally:
            for username, password in scene.registered:
                session.accounts.learn(username, password)

    async def _account(self, owner: str) -> Account:
        lent = self._administrators.get(owner)
        return await (self._session.administrator(lent) if lent else self._session.account())

    async def _drive(self, playing: Playing[Outcome]) -> Outcome:
        """Carry out the acts of the case, each actor on a connection of its own."""
        answer: Event | None = None
        try:
            while not self._log.is_flooded:
                answer = await self._perform(playing.send(answer))
            return _stopped("the target sends without end", hint="what came first is in the record")
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome
        except LimitError:
            raise
        except HarnessError as error:
            return _stopped(str(error))
        finally:
            for connection in self._everything:
                self._note_end(connection)
                await connection.aclose()

    async def _perform(self, act: Act) -> Event | None:
        if isinstance(act.effect, OpenConnection):
            self._take_seat(act.actor)
            await self._session.rest()
        connection = self._connections.get(act.actor)
        if connection is None:
            raise ExchangeError(f"{act.actor} has no connection", advice="let it connect first")
        if isinstance(act.effect, CloseConnection):
            self._note_end(connection)
        return await connection.perform(act.effect)

    def _take_seat(self, actor: str) -> None:
        session = self._session
        connection = Connection(
            session.endpoint,
            session.access.context,
            tap=self._log.tap(actor),
            limits=self._limits,
            patience=session.patience,
        )
        self._connections[actor] = connection
        self._everything.append(connection)

    def _note_end(self, connection: Connection) -> None:
        if connection.would_end_abruptly:
            self._session.note_abrupt_end()


def _stopped(message: str, hint: str = "") -> Outcome:
    return Outcome(problems=(Problem(cause=message, message=message, is_environment=True, hint=hint),))


def _blamed_on_throttling(outcome: Outcome) -> Outcome:
    """What follows from a target's limits says nothing about its conformance."""
    problems = tuple(
        dataclasses.replace(one, is_environment=True, hint=one.hint or ADVICE) for one in outcome.problems
    )
    return dataclasses.replace(outcome, problems=problems)


def with_faults(scenario: Scenario, played: Played, faults: Sequence[Problem]) -> Played:
    """Add problems that showed after the play."""
    outcome = dataclasses.replace(played.outcome, problems=(*played.outcome.problems, *faults))
    return dataclasses.replace(played, outcome=outcome, judgement=judge(scenario, outcome))
