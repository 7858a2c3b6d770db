"""Accounts by the user's own commands."""

import re
import shlex
import subprocess

import trio

from harness.errors import TargetError
from harness.targets.logins import Login

_SECONDS = 60.0
_PLACEHOLDER = re.compile(r"\{(username|password|domain)\}")


class Hook:
    """Runs a shell command for each account; its exit status tells whether it worked.

    `{username}`, `{password}` and `{domain}` are replaced, quoted for the shell; other braces stay.
    """

    def __init__(self, create: str, remove: str, domain: str) -> None:
        self._create = create
        self._remove = remove
        self._domain = domain

    async def create(self, username: str, password: str) -> Login:
        """Run the command that makes an account."""
        login = Login(username=username, password=password)
        await self._run("accounts.create", self._create, login)
        return login

    async def remove(self, login: Login) -> None:
        """Run the command that removes an account; without one, the account stays."""
        if not self._remove:
            raise TargetError("the target file has no accounts.remove")
        await self._run("accounts.remove", self._remove, login)

    async def aclose(self) -> None:
        """Nothing is kept open."""

    async def _run(self, key: str, command: str, login: Login) -> None:
        values = {"username": login.username, "password": login.password, "domain": self._domain}
        filled = _PLACEHOLDER.sub(lambda found: shlex.quote(values[found.group(1)]), command)
        with trio.move_on_after(_SECONDS) as scope:
            done = await trio.run_process(
                ["/bin/sh", "-c", filled],
                stdin=b"",
                capture_stdout=True,
                capture_stderr=True,
                check=False,
            )
        if scope.cancelled_caught:
            raise TargetError(f"the command in {key} did not end within {_SECONDS:.0f} s", where=command)
        if done.returncode != 0:
            raise TargetError(f"the command in {key} failed: {_last_words(done)}", where=command)


def _last_words(done: "subprocess.CompletedProcess[bytes]") -> str:
    lines = (done.stderr or done.stdout or b"").decode(errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return said or f"exit status {done.returncode}"
