"""Accounts by the user's own commands."""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Sequence

import trio

from harness.errors import TargetError
from harness.targets.logins import Login

_SECONDS = 60.0
_MOST_BYTES = 4096  # of what a command says
_MOST_LETTERS = 300  # of the command and of its last words
_MASK = "[masked]"
_IN_ADDRESS = re.compile(r"(://[^/@:\s]*):[^/@\s]+@")  # a user's name, and what stands before the `@`
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
        try:
            done = await _output_of(["/bin/sh", "-c", filled])
        except (OSError, ValueError) as error:  # too long a command, or a NUL in it
            raise TargetError(
                f"the command in {key} cannot be started: {error}", where=shown(command)[:_MOST_LETTERS]
            ) from error
        if done is None:
            raise TargetError(
                f"the command in {key} did not end within {_SECONDS:.0f} s",
                where=shown(command)[:_MOST_LETTERS],
            )
        if done.returncode != 0:
            raise TargetError(
                f"the command in {key} failed: {_last_words(done, login.password)}",
                where=shown(command)[:_MOST_LETTERS],
            )


def shown(command: str) -> str:
    """A command or an address as people may see it: without a password in an address."""
    return _IN_ADDRESS.sub(r"\1:PASSWORD@", command)


async def _output_of(command: Sequence[str]) -> "subprocess.CompletedProcess[bytes] | None":
    """Run a command in a session of its own, and keep the end of what it says; None if it takes too long."""
    process = await trio.lowlevel.open_process(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors = bytearray(), bytearray()
    try:
        with trio.move_on_after(_SECONDS):
            async with process.stdout, process.stderr, trio.open_nursery() as nursery:
                nursery.start_soon(_keep_end, process.stdout, output)
                nursery.start_soon(_keep_end, process.stderr, errors)
            return subprocess.CompletedProcess(command, await process.wait(), bytes(output), bytes(errors))
        return None
    finally:
        with trio.CancelScope(shield=True):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _keep_end(stream: trio.abc.ReceiveStream, end: bytearray) -> None:
    async for data in stream:
        end += data
        del end[:-_MOST_BYTES]


def _last_words(done: "subprocess.CompletedProcess[bytes]", password: str) -> str:
    """The end of what it said. A shell that complains likes to quote what it was given."""
    lines = (done.stderr or done.stdout or b"").decode(errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    said = said.replace(shlex.quote(password), _MASK).replace(password, _MASK)
    return said[:_MOST_LETTERS] or f"exit status {done.returncode}"
