"""Every server that is installed here, launched for real: twice at once, logged in to, gone afterwards."""

import os
import socket
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import psutil
import pytest
import trio

from harness.errors import TargetError
from harness.negotiation.client import ClientState, LoggedIn, Refusal
from harness.targets.access import access_of
from harness.targets.accounts import provided
from harness.targets.description import (
    AccountSource,
    Description,
    Provider,
    Settings,
    launcher_names,
    load,
    names,
)
from harness.targets.instance import Instance
from harness.targets.launching import launcher, started
from harness.targets.ports import free_ports
from tests.needing import needed
from tests.waiting import is_gone, until

SERVERS = [name for name in launcher_names() if name != "reference"]
#: Servers that start within two seconds, and those that start within half a second.
QUICK = [name for name in SERVERS if name != "openfire"]
QUICKEST = [name for name in QUICK if name != "ejabberd"]


def described(name: str) -> Description:
    missing = [finding.name for finding in launcher(name).examine() if not finding.present]
    needed(not missing, f"not installed: {', '.join(missing)}", name=name)
    return load(name)


async def log_in(
    description: Description, instance: Instance, username: str, password: str
) -> LoggedIn | Refusal:
    access = access_of(description, instance)
    async with access.connection() as connection:
        state = ClientState(domain=instance.domain)
        return await access.log_in(connection, state, username, password)


@pytest.mark.parametrize("name", SERVERS)
async def test_two_at_once_and_nothing_left(name: str) -> None:
    description = described(name)
    async with AsyncExitStack() as stack:
        instances: list[Instance] = []

        async def start() -> None:
            instances.append(await stack.enter_async_context(started(description)))

        async with trio.open_nursery() as nursery:
            for _ in range(2 if name in QUICK else 1):
                nursery.start_soon(start)
        for instance in instances:
            await account_lives_and_dies(description, instance)
            assert instance.version[:1].isdigit()
            assert sum(log.is_file() for log in instance.logs) >= 2  # what is printed, and a file of its own
            used = instance.usage()
            assert used is not None
            assert used.rss > 0
    for instance in instances:
        assert not any(map(psutil.pid_exists, instance.pids))
        assert not Path(instance.ca_file).parent.exists()


async def account_lives_and_dies(description: Description, instance: Instance) -> None:
    attached = msgspec.structs.replace(description, launcher="")  # so that accounts are removed at the end
    async with provided(attached, instance) as accounts:
        account = await accounts.create("r-1.o", 'se"c\\r<e>t')
        entered = await log_in(description, instance, account.username, account.password)
        assert isinstance(entered, LoggedIn)
        assert entered.jid.startswith(f"r-1.o@{instance.domain}/")
        assert entered.tls is not None
        # jabberd2 ends a stream with internal-server-error when an error for an earlier one comes late.
        for _ in range(3):
            refused = await log_in(description, instance, account.username, "wrong")
            if not isinstance(refused, Refusal) or refused.condition != "internal-server-error":
                break
        assert isinstance(refused, Refusal)
        assert refused.condition == "not-authorized"
    assert accounts.left_behind == {}
    assert isinstance(await log_in(description, instance, account.username, account.password), Refusal)


@pytest.mark.parametrize("name", ["prosody", "ejabberd"])
async def test_accounts_by_an_administrator_and_in_band(name: str) -> None:
    description = described(name)
    administrator = AccountSource(provider=Provider.ADMIN, admin="admin@localhost", password="top")
    async with started(description) as instance:
        assert instance.create_account is not None
        await instance.create_account("admin", "top")
        for source in (administrator, AccountSource(provider=Provider.IN_BAND)):
            await account_lives_and_dies(msgspec.structs.replace(description, accounts=source), instance)


@pytest.mark.parametrize("name", QUICK)
async def test_many_accounts_at_once(name: str) -> None:
    description = described(name)
    async with started(description) as instance, provided(description, instance) as accounts:
        async with trio.open_nursery() as nursery:
            for number in range(60):
                nursery.start_soon(accounts.create, f"user-{number}", "secret")
        assert isinstance(await log_in(description, instance, "user-59", "secret"), LoggedIn)


@pytest.mark.parametrize("name", QUICKEST)
async def test_tls_can_be_required(name: str) -> None:
    description = described(name)
    strict = msgspec.structs.replace(description, settings=Settings(require_tls=True))
    async with started(strict) as instance:
        header = (
            f"<stream:stream to='{instance.domain}' version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        stream = await trio.open_tcp_stream(instance.host, instance.port)
        async with stream:
            await stream.send_all(header.encode())
            got = b""
            while b"</stream:features>" not in got:
                got += await stream.receive_some()
        assert b"<required" in got


@pytest.mark.parametrize("name", QUICK)
async def test_a_taken_port_is_told_in_one_line(name: str) -> None:
    description = described(name)
    with socket.create_server(("127.0.0.1", 0)) as taken:

        def choose(number: int) -> list[int]:
            return [taken.getsockname()[1], *free_ports(number - 1)]

        with pytest.raises(TargetError, match="in use") as caught:
            async with started(description, choose_ports=choose):
                pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", QUICKEST)
async def test_another_choice_of_ports_helps(name: str) -> None:
    description = described(name)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = [taken.getsockname()[1]]

        def choose(number: int) -> list[int]:
            return [*(first.pop() for _ in first[:1]), *free_ports(number)][:number]

        async with started(description, choose_ports=choose) as instance:
            assert instance.port != taken.getsockname()[1]


@pytest.mark.parametrize("name", SERVERS)
async def test_a_missing_program_is_told_with_advice(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.targets.programs._ALSO", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("OPENFIRE_HOME", str(tmp_path))
    with pytest.raises(TargetError, match=r"is not installed \(.*install"):
        async with started(load(name)):
            pass


@pytest.mark.parametrize("name", QUICK)
async def test_a_broken_configuration_is_told_with_the_log(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    description = described(name)
    broken = tmp_path / "broken"
    broken.write_text("[[ <<\n")
    monkeypatch.setattr("harness.targets.site.template", lambda server, file: broken)
    with pytest.raises(TargetError, match=r"ended before it was ready; last in its log: .+") as caught:
        async with started(description):
            pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", QUICKEST)
async def test_a_launch_that_is_cancelled_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    description = described(name)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with trio.move_on_after(0.15) as scope:
        async with started(description):
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert os.listdir(tmp_path) == []
    mine = psutil.Process().children(recursive=True)
    assert not [process for process in mine if str(tmp_path) in " ".join(process.cmdline())]


HARNESS = """
import sys, trio
from pathlib import Path
from harness.targets.description import load
from harness.targets.launching import started

async def main():
    async with started(load(sys.argv[1])) as instance:
        print(Path(instance.ca_file).parent, *instance.pids, flush=True)
        await trio.sleep_forever()

trio.run(main)
"""


@pytest.mark.parametrize("name", QUICK)
async def test_no_server_outlives_a_killed_harness(name: str) -> None:
    described(name)
    command = [sys.executable, "-c", HARNESS, name]
    harness = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE)
    assert harness.stdout is not None
    async with harness.stdout:
        said = b""
        while not said.endswith(b"\n"):
            more = await harness.stdout.receive_some()
            assert more, "the harness has ended"
            said += more
        directory, *pids = said.decode().split()
        assert pids
        harness.kill()
        await harness.wait()
    await until(lambda: all(is_gone(int(pid)) for pid in pids))
    await until(lambda: not os.path.exists(directory))


def test_every_launcher_has_a_target_file() -> None:
    assert set(SERVERS) <= set(names())
