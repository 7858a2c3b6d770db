"""Names that the project knows become links where a page writes them as code."""

import re
from collections.abc import Mapping

from harness.faults.tables import all_faults
from harness.fuzz.clients.properties import EVERY_CLIENT_PROPERTY
from harness.fuzz.servers.side import EVERY_PROPERTY
from harness.reference_client.faults import FAULTS as CLIENT_FAULTS
from website.command_pages import every_command
from website.places import (
    Place,
    place_of_command,
    place_of_fault,
    place_of_monitor,
    place_of_property,
    place_of_requirement,
    place_of_scenario,
)
from website.project import Project

_CODE = re.compile(r"(?<![`\[])`([^`\n]+)`(?![`\]])")


def places_by_name(project: Project) -> Mapping[str, Place]:
    """Every name that means one thing, and where that stands."""
    of_servers, of_clients = all_faults().keys(), CLIENT_FAULTS.keys()
    places = {name: place_of_fault(name, of_client=True) for name in of_clients - of_servers}
    places |= {name: place_of_fault(name) for name in of_servers - of_clients}
    places |= {
        f"xmpp-harness {name}": place_of_command(name.replace(" ", "-")) for name, _ in every_command()
    }
    places |= {one.name: place_of_scenario(one) for one in project.scenarios}
    places |= {f"monitors/{one.name}": place_of_monitor(one) for one in project.monitors}
    places |= {
        f"fuzz/{one.name}": place_of_property(one.name, of_clients=True) for one in EVERY_CLIENT_PROPERTY
    }
    places |= {f"fuzz/{one.name}": place_of_property(one.name) for one in EVERY_PROPERTY}
    places |= {row.id: place_of_requirement(row.document, row.id) for row in project.requirements.values()}
    return places


def with_links(text: str, page: str, places: Mapping[str, Place]) -> str:
    """A text in which such names are links; headings stay as they are, for they are what links lead to.

    >>> with_links("See `a/b`.", "index.md", {"a/b": Place(page="scenarios/a.md", anchor="b")})
    'See [`a/b`](scenarios/a.md#b).'
    """

    def linked(found: re.Match[str]) -> str:
        place = places.get(found[1])
        return (
            found[0] if place is None or place.page == page else f"[{found[0]}]({place.markdown_from(page)})"
        )

    lines = text.split("\n")
    return "\n".join(line if line.startswith("#") else _CODE.sub(linked, line) for line in lines)
