"""What changed between two runs on a target, or between two targets: case by case, what matters first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from harness.results.records import CaseFinished
from harness.results.summary import TargetRun
from harness.results.unmeasured import reason_of
from harness.results.verdicts import Verdict

_GRAVITY = (Verdict.PASS, Verdict.DEVIATES, Verdict.FAIL, Verdict.ERROR)


class Kind(Enum):
    """How a case has changed; in the order in which people want to hear of it."""

    WORSE = "worse"
    LOST = "no longer measured"
    OTHERWISE = "wrong in another way"
    BETTER = "better"
    GAINED = "newly measured"

    @property
    def is_bad(self) -> bool:
        """Whether a comparison fails for it."""
        return self in (Kind.WORSE, Kind.LOST)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A case that is not what it was. One side is None where it was not played at all."""

    kind: Kind
    old: CaseFinished | None
    new: CaseFinished | None

    @property
    def either(self) -> CaseFinished:
        """A side that there is, the newer one first."""
        found = self.new or self.old
        assert found is not None, "there is no change without a case"
        return found

    @property
    def causes(self) -> tuple[str, ...]:
        """Why: the causes that the other side does not have, or of a better one those that it had."""
        if self.kind is Kind.LOST and self.new is not None:
            return (reason_of(self.new),)
        shown, other = (self.old, self.new) if self.kind is Kind.BETTER else (self.new, self.old)
        known = set(_causes(other))
        return tuple(dict.fromkeys(one for one in _causes(shown) if one not in known))


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two targets, or one at two times, and every case that is not the same for both."""

    old: TargetRun
    new: TargetRun

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What has changed, in the order of the record."""
        before, after = _by_name(self.old.cases), _by_name(self.new.cases)
        names = dict.fromkeys([*after, *before])
        pairs = ((before.get(name), after.get(name)) for name in names)
        found = (Change(kind=kind, old=old, new=new) for old, new in pairs if (kind := _kind(old, new)))
        return tuple(found)

    @property
    def by_kind(self) -> Mapping[Kind, Sequence[Change]]:
        """The changes of each kind that there is, what is bad first."""
        grouped = {kind: [one for one in self.changes if one.kind is kind] for kind in Kind}
        return {kind: changes for kind, changes in grouped.items() if changes}

    def by_cause(self, kind: Kind) -> Mapping[tuple[str, ...], Sequence[Change]]:
        """The changes of a kind, those with the same causes together."""
        grouped: dict[tuple[str, ...], list[Change]] = {}
        for one in self.by_kind.get(kind, ()):
            grouped.setdefault(one.causes, []).append(one)
        return grouped

    @property
    def is_bad(self) -> bool:
        """Whether anything is worse, or no longer measured."""
        return any(one.kind.is_bad for one in self.changes)

    @property
    def unchanged(self) -> int:
        """How many cases are the same."""
        return len({one.case for one in (*self.old.cases, *self.new.cases)}) - len(self.changes)


def _by_name(cases: Iterable[CaseFinished]) -> dict[str, CaseFinished]:
    return {one.case: one for one in cases}


def _causes(case: CaseFinished | None) -> Sequence[str]:
    return [one.cause for one in case.findings] if case and case.verdict.is_trouble else []


def _kind(old: CaseFinished | None, new: CaseFinished | None) -> Kind | None:
    is_monitor = any(one.is_monitor for one in (old, new) if one is not None)
    before, after = _gravity(old, is_monitor=is_monitor), _gravity(new, is_monitor=is_monitor)
    if before == after:
        return Kind.OTHERWISE if set(_causes(old)) != set(_causes(new)) else None
    if after is None:
        return Kind.LOST
    if before is None:
        return Kind.GAINED
    return Kind.WORSE if after > before else Kind.BETTER


def _gravity(case: CaseFinished | None, *, is_monitor: bool) -> int | None:
    """How bad it is, None where nothing was measured; a monitor that saw nothing had nothing to say."""
    if case is None or case.verdict not in _GRAVITY:
        return 0 if is_monitor else None
    return _GRAVITY.index(case.verdict)
