"""One case against a live server: accounts, connections, play, judgement."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.log import CaseLog
from harness.engine.session import Session
from harness.engine.verdict import Judgement, judge
from harness.errors import HarnessError, Throttled
from harness.play.acts import Act, Outcome, Playing, Problem
from harness.play.cast import Account, Cast, owner_of, owners
from harness.play.client import play_client
from harness.play.scene import Scene
from harness.transport.connection import Connection
from harness.wire.effects import OpenConnection
from harness.wire.events import Event

#: Seconds that one case may take in all; a server that stalls without end meets this.
CASE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Played:
    """A case that has been played."""

    judgement: Judgement
    log: CaseLog
    accounts: Mapping[str, str]  # bare JIDs by actor
    outcome: Outcome
    started: float
    seconds: float


async def play_case(session: Session, scenario: Scenario) -> Played:
    """Play one scenario against the session's target, with fresh accounts."""
    started, begun = time.time(), trio.current_time()
    log = CaseLog(lambda: trio.current_time() - begun)
    accounts: dict[str, Account] = {}
    with trio.move_on_after(CASE_SECONDS) as scope:
        outcome = await _attempt(session, scenario, log, accounts)
    if scope.cancelled_caught:
        outcome = _stopped(f"the case did not end within {CASE_SECONDS:.0f} s")
    for account in accounts.values():
        await session.done_with(account)
    return Played(
        judgement=judge(scenario, outcome),
        log=log,
        accounts=_jids(scenario, accounts),
        outcome=outcome,
        started=started,
        seconds=trio.current_time() - begun,
    )


def _jids(scenario: Scenario, accounts: Mapping[str, Account]) -> dict[str, str]:
    actors = scenario.playable.actors
    return {actor.name: accounts[owner_of(actor)].jid for actor in actors if owner_of(actor) in accounts}


async def _attempt(
    session: Session, scenario: Scenario, log: CaseLog, accounts: dict[str, Account]
) -> Outcome:
    try:
        for owner in owners(scenario.playable):
            accounts[owner] = await session.account()
    except Throttled as error:
        return _stopped(str(error), hint="the target limits how fast accounts are made; try --gentle")
    except HarnessError as error:
        return _stopped(str(error))
    cast = Cast(domain=session.endpoint.domain, accounts=accounts, services=session.services)
    scene = Scene(
        scenario.playable,
        cast,
        fresh=session.fresh,
        policy=session.access.policy,
        mechanisms=session.access.mechanisms,
        salted=session.access.salted,
    )
    return await drive_cast(session, play_client(scene), log)


async def drive_cast(session: Session, playing: Playing[Outcome], log: CaseLog) -> Outcome:
    """Carry out the acts of a case, each actor on a connection of its own."""
    connections: dict[str, Connection] = {}
    everything: list[Connection] = []
    answer: Event | None = None
    try:
        while True:
            act = playing.send(answer)
            if isinstance(act.effect, OpenConnection):
                connections[act.actor] = _connection(session, act, log)
                everything.append(connections[act.actor])
            answer = await connections[act.actor].perform(act.effect)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome
    except HarnessError as error:
        return _stopped(str(error))
    finally:
        for connection in everything:
            await connection.aclose()


def _connection(session: Session, act: Act, log: CaseLog) -> Connection:
    return Connection(
        session.endpoint, session.access.context, tap=log.tap(act.actor), patience=session.patience
    )


def _stopped(message: str, hint: str = "") -> Outcome:
    return Outcome(problems=(Problem(cause=message, message=message, is_environment=True, hint=hint),))
