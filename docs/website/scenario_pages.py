"""The index of scenarios, a page for each family, and that of the monitors."""

from collections.abc import Iterator, Sequence
from html import escape

from harness.catalogue.requirements import Requirement
from harness.catalogue.scenarios import Scenario
from harness.monitors.monitor import SERVERS, Monitor
from harness.results.verdicts import Perspective
from harness.transcript.script import Side
from website.markup import block, link, paragraphs, prose, requirement_link, rows_of
from website.places import place_of_family, place_of_scenario
from website.project import Project

OVERVIEW = "scenarios/index.md"
MONITORS = "monitors.md"


def scenario_pages(project: Project) -> Iterator[tuple[str, str]]:
    """The path and the Markdown of each family's page."""
    for family, scenarios in project.families.items():
        page = place_of_family(family).page
        count = f"{len(scenarios)} scenarios" if len(scenarios) > 1 else "One scenario"
        played = f"`xmpp-harness run TARGET {family}` plays this family."
        head = f"# {family}\n\n{count}. {played} [All families](index.md)\n"
        yield page, "\n".join([head, *(_scenario(one, page) for one in scenarios)])


def overview(project: Project) -> str:
    """All families, as HTML."""
    rows = [
        (link(place_of_family(family), family, page=OVERVIEW), _tested(scenarios), str(len(scenarios)))
        for family, scenarios in project.families.items()
    ]
    return rows_of(("Family", "Tests", "Scenarios"), [*rows, ("All", "", str(len(project.scenarios)))])


def monitors(project: Project) -> str:
    """Every monitor, as Markdown."""
    return "\n".join(_monitor(one, project) for one in project.monitors)


def _tested(scenarios: Sequence[Scenario]) -> str:
    sides = {side for one in scenarios for side in one.transcript.tests}
    return " and ".join(f"{side.value}s" for side in Side if side in sides)


def _scenario(scenario: Scenario, page: str) -> str:
    transcript = scenario.transcript
    place = place_of_scenario(scenario)
    needs, tags = ", ".join(sorted(transcript.needs)), ", ".join(sorted(transcript.tags))
    facts = paragraphs(
        *map(prose, filter(None, transcript.description.split("\n\n"))),
        f"Tests {_tested([scenario])}." + (f" Needs {prose(needs)}." if needs else ""),
        f"Checks {_rows(scenario.requirements, page)}." if scenario.requirements else "",
        f"Tags: {escape(tags)}." if tags else "",
    )
    text = escape(transcript.source, quote=False).replace("\t", "&#9;")  # Markdown would write blanks
    source = f"<pre><code>{text}</code></pre>"
    script = f"<details data-search-exclude><summary>{scenario.name}.scs</summary>\n{source}\n</details>"
    title = transcript.title.replace("<", "&lt;").replace("_", r"\_").replace("*", r"\*")
    return f"## {title} {{ #{place.anchor} }}\n{block('scenario', facts + script)}"


def _monitor(monitor: type[Monitor], project: Project) -> str:
    rows = [project.requirements[name] for name in monitor.requirements]
    watched = "servers" if monitor.perspectives == SERVERS else _watched(monitor)
    facts = paragraphs(prose(f"{monitor.title}."), f"Watches {watched}. Checks {_rows(rows, MONITORS)}.")
    return f"## `monitors/{monitor.name}` {{ #{monitor.name} }}\n{block('monitor', facts)}"


def _watched(monitor: type[Monitor]) -> str:
    return "clients" if Perspective.CLIENT not in monitor.perspectives else "servers and clients"


def _rows(rows: Sequence[Requirement], page: str) -> str:
    return ", ".join(requirement_link(row, page=page) for row in rows)
