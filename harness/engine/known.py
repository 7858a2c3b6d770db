"""Known deviations: what a target is known to do otherwise, with the reason, as data beside it.

A baseline is a TOML file of `[[deviation]]` tables, one for each thing that is done otherwise: `reason`,
`cases` (names of the scenarios and monitors that show it), `verdict` (fail or deviates), and optionally
`cause` (must stand in a finding's cause), `link`, `expires` (a date) and `sometimes` (true where it does not
show in every run). Before them may stand of what they are known: `product`, `version` and `configuration`;
and how much is measured at all: `measured`, the least number of scenarios, and `unmeasured`, the names of
those that are not.
"""

import datetime
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import msgspec

from harness.errors import DataError
from harness.results.records import FUZZ, CaseFinished, Finding
from harness.results.verdicts import Verdict

_KEYS = "keys of a [[deviation]]: cases, verdict (fail or deviates), reason, cause, link, expires, sometimes"
_DEVIATING = (Verdict.FAIL, Verdict.DEVIATES)
_UNMEASURED = (Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What deviations are known of, or what a run has found. Empty is what is not known."""

    product: str = ""
    version: str = ""
    configuration: str = ""

    def is_other_than(self, found: "Subject") -> bool:
        """Whether product or version is known of both, and not the same."""
        pairs = ((self.product, found.product), (self.version, found.version))
        return any(_differ(*pair) for pair in pairs)

    def otherwise_set_up(self, found: "Subject") -> str:
        """Say how it was set up, other than what was found: "without require_tls"; empty if it was not."""
        if not _differ(self.configuration, found.configuration):
            return ""
        own_base, _, own = self.configuration.partition(_WITH)
        found_base, _, other = found.configuration.partition(_WITH)
        if own_base != found_base:
            return f"with {self.configuration} instead of {found.configuration}"
        parts = (f"with {own}" if own else "", f"without {other}" if other else "")
        return " and ".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"{self.product} {self.version}".strip()


#: What stands between a configuration's templates and what is set otherwise than usual.
_WITH = " with "


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one.casefold() != other.casefold())


#: Stands for a reason in a baseline that a run has begun, until a person knows it.
TO_BE_WRITTEN = "TODO: read the section and say why"


class Deviation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One known deviation of one target, and the cases that show it."""

    cases: tuple[str, ...]
    verdict: Verdict
    reason: str
    cause: str = ""
    link: str = ""
    expires: datetime.date | None = None
    sometimes: bool = False  # it races with itself, so that its absence is no news

    def __post_init__(self) -> None:
        if self.verdict not in _DEVIATING:
            raise ValueError(f"verdict {self.verdict.value!r} is no deviation")
        if not self.cases:
            raise ValueError("it names no cases")
        if not self.reason.strip():
            raise ValueError("the reason is empty")

    def is_current(self, today: datetime.date) -> bool:
        """Whether it has not expired."""
        return self.expires is None or today <= self.expires

    def excuses(self, finding: Finding) -> bool:
        """Whether a finding is what is known."""
        return self.cause in finding.cause


def _cover(deviations: Sequence[Deviation], case: CaseFinished) -> Deviation | None:
    """Return the first of some deviations if together they are all that the case shows."""
    is_all = all(any(one.excuses(finding) for one in deviations) for finding in case.findings)
    return next((one for one in deviations if one.verdict is case.verdict), None) if is_all else None


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The known deviations of one product, in one version and configuration."""

    product: str = ""
    version: str = ""
    configuration: str = ""
    measured: int = 0  # so many scenarios at least, where all are played
    unmeasured: tuple[str, ...] | None = None  # those that are not; None where nobody has noted them
    deviation: tuple[Deviation, ...] = ()

    def mismatch(self, found: Subject) -> str:
        """Say that it was written of something else than a run has found; empty when it was not."""
        own = Subject(product=self.product, version=self.version, configuration=self.configuration)
        told = [f"Known deviations are of {own}, this is {found}."] if own.is_other_than(found) else []
        if set_up := own.otherwise_set_up(found):
            told.append(f"Known deviations were recorded {set_up}; some may not apply.")
        return " ".join(told)

    @property
    def unreasoned(self) -> int:
        """How many deviations still wait for their reason."""
        return sum(one.reason.startswith(TO_BE_WRITTEN) for one in self.deviation)

    def excuses(self, case: str, cause: str, today: datetime.date) -> bool:
        """Whether this is known of the case until that day."""
        named = (one for one in self.deviation if case in one.cases and one.is_current(today))
        return any(one.cause in cause for one in named)

    def apply(self, case: CaseFinished, today: datetime.date) -> CaseFinished:
        """Mark a case that is known, that was known until some day, or that was known to fail and passes."""
        named = [one for one in self.deviation if case.case in one.cases]
        covering = _cover([one for one in named if one.is_current(today)], case)
        if covering is not None:
            return msgspec.structs.replace(case, known=covering.reason)
        is_awaited = bool(named) and not any(one.sometimes for one in named)
        if is_awaited and case.verdict is Verdict.PASS:
            return msgspec.structs.replace(case, unexpected_pass=True)
        if case.verdict in _UNMEASURED and (is_awaited or self._was_measured(case)):
            return msgspec.structs.replace(case, no_longer_measured=True)
        expired = _cover(named, case)
        if expired is not None:
            return msgspec.structs.replace(case, expired=f"{expired.expires}: {expired.reason}")
        return case

    def shortfall(self, measured: int) -> str:
        """Say that so many scenarios are fewer than were measured before; empty when they are not."""
        if measured >= self.measured:
            return ""
        return f"scenarios measured: {measured}, and {self.measured} when the known deviations were recorded"

    def _was_measured(self, case: CaseFinished) -> bool:
        return self.unmeasured is not None and not case.is_monitor and case.case not in self.unmeasured


def load_baseline(path: Path) -> Baseline:
    """Read a baseline; DataError says in which file and at which key it is wrong."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Baseline)
    except OSError as error:
        raise DataError(f"cannot read the baseline: {error.strerror or error}", where=str(path)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"this is not TOML: {error}", where=str(path)) from error
    except msgspec.ValidationError as error:
        raise _explained(error, path) from error


def _explained(error: msgspec.ValidationError, path: Path) -> DataError:
    message, _, place = str(error).partition(" - at ")
    key = place.strip("`").removeprefix("$.").removeprefix("$")
    return DataError(f"{key}: {message}" if key else message, where=str(path), advice=_KEYS)


#: Only `xmpp-harness fuzz` knows these cases; wherever others are played, nothing is said of them.
_FUZZ = f"{FUZZ}/"


def check_cases(baseline: Baseline, known: Collection[str], path: Path) -> None:
    """Raise DataError for entries about cases that do not exist: they would excuse nothing, unnoticed."""
    is_fuzzing = any(case.startswith(_FUZZ) for case in known)
    named = [(f"deviation[{number}].cases", one.cases) for number, one in enumerate(baseline.deviation)]
    for key, cases in (*named, ("unmeasured", baseline.unmeasured or ())):
        for case in cases:
            if case not in known and (is_fuzzing or not case.startswith(_FUZZ)):
                near = get_close_matches(case, known, n=2)
                advice = f"did you mean {' or '.join(near)}?" if near else "xmpp-harness list names them"
                raise DataError(f"{key}: there is no case {case}", where=str(path), advice=advice)
