"""What is sent before the login: headers, and what comes behind a header."""

from harness.strategies.headers import HEADERS, header_sample
from harness.strategies.openings import OPENINGS, opening_sample

__all__ = ["HEADERS", "OPENINGS", "header_sample", "opening_sample"]
