"""The faults that can be planted in the reference server and the reference client."""

from collections.abc import Mapping

from harness.faults.fault import Fault
from harness.faults.tables import all_faults
from harness.reference_client.faults import FAULTS as CLIENT_FAULTS
from website.markup import code, more, prose, requirement_link, rows_of
from website.places import place_of_fault
from website.project import Project

PAGE = "faults.md"


def server_faults(project: Project) -> str:
    """Those of the reference server, as HTML."""
    return _table(all_faults(), project, of_client=False)


def client_faults(project: Project) -> str:
    """Those of the reference client, as HTML."""
    return _table(CLIENT_FAULTS, project, of_client=True)


def _table(faults: Mapping[str, Fault], project: Project, *, of_client: bool) -> str:
    rows = [
        (
            f'<span id="{place_of_fault(name, of_client=of_client).anchor}">{code(name)}</span>',
            prose(fault.description) + more(", ".join(_requirement(row, project) for row in fault.breaks)),
        )
        for name, fault in faults.items()
    ]
    return rows_of(("Fault", "What it does, and what that breaks"), rows)


def _requirement(name: str, project: Project) -> str:
    row = project.requirements[name]
    return requirement_link(row, page=PAGE)
