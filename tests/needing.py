"""What a test needs of the machine."""

import os

import pytest


def optional(is_there: object, what: str) -> None:
    """Go on where it is there, else skip: for what no package brings, so that CI cannot install it."""
    if not is_there:
        pytest.skip(what)


def needed(is_there: object, what: str) -> None:
    """Go on where it is there; otherwise fail in CI, which installs it all, or skip."""
    if not is_there:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(what)
