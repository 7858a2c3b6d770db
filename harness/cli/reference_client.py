"""The reference client as a program that keeps the contract of `fixtures/clients/README.md`.

Faults are planted by XMPP_FAULTS, names with commas between.
"""

import os
import sys
from collections.abc import Mapping, Sequence

import trio

from harness.errors import HarnessError, UsageError
from harness.reference_client.client import ReferenceClient
from harness.reference_client.requests import NAME, VERSION_TEXT
from harness.reference_client.settings import Settings, TlsUse
from harness.transport.connection import Connection, Tap
from harness.transport.endpoint import Endpoint, Trust
from harness.wire.driver import COMMANDS, Command, Report, read_command, report_line
from harness.wire.effects import CloseConnection, Effect, OpenConnection, Receive, RestartStream, StartTls
from harness.wire.events import Connected, Disconnected, Event, Silence, TlsFailed

_FAILED, _CRASHED = 1, 70
_PARTING_SECONDS = 2.0  # for the server to close its stream after `quit`

_READY = Report(event="ready", values={"library": NAME, "version": VERSION_TEXT, "commands": list(COMMANDS)})


class Program:
    """Joins a client, its one connection, standard input and standard output.

    `segments` are what has come on the connection since the last event.
    """

    def __init__(self, settings: Settings, connection: Connection, segments: list[bytes]) -> None:
        self._client = ReferenceClient(settings, fresh=lambda: os.urandom(8).hex())
        self._faults = settings.faults
        self._connection = connection
        self._segments = segments
        self._lock = trio.Lock()
        self._opened = trio.Event()
        self._over = trio.Event()
        self._receiving = trio.CancelScope()

    async def run(self) -> int:
        """Obey until `quit` or the end of the input; the exit status."""
        _tell(_READY)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._receive)
            nursery.start_soon(self._obey)
            await self._over.wait()
            nursery.cancel_scope.cancel()
        return _CRASHED if self._client.has_crashed else 0

    async def _obey(self) -> None:
        is_over = False
        while not is_over:
            line = await trio.to_thread.run_sync(sys.stdin.buffer.readline, abandon_on_cancel=True)
            command = read_command(line.removesuffix(b"\n").removesuffix(b"\r") or b"") if line else None
            is_over = command is None or command.name == "quit"
            await self._carry_out(command or Command(name="quit"))
        await trio.sleep(_PARTING_SECONDS)
        self._over.set()

    async def _carry_out(self, command: Command) -> None:
        async with self._lock:
            await self._perform(self._client.command(command))

    async def _receive(self) -> None:
        """Wait for events while there is a connection; those of one that was given up do not count."""
        while True:
            await self._opened.wait()
            opened, event = self._opened, None
            with trio.CancelScope() as self._receiving:
                event = await self._connection.perform(Receive(patience=float("inf")))
            if event is None:
                continue
            async with self._lock:
                if opened is self._opened:
                    await self._take(event)

    async def _take(self, event: Event) -> None:
        if isinstance(event, Disconnected):
            await self._let_go()
        segments = tuple(self._segments)
        self._segments.clear()
        await self._perform(self._client.received(event, segments))

    async def _perform(self, items: Sequence[Effect | Report]) -> None:
        waiting = list(items)
        while waiting:
            item = waiting.pop(0)
            if isinstance(item, Report):
                _tell(item)
                continue
            answer = await self._carry(item)
            if answer is not None:
                waiting.extend(self._client.received(answer))
        if self._client.is_over:
            self._over.set()

    async def _carry(self, effect: Effect) -> Event | None:
        if isinstance(effect, StartTls):
            await self._take_what_came_in_the_clear()
        if isinstance(effect, CloseConnection):
            self._receiving.cancel()
            self._opened = trio.Event()
        answer = await self._connection.perform(effect)
        if isinstance(effect, OpenConnection) and isinstance(answer, Connected):
            self._opened.set()
        elif isinstance(answer, TlsFailed):
            await self._let_go()
        return answer

    async def _let_go(self) -> None:
        self._opened = trio.Event()
        await self._connection.aclose()

    async def _take_what_came_in_the_clear(self) -> None:
        """Only a client at fault wants to know: the connection forgets it with the handshake."""
        if "clear-bytes-kept" in self._faults:
            await self._connection.perform(RestartStream())
        while "clear-bytes-kept" in self._faults:
            event = await self._connection.perform(Receive(patience=0))
            if event is None or isinstance(event, Silence):
                return
            self._client.received(event)


def _tell(report: Report) -> None:
    sys.stdout.buffer.write(report_line(report))
    sys.stdout.buffer.flush()


def _read_settings(environment: Mapping[str, str]) -> Settings:
    """The contract's variables. Who only wants to hear what we are need not set them."""
    try:
        return Settings(
            jid=environment.get("XMPP_JID", "nobody@localhost"),
            password=environment.get("XMPP_PASSWORD", ""),
            tls=TlsUse(environment.get("XMPP_TLS", "required")),
            faults=frozenset(filter(None, environment.get("XMPP_FAULTS", "").split(","))),
        )
    except ValueError as error:
        raise UsageError(f"XMPP_TLS: {error}") from error


def _read_endpoint(environment: Mapping[str, str], settings: Settings) -> Endpoint:
    is_careless = settings.tls is TlsUse.DISABLED or "certificate-unchecked" in settings.faults
    trust = Trust(insecure=True) if is_careless else Trust(ca_file=environment.get("XMPP_CA_FILE", ""))
    try:
        host, port = environment.get("XMPP_HOST", "127.0.0.1"), int(environment.get("XMPP_PORT", "5222"))
        domain = settings.address.domain
    except ValueError as error:
        raise UsageError(str(error)) from error
    return Endpoint(host=host, port=port, direct_tls_port=port, domain=domain, trust=trust)


async def _run() -> int:
    settings = _read_settings(os.environ)
    endpoint = _read_endpoint(os.environ, settings)
    segments: list[bytes] = []
    connection = Connection(endpoint, endpoint.trust.context(), tap=Tap(segment=segments.append))
    return await Program(settings, connection, segments).run()


def main() -> None:
    """Run the program and leave with its exit status."""
    try:
        status = trio.run(_run)
    except HarnessError as error:
        sys.stderr.write(f"reference client: {error}\n")
        status = _FAILED
    except BrokenPipeError:
        status = _FAILED
    sys.stderr.flush()
    os._exit(status)  # a thread may still wait for standard input


if __name__ == "__main__":
    main()
