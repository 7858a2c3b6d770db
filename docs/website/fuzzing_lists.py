"""What fuzzing tries and what it holds: families of samples, machines, measures, and properties."""

from collections.abc import Iterable, Mapping

from harness.fuzz.clients.properties import EVERY_CLIENT_PROPERTY
from harness.fuzz.machines.every import MACHINES
from harness.fuzz.measures.every import MEASURES
from harness.fuzz.property import Property
from harness.fuzz.servers.side import EVERY_PROPERTY
from harness.strategies.client_families import CLIENT_FAMILIES
from harness.strategies.families import FAMILIES, Family
from website.markup import code, link, more, prose, requirement_link, rows_of
from website.places import place_of_property
from website.project import Project

PAGE = "fuzzing.md"
_HEADS = ("Property", "What has to hold, and how firmly")


def server_families() -> str:
    """The families of samples for servers, as HTML."""
    return _families(FAMILIES)


def client_families() -> str:
    """The families of samples for clients, as HTML."""
    return _families(CLIENT_FAMILIES)


def machines() -> str:
    """What goes in steps, and the properties that may show."""
    rows = [(code(name), _names(machine.properties)) for name, machine in MACHINES.items()]
    return rows_of(("Family", "Properties"), rows)


def measures() -> str:
    """What is measured once in a campaign."""
    rows = [
        (code(name), prose(f"{one.judges.title}."), _names([one.judges])) for name, one in MEASURES.items()
    ]
    return rows_of(("Family", "What has to hold", "Property"), rows)


def server_properties(project: Project) -> str:
    """All properties of servers, as HTML."""
    return rows_of(_HEADS, (_property(one, project, of_clients=False) for one in EVERY_PROPERTY))


def client_properties(project: Project) -> str:
    """All properties of clients, as HTML."""
    return rows_of(_HEADS, (_property(one, project, of_clients=True) for one in EVERY_CLIENT_PROPERTY))


def _families(families: Mapping[str, Family]) -> str:
    rows = [
        (code(name), prose(_sentence(one.title, is_usual=not one.is_amplifying)))
        for name, one in families.items()
    ]
    return rows_of(("Family", "Samples"), rows)


def _sentence(title: str, *, is_usual: bool) -> str:
    return f"{title[0].upper()}{title[1:]}." + ("" if is_usual else " Only where `--family` names it.")


def _names(properties: Iterable[Property]) -> str:
    return ", ".join(link(place_of_property(one.name), code(one.name), page=PAGE) for one in properties)


def _property(one: Property, project: Project, *, of_clients: bool) -> tuple[str, str]:
    anchor = place_of_property(one.name, of_clients=of_clients).anchor
    rows = [project.requirements[name] for name in one.requirements]
    broken = (requirement_link(row, page=PAGE) for row in rows)
    grave = ["security"] if one.is_grave else []
    name = f'<span id="{anchor}">{code(one.name)}{more(one.number)}</span>'
    return name, prose(f"{one.title}.") + more(", ".join([one.level.value, *grave, *broken]))
