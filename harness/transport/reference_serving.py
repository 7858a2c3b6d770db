"""The reference server on sockets, with the faults that lie below its conversations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from harness.reference.mortal import with_process_faults
from harness.reference.raw_faults import make_reader
from harness.reference.server import ReferenceServer
from harness.transport.listener import Identity, Listener, Ports, at_doors
from harness.wire.effects import CloseConnection, Directed
from harness.wire.reader import Limits, StreamReader

STALL, LINGERERS = "slow-client-stalls-others", "lingerers-stay"
#: How long somebody may take to log in.
LOGIN_SECONDS = 10.0
_INTERVAL = 0.5


class _OneLock:
    """Who stops in the middle of something keeps all others waiting (a fault)."""

    def __init__(self) -> None:
        self._holder = 0
        self._freed = trio.Event()

    async def wait(self, number: int) -> None:
        """Return when nobody else is in the middle of something."""
        while self._holder not in (0, number):
            await self._freed.wait()
        self._holder = number

    def end(self, number: int, *, is_inside: bool) -> None:
        """Keep the lock, or let it go."""
        if self._holder == number and not is_inside:
            self._holder = 0
            self._freed.set()
            self._freed = trio.Event()


@asynccontextmanager
async def serving(
    server: ReferenceServer, identity: Identity, faults: frozenset[str], *, host: str = "127.0.0.1"
) -> AsyncIterator[Ports]:
    """Serve on two free ports until the block ends."""

    def reader(limits: Limits, former: StreamReader | None) -> StreamReader:
        return make_reader(faults, limits, former)

    listener = Listener(
        with_process_faults(server, faults),
        identity,
        make_reader=reader,
        turns=_OneLock() if STALL in faults else None,
        lingers=True,
    )
    async with at_doors(listener, [""], host=host) as ports, trio.open_nursery() as nursery:
        if LINGERERS not in faults:
            nursery.start_soon(_dismiss, listener, server)
        yield ports[""]
        nursery.cancel_scope.cancel()


async def _dismiss(listener: Listener, server: ReferenceServer) -> None:
    """End connections on which nobody has logged in for long, whatever comes on them."""
    while True:
        await trio.sleep(_INTERVAL)
        late = [one for one in listener.older_than(LOGIN_SECONDS) if not server.bound_jid(one)]
        listener.carry_out([Directed(connection=one, effect=CloseConnection()) for one in late])
