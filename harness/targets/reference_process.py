"""The reference server in a process of its own, and the lines by which it is told of accounts.

The harness waits at a socket in the server's folder. The server connects to it once it listens, tells its
ports, and answers each order by one line. When the socket closes, the server ends.
"""

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
import trio

from harness.errors import TargetError
from harness.reference.information import VERSION_TEXT
from harness.targets.instance import Instance
from harness.targets.processes import Process, last_lines, running
from harness.targets.reference_setup import ADMINISTRATORS, Setup
from harness.targets.site import Site

#: Environment variables: what the server is told, in JSON, and where the harness waits for it.
SETUP, CONTROL = "XMPP_HARNESS_REFERENCE_SETUP", "XMPP_HARNESS_REFERENCE_CONTROL"

_CHUNK = 65536
_LAST_WORDS_SECONDS = 2.0
_LONGEST = 100  # bytes of the address of a socket; the system takes a few more


class Create(msgspec.Struct, frozen=True, kw_only=True, tag="create"):
    """Make an account."""

    username: str
    password: str


class Remove(msgspec.Struct, frozen=True, kw_only=True, tag="remove"):
    """Remove an account."""

    username: str


class Listening(msgspec.Struct, frozen=True, kw_only=True, tag="listening"):
    """The server is ready."""

    port: int
    direct_tls_port: int


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """An order was carried out, unless `trouble` says why not."""

    trouble: str = ""


Message = Create | Remove | Listening | Done


class Control:
    """One end of the socket."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._received = b""

    async def tell(self, message: Message) -> None:
        """Write a line."""
        await self._stream.send_all(msgspec.json.encode(message) + b"\n")

    async def hear(self) -> Message | None:
        """Wait for a line; None when the other end is gone."""
        while b"\n" not in self._received:
            data = await self._stream.receive_some(_CHUNK)
            if not data:
                return None
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        message: Message = msgspec.json.decode(line, type=Message)
        return message


class _Accounts:
    """Orders, one after the other."""

    def __init__(self, control: Control, process: Process) -> None:
        self._control = control
        self._process = process
        self._turn = trio.Lock()

    async def create(self, username: str, password: str) -> None:
        """Make an account; TargetError where the server refuses or is gone."""
        await self._ask(Create(username=username, password=password))

    async def remove(self, username: str) -> None:
        """Remove an account, if it is there; TargetError where the server is gone."""
        await self._ask(Remove(username=username))

    async def _ask(self, order: Message) -> None:
        async with self._turn:
            try:
                await self._control.tell(order)
                answer = await self._control.hear()
            except trio.BrokenResourceError:
                answer = None
        if not isinstance(answer, Done):
            raise await _ended(self._process)
        if answer.trouble:
            raise TargetError(answer.trouble)


@asynccontextmanager
async def launched(site: Site) -> AsyncIterator[Instance]:
    """Run the server until the block ends. Raises UsageError for an unknown fault."""
    setup = Setup.of(site)
    setup.server()  # tells of unknown faults
    path = str(site.directory / "control")
    if len(path) > _LONGEST:
        raise TargetError(
            "the folder for temporary files has too long a name", advice="set TMPDIR to another"
        )
    with trio.socket.socket(socket.AF_UNIX) as waiting:
        await waiting.bind(path)
        waiting.listen(1)
        environment = {SETUP: msgspec.json.encode(setup).decode(), CONTROL: path}
        program = site.program(
            sys.executable, "-m", "harness.cli.reference_server", environment=environment, grace=0.0
        )
        async with running(program) as process, await _met(waiting, process, site) as stream:
            control = Control(stream)
            yield _instance(site, await _ports(control, process), process, _Accounts(control, process))


async def _met(waiting: trio.socket.SocketType, process: Process, site: Site) -> trio.SocketStream:
    """Wait for the server to connect, unless it ends before."""
    met: list[trio.SocketStream] = []

    async def meet() -> None:
        connected, _ = await waiting.accept()
        met.append(trio.SocketStream(connected))
        nursery.cancel_scope.cancel()

    with trio.move_on_after(site.settings.start_seconds):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(meet)
            await process.keeper.wait()
            nursery.cancel_scope.cancel()
    if met:
        return met[0]
    raise await _ended(process)


async def _ports(control: Control, process: Process) -> Listening:
    told = await control.hear()
    if isinstance(told, Listening):
        return told
    raise await _ended(process)


def _instance(site: Site, ports: Listening, process: Process, accounts: _Accounts) -> Instance:
    placed = replace(site, ports={"port": ports.port, "direct_tls_port": ports.direct_tls_port})
    return placed.instance(process, version=VERSION_TEXT, administrators=ADMINISTRATORS, accounts=accounts)


async def _ended(process: Process) -> TargetError:
    with trio.move_on_after(_LAST_WORDS_SECONDS):
        await process.keeper.wait()  # which writes down how it ended
    quoted = last_lines(process.log)
    return TargetError("the reference server has ended" + (f"; last in its log: {quoted}" if quoted else ""))
