"""Where on the site something stands: the Markdown page, and the anchor on it."""

import posixpath
from dataclasses import dataclass

from harness.catalogue.scenarios import Scenario
from harness.monitors.monitor import Monitor


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """`page` is the path below the folder of pages, such as `requirements/rfc6120.md`."""

    page: str
    anchor: str = ""

    def markdown_from(self, page: str) -> str:
        """The target of a link in Markdown, which mkdocs checks.

        >>> Place(page="scenarios/sasl.md", anchor="plain").markdown_from("requirements/rfc6120.md")
        '../scenarios/sasl.md#plain'
        """
        path = posixpath.relpath(self.page, posixpath.dirname(page) or ".")
        return f"{path}#{self.anchor}" if self.anchor else path

    def href_from(self, page: str) -> str:
        """The same for a link in HTML, which mkdocs leaves as it is.

        >>> Place(page="monitors.md", anchor="iq-replies").href_from("requirements/rfc6120.md")
        '../monitors.html#iq-replies'
        """
        path, hash_sign, anchor = self.markdown_from(page).partition("#")
        return f"{path.removesuffix('.md')}.html{hash_sign}{anchor}"


def place_of_document(document: str) -> Place:
    """The page of a document's requirements."""
    return Place(page=f"requirements/{document}.md")


def place_of_requirement(document: str, name: str) -> Place:
    """One requirement on it."""
    return Place(page=place_of_document(document).page, anchor=name)


def place_of_family(family: str) -> Place:
    """The page of a folder of scenarios."""
    return Place(page=f"scenarios/{family}.md")


def place_of_scenario(scenario: Scenario) -> Place:
    """One scenario on it."""
    return Place(
        page=place_of_family(scenario.family).page,
        anchor=scenario.name.removeprefix(f"{scenario.family}/").replace("/", "-"),
    )


def place_of_monitor(monitor: type[Monitor]) -> Place:
    """One monitor on the page of all."""
    return Place(page="monitors.md", anchor=monitor.name)


def place_of_property(name: str, *, of_clients: bool = False) -> Place:
    """One property of the fuzzer; some are asked of servers and of clients."""
    return Place(page="fuzzing.md", anchor=f"client-{name}" if of_clients else name)


def place_of_fault(name: str, *, of_client: bool = False) -> Place:
    """One fault of the reference server or the reference client."""
    return Place(page="faults.md", anchor=f"client-{name}" if of_client else name)


def place_of_command(name: str) -> Place:
    """One command."""
    return Place(page="commands.md", anchor=name)
