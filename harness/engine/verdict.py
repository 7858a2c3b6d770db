"""From how a case ended to what it says about the target."""

from dataclasses import dataclass

from harness.catalogue.requirements import level_of, strongest
from harness.catalogue.scenarios import Scenario
from harness.play.acts import Outcome, Problem
from harness.results.records import Finding
from harness.results.verdicts import Level, Perspective, Verdict
from harness.transcript.script import Standing

_GRAVITY = (Verdict.PASS, Verdict.DEVIATES, Verdict.FAIL, Verdict.ERROR)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict with its findings."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()


def judge(scenario: Scenario, outcome: Outcome, perspective: Perspective = Perspective.CLIENT) -> Judgement:
    """Give the verdict: the gravest among the problems' own, a pass without any."""
    verdicts = [_verdict(scenario, problem, perspective) for problem in outcome.problems]
    return Judgement(
        verdict=max(verdicts, key=_GRAVITY.index, default=Verdict.PASS),
        findings=tuple(_finding(scenario, problem) for problem in outcome.problems),
    )


def _verdict(scenario: Scenario, problem: Problem, perspective: Perspective) -> Verdict:
    if problem.is_environment:
        return Verdict.ERROR
    if problem.standing is Standing.DEVIATES:
        return Verdict.DEVIATES
    ids = problem.covers or scenario.transcript.covers  # those of other steps are not what this is about
    named = [scenario.table[one] for one in ids if one in scenario.table]
    level = strongest(level_of(one, perspective) for one in named or scenario.requirements)
    return Verdict.DEVIATES if level in (Level.SHOULD, Level.MAY) else Verdict.FAIL


def _finding(scenario: Scenario, problem: Problem) -> Finding:
    return Finding(
        cause=problem.cause,
        message=problem.message,
        difference=list(problem.difference),
        step=problem.place,
        requirements=list(problem.covers or scenario.transcript.covers),
        hint=problem.hint,
    )
