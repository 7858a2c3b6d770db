"""What tests of commands share."""

from tests.cli.running import run

__all__ = ["run"]
