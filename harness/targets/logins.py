"""What an account is logged in with, and what a provider of accounts has to do."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """A localpart of the target's domain, and its password."""

    username: str
    password: str


class AccountProvider(Protocol):
    """One way to come by accounts. All methods raise TargetError when the target does not go along."""

    async def create(self, username: str, password: str) -> Login:
        """Make an account, or find one that may be used instead."""
        ...

    async def remove(self, login: Login) -> None:
        """Remove an account that `create` gave."""
        ...

    async def aclose(self) -> None:
        """Let go of what was kept open."""
        ...
