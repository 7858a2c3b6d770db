"""Accounts that exist already and are listed in the target file: lent out, and never removed."""

from collections import deque
from collections.abc import Sequence

from harness.errors import TargetError
from harness.targets.description import Given
from harness.targets.logins import Login


class GivenAccounts:
    """Lends each account to one borrower at a time, the one that has rested longest first."""

    def __init__(self, listed: Sequence[Given]) -> None:
        self._free = deque(Login(username=one.name, password=one.password) for one in listed)
        self._total = len(listed)

    async def create(self, username: str, password: str) -> Login:
        """Lend an account; what was asked for does not matter."""
        if not self._free:
            raise TargetError(
                f"all {self._total} given accounts are in use",
                advice="list more of them in the target file, or run fewer cases at once",
            )
        return self._free.popleft()

    async def remove(self, login: Login) -> None:
        """Take an account back."""
        self._free.append(login)

    async def aclose(self) -> None:
        """Nothing is kept open."""
