"""A server that plays a scenario's part, for tests of a client library in Python."""

import shlex
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import trio

from harness.catalogue.evidence import load_evidence
from harness.catalogue.requirements import views
from harness.catalogue.scenarios import SUFFIX, Scenario
from harness.cli.client import WAYS_OF_TLS
from harness.cli.selection import Catalogue, open_catalogue
from harness.engine.case import Played
from harness.engine.client_stage import client_stage
from harness.engine.telling import Teller
from harness.errors import HarnessError, UsageError
from harness.pytest_plugin.items import text_of
from harness.results.verdicts import Perspective, Verdict
from harness.targets.client_description import ClientDescription, TlsUse
from harness.targets.private_folder import private_folder
from harness.transcript.script import Side

_NAME = "your-client"
_STANDIN = Path(__file__).with_name("standin.py")
_PLACES = ("host", "port", "domain", "user", "jid", "password", "ca")


@dataclass(frozen=True, kw_only=True)
class FakeServer:
    """Where a client is to connect, and as whom. `ca_file` is the authority to trust."""

    host: str
    port: int
    domain: str
    username: str
    jid: str
    password: str
    ca_file: str


@contextmanager
def fake_server(
    scenario: str | Path, *, tls: str = "required", patience: float = 3.0
) -> Iterator[FakeServer]:
    """Play the server's part of a scenario: a file, the text of one, or the name of one of ours.

    A client connects within the block; `tls` says how it goes about TLS: required (by STARTTLS), direct or
    disabled. At its end the conversation has to have come to its end as it is
    written within `patience` seconds for each step; AssertionError tells where it did not.
    """
    catalogue = open_catalogue()
    with private_folder("xmpp-harness-pytest-") as folder:
        chosen = _scenario(scenario, catalogue, Path(folder))
        told: Future[FakeServer] = Future()
        ended: Future[Played] = Future()
        description = _description(Path(folder), WAYS_OF_TLS[tls], patience)

        def work() -> None:
            try:
                ended.set_result(trio.run(_play, description, chosen, catalogue, told, Path(folder)))
            except* (HarnessError, OSError) as group:
                for future in (told, ended):
                    if not future.done():
                        future.set_exception(group.exceptions[0])

        thread = threading.Thread(target=work, name="xmpp-fake-server")
        thread.start()
        try:
            yield told.result()
        finally:
            thread.join()
    _check(chosen, ended.result(), catalogue)


def _scenario(given: str | Path, catalogue: Catalogue, folder: Path) -> Scenario:
    if isinstance(given, str) and "\n" in given:
        path = folder / f"scenario{SUFFIX}"
        path.write_text(given, "utf-8")
        return Scenario(path=path, name="scenario", table=catalogue.table)
    (chosen, *others) = catalogue.chosen([str(given)], [], [], sides={Side.CLIENT})
    if others:
        raise UsageError(f"{given} means {1 + len(others)} scenarios", advice="one is played at a time")
    return chosen


def _description(folder: Path, tls: tuple[TlsUse, ...], patience: float) -> ClientDescription:
    places = (f"{{{one}}}" for one in _PLACES)
    return ClientDescription(
        name=_NAME,
        run=shlex.join([sys.executable, str(_STANDIN), str(folder / "line"), *places]),
        tls=tls,
        patience=patience,
        baseline="",
        directory=str(folder),
        has_driver=False,
    )


async def _play(
    description: ClientDescription,
    scenario: Scenario,
    catalogue: Catalogue,
    told: "Future[FakeServer]",
    folder: Path,
) -> Played:
    line = trio.socket.socket(trio.socket.AF_UNIX)
    await line.bind(str(folder / "line"))
    line.listen(1)
    async with (
        client_stage(description, catalogue.sanity[Side.CLIENT]) as stage,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(_hear, trio.SocketListener(line), told)
        played = await stage.attempt(scenario)
        nursery.cancel_scope.cancel()
    return played


async def _hear(listener: trio.SocketListener, told: "Future[FakeServer]") -> None:
    stream = await listener.accept()
    told.set_result(msgspec.json.decode(await stream.receive_some(), type=FakeServer, strict=False))
    await trio.sleep_forever()


def _check(scenario: Scenario, played: Played, catalogue: Catalogue) -> None:
    if played.judgement.verdict is not Verdict.PASS:
        case = Teller(_NAME, _NAME, Perspective.SERVER).finished(scenario, played)
        raise AssertionError(text_of([case], views(catalogue.table, load_evidence())))
