"""What a campaign is told to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.database
from hypothesis.strategies import SearchStrategy

from harness.catalogue.requirements import Requirement
from harness.fuzz.side import Side
from harness.strategies.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to do. `families` by name, None for those that are no samples; a `folder` for the findings.

    `words` mean the target on a command line, with a program's `command` at its end.
    """

    side: Side
    families: Mapping[str, SearchStrategy[list[Sample]] | None]
    seconds: float
    seed: int
    folder: Path
    target: str
    words: str
    command: str = ""
    properties: Sequence[str] = ()  # only these count; empty: all
    table: Mapping[str, Requirement] = field(default_factory=dict)
    database: hypothesis.database.ExampleDatabase | None = None
