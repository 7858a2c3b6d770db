"""How much of each document is checked at all, whatever target is played: the coverage of a catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from harness.results.requirements import RequirementView
from harness.results.verdicts import Level, Perspective


class State(Enum):
    """What the catalogue does about a requirement."""

    CHECKED = "checked"  # a case that names it was seen to notice when it is broken
    NAMED = "only named"  # cases name it, and none was seen to
    OPEN = "no case"
    UNTESTABLE = "untestable"  # nothing that the target does on the wire shows it


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One requirement. `cases` are those that name it, with what showed that they check it, or without."""

    requirement: RequirementView
    level: Level
    state: State
    cases: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part} of {self.whole} ({100 * self.part // self.whole} %)" if self.whole else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The requirements of one document, or of all."""

    document: str
    rows: Sequence[Row]

    def count(self, state: State) -> int:
        """How many are in a state."""
        return sum(row.state is state for row in self.rows)

    def share(self, level: Level) -> Share:
        """How many of the testable ones of a level are checked."""
        testable = [row for row in self.rows if row.level is level and row.state is not State.UNTESTABLE]
        return Share(part=sum(row.state is State.CHECKED for row in testable), whole=len(testable))


def sheets(
    requirements: Iterable[RequirementView],
    naming: Mapping[str, Sequence[str]],
    shown: Mapping[str, Mapping[str, str]],
    perspective: Perspective,
) -> list[Sheet]:
    """Tell of each document what is checked of what it asks of a side, sorted by document.

    `naming` gives the cases that name a requirement, `shown` what showed that they check it.
    """
    documents: dict[str, list[Row]] = {}
    for view in requirements:
        if (level := view.level(perspective)) is not None:
            seen = shown.get(view.id, {})
            cases = {name: seen.get(name, "") for name in naming.get(view.id, ())}
            state = _state(view, cases, perspective)
            row = Row(requirement=view, level=level, state=state, cases=cases)
            documents.setdefault(view.spec, []).append(row)
    return [Sheet(document=document, rows=documents[document]) for document in sorted(documents)]


def _state(view: RequirementView, cases: Mapping[str, str], perspective: Perspective) -> State:
    if any(cases.values()):
        return State.CHECKED  # though the tables may say that it cannot be: a case found a way
    if not view.is_testable(perspective):
        return State.UNTESTABLE
    return State.NAMED if cases else State.OPEN
