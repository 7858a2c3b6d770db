"""Accounts that were given are shared out without anybody starving."""

import pytest
import trio
import trio.testing

from harness.engine.pool import Pool


async def test_who_asks_first_gets_all_it_needs_first() -> None:
    pool = Pool(3)
    order: list[str] = []

    async def take(name: str, count: int, release: trio.Event) -> None:
        async with pool.lent(count):
            order.append(name)
            await release.wait()

    releases = {name: trio.Event() for name in ("two", "three", "one")}
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            for name, count in (("two", 2), ("three", 3), ("one", 1)):
                nursery.start_soon(take, name, count, releases[name])
                await trio.testing.wait_all_tasks_blocked()
            assert order == ["two"]
            for name in releases:
                releases[name].set()
    assert order == ["two", "three", "one"]


async def test_what_waits_can_be_cancelled() -> None:
    pool = Pool(1)
    with trio.fail_after(5):
        async with pool.lent(1):
            with trio.move_on_after(0.01):
                async with pool.lent(1):
                    pytest.fail("there is only one")
        async with pool.lent(1):
            pass


async def test_without_capacity_there_is_no_limit() -> None:
    pool = Pool(None)
    assert pool.can_lend(1000)
    async with pool.lent(1000), pool.lent(1000):
        pass
    assert not Pool(2).can_lend(3)
