"""One case against a client: a fake server for each actor's program, play, judgement."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.boundary import boundary
from harness.engine.case import Played
from harness.engine.log import Bounds, CaseLog
from harness.engine.secrets import Secrets
from harness.engine.verdict import judge
from harness.errors import HarnessError
from harness.play.acts import Outcome, Problem
from harness.play.cast import Account, Cast, first_scope, owner_of, owners
from harness.play.hosted import Fence, HostedPlay
from harness.play.hosted_steps import HOSTED_STEPS
from harness.play.obstacles import KNOWS_RESOURCE, terms_for
from harness.reference.admission import settings_on
from harness.reference.server import ReferenceServer
from harness.results.verdicts import Perspective
from harness.targets.client_builds import command_of
from harness.targets.client_certificates import Certificates, Kind
from harness.targets.client_description import ClientDescription, Transport
from harness.targets.driven import FLOODED, Driven, Reaper, driven
from harness.targets.driven import Listener as Hearing
from harness.targets.ports import HOST
from harness.transcript.script import Actor, Transcript
from harness.transcript.terms import Terms
from harness.transport.listener import Listener, Ports, at_doors
from harness.transport.websocket import PATH, WebSocketListener
from harness.wire.driver import Report, command_line
from harness.wire.effects import Directed
from harness.wire.events import Connected, Event

_AFTER_END = 0.5  # seconds in which what a program sent last still arrives
_BOUNDS = Bounds(events=2_500)  # our server answers each, and one client has little to say
_LONGEST_SAID = 200  # characters of what a program wrote last
_GRACE = 1.5  # seconds to end after `quit`
CASE_SECONDS = 60.0
_REACTION = 1.0  # seconds, the longest that whoever has something to do is still
_HANGING = 40.0  # seconds of the processor in one case
_CALCULATING = 15.0  # the same, in a case that has not ended in time
_MUCH_CPU = 0.2  # seconds within the patience; whoever polls uses less


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What the cases of one client share. `commands` are its driver's; empty: it has none.

    A program has `patience_at_start` seconds to connect, or say anything, and a case has `longest` in all.
    """

    description: ClientDescription
    build: Path
    certificates: Certificates
    reaper: Reaper
    fresh: Callable[[str], str]
    patience_at_start: float
    turns: trio.CapacityLimiter  # of the cases that have something to do
    mechanisms: tuple[str, ...] = ()  # what alone is offered; empty: what the scenario says
    knows: frozenset[str] = frozenset()  # mechanisms of which that was found out
    commands: frozenset[str] = frozenset()
    fence: Fence = Fence.PING
    longest: float = CASE_SECONDS

    @property
    def features(self) -> frozenset[str]:
        """The client's transport and ways of TLS, and its driver's commands."""
        ways = {f"tls-{one.value}" for one in self.description.tls}
        lacking = {f"no-{event}" for event in self.description.lacks}
        offers = {self.description.transport.value, *self.description.offers}
        if "{jid}" in self.description.run:
            offers.add(KNOWS_RESOURCE)
        return frozenset(offers | ways | lacking | self.commands | self.knows)


async def play_client_case(
    workshop: Workshop, scenario: Scenario, scope: trio.CancelScope | None = None
) -> Played:
    """Play one scenario against programs of the client, one for each actor, when it has its turn."""
    async with _turn(workshop.turns) as turn:
        return await _ClientCase(workshop, scenario, turn).run(scope or trio.CancelScope())


class _Turn:
    """A case's place among those that have something to do; one that only waits gives it up for good."""

    def __init__(self, turns: trio.CapacityLimiter) -> None:
        self._turns = turns
        self._is_over = False

    def give_up(self) -> None:
        """Let another one have it."""
        if not self._is_over:
            self._is_over = True
            self._turns.release_on_behalf_of(self)


@asynccontextmanager
async def _turn(turns: trio.CapacityLimiter) -> AsyncIterator[_Turn]:
    turn = _Turn(turns)
    await turns.acquire_on_behalf_of(turn)
    try:
        yield turn
    finally:
        turn.give_up()


class _ClientCase:
    """The course of one case. It is the listener's peer, and passes everything on to the play."""

    def __init__(self, workshop: Workshop, scenario: Scenario, turn: _Turn) -> None:
        self._workshop = workshop
        self._scenario = scenario
        self._turn = turn
        self._begun = begun = trio.current_time()
        self._log = CaseLog(lambda: trio.current_time() - begun, Secrets(), bounds=_BOUNDS)
        self._accounts: dict[str, Account] = {}
        self._programs: dict[str, Driven] = {}
        self._changed = trio.Event()
        self._has_begun = False  # the client has connected or said something
        self._has_left = False  # before it was over
        self._is_flooded = False
        self._waited = 0.0
        self._used = 0.0  # CPU seconds of the programs, when they were last looked at
        self._reports: list[Report] = []
        self._observed_in_play: int | None = None
        self._play: HostedPlay
        self._listener: Listener

    async def run(self, scope: trio.CancelScope) -> Played:
        """Play to the end, whatever that is."""
        started = time.time()
        longest = self._workshop.longest
        scope.deadline = self._begun + longest
        outcome = _stopped(f"the case did not end within {longest:g} s")
        with scope:
            outcome = await self._guarded()
        if scope.cancelled_caught and self._used > _CALCULATING:  # with less than a core to itself
            outcome = _hanging(f"the client calculates for {self._used:.0f} s without an end")
        elif scope.cancelled_caught and self._log.is_busy:
            outcome = _endless(f"the client keeps sending, for {longest:g} s")
        return Played(
            judgement=judge(self._scenario, outcome, Perspective.SERVER),
            log=self._log,
            accounts={
                actor.name: account.jid
                for actor in self._scenario.playable.actors
                if (account := self._accounts.get(owner_of(actor))) is not None
            },
            outcome=outcome,
            started=started,
            seconds=trio.current_time() - self._begun,
            is_worth_repeating=self._is_worth_repeating and bool(outcome.problems),
            waited=self._waited,
            reports=tuple(self._reports),
            observed_in_play=self._observed_in_play,
        )

    @property
    def _is_worth_repeating(self) -> bool:
        """Whether the machine may be at fault; not when there was nothing to wait for."""
        is_decided = self._has_left or self._is_flooded or self._hangs
        return self._waited > 0 and self._has_begun and not is_decided

    @property
    def _hangs(self) -> bool:
        return self._used > _HANGING

    async def _guarded(self) -> Outcome:
        faults: list[Problem] = []
        outcome = Outcome()
        with boundary(faults):
            try:
                outcome = await self._attempt()
            except* HarnessError as group:
                outcome = _stopped(_first(group))
        return Outcome(problems=tuple(faults)) if faults else outcome

    async def _attempt(self) -> Outcome:
        transcript = self._scenario.playable
        terms = terms_for(transcript, self._workshop.features)
        if isinstance(terms, str):
            return _stopped(terms)
        terms = replace(terms, mechanisms=self._workshop.mechanisms or terms.mechanisms)
        fresh = self._workshop.fresh
        domain = self._workshop.certificates.domain
        for owner in owners(transcript):
            account = Account(username=fresh("user"), password=fresh("secret"), domain=domain)
            self._accounts[owner] = account
            self._log.secrets.add(account.password, public=account.jid)
        cast = Cast(domain=domain, accounts=self._accounts, services={"muc": f"conference.{domain}"})
        identity = self._workshop.certificates.identity(Kind(terms.certificate))
        kind = WebSocketListener if self._is_websocket else Listener
        self._listener = kind(self, identity, tap=self._log.tap, on_refusal=self._refused)
        self._play = self._hosted(transcript, cast, terms)
        doors = [actor.name for actor in transcript.actors]
        async with at_doors(self._listener, doors, host=HOST) as ports, AsyncExitStack() as programs:
            for actor in transcript.actors:
                self._play.judge.scope[f"{actor.name}'s port"] = str(ports[actor.name].plain)
                await self._start(programs, actor, terms, ports[actor.name])
            await self._run_play()
            return await self._ended()

    def _hosted(self, transcript: Transcript, cast: Cast, terms: Terms) -> HostedPlay:
        accounts = {one.username: one.password for one in cast.accounts.values()}
        settings = settings_on(terms, cast.domain, accounts)
        usual = ReferenceServer(settings, clock=time.time, fresh=lambda: self._workshop.fresh("s"))
        return HostedPlay(
            transcript,
            cast,
            usual,
            scope=first_scope(transcript, cast, self._workshop.fresh),
            fresh=self._workshop.fresh,
            identify=self._listener.door_of,
            steps=HOSTED_STEPS,
            commands={actor.name: self._workshop.commands for actor in transcript.actors},
            fence=self._workshop.fence,
        )

    # --- programs -------------------------------------------------------------------------------

    async def _start(self, programs: AsyncExitStack, actor: Actor, terms: Terms, ports: Ports) -> None:
        workshop = self._workshop
        account = self._accounts[owner_of(actor)]
        environment = self._environment(actor, account, terms, ports)
        command = [_placed(word, environment) for word in command_of(workshop.description, workshop.build)]
        hearing = Hearing(
            reported=lambda report: self._reported(actor.name, report),
            printed=lambda line, is_error: self._printed(actor.name, line, is_error),
            ended=lambda how: self._exited(actor.name, how),
        )
        self._programs[actor.name] = await programs.enter_async_context(
            driven(command, workshop.description.directory, environment, hearing, workshop.reaper)
        )

    def _environment(self, actor: Actor, account: Account, terms: Terms, ports: Ports) -> dict[str, str]:
        resource = f"/{actor.resource.source}" if actor.resource is not None else ""
        port = ports.direct_tls if terms.client_tls == "direct" else ports.plain
        certificates = self._workshop.certificates
        scheme = "wss" if terms.client_tls == "direct" else "ws"
        url = {"XMPP_URL": f"{scheme}://{account.domain}:{port}{PATH}"} if self._is_websocket else {}
        return {
            "XMPP_HOST": HOST,
            "XMPP_PORT": str(port),
            "XMPP_JID": f"{account.jid}{resource}",
            "XMPP_PASSWORD": account.password,
            "XMPP_TLS": terms.client_tls,
            "XMPP_CA_FILE": str(certificates.ca_file),
            "XMPP_CERTIFICATE_FILE": str(certificates.certificate_file),
            **url,
            **self._workshop.description.environment,
        }

    @property
    def _is_websocket(self) -> bool:
        return self._workshop.description.transport is Transport.WEBSOCKET

    def _reported(self, actor: str, report: Report) -> None:
        values = " ".join(f"{name}={value!r}" for name, value in report.values.items())
        self._log.tell(actor, f"reports {report.event} {values}".rstrip())
        self._reports.append(report)
        self._listener.carry_out(self._play.reported(actor, report))
        self._note_change()

    def _printed(self, actor: str, line: bytes, is_error: bool) -> None:
        where = "standard error" if is_error else "standard output"
        text = line.decode("utf-8", "backslashreplace")
        self._log.tell(actor, f"{where}: {text}")
        if is_error and text.strip():
            self._play.parties[actor].printed = text.strip()[:_LONGEST_SAID]

    def _exited(self, actor: str, how: str) -> None:
        self._log.tell(actor, f"the program {how or 'ended'}")
        self._is_flooded |= how == FLOODED
        is_crash = how.startswith("crashed") or (self._workshop.commands and how not in _IN_ORDER)
        self._listener.carry_out(self._play.exited(actor, how if is_crash else ""))
        self._note_change()

    # --- the peer -------------------------------------------------------------------------------

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """Pass it on."""
        return self._passed(self._play.connected(connection, event))

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Pass it on; what floods us is not dealt with any more."""
        return self._passed(() if self._log.is_flooded else self._play.received(connection, event))

    def _refused(self, door: str) -> None:
        self._log.tell(door, "the handshake of direct TLS failed")
        self._listener.carry_out(self._play.refused(door))
        self._note_change()

    def _passed(self, directed: Sequence[Directed]) -> Sequence[Directed]:
        self._note_change()
        return directed

    def _note_change(self) -> None:
        self._has_begun = True
        self._changed.set()

    # --- the course -----------------------------------------------------------------------------

    async def _run_play(self) -> None:
        """Push the play on; when nothing happens for long, tell it so."""
        self._listener.carry_out(self._play.begin())
        while not self._play.is_over and not (self._log.is_flooded or self._is_flooded):
            await self._tell_commands()
            patience = self._patience()
            with trio.move_on_after(patience) as waiting:
                await self._change()
            self._changed = trio.Event()
            if waiting.cancelled_caught:
                self._waited += patience
                if not self._is_busy():
                    self._listener.carry_out(self._play.silence())
                elif self._hangs:
                    break
        self._observed_in_play = len(self._log.observed)
        self._has_left = any(one.has_ended.is_set() for one in self._programs.values())
        await self._tell_commands()

    async def _change(self) -> None:
        """Wait until something happens; while it does not, another case may go on."""
        with trio.move_on_after(_REACTION):
            await self._changed.wait()
            return
        if not self._is_busy():
            self._turn.give_up()
        await self._changed.wait()

    def _is_busy(self) -> bool:
        """Whether a program that says nothing is calculating, or waits for a core that others use."""
        before, self._used = self._used, sum(one.cpu_seconds() for one in self._programs.values())
        is_waiting = any(one.wants_a_core() for one in self._programs.values())
        return is_waiting or self._used - before > _MUCH_CPU

    def _patience(self) -> float:
        if all(one.has_ended.is_set() for one in self._programs.values()):
            return _AFTER_END
        return self._workshop.description.patience if self._has_begun else self._workshop.patience_at_start

    async def _tell_commands(self) -> None:
        while self._play.told:
            actor, command = self._play.told.popleft()
            said = command_line(command).decode("utf-8", "replace").rstrip("\n")
            self._log.tell(actor, f"is told {said}", is_sent=True)
            await self._programs[actor].tell(command)

    async def _ended(self) -> Outcome:
        """Have the programs end, and see how they do."""
        async with trio.open_nursery() as nursery:
            for actor, program in self._programs.items():
                nursery.start_soon(self._dismiss, actor, program)
        if self._hangs:
            return _hanging(f"the client calculates for {self._used:.0f} s without an end")
        if self._is_flooded:
            return _stopped(f"the program {FLOODED}")
        if self._log.is_flooded:
            return _endless("the client sends without end")
        return self._play.outcome()

    async def _dismiss(self, actor: str, program: Driven) -> None:
        if not self._workshop.commands:
            if self._play.problems:  # of which a crash may be the reason
                with trio.move_on_after(_AFTER_END):
                    await program.has_ended.wait()
            self._play.note_crash(actor)
            return
        if not await program.leave(_GRACE):
            self._play.notes.append(f"{actor}: did not end within {_GRACE:g} s after quit, and was killed")
        self._play.note_crash(actor)


_IN_ORDER = ("", "ended with status 1", FLOODED)


def _placed(word: str, environment: Mapping[str, str]) -> str:
    """Fill in what a command without a driver is told on its command line."""
    jid = environment["XMPP_JID"]
    bare = jid.partition("/")[0]
    values = {
        "host": environment["XMPP_HOST"],
        "port": environment["XMPP_PORT"],
        "jid": jid,
        "user": bare.partition("@")[0],
        "domain": bare.partition("@")[2],
        "password": environment["XMPP_PASSWORD"],
        "ca": environment["XMPP_CA_FILE"],
    }
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _endless(message: str) -> Outcome:
    """That is the client's fault, whatever it was about to do."""
    return Outcome(problems=(Problem(cause="sends without end", message=message),))


def _hanging(message: str) -> Outcome:
    """Whoever can be kept busy for so long can be kept from everything else."""
    return Outcome(problems=(Problem(cause="hangs", message=message),))


def _stopped(message: str) -> Outcome:
    return Outcome(problems=(Problem(cause=message, message=message, is_environment=True),))


def _first(group: "ExceptionGroup[HarnessError]") -> str:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
