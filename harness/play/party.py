"""One client under test: its program, what that has said, and how its failures are described."""

from collections import deque
from dataclasses import dataclass, field

from harness.pattern.difference import Difference
from harness.play.acts import Problem
from harness.play.served import Line
from harness.transcript.script import Actor
from harness.wire.driver import Report


@dataclass(kw_only=True)
class Party:
    """One client under test: its program, what that has reported, and its connections."""

    actor: Actor
    commands: frozenset[str] = frozenset()  # what its driver can do; empty: there is no driver
    reports: list[Report] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)  # which of them a step has had
    arrivals: deque[Line] = field(default_factory=deque)
    is_asked: bool = False  # the script has told it what to do, so the next `sends` needs no command
    exit: str = ""  # how its program ended
    printed: str = ""  # the last line that it wrote on standard error
    refusals: int = 0  # handshakes of direct TLS that failed

    @property
    def has_crashed(self) -> bool:
        """Whether its program has ended otherwise than it should."""
        return self.exit not in ("", "ended")

    @property
    def has_driver(self) -> bool:
        """Whether it can be told anything."""
        return bool(self.commands)


def missing(actor: str, wanted: str, party: Party) -> Problem:
    """Describe what has not come, with all that may explain it."""
    return Problem(
        cause=f"nothing instead of {wanted}",
        message=f"{actor} should have sent {wanted}; nothing came{last_words(party)}{_end(party)}.",
    )


def last_words(party: Party) -> str:
    """What the driver said of a failure, for the end of a sentence."""
    for report in reversed(party.reports):
        if report.event == "error":
            condition = str(report.values.get("condition", ""))
            return f" (its driver says: {condition or 'an error'})"
    return ""


def _end(party: Party) -> str:
    if not party.exit:
        return ""
    return ", and its program has ended" + (f": {party.printed}" if party.printed else "")


def crashed(actor: str, party: Party) -> Problem:
    """Describe a program that did not end in order."""
    return Problem(cause=party.exit, message=f"{actor}: the client {party.exit}.")


def mismatch(difference: Difference, actor: str) -> Problem:
    """Describe an element that is not as it should be."""
    return Problem(
        cause=difference.cause,
        message=f"{actor} sent something else than it should: {difference.cause}.",
        difference=difference.lines,
    )
