"""Cases that are played several times, and do not always come out alike."""

from collections.abc import Sequence

import msgspec

from harness.results.records import CaseFinished
from harness.results.summary import expectation
from harness.results.verdicts import Verdict

#: From the worst to the best: what was not measured says less than a pass.
_WORTH = (
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.DEVIATES,
    Verdict.NOT_APPLICABLE,
    Verdict.UNSUPPORTED,
    Verdict.PASS,
)


def together(tries: Sequence[CaseFinished]) -> CaseFinished:
    """Make one record of several tries.

    Where they differ, the verdict is that of the best one; what the worst one has shown stays beside it, and
    `flaky` tells how each of them came out.
    """
    best, worst = max(tries, key=_standing), min(tries, key=_standing)
    if _standing(best) == _standing(worst):
        told = [f"played {len(tries)} times, and always alike"] if len(tries) > 1 else []
        return msgspec.structs.replace(worst, notes=[*worst.notes, *told])
    return msgspec.structs.replace(
        best,
        findings=worst.findings,
        exchanges=worst.exchanges,
        severity=worst.severity,
        flaky=", ".join(one.verdict.value for one in tries),
    )


def is_settled(tries: Sequence[CaseFinished], repeat: int, retries: int) -> bool:
    """Whether enough has been tried: `repeat` times, and `retries` more until one of them is no surprise."""
    if len(tries) < repeat:
        return False
    return len(tries) >= repeat + retries or not all(expectation(one).is_surprise for one in tries)


def _standing(case: CaseFinished) -> tuple[bool, int]:
    """The greater, the better."""
    return not expectation(case).is_surprise, _WORTH.index(case.verdict)
