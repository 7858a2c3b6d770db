"""Cleaning up is done in spite of a cancellation, and given up when somebody hurries."""

import os
import sys
from pathlib import Path

import trio

from harness.targets.accounts import Accounts
from harness.targets.haste import hurry, protected, when_hurried
from harness.targets.logins import Login
from harness.targets.processes import Program, running

#: A server that does not hear SIGTERM; it tells when that is so.
DEAF = "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"


async def test_what_is_protected_is_left_only_in_a_hurry() -> None:
    done = []
    with trio.CancelScope() as scope:
        scope.cancel()
        with protected():
            await trio.lowlevel.checkpoint()
            done.append("in spite of the cancellation")
            hurry()
            await trio.sleep_forever()
        done.append("and after it")
        with protected():
            await trio.sleep_forever()
        done.append("not begun in a hurry")
    assert len(done) == 3


async def test_who_comes_later_hurries_too() -> None:
    done = []
    with when_hurried(lambda: done.append("early")):
        hurry()
    with when_hurried(lambda: done.append("late")):
        pass
    assert done == ["early", "late"]


async def test_a_run_does_not_hurry_because_another_did() -> None:
    done = []
    with when_hurried(lambda: done.append("hurried")):
        await trio.lowlevel.checkpoint()
    assert not done


async def test_a_server_that_does_not_end_is_killed_in_a_hurry(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    program = Program(
        command=[sys.executable, "-S", "-c", DEAF], directory=tmp_path, log=log, grace=1e6, private=True
    )
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery, running(program) as process:
            ending = os.pidfd_open(process.pid)
            nursery.start_soon(hurry_when_cancelled)
            nursery.cancel_scope.cancel()
        await trio.lowlevel.wait_readable(ending)
    os.close(ending)
    assert process.has_ended


async def hurry_when_cancelled() -> None:
    try:
        await trio.sleep_forever()
    finally:
        hurry()


class Stubborn:
    """Makes accounts that it never gets rid of."""

    async def create(self, username: str, password: str) -> Login:
        return Login(username=username, password=password)

    async def remove(self, login: Login) -> None:
        hurry()
        await trio.sleep_forever()

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


async def test_accounts_that_are_left_in_a_hurry_are_named() -> None:
    accounts = Accounts(Stubborn())
    await accounts.create("romeo", "secret")
    with trio.fail_after(10):
        assert await accounts.close() == 1
    assert accounts.left_behind == {"romeo": "there was no time left"}


async def test_a_server_whose_keeper_was_killed_is_not_left(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    program = Program(command=[sys.executable, "-S", "-c", DEAF], directory=tmp_path, log=log, grace=1e6)
    with trio.fail_after(10):
        async with running(program) as process:
            ending = os.pidfd_open(process.pid)
            process.keeper.kill()
            await process.keeper.wait()
        await trio.lowlevel.wait_readable(ending)
    os.close(ending)
