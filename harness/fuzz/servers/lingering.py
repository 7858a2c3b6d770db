"""Somebody who comes, says a little from time to time, and never logs in."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import Session
from harness.fuzz.property import Property
from harness.fuzz.servers.station import ROMEO, connection_to
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import Trouble
from harness.results.verdicts import Level
from harness.strategies.sample import Claim, Place, Sample
from harness.transport.connection import Connection
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import Connected, Disconnected, Silence
from harness.wire.writer import stream_header

LINGERING = Property(
    name="lingerers-are-dismissed",
    number="P-26",
    title="A connection on which nobody logs in ends when the server says it does, whatever trickles in",
    level=Level.SHOULD,  # it is the server's own word, not that of a specification
    is_told=True,
    steps=None,
)

_PAUSE = 0.5  # seconds between two bytes
_LOOK = 0.01  # seconds
_LATER = 1.2  # times as long as it says


@dataclass(kw_only=True)
class Lingerer:
    """One such connection; where the server does not say how long it waits there is none."""

    session: Session
    is_judged: bool = False
    has_stayed: bool = False
    _connection: Connection | None = None
    _begun: float = 0.0
    _last: float = field(default=0.0)

    async def begin(self, stack: AsyncExitStack) -> None:
        """Come, and open a stream."""
        if not self.session.login_limit:
            return
        connection = connection_to(self.session, CaseLog(trio.current_time, Secrets()), ROMEO)
        stack.push_async_callback(connection.aclose)
        if isinstance(await connection.perform(OpenConnection()), Connected):
            header = {"to": self.session.endpoint.domain, "version": "1.0"}
            await connection.perform(Send(data=stream_header(attributes=header)))
            self._connection, self._begun = connection, trio.current_time()

    async def trickle(self) -> None:
        """Say a little, if it is time; note whether that is still taken."""
        now = trio.current_time()
        if self._connection is None or self.is_judged or now - self._last < _PAUSE:
            return
        self._last = now
        await self._connection.perform(Send(data=b" "))
        event = await self._connection.perform(Receive(patience=_LOOK))
        while not isinstance(event, Silence | Disconnected):
            event = await self._connection.perform(Receive(patience=_LOOK))
        is_there = isinstance(event, Silence)
        self.has_stayed = is_there and now - self._begun > _LATER * self.session.login_limit
        self.is_judged = not is_there or self.has_stayed

    def trouble(self) -> Trouble | None:
        """What is wrong, once that is known."""
        if not self.has_stayed:
            return None
        sample = Sample(family="state", data=b" ", claim=Claim.LEGAL, place=Place.OPEN)
        trial = Trial(sample=sample, token="", data=b" ", reading=Reading.WHOLE)
        cause = "a connection without a login stays longer than the server says"
        return Trouble(broken=LINGERING, trial=trial, cause=cause)
