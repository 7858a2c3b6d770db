"""The index of requirements: a page for each document, and the overview of all."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from harness.catalogue.requirements import Requirement
from harness.results.verdicts import Perspective
from website.documents import address_of, title_of
from website.markup import block, link, paragraphs, prose, requirement_link, rows_of
from website.places import Place, place_of_document, place_of_monitor, place_of_scenario
from website.project import Project

OVERVIEW = "requirements/index.md"
#: Whose conduct shows on the wire, as the tables have it; of `none` nothing does.
_TESTABLE = ("server", "client", "both")
_FROM_MEMORY = "No text at hand describes this; it is not verified."


def requirement_pages(project: Project) -> Iterator[tuple[str, str]]:
    """The path and the Markdown of each document's page."""
    for document, rows in project.documents.items():
        page = place_of_document(document).page
        yield page, _page_of(document, rows, page, project)


def overview(project: Project) -> str:
    """All documents with their totals, as HTML."""
    documents = [
        (
            link(place_of_document(document), rows[0].spec, page=OVERVIEW),
            title_of(document),
            *_totals(rows, project),
        )
        for document, rows in project.documents.items()
    ]
    every = list(project.requirements.values())
    return rows_of(
        ("Document", "Title", "Requirements", "Visible", "Checked"),
        [*documents, ("All", f"{len(documents)} documents", *_totals(every, project))],
    )


def _totals(rows: Sequence[Requirement], project: Project) -> tuple[str, str, str]:
    visible = [row for row in rows if row.testable_as in _TESTABLE]
    return str(len(rows)), str(len(visible)), str(sum(bool(project.checking(row)) for row in visible))


def _page_of(document: str, rows: Sequence[Requirement], page: str, project: Project) -> str:
    spec, title, address = rows[0].spec, title_of(document), address_of(document)
    count, visible, checked = _totals(rows, project)
    overview_link = Place(page=OVERVIEW).markdown_from(page)
    where = f" [Its text]({address}) has the last word; the summaries here are ours." if address else ""
    parts = [
        f"# {spec}: {title}\n" if title else f"# {spec}\n",
        f"Requirements: {count}. On the wire show {visible}; "
        f"a scenario or a monitor was seen to notice a breach of {checked} of those."
        f"{where} [All documents]({overview_link})\n",
    ]
    for section, found in _by_section(rows).items():
        parts.append(_heading(section))
        parts += (_requirement(row, page, project) for row in found)
    return "\n".join(parts)


def _by_section(rows: Sequence[Requirement]) -> Mapping[str, Sequence[Requirement]]:
    """In the order of the document; what has no section comes last."""
    found: defaultdict[str, list[Requirement]] = defaultdict(list)
    for row in rows:
        found[row.section].append(row)
    return {section: found[section] for section in sorted(found, key=_in_order)}


def _in_order(section: str) -> tuple[bool, list[tuple[bool, int, str]]]:
    """Numbers by their value, and behind them appendices by their letters.

    >>> sorted(["10.2", "2.10", "A.1", "", "2.9"], key=_in_order)
    ['2.9', '2.10', '10.2', 'A.1', '']
    """
    parts = re.findall(r"\d+|[^\d.]+", section)
    return not section, [(not one.isdigit(), int(one) if one.isdigit() else 0, one) for one in parts]


def _heading(section: str) -> str:
    if not section:
        return "## Without a section\n"
    name = re.sub(r"[^\w.]+", "-", section)
    return f"## Section {section} {{ #section-{name} }}\n"


def _requirement(row: Requirement, page: str, project: Project) -> str:
    own = requirement_link(row, page=page)
    content = paragraphs(
        f'{own} <span class="level">{_levels(row)}</span>',
        prose(row.summary),
        f"Also allowed: {prose(row.latitude)}" if row.latitude else "",
        f"Note: {prose(row.note)}" if row.note else "",
        _FROM_MEMORY if row.source == "memory" else "",
        f'<span class="checks">{_checks(row, page, project)}</span>',
    )
    return block("requirement", content, name=row.id)


def _levels(row: Requirement) -> str:
    sides = {"server": Perspective.CLIENT, "client": Perspective.SERVER}
    levels = [f"{side} {level}" for side, seen in sides.items() if (level := row.view.level_text(seen))]
    return ", ".join(levels) or "asked of neither side"


def _checks(row: Requirement, page: str, project: Project) -> str:
    """Who checks it, and who only names it; of what nobody does, whether it could be."""
    cases = {one.name: place_of_scenario(one) for one in project.scenarios_by_requirement.get(row.id, ())}
    for monitor in project.monitors_by_requirement.get(row.id, ()):
        cases[f"monitors/{monitor.name}"] = place_of_monitor(monitor)
    checking = project.checking(row)
    told = [
        f"{word} by {', '.join(link(cases[one], one, page=page) for one in names)}"
        for word, names in (
            ("Checked", [one for one in cases if one in checking]),
            ("Named", [one for one in cases if one not in checking]),
        )
        if names
    ]
    if told:
        return ". ".join(told)
    return "Not checked" if row.testable_as in _TESTABLE else "Not checked: nothing of it shows on the wire"
