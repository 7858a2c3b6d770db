"""A number of things of which cases take several at once, such as accounts that were given to us."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


class Pool:
    """Lends out up to `capacity` at a time; None lends without limit.

    Who asks first is served first and gets all it asks for at once, so that neither a large case starves
    nor two cases wait for what the other one holds.
    """

    def __init__(self, capacity: int | None) -> None:
        self.capacity = capacity
        self._free = capacity or 0
        self._turn = trio.Lock()
        self._returned = trio.Event()

    def can_lend(self, count: int) -> bool:
        """Whether so many can ever be had."""
        return self.capacity is None or count <= self.capacity

    @asynccontextmanager
    async def lent(self, count: int) -> AsyncIterator[None]:
        """Wait for so many and hold them until the block ends."""
        if self.capacity is None:
            yield
            return
        async with self._turn:
            while self._free < count:
                self._returned = trio.Event()
                await self._returned.wait()
            self._free -= count
        try:
            yield
        finally:
            self._free += count
            self._returned.set()
