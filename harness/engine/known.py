"""Known deviations: what a target is known to do otherwise, with the reason, as data beside it.

A baseline is a TOML file of `[[deviation]]` tables: `case` (a scenario or monitor name), `verdict`
(fail or deviates), `cause` (optional: must stand in a finding's cause), `reason`, `link` (optional),
`expires` (optional date), `version` and `configuration` for those that are shipped.
"""

import datetime
import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from harness.errors import DataError
from harness.results.records import CaseFinished
from harness.results.verdicts import Verdict


class Deviation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One known deviation of one target."""

    case: str
    verdict: Verdict
    reason: str
    cause: str = ""
    link: str = ""
    expires: datetime.date | None = None

    def is_current(self, today: datetime.date) -> bool:
        """Whether it has not expired."""
        return self.expires is None or today <= self.expires

    def covers(self, case: CaseFinished) -> bool:
        """Whether this is what the case shows."""
        causes = [finding.cause for finding in case.findings]
        return case.verdict is self.verdict and (not self.cause or any(self.cause in one for one in causes))


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The known deviations of one product, in one version and configuration."""

    product: str = ""
    version: str = ""
    configuration: str = ""
    deviation: tuple[Deviation, ...] = ()

    def apply(self, case: CaseFinished, today: datetime.date) -> CaseFinished:
        """Mark a case that is known, or that was known to fail and passes."""
        about = [one for one in self.deviation if one.case == case.case and one.is_current(today)]
        covering = next((one for one in about if one.covers(case)), None)
        if covering is not None:
            return msgspec.structs.replace(case, known=covering.reason)
        if about and case.verdict is Verdict.PASS:
            return msgspec.structs.replace(case, unexpected_pass=True)
        return case


def load_baseline(path: Path) -> Baseline:
    """Read a baseline; DataError says what is wrong with it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Baseline)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DataError(f"not a baseline: {error}", where=str(path)) from error


def unknown_cases(baseline: Baseline, names: Sequence[str]) -> list[str]:
    """Return the cases that a baseline names and that do not exist."""
    return [one.case for one in baseline.deviation if one.case not in names]
