"""From a target that is up, and from a case that was played, or was not, to its record."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from harness.catalogue.scenarios import Scenario
from harness.engine.case import Played
from harness.engine.secrets import Secrets
from harness.engine.stage import Stage
from harness.results.records import CaseFinished, Finding, TargetStarted
from harness.results.verdicts import Perspective, Verdict

_PERHAPS = "the target died: this case may be the reason, or may only have met it"


def reproduction(words: str, scenario: Scenario) -> str:
    """The command line that plays it again; `words` mean the target, or are a command with `{case}`."""
    case = shlex.quote(scenario.selector)
    return f"xmpp-harness {words.replace('{case}', case) if '{case}' in words else f'run {words} {case}'}"


def target_started(stage: Stage, seconds: float, *, planned: int = 0, mismatch: str = "") -> TargetStarted:
    """That a target is up, which took so many seconds; `planned` is how many scenarios are to come."""
    return TargetStarted(
        target=stage.name,
        product=stage.product or stage.name,
        version=stage.version,
        domain=stage.domain,
        endpoint=stage.endpoint,
        attached=stage.is_attached,
        features=sorted(stage.features),
        seconds=round(seconds, 3),
        planned=planned,
        mismatch=mismatch,
    )


class Teller:
    """Makes the records of one target's cases; `words` mean the target on a command line."""

    def __init__(self, target: str, words: str, perspective: Perspective = Perspective.CLIENT) -> None:
        self._target = target
        self._words = words
        self._perspective = perspective

    def refused(self, scenario: Scenario, verdict: Verdict, note: str) -> CaseFinished:
        """A case that was not played, and why."""
        return CaseFinished(**self._head(scenario), verdict=verdict, notes=[note])

    def finished(
        self, scenario: Scenario, played: Played, died: str = "", notes: Sequence[str] = ()
    ) -> CaseFinished:
        """A case that was played. When the target has `died`, what it did not do is not held against it."""
        judgement, secrets = played.judgement, played.log.secrets
        verdict, hint = judgement.verdict, ""
        if died and verdict.is_measured and verdict is not Verdict.PASS and played.log.has_lost_target:
            verdict, hint = Verdict.ERROR, _PERHAPS
        return CaseFinished(
            **self._head(scenario),
            verdict=verdict,
            severity=_severity(scenario, played, verdict),
            notes=[secrets.mask(note) for note in dict.fromkeys((*notes, *played.outcome.notes))],
            findings=masked(judgement.findings, secrets, hint),
            exchanges=played.log.exchanges,
            started=played.started,
            seconds=round(played.seconds, 6),
        )

    def _head(self, scenario: Scenario) -> Mapping[str, Any]:  # `Any`: what each field of the record holds
        return {
            "target": self._target,
            "case": scenario.name,
            "title": scenario.transcript.title,
            "perspective": self._perspective,
            "family": scenario.family,
            "requirements": list(scenario.requirement_ids),
            "level": scenario.level(self._perspective),
            "tags": list(scenario.transcript.tags),
            "reproduce": reproduction(self._words, scenario),
        }


#: Tag of scenarios whose failure helps somebody hostile.
SECURITY = "security"


def _severity(scenario: Scenario, played: Played, verdict: Verdict) -> str:
    """What crashes can be brought down, whatever the scenario is about."""
    has_crashed = any(finding.cause.startswith(("crashed", "hangs")) for finding in played.judgement.findings)
    is_grave = SECURITY in scenario.transcript.tags or has_crashed
    return SECURITY if is_grave and verdict in (Verdict.FAIL, Verdict.DEVIATES) else ""


def masked(findings: Sequence[Finding], secrets: Secrets, hint: str = "") -> list[Finding]:
    """Return findings without secrets; `hint` stands where one has none."""
    return [
        msgspec.structs.replace(
            one,
            cause=secrets.mask(one.cause),
            message=secrets.mask(one.message),
            difference=[secrets.mask(line) for line in one.difference],
            hint=secrets.mask(one.hint or hint),
        )
        for one in findings
    ]
