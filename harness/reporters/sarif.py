"""SARIF 2.1.0, as code scanning services read it: requirements are the rules, findings are the results.

A known deviation is a suppressed result with its reason as the justification.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from harness.reporters.printable import printable, shortened
from harness.results.records import CaseFinished, Finding
from harness.results.requirements import RequirementView
from harness.results.summary import ABSENCES, Run, TargetRun, expectation
from harness.results.verdicts import Verdict

Json = Mapping[str, Any]  # what JSON holds

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Verdict.FAIL: "error", Verdict.DEVIATES: "warning", Verdict.ERROR: "note"}
_LONGEST = 4000  # characters of a message
_SECURITY = "9.0"  # what GitHub calls critical begins there


def sarif(run: Run) -> bytes:
    """Return the log as indented JSON: one run of the tool for each target."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(run, target) for target in run.targets]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


def _run(run: Run, target: TargetRun) -> Json:
    results = [result for case in target.cases for result in _results(run, target, case)]
    grave = {one["ruleId"] for one in results if one["properties"].get("severity")}
    rules = [
        _rule(run.requirement(one), one in grave) for one in dict.fromkeys(one["ruleId"] for one in results)
    ]
    return {
        "tool": {
            "driver": {
                "name": "xmpp-harness",
                "version": run.started.version if run.started else "0",
                "rules": rules,
            }
        },
        "automationDetails": {"id": f"xmpp-harness/{printable(target.name)}/"},
        "invocations": [{"executionSuccessful": run.is_complete and not target.died}],
        "properties": {"target": printable(target.label)},
        "results": results,
    }


def _rule(view: RequirementView, is_grave: bool) -> Json:
    text = view.summary or view.title or view.id
    also = f" Also allowed: {view.latitude}." if view.latitude else ""
    rule = {
        "id": view.id,
        "name": view.place or view.id,
        "shortDescription": {"text": printable(text)},
        "fullDescription": {"text": printable(f"{view.place}: {text}.{also}")},
    }
    return {**rule, "properties": {"security-severity": _SECURITY}} if is_grave else rule


def _results(run: Run, target: TargetRun, case: CaseFinished) -> Iterable[dict[str, Any]]:
    if case.flaky:
        for finding in case.findings:
            yield _result(target, case, "note", finding)
    elif case.verdict in _LEVELS:
        for finding in case.findings:
            yield _result(target, case, _LEVELS[case.verdict], finding)
    elif (kind := expectation(case)) in ABSENCES:
        told = Finding(cause=kind.value, message=f"{kind.value.capitalize()}: {ABSENCES[kind]}")
        yield _result(target, case, "note", told)


def _result(target: TargetRun, case: CaseFinished, level: str, finding: Finding) -> dict[str, Any]:
    rules = finding.requirements or case.requirements or [case.case]
    identity = "\0".join((target.name, case.case, finding.cause))
    result: dict[str, Any] = {
        "ruleId": rules[0],
        "level": level,
        "message": {
            "text": shortened(printable(f"{target.label}: {finding.message} ({case.case})"), _LONGEST)
        },
        "partialFingerprints": {"case/v1": hashlib.sha256(identity.encode()).hexdigest()},
        "properties": _properties(case, finding),
    }
    if finding.step:
        place = {"uri": finding.step.file}
        region = {"startLine": max(finding.step.line, 1)}
        result["locations"] = [{"physicalLocation": {"artifactLocation": place, "region": region}}]
    if case.known:
        result["suppressions"] = [{"kind": "external", "justification": printable(case.known)}]
    return result


def _properties(case: CaseFinished, finding: Finding) -> dict[str, Any]:
    told = {
        "case": case.case,
        "cause": printable(finding.cause),
        "severity": case.severity,
        "reproduce": case.reproduce,
        "requirements": finding.requirements or case.requirements,
    }
    return {key: value for key, value in told.items() if value}
