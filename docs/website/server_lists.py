"""The servers compared: what became of each document on each, and every deviation that is known."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import msgspec

from harness.engine.known import Baseline, Deviation, load_baseline
from website.documents import title_of
from website.markup import code, link, more, prose, rows_of
from website.places import place_of_document, place_of_scenario
from website.project import ROOT, Project

PAGE = "servers.md"
#: Made of a run record by `docs/compare_servers.py`.
FILE = ROOT / "docs/servers.json"


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """Requirements of a document that were held and broken, and those that could not be measured."""

    held: int
    broken: int
    unmeasured: int


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a run over several servers showed: their products, and counts by document and server."""

    servers: dict[str, str]
    documents: dict[str, dict[str, Count]]
    scenarios: int


def read(file: Path = FILE) -> Measured:
    """Read the file."""
    return msgspec.json.decode(file.read_bytes(), type=Measured)


def by_document(project: Project) -> str:
    """A row for each document, a column for each server, as HTML."""
    measured = read()
    specs = {row.spec: row.document for row in project.requirements.values()}
    rows = [
        (
            link(place_of_document(specs[spec]), spec, page=PAGE) + more(escape(title_of(specs[spec]))),
            *(_cell(counts[server]) if server in counts else "" for server in measured.servers),
        )
        for spec, counts in measured.documents.items()
    ]
    return rows_of(("Document", *map(escape, measured.servers.values())), [*rows, _all(measured)])


def _all(measured: Measured) -> Sequence[str]:
    totals = (
        [counts[server] for counts in measured.documents.values() if server in counts]
        for server in measured.servers
    )
    return ("All", *map(_cell, map(_sum, totals)))


def _sum(counts: Sequence[Count]) -> Count:
    return Count(
        held=sum(one.held for one in counts),
        broken=sum(one.broken for one in counts),
        unmeasured=sum(one.unmeasured for one in counts),
    )


def _cell(count: Count) -> str:
    broken = f"{count.broken} broken" if count.broken else ""
    unmeasured = f"{count.unmeasured} not measured" if count.unmeasured else ""
    return f"{count.held} held" + more(", ".join(one for one in (broken, unmeasured) if one))


def deviations(project: Project) -> str:
    """Every known deviation of each server, with its reason and its cases, as Markdown with tables."""
    places = {one.name: link(place_of_scenario(one), one.name, page=PAGE) for one in project.scenarios}
    parts = []
    for server in read().servers:
        baseline = load_baseline(ROOT / f"fixtures/baselines/{server}.toml")
        parts.append(f"\n### {baseline.product} {baseline.version}\n\n{_table(baseline, places)}")
    return "\n".join(parts)


def _table(baseline: Baseline, places: Mapping[str, str]) -> str:
    return rows_of(("Verdict", "What it does, and where"), _rows(baseline.deviation, places))


def _rows(deviations: Sequence[Deviation], places: Mapping[str, str]) -> Iterator[Sequence[str]]:
    for one in deviations:
        cases = ", ".join(places.get(name, code(name)) for name in one.cases)
        yield one.verdict.value, prose(one.reason) + more(cases)
