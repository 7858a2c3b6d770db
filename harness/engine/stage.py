"""Where cases are played: what a batch needs of a target, be it a server or a client."""

from collections.abc import Set as AbstractSet
from typing import Protocol

import trio

from harness.catalogue.scenarios import Scenario
from harness.engine.case import Played, needed, play_case
from harness.engine.probe import probe
from harness.engine.session import Session
from harness.results.verdicts import Perspective


class Stage(Protocol):
    """One target that is up."""

    @property
    def name(self) -> str:
        """What records call the target."""
        ...

    @property
    def perspective(self) -> Perspective:
        """Which side we play."""
        ...

    @property
    def product(self) -> str:
        """What the target says it is."""
        ...

    @property
    def version(self) -> str:
        """And in which version."""
        ...

    @property
    def domain(self) -> str:
        """The domain that is served."""
        ...

    @property
    def endpoint(self) -> str:
        """Where it is, for people."""
        ...

    @property
    def features(self) -> AbstractSet[str]:
        """What it offers, in the words of `## needs:`; known after `prepare`."""
        ...

    @property
    def is_attached(self) -> bool:
        """Whether it is somebody else's."""
        ...

    @property
    def most_at_once(self) -> int | None:
        """How many cases it can bear at the same time; None: any number."""
        ...

    async def prepare(self) -> None:
        """Find out what it is and offers. Raises TargetError when there is no way in."""
        ...

    def obstacle(self, scenario: Scenario) -> str:
        """Why a scenario cannot be played here though the target may have all that it needs; or nothing."""
        ...

    async def play(self, scenario: Scenario, scope: trio.CancelScope | None = None) -> Played:
        """Play a case; whoever cancels `scope` does so because the target has died."""
        ...


class ServerStage:
    """A server under test."""

    perspective = Perspective.CLIENT

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def session(self) -> Session:
        """What its cases share."""
        return self._session

    @property
    def name(self) -> str:
        """The target file's name."""
        return self._session.name

    @property
    def product(self) -> str:
        """By the target file, or XEP-0092."""
        return self._session.product

    @property
    def version(self) -> str:
        """By the launcher, or XEP-0092."""
        return self._session.version

    @property
    def domain(self) -> str:
        """The domain that it serves."""
        return self._session.endpoint.domain

    @property
    def endpoint(self) -> str:
        """Host and port."""
        return f"{self._session.endpoint.host}:{self._session.endpoint.port}"

    @property
    def features(self) -> AbstractSet[str]:
        """By stream features and service discovery."""
        return self._session.features

    @property
    def is_attached(self) -> bool:
        """Whether it ran before us."""
        return self._session.is_attached

    @property
    def most_at_once(self) -> int | None:
        """What the target file says, or as many as there are accounts."""
        limits = [one for one in (self._session.at_once, self._session.pool.capacity) if one is not None]
        return min(limits, default=None)

    async def prepare(self) -> None:
        """Probe it."""
        self._session.take(await probe(self._session))

    def obstacle(self, scenario: Scenario) -> str:
        """Too few accounts."""
        if self._session.pool.can_lend(needed(scenario)):
            return ""
        return f"needs {needed(scenario)} accounts; {self._session.pool.capacity} are given"

    async def play(self, scenario: Scenario, scope: trio.CancelScope | None = None) -> Played:
        """Play a case with fresh accounts."""
        return await play_case(self._session, scenario, scope)
