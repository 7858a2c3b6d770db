"""A user of the target, for tests in Python: send, receive, and say what has to come."""

import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

import trio
from lxml import etree

from harness.engine.batch import Batch
from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import Session
from harness.engine.stage import ServerStage
from harness.errors import UsageError
from harness.fuzz.servers.station import Station, logged_in
from harness.pattern.match import Matched, match
from harness.pattern.nodes import Strictness
from harness.pattern.reader import Place, Reading, read_nodes
from harness.play.cast import Account
from harness.pytest_plugin.player import Player
from harness.wire.effects import Receive
from harness.wire.events import ElementReceived, Event, Silence

_PATTERN = "this pattern"  # where one is that stands in a test


@dataclass(frozen=True, kw_only=True)
class Server:
    """The target of a test, as `xmpp_target` gives it. `ca_file` is empty where any authority will do."""

    player: Player
    name: str
    host: str
    port: int
    domain: str

    def account(self) -> Account:
        """An account that nobody has used: `username`, `password`, `domain`, and its bare `jid`."""
        return self.player.run(lambda batch: session_of(batch).account())


@dataclass(kw_only=True)
class Client:
    """Somebody who is logged in. What comes is kept until it is asked for, in its order."""

    player: Player
    station: Station
    account: Account
    _count: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def jid(self) -> str:
        """The full JID."""
        return self.station.jid

    def send(self, stanza: str) -> None:
        """Send XML as it stands."""
        self.player.run(lambda _: self.station.say(stanza.encode()))

    def receive(self, seconds: float | None = None) -> "etree._Element":
        """The next stanza. AssertionError when none comes in time, or the stream ends."""
        event = self.player.run(lambda _: self._next(seconds))
        if not isinstance(event, ElementReceived):
            what = "nothing comes" if isinstance(event, Silence) else "the stream has ended"
            raise AssertionError(f"{self.jid}: {what}")
        return event.tree

    def expect(self, pattern: str, seconds: float | None = None) -> "etree._Element":
        """The next stanza, which has to fit a pattern as scenarios have them: what it names is there.

        AssertionError tells the difference.
        """
        received = self.receive(seconds)
        (node,) = read_nodes(pattern.strip(), Place(_PATTERN, 1), Reading())
        found = match(node, received, {}, Strictness.BY_NAMESPACE)
        if not isinstance(found, Matched):
            raise AssertionError("\n".join([found.cause, *found.lines]))
        return received

    def ask(self, kind: str, payload: str, to: str = "") -> "etree._Element":
        """Send an iq of type get or set, and return the answer; what comes before it is passed over."""
        identity = f"ask-{next(self._count)}"
        address = f" to='{to}'" if to else ""
        self.send(f"<iq type='{kind}' id='{identity}'{address}>{payload}</iq>")
        while True:
            received = self.receive()
            if received.get("id") == identity and received.get("type") in ("result", "error"):
                return received

    async def _next(self, seconds: float | None) -> Event:
        event = await self.station.connection.perform(Receive(patience=seconds or self.station.patience))
        assert event is not None, "Receive is always answered"
        return event


def server_of(player: Player) -> Server:
    """Start the target. Raises UsageError for a client, and HarnessError when it cannot be started."""

    async def endpoint(batch: Batch) -> tuple[str, int, str]:
        found = session_of(batch).endpoint
        return found.host, found.port, found.domain

    host, port, domain = player.run(endpoint)
    return Server(player=player, name=player.description.name, host=host, port=port, domain=domain)


def session_of(batch: Batch) -> Session:
    """The session of a server."""
    if not isinstance(batch.stage, ServerStage):
        raise UsageError(f"{batch.stage.name} is a client, and this test is for servers")
    return batch.stage.session


@contextmanager
def clients_of(server: Server) -> Iterator["Clients"]:
    """Makes clients, who leave at the end of the block."""
    clients = Clients(server=server)
    try:
        yield clients
    finally:
        clients.leave()


@dataclass(kw_only=True)
class Clients:
    """Called, it logs somebody in: a new account, or one that is given."""

    server: Server
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __call__(self, account: Account | None = None) -> Client:
        """Log in. Raises TargetError when that is refused."""
        used = account or self.server.account()
        station = self.server.player.run(partial(self._enter, used))
        return Client(player=self.server.player, station=station, account=used)

    async def _enter(self, account: Account, batch: Batch) -> Station:
        secrets = Secrets()
        secrets.add(account.password, public=account.jid)
        log = CaseLog(trio.current_time, secrets)
        return await self._stack.enter_async_context(logged_in(session_of(batch), log, "Romeo", account))

    def leave(self) -> None:
        """Have everybody leave."""
        self.server.player.run(self._close)

    async def _close(self, _: Batch) -> None:
        await self._stack.aclose()
