"""What the words on the command line mean: targets, and scenarios."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.catalogue.requirements import Requirement, cache_folder, load_requirements
from harness.catalogue.scenarios import SUFFIX, Scenario, broken, find, select
from harness.errors import ScriptError, UsageError
from harness.results.records import MONITORS
from harness.targets import description as targets
from harness.targets.client_description import is_client
from harness.transcript.script import Side

SANITY = {Side.SERVER: "sanity/log_in_and_ping", Side.CLIENT: "client_sanity/logs_in_and_out"}


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of a command line, sorted into targets and selectors."""

    targets: tuple[str, ...]
    selectors: tuple[str, ...]


def sort_words(words: Sequence[str]) -> Words:
    """Tell targets (a known name, a TOML file, a client's folder) from selectors (anything else)."""
    names = set(targets.names())
    is_target = [word in names or Path(word).suffix == ".toml" or is_client(word) for word in words]
    return Words(
        targets=tuple(word for word, yes in zip(words, is_target, strict=True) if yes),
        selectors=tuple(word for word, yes in zip(words, is_target, strict=True) if not yes),
    )


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All scenarios and requirements that there are."""

    table: Mapping[str, Requirement]
    scenarios: Sequence[Scenario]

    @property
    def sanity(self) -> Mapping[Side, Scenario]:
        """The cases that tell a dead target from a deviating one."""
        named = {one.name: one for one in self.scenarios}
        return {side: named[name] for side, name in SANITY.items()}

    def chosen(
        self,
        selectors: Sequence[str],
        tags: Sequence[str],
        without: Sequence[str],
        *,
        sides: Collection[Side] = frozenset(Side),
        others: Collection[str] = (),
        left_out: Sequence[str] = (),
    ) -> list[Scenario]:
        """Select; raises UsageError when nothing is left, ScriptError naming all that are broken.

        What the selectors `left_out` mean is not chosen. A word that means nothing is told what it is near
        to: scenarios for `sides`, and `others`.
        """
        _refuse_monitors([*selectors, *left_out])
        if left_out:
            out = {one.path for one in self.chosen(left_out, [], [], sides=sides, others=others)}
            kept = self.chosen(selectors, tags, without, sides=sides, others=others)
            if not (left := [one for one in kept if one.path not in out]):
                raise UsageError(
                    "no scenario is left to play", advice="what is left out is all that is chosen"
                )
            return left
        chosen = select(
            self.scenarios,
            selectors,
            table=self.table,
            tags=tags,
            without_tags=without,
            sides=sides,
            others=others,
        )
        _check([*chosen, *self.sanity.values()])
        return chosen


def is_of_monitors(selector: str) -> bool:
    """Whether it means monitors, and not a script in a folder of that name."""
    return selector.partition("/")[0] == MONITORS and not selector.endswith(SUFFIX)


def _refuse_monitors(selectors: Sequence[str]) -> None:
    for one in selectors:
        if is_of_monitors(one) and not Path(one).exists():
            raise UsageError(
                f"{one}: monitors are not played, they watch every scenario that is",
                advice="choose scenarios, or none for all; xmpp-harness list monitors names the monitors",
            )


def _check(scenarios: Sequence[Scenario]) -> None:
    faults = list({str(fault): fault for fault in broken(scenarios)}.values())
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ScriptError(f"{len(faults)} scripts cannot be read", excerpt="\n".join(map(str, faults)))


def open_catalogue() -> Catalogue:
    """Read requirement tables and find the scenarios."""
    table = load_requirements(cache=cache_folder())
    return Catalogue(table=table, scenarios=find(table=table))
