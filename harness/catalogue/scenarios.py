"""The scenarios: where they are, what they are called and what they are about.

A scenario is found by being there: there is no list to add it to. Its text is parsed when first asked for.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from harness.catalogue.requirements import Requirement, strongest_level
from harness.errors import ScriptError, UsageError
from harness.resources import folder as data_folder
from harness.results.verdicts import Level, Perspective
from harness.transcript.parser import parse
from harness.transcript.portable import portable
from harness.transcript.script import Side, Transcript

SUFFIX = ".scs"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One `.scs` file. `name` is its path below the scenarios folder without suffix.

    A file from elsewhere is named after its own folder: `/home/juliet/mine/join.scs` is `mine/join`.
    """

    path: Path
    name: str
    table: Mapping[str, Requirement] = field(default_factory=dict, repr=False, compare=False)

    @property
    def family(self) -> str:
        """The first folder of the name; empty for a file right in the scenarios folder."""
        first, slash, _ = self.name.partition("/")
        return first if slash else ""

    @cached_property
    def transcript(self) -> Transcript:
        """The parsed file. Raises ScriptError when it cannot be read."""
        return parse(self._read(), self.shown_path)

    @property
    def shown_path(self) -> str:
        """The path as people know it: below our folder, or below where they are."""
        if self.path.is_relative_to(scenarios_folder()):
            return f"scenarios/{self.name}{SUFFIX}"
        here = Path.cwd()
        return str(self.path.relative_to(here) if self.path.is_relative_to(here) else self.path)

    @property
    def selector(self) -> str:
        """The word that selects it on a command line, from where we are."""
        return self.name if self.path.is_relative_to(scenarios_folder()) else self.shown_path

    @cached_property
    def playable(self) -> Transcript:
        """The transcript as it is played: a Scansion script gets accounts, hosts and rooms of its own."""
        return portable(self.transcript)

    @cached_property
    def requirement_ids(self) -> tuple[str, ...]:
        """The ids that the header and the steps name, each once, in the order of the file."""
        return self.transcript.all_covers

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The rows of those ids. Raises ScriptError for an id that no table has."""
        return tuple(self._row(name) for name in self.requirement_ids)

    def level(self, perspective: Perspective) -> Level | None:
        """The firmest demand among its requirements; None when they ask nothing of the target."""
        return strongest_level(self.requirements, perspective)

    def _read(self) -> str:
        try:
            return self.path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise ScriptError(f"this script cannot be read: {fault}", where=self.shown_path) from fault

    def _row(self, name: str) -> Requirement:
        if name in self.table:
            return self.table[name]
        raise ScriptError(
            f"no requirement table has {name}",
            where=f"{self.shown_path}:{self._line_naming(name)}",
            advice=_nearest(name, self.table),
        )

    def _line_naming(self, name: str) -> int:
        lines = self.transcript.source.splitlines()
        return next((number for number, line in enumerate(lines, 1) if name in line), 1)


def scenarios_folder() -> Path:
    """Where the scenarios are that come with the harness."""
    return data_folder("scenarios")


def find(
    paths: Iterable[Path] = (), *, table: Mapping[str, Requirement], root: Path | None = None
) -> list[Scenario]:
    """Find the scenarios in some files and folders, by default in all of `root`, sorted by name.

    `root` is the scenarios folder, by default ours. Raises UsageError for a path that is not there, a
    folder without scenarios, and two scenarios of one name.
    """
    root = (root or scenarios_folder()).resolve()
    found: dict[Path, Scenario] = {}
    for path in list(paths) or [root]:
        for file, name in _named(_resolved(path), root):
            found.setdefault(file, Scenario(path=file, name=name, table=table))
    return _distinct(sorted(found.values(), key=lambda one: one.name))


def broken(scenarios: Iterable[Scenario]) -> list[ScriptError]:
    """Parse all of them and look their requirements up; return every fault, not only the first."""
    return [fault for one in scenarios if (fault := _fault(one))]


def select(
    scenarios: Sequence[Scenario],
    selectors: Sequence[str] = (),
    *,
    table: Mapping[str, Requirement],
    tags: Iterable[str] = (),
    without_tags: Iterable[str] = (),
    levels: Iterable[Level] = (),
    perspective: Perspective = Perspective.CLIENT,
    sides: Collection[Side] = frozenset(Side),
    others: Collection[str] = (),
) -> list[Scenario]:
    """Choose among scenarios; without selectors and filters, all of them.

    A selector is a document (`rfc6120`, `XEP-0045`), a document and section (`rfc6120/4.3` with all that
    is below it), a requirement id, a family, a scenario's name or a glob of it, or a `.scs` file or a
    folder anywhere. A scenario is chosen if any selector means it, if it has one of the `tags` and none
    of `without_tags`, and if its level for the perspective is one of `levels`. Raises UsageError when a
    selector means nothing or the filters leave nothing, and ScriptError naming every broken script among
    those that had to be read. What may have been meant is sought among scenarios for `sides`, requirements
    and `others`, which is what such a word could be besides.
    """

    def nearest(word: str) -> str:
        candidates = [one for one in scenarios if _tests_any(one, sides)]
        return _section(word, table) or _nearest(word, [*others, *_words(candidates, table)])

    chosen: dict[Path, Scenario] = {}
    for selector in selectors:
        chosen |= {one.path: one for one in _meant(selector, scenarios, table, nearest)}
    candidates = _distinct(list(chosen.values())) if selectors else list(scenarios)
    left = _filtered(candidates, set(tags), set(without_tags), set(levels), perspective)
    if not left:
        raise UsageError("no scenario is left to play", advice="the tags and levels asked for exclude all")
    return left


def _named(path: Path, root: Path) -> list[tuple[Path, str]]:
    if path.is_file():
        return [(path, _name(path, root, path.parent))]
    if not path.is_dir():
        raise UsageError("there is no such file or folder", where=str(path))
    # What leads nowhere stays in, to be told when it cannot be read; a pipe would be read without end.
    files = sorted(file for file in path.rglob(f"*{SUFFIX}") if file.is_file() or not file.exists())
    if not files:
        raise UsageError(f"this folder has no {SUFFIX} files", where=str(path))
    return [(file, _name(file, root, path)) for file in map(_resolved, files)]


def _resolved(path: Path) -> Path:
    """Follow links. `Path.resolve` raises for those that lead in a circle; here they stay as they are."""
    return Path(os.path.realpath(path))


def _name(file: Path, root: Path, given: Path) -> str:
    base = root if file.is_relative_to(root) else given.parent
    relative = file.relative_to(base) if file.is_relative_to(base) else Path(file.name)
    return relative.with_suffix("").as_posix()


def _distinct(scenarios: list[Scenario]) -> list[Scenario]:
    by_name: dict[str, Scenario] = {}
    for one in scenarios:
        other = by_name.setdefault(one.name, one)
        if other is not one:
            raise UsageError(
                f"two scenarios are called {one.name}",
                where=f"{other.path}, {one.path}",
                advice="play them in two runs, or rename a folder",
            )
    return scenarios


def _fault(scenario: Scenario) -> ScriptError | None:
    try:
        _ = scenario.requirements
    except ScriptError as fault:
        return fault
    return None


def _sound(scenarios: Iterable[Scenario]) -> None:
    """Raise one ScriptError that tells of all broken ones."""
    faults = broken(scenarios)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise ScriptError(f"{len(faults)} scripts cannot be read", excerpt="\n".join(map(str, faults)))


def _meant(
    selector: str,
    scenarios: Sequence[Scenario],
    table: Mapping[str, Requirement],
    nearest: Callable[[str], str],
) -> list[Scenario]:
    if named := [one for one in scenarios if _is_called(one, selector)]:
        return named
    if rows := rows_of(selector, table):
        return _covering(selector, rows, scenarios)
    if not selector.strip():
        raise UsageError("an empty word selects nothing", advice="leave it out to select everything")
    path = Path(os.path.expanduser(selector))
    if path.exists():
        known = {one.path: one for one in scenarios}
        return [known.get(one.path, one) for one in find([path], table=table)]
    raise UsageError(f"nothing is called {selector}", advice=nearest(selector))


def _is_called(scenario: Scenario, selector: str) -> bool:
    wanted = selector.removesuffix(SUFFIX).rstrip("/")
    name = scenario.name
    return name == wanted or name.startswith(f"{wanted}/") or fnmatchcase(name, wanted)


def rows_of(selector: str, table: Mapping[str, Requirement]) -> set[str]:
    """The requirement ids that an id, a document or a document and section stand for; empty for none."""
    if selector in table:
        return {selector}
    document, _, section = selector.partition("/")
    spec = document.lower().replace("-", "").replace(" ", "")
    return {
        row.id
        for row in table.values()
        if row.document == spec and (not section or f"{row.section}.".startswith(f"{section.rstrip('.')}."))
    }


def _covering(selector: str, rows: set[str], scenarios: Sequence[Scenario]) -> list[Scenario]:
    _sound(scenarios)
    if covering := [one for one in scenarios if rows.intersection(one.requirement_ids)]:
        return covering
    raise UsageError(f"no scenario is about {selector}", advice=f"{len(rows)} known requirements are meant")


def _filtered(
    scenarios: list[Scenario], tags: set[str], without: set[str], levels: set[Level], perspective: Perspective
) -> list[Scenario]:
    if not (tags or without or levels):
        return scenarios
    _sound(scenarios)
    return [
        one
        for one in scenarios
        if (not tags or tags.intersection(one.transcript.tags))
        and not without.intersection(one.transcript.tags)
        and (not levels or one.level(perspective) in levels)
    ]


def _tests_any(scenario: Scenario, sides: Collection[Side]) -> bool:
    """Whether it tests one of these sides; what cannot be read is not left out for that."""
    try:
        return not scenario.transcript.tests.isdisjoint(sides)
    except ScriptError:
        return True


def _section(word: str, table: Mapping[str, Requirement]) -> str:
    """Advice for those who write a document and its section as people cite them: "rfc6121 2.1"."""
    parts = word.replace(",", " ").replace("§", " ").split()
    known = ["/".join((start, *parts[at:])) for at in (1, 2) if (start := "".join(parts[:at]).lower())]
    return next((f"did you mean {one}?" for one in known if "/" in one and rows_of(one, table)), "")


def _words(scenarios: Sequence[Scenario], table: Mapping[str, Requirement]) -> dict[str, None]:
    """Everything that a selector can be, without paths."""
    names = [word for one in scenarios for word in (one.family, one.name) if word]
    rows = [
        word for row in table.values() for word in (row.document, f"{row.document}/{row.section}", row.id)
    ]
    return dict.fromkeys([*names, *rows])


def _nearest(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else ""
