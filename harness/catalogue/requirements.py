"""The requirement tables: what each document asks of servers and clients, one row a demand.

`scenarios/requirements/README.md` explains the columns.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from harness.errors import DataError
from harness.resources import folder as data_folder
from harness.results.evidence import Evidence
from harness.results.requirements import RequirementView
from harness.results.verdicts import Level, Perspective

_STRENGTH = {None: 0, Level.MAY: 1, Level.SHOULD: 2, Level.MUST: 3}


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row. A level is None where the document asks nothing of that side."""

    id: str
    spec: str  # "RFC 6120", "XEP-0045"
    section: str  # empty where no section fits
    title: str
    summary: str
    client: Level | None
    server: Level | None
    area: str
    testable_as: str
    kind: str
    source: str
    negative: bool = False  # the levels are MUST NOT and SHOULD NOT
    derived: bool = False
    latitude: str = ""
    note: str = ""
    feature: str = ""
    conformance_section: str = ""
    condition: str = ""
    namespace: str = ""
    wrapper_namespace: str = ""
    error_types: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    legacy_code: int | None = None
    legacy_type: str = ""
    fatal: bool = False
    obsolete: bool = False
    see_also: tuple[str, ...] = ()
    status_code: int | None = None
    stanza: str = ""
    context: str = ""
    state: str = ""
    action: str = ""
    new_state: str = ""
    expect: str = ""
    category: str = ""
    providers: tuple[str, ...] = ()
    suite_server: str = ""
    suite_client: str = ""
    suite_advanced_server: str = ""
    suite_advanced_client: str = ""

    @property
    def document(self) -> str:
        """The document as selectors spell it: `rfc6120`, `xep0045`."""
        return self.spec.lower().replace(" ", "").replace("-", "")

    @property
    def view(self) -> RequirementView:
        """What reports tell of it."""
        return RequirementView(
            id=self.id,
            spec=self.spec,
            section=self.section,
            title=self.title,
            summary=self.summary,
            server=self.server,
            client=self.client,
            latitude=self.latitude,
            negative=self.negative,
            testable_as=self.testable_as,
            note=self.note,
        )


def level_of(requirement: Requirement, perspective: Perspective) -> Level | None:
    """How firmly it binds the target; in self-play, where both sides are ours, the stronger of the two."""
    match perspective:
        case Perspective.CLIENT:
            return requirement.server
        case Perspective.SERVER:
            return requirement.client
        case Perspective.BOTH:
            return strongest((requirement.server, requirement.client))


def strongest(levels: Iterable[Level | None]) -> Level | None:
    """The firmest of some levels; None when there is none."""
    return max(levels, key=_STRENGTH.__getitem__, default=None)


def strongest_level(requirements: Iterable[Requirement], perspective: Perspective) -> Level | None:
    """The firmest demand that some requirements make of the target."""
    return strongest(level_of(one, perspective) for one in requirements)


def requirements_folder() -> Path:
    """Where the tables are that come with the harness."""
    return data_folder("scenarios") / "requirements"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's cache folder for this program, which need not exist."""
    base = environment.get("XDG_CACHE_HOME", "")
    return Path(base if base else Path("~/.cache").expanduser()) / "xmpp-harness"


def load_requirements(folder: Path | None = None, *, cache: Path | None = None) -> Mapping[str, Requirement]:
    """Read every table of a folder, by default of ours, in the order of files and rows.

    With a `cache` folder the rows are kept there as one file, which is used as long as names, sizes and
    times of the tables are the same; a cache that cannot be read or written is done without. Raises
    DataError for a table that cannot be read, an unknown column or level, and an id that stands twice.
    """
    folder = folder or requirements_folder()
    tables = sorted(folder.glob("*.toml"))
    if not tables:
        raise DataError("there are no requirement tables here", where=str(folder))
    kept = cache / f"requirements-{_fingerprint(tables)}.msgpack" if cache else None
    rows = _from_cache(kept) if kept else None
    if rows is None:
        rows = _from_tables(tables)
        if kept:
            _write_cache(kept, rows)
    return MappingProxyType({row.id: row for row in rows})


def views(requirements: Mapping[str, Requirement], evidence: Evidence) -> dict[str, RequirementView]:
    """All of them as reports want them, with the cases that are seen to check each."""
    return {
        name: msgspec.structs.replace(
            requirement.view,
            checked_by={one: evidence.of(one).get(name, {}).keys() for one in Perspective},
        )
        for name, requirement in requirements.items()
    }


def _from_tables(tables: Iterable[Path]) -> list[Requirement]:
    rows: list[Requirement] = []
    first_seen: dict[str, Path] = {}
    for table in tables:
        for row in _rows(table):
            if row.id in first_seen:
                raise DataError(
                    f"the requirement {row.id} stands twice",
                    where=str(table),
                    advice=f"the other one is in {first_seen[row.id].name}",
                )
            first_seen[row.id] = table
            rows.append(row)
    return rows


def _rows(table: Path) -> list[Requirement]:
    try:
        content = tomllib.loads(table.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise DataError(f"this table cannot be read: {fault}", where=str(table)) from fault
    if set(content) - {"requirement"} or not isinstance(content.get("requirement"), list):
        raise DataError("a requirement table holds [[requirement]] tables and nothing else", where=str(table))
    return [_row(raw, number, table) for number, raw in enumerate(content["requirement"], 1)]


def _row(raw: dict[str, Any], number: int, table: Path) -> Requirement:  # TOML holds what it likes
    levels = {side: None for side in ("client", "server") if raw.get(side) == "N/A"}
    try:
        return msgspec.convert({**raw, **levels}, Requirement)
    except msgspec.ValidationError as fault:
        raise DataError(
            f"row {number} ({raw.get('id', 'without id')}) is faulty: {fault}",
            where=str(table),
            advice="README.md beside the tables lists the columns",
        ) from fault


def _fingerprint(tables: Iterable[Path]) -> str:
    """Change when a table does, or the columns that this version knows."""
    digest = sha256(repr(Requirement.__struct_fields__).encode())
    for table in tables:
        status = table.stat()
        digest.update(f"{table}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]


def _from_cache(kept: Path) -> list[Requirement] | None:
    try:
        return msgspec.msgpack.decode(kept.read_bytes(), type=list[Requirement])
    except (OSError, msgspec.DecodeError):
        return None


def _write_cache(kept: Path, rows: list[Requirement]) -> None:
    """Write beside and rename, so that a second run never sees half a file; older caches go."""
    beside = kept.with_suffix(f".{os.getpid()}")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        for outdated in kept.parent.glob("requirements-*.msgpack"):
            outdated.unlink(missing_ok=True)
        beside.write_bytes(msgspec.msgpack.encode(rows))
        beside.replace(kept)
    except OSError:
        return
