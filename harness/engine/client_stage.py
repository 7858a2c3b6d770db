"""A client under test as a stage: built, tried once, and then started anew for each case."""

import itertools
import os
import secrets
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import trio

from harness.catalogue.requirements import cache_folder
from harness.catalogue.scenarios import Scenario
from harness.engine.case import Played
from harness.engine.client_case import Workshop, play_client_case
from harness.errors import TargetError
from harness.play.hosted import Fence
from harness.play.obstacles import obstacle
from harness.results.verdicts import Perspective, Verdict
from harness.targets.client_builds import built, command_of
from harness.targets.client_certificates import certificates_in
from harness.targets.client_description import ClientDescription
from harness.targets.driven import Listener, driven, reaping
from harness.targets.private_folder import private_folder
from harness.wire.driver import Report

#: What clients are shown as the server's domain; names below `localhost` are nobody else's (RFC 6761, 6.3).
DOMAIN = "localhost"

_FOR_EACH_CORE = 6  # cases that have something to do
_WAITING = 3  # times as many may be at it in all, so that one that waits for a silence keeps nobody

_SCRAM = "SCRAM-SHA-1"
_PROBE_SECONDS = 10
_ATTEMPT = 20.0  # seconds, enough to see that it only calculates
_LONGEST_TOLD = 200  # characters of what a driver printed
_START = 5  # times the patience for a reaction; starting takes longer


@asynccontextmanager
async def client_stage(description: ClientDescription, sanity: Scenario) -> AsyncIterator["ClientStage"]:
    """Build a client if need be. Raises TargetError when it cannot be built."""
    count = itertools.count(1)
    token = secrets.token_hex(3)
    with private_folder("xmpp-harness-client-") as folder, reaping() as reaper:
        build = await built(description, cache_folder() / "clients", reaper)
        workshop = Workshop(
            description=description,
            build=build,
            certificates=certificates_in(folder, DOMAIN),
            reaper=reaper,
            fresh=lambda kind: f"{kind}-{token}-{next(count)}",
            patience_at_start=_START * description.patience,
            turns=trio.CapacityLimiter(_FOR_EACH_CORE * _cores()),
        )
        yield ClientStage(workshop, sanity)


def _cores() -> int:
    return os.cpu_count() or 1


class _Staying(Scenario):
    """A client that has logged in and stays is fenced, and shows whether that works."""

    def _read(self) -> str:
        return "[Client] Romeo\n---------\nRomeo connects\n"


@dataclass(kw_only=True)
class _Said:
    """What a driver says of itself."""

    ready: Report | None = None
    how: str | None = None
    printed: str = ""


def _in_one_line(text: str) -> str:
    text = text.strip()
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text[:_LONGEST_TOLD])


class ClientStage:
    """A client under test."""

    perspective = Perspective.SERVER
    domain = DOMAIN
    is_attached = False

    def __init__(self, workshop: Workshop, sanity: Scenario) -> None:
        self._workshop = workshop
        self._sanity = sanity
        self._product = workshop.description.name
        self._version = ""

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._workshop.description.name

    @property
    def product(self) -> str:
        """The library, as its driver calls it."""
        return self._product

    @property
    def version(self) -> str:
        """The library's version, as its driver tells it."""
        return self._version

    @property
    def endpoint(self) -> str:
        """There is none: it comes to us."""
        return " ".join(command_of(self._workshop.description, self._workshop.build))

    @property
    def features(self) -> AbstractSet[str]:
        """Its transport and ways of TLS, and its driver's commands."""
        return self._workshop.features

    @property
    def most_at_once(self) -> int | None:
        """What its description says; otherwise some for each core, and those that only wait."""
        return self._workshop.description.at_once or _WAITING * _FOR_EACH_CORE * _cores()

    async def prepare(self) -> None:
        """Ask the driver what it can do, and find out how the client shows that it has caught up.

        And whether it knows the mechanism that every client must (RFC 6120, 13.8.1): one scenario is about
        that, and to the many that are about other things in its course no other client can be put.
        """
        if self._workshop.description.has_driver:
            ready = await self._ready()
            self._product = _in_one_line(str(ready.values.get("library", self._product)))
            self._version = _in_one_line(str(ready.values.get("version", "")))
            self._workshop = replace(self._workshop, commands=self._commands(ready))
        for fence in (Fence.PING, Fence.MARKER):
            self._workshop = replace(self._workshop, fence=fence)
            played = await play_client_case(self._workshop, _Staying(path=self._sanity.path, name="staying"))
            if not played.log.observed:
                # It has had its time to start, and will not be waited for so long again.
                patience = self._workshop.description.patience
                self._workshop = replace(self._workshop, patience_at_start=patience)
            if played.judgement.verdict is not Verdict.PASS:
                return  # the first case of the batch is the same, and tells of it
            if not played.outcome.silent:
                break
        else:
            self._workshop = replace(self._workshop, fence=Fence.NONE)
        probe = replace(self._workshop, mechanisms=(_SCRAM,))
        with trio.move_on_after(_PROBE_SECONDS):  # who does not know it may stand there for ever
            if (await play_client_case(probe, self._sanity)).judgement.verdict is Verdict.PASS:
                self._workshop = replace(self._workshop, knows=frozenset([_SCRAM]))

    async def _ready(self) -> Report:
        """Start the driver once. Raises TargetError when it does not say that it is ready."""
        said = _Said()
        changed = trio.Event()

        def reported(report: Report) -> None:
            said.ready = said.ready or report
            changed.set()

        def ended(how: str) -> None:
            said.how = how or "ended"
            changed.set()

        def printed(line: bytes, is_error: bool) -> None:
            said.printed = _in_one_line(line.decode("utf-8", "backslashreplace")) or said.printed

        description = self._workshop.description
        command = command_of(description, self._workshop.build)
        environment = {"XMPP_JID": f"nobody@{DOMAIN}", "XMPP_PASSWORD": "", **description.environment}
        hearing = Listener(reported=reported, printed=printed, ended=ended)
        async with driven(command, description.directory, environment, hearing, self._workshop.reaper) as one:
            patience = self._workshop.patience_at_start
            with trio.move_on_after(patience):
                await changed.wait()
            await one.leave(1)
        if said.ready is None:
            what = said.how or f"has not said that it is ready within {patience:g} s"
            told = f": {said.printed}" if said.printed else ""
            raise self._breach(f"{what}{told}")
        if said.ready.event != "ready":
            raise self._breach(f"tells of {said.ready.event!r} before it says that it is ready")
        return said.ready

    def _commands(self, ready: Report) -> frozenset[str]:
        commands = ready.values.get("commands")
        if not isinstance(commands, list) or "connect" not in commands:
            raise self._breach("is ready, but does not tell its commands, of which connect must be one")
        return frozenset(map(str, commands))

    def _breach(self, what: str) -> TargetError:
        return TargetError(
            f"{self.name}: the driver {what}",
            where=self._workshop.description.directory,
            advice="fixtures/clients/README.md tells what a driver has to say",
        )

    @property
    def fence(self) -> Fence:
        """How it shows that it has dealt with what it was sent."""
        return self._workshop.fence

    @property
    def has_driver(self) -> bool:
        """Whether anybody tells what it makes of things."""
        return bool(self._workshop.commands)

    def fresh(self, kind: str) -> str:
        """A word that nobody has had before."""
        return self._workshop.fresh(kind)

    async def attempt(self, scenario: Scenario) -> Played:
        """Play it once, whatever comes of it; who tries much has not much time for one that hangs."""
        return await play_client_case(replace(self._workshop, longest=_ATTEMPT), scenario)

    def obstacle(self, scenario: Scenario) -> str:
        """What its driver cannot do, or it cannot be told at all."""
        return obstacle(scenario.playable, self._workshop.commands, self.features)

    async def play(self, scenario: Scenario, scope: trio.CancelScope | None = None) -> Played:
        """Play a case; once more if it failed because nothing came, which may be the machine's fault."""
        played = await play_client_case(self._workshop, scenario, scope)
        if not played.is_worth_repeating or (scope is not None and scope.cancel_called):
            return played
        again = await play_client_case(self._workshop, scenario)
        note = f"played again, since nothing came in time: {played.outcome.problems[0].message}"
        outcome = replace(again.outcome, notes=(*again.outcome.notes, note))
        return replace(again, outcome=outcome, waited=played.waited + again.waited)
