"""When a launched server is ready: it answers a stream header for the domain with stream features.

An open port is not enough, since servers listen a little before they can serve the domain; and it must be
our server that answers, for another one may have taken the port.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import trio

from harness.errors import TargetError
from harness.targets.ports import HOST
from harness.targets.processes import Process, last_lines, listens

_INTERVAL = 0.02  # servers do not tell when they are ready, so they are asked
_ANSWER_SECONDS = 1.0
_IN_USE = re.compile(r"already in use|eaddrinuse|address in use", re.IGNORECASE)


class PortTakenError(TargetError):
    """Somebody else has the port; another attempt with other ports may do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Startup:
    """What is waited for. `logs` are quoted when it fails, besides what the processes print."""

    processes: Sequence[Process]
    port: int
    seconds: float
    logs: Sequence[Path] = ()

    async def wait_for_features(self, domain: str) -> None:
        """Return when the domain is served."""
        header = _header(domain)

        async def is_answered(stream: trio.SocketStream) -> bool:
            return await _features_follow(stream, header)

        await self._wait(is_answered, f"no stream features for {domain} on port {self.port}")

    async def wait_for_port(self) -> None:
        """Return when the port is open, for what does not speak to clients."""

        async def is_open(_: trio.SocketStream) -> bool:
            return True

        await self._wait(is_open, f"port {self.port} does not open")

    async def wait_for_line(self, log: Path, text: str) -> None:
        """Return when a log holds some text, for what can be seen in no other way."""
        with trio.move_on_after(self.seconds):
            while not _holds(log, text.encode()):
                self._check_alive()
                await trio.sleep(_INTERVAL)
            return
        raise self._failure(f"{text!r} is not in {log.name} after {self.seconds:.0f} s")

    async def _wait(self, is_ready: Callable[[trio.SocketStream], Awaitable[bool]], failing: str) -> None:
        with trio.move_on_after(self.seconds):
            while not await self._ask(is_ready):
                self._check_alive()
                await trio.sleep(_INTERVAL)
            return
        raise self._failure(f"{failing} after {self.seconds:.0f} s")

    async def _ask(self, is_ready: Callable[[trio.SocketStream], Awaitable[bool]]) -> bool:
        try:
            stream = await trio.open_tcp_stream(HOST, self.port)
        except OSError:
            return False
        async with stream:
            if not listens((process.pid for process in self.processes), self.port):
                raise PortTakenError(f"port {self.port} is in use by another program")
            return await is_ready(stream)

    def _check_alive(self) -> None:
        ended = [process.name for process in self.processes if process.has_ended]
        if ended:
            raise self._failure(f"{', '.join(ended)} ended before it was ready")

    def _failure(self, message: str) -> TargetError:
        quoted = " | ".join(filter(None, map(last_lines, self._all_logs())))
        kind = PortTakenError if _IN_USE.search(quoted) else TargetError
        return kind(f"{message}; last in its log: {quoted}" if quoted else message)

    def _all_logs(self) -> dict[Path, None]:
        return dict.fromkeys([*self.logs, *(process.log for process in self.processes)])


def _holds(log: Path, wanted: bytes) -> bool:
    return log.exists() and wanted in log.read_bytes()


def _header(domain: str) -> bytes:
    return (
        f"<stream:stream to={quoteattr(domain)} version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>"
    ).encode()


async def _features_follow(stream: trio.SocketStream, header: bytes) -> bool:
    got = b""
    with trio.move_on_after(_ANSWER_SECONDS):
        try:
            await stream.send_all(header)
            async for part in stream:
                got += part
                if b"</stream:features>" in got:
                    await stream.send_all(b"</stream:stream>")
                    return True
        except trio.BrokenResourceError:
            return False
    return False
