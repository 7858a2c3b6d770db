"""Verdicts and levels."""

from enum import Enum


class Level(Enum):
    """How firmly a specification asks for something (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Verdict(Enum):
    """What became of one case."""

    PASS = "pass"
    FAIL = "fail"  # a MUST is broken
    DEVIATES = "deviates"  # a SHOULD is broken
    UNSUPPORTED = "unsupported"  # the target does not offer the feature
    NOT_APPLICABLE = "not applicable"  # no such perspective, or the driver has no such command
    ERROR = "error"  # our fault or the environment's, or the target died outside a check

    @property
    def is_measured(self) -> bool:
        """Whether the case says something about the target."""
        return self in (Verdict.PASS, Verdict.FAIL, Verdict.DEVIATES)

    @property
    def is_trouble(self) -> bool:
        """Whether there is something to explain, be it the target's fault or not."""
        return self in (Verdict.FAIL, Verdict.DEVIATES, Verdict.ERROR)


class Perspective(Enum):
    """Which side of a transcript we play."""

    CLIENT = "client"  # the target is a server
    SERVER = "server"  # the target is a client
    BOTH = "both"  # self-play
