"""Accounts for a run: made when asked for, and removed at its end, whatever has happened."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import trio

from harness.errors import LimitError, TargetError
from harness.negotiation.client import TlsPolicy
from harness.targets.access import access_of
from harness.targets.administration import Administration
from harness.targets.description import Description, Provider
from harness.targets.given import GivenAccounts
from harness.targets.haste import protected
from harness.targets.hook import Hook
from harness.targets.in_band import InBand
from harness.targets.instance import Instance
from harness.targets.logins import AccountProvider, Login

_AT_ONCE = 8
_CLOSING_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class _ServersOwn:
    """The way that a launched server has."""

    instance: Instance

    async def create(self, username: str, password: str) -> Login:
        if self.instance.create_account is None:
            raise TargetError(
                "this server has no way of its own to make accounts",
                advice='write provider = "in-band" into the target file',
            )
        await self.instance.create_account(username, password)
        return Login(username=username, password=password)

    async def remove(self, login: Login) -> None:
        if self.instance.remove_account is not None:
            await self.instance.remove_account(login.username)

    async def aclose(self) -> None:
        """Nothing is kept open."""


class Accounts:
    """The accounts of one target.

    `left_behind` names those that could not be removed, and why. With `is_disposable` they go with the
    server and are not removed one by one. `capacity` is how many there can be at once, None without limit.
    """

    def __init__(
        self, provider: AccountProvider, *, is_disposable: bool = False, capacity: int | None = None
    ) -> None:
        self._provider = provider
        self._is_disposable = is_disposable
        self._created: dict[str, Login] = {}
        self._learned: dict[str, list[str]] = {}  # passwords that an account may have by now
        self._doubtful: set[str] = set()  # accounts that may have been removed, or never made
        self.left_behind: dict[str, str] = {}
        self.capacity = capacity

    async def create(self, username: str, password: str) -> Login:
        """Make an account and return what to log in with, which for given accounts is not what was asked for.

        Raises TargetError when it cannot be made, ThrottledError when the target wants us to slow down.
        """
        # Noted before it is asked for: a request that is cancelled may have been carried out all the same.
        self._created[username] = Login(username=username, password=password)
        try:
            login = await self._provider.create(username, password)
        except TargetError:
            del self._created[username]
            raise
        del self._created[username]
        self._created[login.username] = login
        return login

    def learn(self, username: str, password: str | None) -> None:
        """Take note that a script has asked for an account with this password, or (None) to remove it.

        Whether the target did so is not known.
        """
        if password is None:
            self._doubtful.add(username)
        else:
            if username not in self._created:
                self._doubtful.add(username)
            self._created.setdefault(username, Login(username=username, password=password))
            self._learned.setdefault(username, []).append(password)

    async def remove(self, username: str) -> None:
        """Remove an account that was made here. Raises TargetError when the target will not."""
        login = self._created.get(username)
        if login is not None:
            await self._remove(login)
            self._created.pop(username, None)

    async def _remove(self, login: Login) -> None:
        """Try the passwords that it may have; one that a script has made or removed need not be there."""
        others = [one for one in self._learned.get(login.username, ()) if one != login.password]
        for password in (*reversed(others), login.password):
            try:
                await self._provider.remove(replace(login, password=password))
                return
            except TargetError:
                if password == login.password and login.username not in self._doubtful:
                    raise

    async def close(self) -> int:
        """Remove all that is left; return how many could not be removed, which `left_behind` then names."""
        if not self._is_disposable:
            with protected():
                await self._remove_all()
            for username in self._created:
                self.left_behind.setdefault(username, "there was no time left")
        with protected():
            await self._provider.aclose()
        return len(self.left_behind)

    async def _remove_all(self) -> None:
        limiter = trio.CapacityLimiter(_AT_ONCE)
        with trio.move_on_after(_CLOSING_SECONDS):
            async with trio.open_nursery() as nursery:
                for username in list(self._created):
                    nursery.start_soon(self._remove_or_note, username, limiter)

    async def _remove_or_note(self, username: str, limiter: trio.CapacityLimiter) -> None:
        async with limiter:
            try:
                await self.remove(username)
            except (TargetError, LimitError) as error:
                self.left_behind[username] = error.message


def _in_band(description: Description, instance: Instance) -> AccountProvider:
    access = access_of(description, instance)
    # On the way to our own server nobody listens, and a handshake costs more than all the rest.
    is_private = not description.is_attached and not description.settings.require_tls
    policy = TlsPolicy.NEVER if is_private and access.policy is TlsPolicy.IF_OFFERED else access.policy
    return InBand(access, registering=policy)


def _given(description: Description, instance: Instance) -> AccountProvider:
    return GivenAccounts(description.accounts.list)


def _admin(description: Description, instance: Instance) -> AccountProvider:
    source = description.accounts
    return Administration(access_of(description, instance), source.admin, source.password)


def _hook(description: Description, instance: Instance) -> AccountProvider:
    return Hook(description.accounts.create, description.accounts.remove, instance.domain)


def _server(description: Description, instance: Instance) -> AccountProvider:
    return _ServersOwn(instance=instance)


_PROVIDERS: Mapping[Provider, Callable[[Description, Instance], AccountProvider]] = {
    Provider.IN_BAND: _in_band,
    Provider.GIVEN: _given,
    Provider.ADMIN: _admin,
    Provider.HOOK: _hook,
    Provider.SERVER: _server,
}


def accounts_of(description: Description, instance: Instance) -> Accounts:
    """Make the accounts that the target file asks for; the caller closes them."""
    source = description.accounts
    return Accounts(
        _PROVIDERS[source.provider](description, instance),
        is_disposable=not description.is_attached,
        capacity=len(source.list) if source.provider is Provider.GIVEN else None,
    )


@asynccontextmanager
async def provided(description: Description, instance: Instance) -> AsyncIterator[Accounts]:
    """Provide accounts until the block ends, and then remove them."""
    accounts = accounts_of(description, instance)
    try:
        yield accounts
    finally:
        await accounts.close()
