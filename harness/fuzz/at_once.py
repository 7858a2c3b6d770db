"""Several things of a kind done at the same time."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import trio

from harness.errors import HarnessError

Item = TypeVar("Item")


async def at_once(work: Callable[[Item], Awaitable[None]], items: Iterable[Item]) -> None:
    """Do the work with each; raises the first HarnessError as it is, and ends the others."""
    failed: list[HarnessError] = []

    async def one(item: Item) -> None:
        try:
            await work(item)
        except HarnessError as error:
            failed.append(error)
            nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        for item in items:
            nursery.start_soon(one, item)
    if failed:
        raise failed[0]
