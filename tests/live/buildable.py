"""Clients that these tests build: whoever works on something else need not have a compiler for each."""

from harness.catalogue.requirements import cache_folder
from harness.targets.client_builds import examine_client
from harness.targets.client_description import load_client
from tests.needing import needed


def need_client(name: str) -> None:
    """Go on where a client can be built; otherwise fail in CI, which installs it all, or skip."""
    found = examine_client(load_client(name), cache_folder() / "clients")
    needed(found.present, f"{name} cannot be built: {found.advice}")
