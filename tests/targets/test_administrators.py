"""Administrators that are made, administrators that are given, and who waits for one."""

import pytest
import trio

from harness.targets.administrators import Administrators, administrators_of
from harness.targets.description import AccountSource, Description, Provider
from harness.targets.instance import Instance
from harness.targets.logins import Login


def instance(made: dict[str, str] | None = None) -> Instance:
    async def create(username: str, password: str) -> None:
        assert made is not None
        assert username not in made
        made[username] = password

    names = () if made is None else ("admin-1", "admin-2")
    return Instance(
        host="h", port=1, domain="d", administrators=names, create_account=create if names else None
    )


async def test_a_launched_server_s_are_made_once_and_lent_in_turn() -> None:
    made: dict[str, str] = {}
    administrators = administrators_of(Description(), instance(made))
    assert len(administrators) == 2
    lent = []
    for number in range(3):
        async with administrators.lent() as login:
            lent.append(await administrators.ready(login, f"secret-{number}"))
    assert [one.username for one in lent] == ["admin-1", "admin-2", "admin-1"]
    assert lent[2] == lent[0]
    assert made == {"admin-1": "secret-0", "admin-2": "secret-1"}


async def test_the_one_of_the_target_file_is_as_it_is() -> None:
    source = AccountSource(provider=Provider.ADMIN, admin="root@d", password="top")
    administrators = administrators_of(Description(accounts=source), instance())
    async with administrators.lent() as login:
        assert await administrators.ready(login, "other") == Login(username="root", password="top")


def test_there_may_be_none() -> None:
    assert not administrators_of(Description(), instance())


async def test_who_finds_none_free_waits(autojump_clock: trio.testing.MockClock) -> None:
    administrators = Administrators([Login(username="root", password="top")])
    async with administrators.lent():
        with pytest.raises(trio.TooSlowError), trio.fail_after(1):
            async with administrators.lent():
                pass
    async with administrators.lent() as login:
        assert login.username == "root"
