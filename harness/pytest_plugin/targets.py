"""The targets that a session of pytest plays on, by its options."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from harness.catalogue.evidence import load_evidence
from harness.catalogue.requirements import Requirement, views
from harness.catalogue.scenarios import SUFFIX
from harness.cli.baselines import baseline_of
from harness.cli.playing import known_cases, side_of
from harness.cli.run import with_faults
from harness.cli.selection import Catalogue, open_catalogue
from harness.engine.batch import Options
from harness.engine.campaign import FailOn, Plan
from harness.engine.known import load_baseline
from harness.errors import UsageError
from harness.pytest_plugin.player import Player
from harness.results.requirements import RequirementView
from harness.targets.client_description import ClientDescription, is_client, load_client
from harness.targets.description import Description, load
from harness.transcript.script import Side

_AT_ONCE = 24


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the options say."""

    root: Path = Path()
    names: Sequence[str] = ()
    faults: Sequence[str] = ()
    baseline: Path | None = None
    fail_on: FailOn = FailOn.ANY
    at_once: int = _AT_ONCE
    retries: int = 0


@dataclass(frozen=True)
class Targets:
    """One player for each target; none is started before something is asked of it."""

    given: Given

    @classmethod
    def of(cls, config: pytest.Config) -> "Targets":
        """Those of a session."""
        return config.stash[KEY]

    @cached_property
    def catalogue(self) -> Catalogue:
        """Our scenarios and the requirements."""
        return open_catalogue()

    @property
    def table(self) -> Mapping[str, Requirement]:
        """The requirements."""
        return self.catalogue.table

    @cached_property
    def views(self) -> Mapping[str, RequirementView]:
        """What reports tell of them."""
        return views(self.table, load_evidence())

    @property
    def fail_on(self) -> FailOn:
        """Which surprises make an item fail."""
        return self.given.fail_on

    @cached_property
    def players(self) -> Sequence[Player]:
        """One for each target. Raises HarnessError for what is wrong with its name, file or baseline."""
        return [self._player(name) for name in self.given.names]

    def side_of(self, player: Player) -> Side:
        """Whether it is a server or a client."""
        return side_of(player.description)

    def stop(self) -> None:
        """End them all."""
        if "players" in self.__dict__:
            for player in self.players:
                player.stop()

    def _player(self, name: str) -> Player:
        description = _described(name, self.given.faults)
        known = known_cases(self.catalogue, []) | self._own_cases()
        faults = [f"--fault {one}" for one in self.given.faults]
        options = Options(
            at_once=self.given.at_once,
            intrusive=not (isinstance(description, Description) and description.is_attached),
            is_partial=True,
            retries=self.given.retries,
        )
        plan = Plan(
            descriptions=[description],
            scenarios=[],
            sanity=self.catalogue.sanity,
            baselines={description.name: baseline_of(description, self.given.baseline, known)},
            options=options,
            words={description.name: " ".join([shlex.quote(name), *faults])},
        )
        return Player(plan=plan, word=name)

    def _own_cases(self) -> set[str]:
        """The project's scenarios that the baseline names."""
        if self.given.baseline is None:
            return set()
        baseline = load_baseline(self.given.baseline)
        named = {case for one in baseline.deviation for case in one.cases} | set(baseline.unmeasured or ())
        return {one for one in named if (self.given.root / f"{one}{SUFFIX}").is_file()}


def _described(name: str, faults: Sequence[str]) -> Description | ClientDescription:
    if is_client(name):
        if faults:
            raise UsageError(f"{name} has no faults to switch on")
        return load_client(name)
    return with_faults(load(name), faults)


#: Where a session keeps its targets.
KEY = pytest.StashKey[Targets]()
