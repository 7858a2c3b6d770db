"""Clients that these tests build: whoever works on something else need not have a compiler for each."""

import os

import pytest

from harness.catalogue.requirements import cache_folder
from harness.targets.client_builds import examine_client
from harness.targets.client_description import load_client


def need_client(name: str) -> None:
    """Go on where a client can be built; otherwise fail in CI, which installs it all, or skip."""
    found = examine_client(load_client(name), cache_folder() / "clients")
    if not found.present:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(f"{name} cannot be built: {found.advice}")
