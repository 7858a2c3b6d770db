"""Accounts with an administrator's rights, lent to one case at a time.

A launched server names some that have the rights as soon as they exist; such an account is made when it is
first lent. Otherwise there is the one that the target file names.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import trio

from harness.targets.description import Description
from harness.targets.instance import Instance
from harness.targets.logins import Login

_Create = Callable[[str, str], Awaitable[None]]


class Administrators:
    """Lends the one that has rested longest; who finds none free waits.

    Without `create` they exist already, with their passwords. A false value: there are none.
    """

    def __init__(self, logins: Sequence[Login] = (), create: _Create | None = None) -> None:
        self._create = create
        self._made: dict[str, Login] = {}
        self._resting = deque(logins)
        self._total = len(logins)
        self._free = trio.Semaphore(len(logins))

    def __len__(self) -> int:
        return self._total

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Login]:
        """Lend one until the block ends; `ready` makes it one to log in with."""
        async with self._free:
            login = self._resting.popleft()
            try:
                yield login
            finally:
                self._resting.append(login)

    async def ready(self, login: Login, password: str) -> Login:
        """Make what was lent, with this password, if that has still to be done. Raises TargetError."""
        if self._create is None:
            return login
        if login.username not in self._made:
            await self._create(login.username, password)
            self._made[login.username] = Login(username=login.username, password=password)
        return self._made[login.username]


def administrators_of(description: Description, instance: Instance) -> Administrators:
    """The administrators of a target; there may be none."""
    if instance.administrators and instance.create_account is not None:
        made = [Login(username=name, password="") for name in instance.administrators]
        return Administrators(made, instance.create_account)
    source = description.accounts
    if not source.admin:
        return Administrators()
    return Administrators([Login(username=source.admin.partition("@")[0], password=source.password)])
