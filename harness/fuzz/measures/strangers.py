"""Connections of whom nobody has logged in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.errors import HarnessError
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.station import ROMEO, connection_to
from harness.fuzz.trial import is_end, is_stream_error
from harness.transport.connection import Connection
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import Connected, Disconnected, Event
from harness.wire.writer import stream_header


@asynccontextmanager
async def stranger(bench: Bench) -> AsyncIterator[Connection]:
    """A connection with an open stream, before any login."""
    session = bench.session
    log = CaseLog(trio.current_time, Secrets())
    connection = connection_to(session, log, ROMEO)
    try:
        if not isinstance(await connection.perform(OpenConnection()), Connected):
            raise HarnessError("no connection can be opened")
        header = stream_header(attributes={"to": session.endpoint.domain, "version": "1.0"})
        await connection.perform(Send(data=header))
        yield connection
    finally:
        await connection.aclose()


async def ends(connection: Connection, patience: float) -> bool:
    """Whether the stream ends, or is said to be in error, before nothing comes any more."""
    event: Event | None = None
    while event is None or not is_end(event):
        event = await connection.perform(Receive(patience=patience))
        if event is None or isinstance(event, Disconnected) or is_stream_error(event):
            return True
    return False
