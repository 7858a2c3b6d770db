"""Cases as a run would have recorded them, for tests of what is made of them."""

import msgspec

from harness.results.records import CaseFinished, Finding
from harness.results.verdicts import Perspective, Verdict


def played(verdict: Verdict, *causes: str, case: str = "roster/push", **values: object) -> CaseFinished:
    """A case on the target `t` with a finding for each cause; `values` are other fields of the record."""
    plain = CaseFinished(
        target="t",
        case=case,
        title="",
        perspective=Perspective.CLIENT,
        verdict=verdict,
        family=case.partition("/")[0],
        findings=[Finding(cause=cause, message="") for cause in causes],
    )
    return msgspec.structs.replace(plain, **values)
