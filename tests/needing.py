"""What a test needs of the machine."""

import os

import pytest

#: What no package of the system brings, so that CI cannot install it: whoever has it gets it tested.
UNPACKAGED = ("openfire",)


def needed(is_there: object, what: str, *, name: str = "") -> None:
    """Go on where it is there; otherwise skip, but fail in CI, which installs whatever is packaged."""
    if is_there:
        return
    # Whoever works on something else need not have every server and client; CI has all that is packaged, and
    # there a test that does not run would hide what it is about.
    is_installed_by_ci = os.environ.get("CI") == "true" and name not in UNPACKAGED
    give_up = pytest.fail if is_installed_by_ci else pytest.skip
    give_up(what)
