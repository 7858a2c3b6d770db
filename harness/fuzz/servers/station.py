"""Two users who are logged in: one sends samples, the other one may get something of them."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeGuard

import trio

from harness.engine.log import Bounds, CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import Session
from harness.errors import TargetError
from harness.fuzz.trial import DECLARED, is_end
from harness.monitors.monitor import Memory
from harness.monitors.observed import Context
from harness.monitors.watch import Seen, Watching
from harness.negotiation.client import ClientState, LoggedIn
from harness.play.cast import Account
from harness.results.verdicts import Perspective
from harness.transport.connection import Connection
from harness.wire.effects import Receive, Send
from harness.wire.events import Disconnected, ElementReceived, Event, Silence, StreamEnded
from harness.wire.writer import escape, stream_footer
from harness.xmpp.namespaces import CLIENT, Name

_BOUNDS = Bounds(events=1_000_000, size=1 << 30)
_IQ = Name(CLIENT, "iq")
_UNKNOWN = (
    "<iq type='error' id='{id}' to='{to}'><error type='cancel'>"
    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
)
ROMEO, JULIET = "Romeo", "Juliet"
_ENDLESS = 15  # times as long as for one answer; then something comes, but not what is awaited
_FEW = 8  # cuts, each of which is given time, so that the pieces are not joined on their way
_PAUSE = 0.002  # seconds
_LONGEST = 4_000  # events; then a pair is let go


@dataclass(kw_only=True)
class Station:
    """One user on one connection."""

    name: str
    account: Account
    connection: Connection
    jid: str
    fresh: Callable[[str], str]
    patience: float

    async def say(self, data: bytes, cuts: Sequence[int] = ()) -> None:
        """Send bytes as they are."""
        pauses = dict.fromkeys(cuts, _PAUSE) if len(cuts) <= _FEW else {}
        await self.connection.perform(Send(data=data, cuts=tuple(cuts), pauses=pauses))

    def question(self) -> tuple[str, bytes]:
        """A ping to the server, and its id."""
        identity = self.fresh("fence")
        return identity, ping(identity, self.account.domain)

    async def hear(self, awaited: Iterable[str], patience: float | None = None) -> list[Event]:
        """Read until the answers with these ids are here, the connection ends or nothing comes any more."""
        missing, events = set(awaited), []
        until = trio.current_time() + _ENDLESS * (patience or self.patience)
        while missing and trio.current_time() < until:
            event = await self.connection.perform(Receive(patience=patience or self.patience))
            assert event is not None, "Receive is always answered"
            events.append(event)
            if is_end(event):
                break
            if isinstance(event, ElementReceived) and event.name == _IQ:
                missing.discard(event.attributes.get("id", ""))
        return events

    async def ask(self) -> tuple[list[Event], bool]:
        """Ask the server something; all that came, and whether the answer was among it."""
        identity, question = self.question()
        await self.say(question)
        events = await self.hear([identity])
        last = events[-1] if events else None
        return events, isinstance(last, ElementReceived)

    async def refuse_requests(self, events: Iterable[Event]) -> None:
        """Answer what others have asked, as a client must (RFC 6120, 8.2.3)."""
        for event in events:
            if _is_request(event) and {"from", "id"} <= set(event.attributes):
                identity, to = (escape(event.attributes.get(one, "")) for one in ("id", "from"))
                await self.say(_UNKNOWN.format(id=identity, to=to).encode())


def ping(identity: str, domain: str) -> bytes:
    """A question that every server answers, be it by an error."""
    return f"<iq type='get' id='{identity}' to='{domain}'><ping xmlns='urn:xmpp:ping'/></iq>".encode()


def connection_to(session: Session, log: CaseLog, name: str) -> Connection:
    """A connection that is not open yet."""
    return Connection(session.endpoint, session.access.context, tap=log.tap(name), patience=session.patience)


def _is_request(event: Event) -> TypeGuard[ElementReceived]:
    if not isinstance(event, ElementReceived):
        return False
    return event.name == _IQ and event.attributes.get("type") in ("get", "set")


@dataclass(kw_only=True)
class Pair:
    """Two users, their traffic, and the monitors that watch it. Who sends samples may have to come again."""

    session: Session
    romeo: Station
    juliet: Station
    log: CaseLog
    watching: Watching
    stay: AsyncExitStack  # of Romeo: ends when he leaves
    is_over: bool = False  # both are to be let go
    is_parted: bool = False  # only the stream of Romeo has ended
    tokens: list[str] = field(default_factory=list)  # of all that was sent, the latest first
    _shown: int = 0

    @property
    def is_worn(self) -> bool:
        """Whether it has served its time."""
        return self.is_over or len(self.log.observed) > _LONGEST

    async def come_again(self) -> None:
        """Log Romeo in again; raises TargetError when that is refused."""
        await self.stay.aclose()
        coming = present(self.session, self.log, ROMEO, self.romeo.account)
        self.romeo = await self.stay.enter_async_context(coming)
        self.is_parted = False

    def breaches(self) -> list[Seen]:
        """What the monitors have noticed since they were last asked."""
        observed = self.log.observed[self._shown :]
        self._shown = len(self.log.observed)
        return self.watching.see(observed)


@asynccontextmanager
async def logged_in(session: Session, log: CaseLog, name: str, account: Account) -> AsyncIterator[Station]:
    """Log in; raises TargetError when that is refused."""
    access = session.access
    connection = connection_to(session, log, name)
    try:
        await session.rest()
        state = ClientState(domain=session.endpoint.domain, declared=DECLARED)
        with trio.move_on_after(_ENDLESS * session.patience) as limit:
            result = await access.log_in(connection, state, account.username, account.password)
        if limit.cancelled_caught:
            raise TargetError("cannot log in: what comes has no end")
        if not isinstance(result, LoggedIn):
            raise TargetError(f"cannot log in: {result.message}")
        yield Station(
            name=name,
            account=account,
            connection=connection,
            jid=result.jid,
            fresh=session.fresh,
            patience=session.patience,
        )
    finally:
        with trio.CancelScope(shield=True):
            with trio.move_on_after(1):
                if connection.would_end_abruptly:
                    await _leave(connection)
            await connection.aclose()


async def _leave(connection: Connection) -> None:
    await connection.perform(Send(data=stream_footer()))
    event: Event | None = None
    while not isinstance(event, StreamEnded | Disconnected | Silence):
        event = await connection.perform(Receive(patience=0.3))


@asynccontextmanager
async def present(session: Session, log: CaseLog, name: str, account: Account) -> AsyncIterator[Station]:
    """Log in, and tell that one is there; raises TargetError when that is refused."""
    async with logged_in(session, log, name, account) as station:
        await station.say(b"<presence/>")
        if not (await station.ask())[1]:
            raise TargetError(f"{station.name} is not answered after the login")
        yield station


@asynccontextmanager
async def paired(session: Session, accounts: Sequence[Account], memory: Memory) -> AsyncIterator[Pair]:
    """Two users of whom each has told that it is there."""
    begun = trio.current_time()
    secrets = Secrets()
    for account in accounts:
        secrets.add(account.password, public=account.jid)
    log = CaseLog(lambda: trio.current_time() - begun, secrets, bounds=_BOUNDS)
    context = Context(
        domain=session.endpoint.domain,
        perspective=Perspective.CLIENT,
        accounts={ROMEO: accounts[0].jid, JULIET: accounts[1].jid},
    )
    async with present(session, log, JULIET, accounts[1]) as juliet, AsyncExitStack() as stay:
        romeo = await stay.enter_async_context(present(session, log, ROMEO, accounts[0]))
        watching = Watching(context, memory)
        yield Pair(session=session, romeo=romeo, juliet=juliet, log=log, watching=watching, stay=stay)
