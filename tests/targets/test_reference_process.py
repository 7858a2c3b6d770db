"""The reference server in a process of its own."""

import os
import signal
from pathlib import Path

import msgspec
import psutil
import pytest
import trio

from harness.errors import TargetError, UsageError
from harness.negotiation.client import ClientState, LoggedIn, Refusal
from harness.targets.access import access_of
from harness.targets.description import Description, Settings, load
from harness.targets.instance import Instance
from harness.targets.launching import started
from tests.waiting import until


def described(*faults: str) -> Description:
    return msgspec.structs.replace(load("reference"), settings=Settings(process=True, faults=faults))


async def log_in(description: Description, instance: Instance, username: str) -> LoggedIn | Refusal:
    access = access_of(description, instance)
    async with access.connection() as connection:
        return await access.log_in(connection, ClientState(domain=instance.domain), username, "secret")


async def test_it_serves_accounts_and_leaves_nothing() -> None:
    description = described()
    async with started(description) as instance:
        assert instance.create_account is not None
        assert instance.remove_account is not None
        assert os.getpid() not in instance.pids
        used = instance.usage()
        assert used is not None
        assert used.rss > 0
        assert all(log.is_file() for log in instance.logs)
        assert not list(Path(instance.ca_file).parent.glob("*key*"))
        await instance.create_account("romeo", "secret")
        assert isinstance(await log_in(description, instance, "romeo"), LoggedIn)
        with pytest.raises(TargetError, match="no room for an account called romeo"):
            await instance.create_account("romeo", "other")
        await instance.remove_account("romeo")
        assert isinstance(await log_in(description, instance, "romeo"), Refusal)
    assert not any(map(psutil.pid_exists, instance.pids))
    assert not Path(instance.ca_file).parent.exists()


async def test_orders_of_many_tasks_do_not_meet() -> None:
    description = described()
    async with started(description) as instance, trio.open_nursery() as nursery:
        assert instance.create_account is not None
        for number in range(30):
            nursery.start_soon(instance.create_account, f"user-{number}", "secret")


async def test_a_fault_is_planted() -> None:
    async with started(described("header-id-constant")) as instance:
        header = b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
        header += b"xmlns:stream='http://etherx.jabber.org/streams'>"
        stream = await trio.open_tcp_stream(instance.host, instance.port)
        async with stream:
            await stream.send_all(header)
            assert b" id='always" in await stream.receive_some()


async def test_an_unknown_fault_is_told() -> None:
    with pytest.raises(UsageError, match="no fault named 'tpyo'"):
        async with started(described("tpyo")):
            pytest.fail("it was started")


async def test_a_server_that_died_is_told() -> None:
    async with started(described()) as instance:
        assert instance.create_account is not None
        os.kill(instance.pids[0], signal.SIGKILL)
        with pytest.raises(TargetError, match=r"the reference server has ended; .*signal 9"):
            await instance.create_account("romeo", "secret")
        await until(lambda: not psutil.pid_exists(instance.pids[0]))
