"""JUnit XML, as continuous integration servers read it.

One test suite per target, one test case per scenario or monitor. What is expected does not break a build:
a known deviation is a passed test case that says so in its properties, an unexpected pass is a failure.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from lxml import etree

from harness.reporters.printable import printable, shortened
from harness.results.records import CaseFinished, Finding
from harness.results.summary import ABSENCES, Expectation, Run, TargetRun, expectation
from harness.results.verdicts import Verdict

_LONGEST = 20_000  # characters of one output: parsers refuse huge text nodes


def junit(run: Run) -> bytes:
    """Return the report as a UTF-8 document."""
    root = etree.Element("testsuites", name="xmpp-harness")
    for target in run.targets:
        root.append(_suite(run, target))
    _set(root, _counts(root.iter("testsuite")) | {"time": _seconds(run.seconds)})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _suite(run: Run, target: TargetRun) -> "etree._Element":
    suite = etree.Element("testsuite", name=printable(target.name))
    _properties(suite, _about(target))
    for case in target.cases:
        suite.append(_case(run, case))
    _set(suite, _tests(suite) | {"time": _seconds(sum(case.seconds for case in target.cases))})
    if run.started:
        suite.set("timestamp", datetime.fromtimestamp(run.started.started, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    if target.died:
        _text(suite, "system-err", f"The target was given up: {target.died}")
    elif target.shortfall:
        _text(suite, "system-err", target.shortfall)
    return suite


def _about(target: TargetRun) -> dict[str, str]:
    if target.started is None:
        return {}
    return {
        "product": target.started.product,
        "version": target.started.version,
        "domain": target.started.domain,
        "endpoint": target.started.endpoint,
    }


#: Ways of --fail-on that leave a broken SHOULD alone.
_GRAVE_ONLY = ("must", "security")


def _case(run: Run, case: CaseFinished) -> "etree._Element":
    folder, _, name = case.case.rpartition("/")
    classname = ".".join(part for part in (case.target, folder.replace("/", ".")) if part)
    element = etree.Element("testcase", classname=printable(classname), name=printable(name))
    element.set("time", _seconds(case.seconds))
    _properties(element, _facts(run, case))
    is_minor = case.verdict is Verdict.DEVIATES and run.started and run.started.fail_on in _GRAVE_ONLY
    if expectation(case) is not Expectation.KNOWN and not is_minor:
        _RESULTS[case.verdict](element, case)
    _text(element, "system-out", _output(case))
    return element


def _facts(run: Run, case: CaseFinished) -> dict[str, str]:
    return {
        "verdict": case.verdict.value,
        "title": case.title,
        "severity": case.severity,
        "level": case.level.value if case.level else "",
        "requirements": " ".join(case.requirements),
        "documents": ", ".join(run.documents(case)),
        "known deviation": case.known,
        "expired deviation": case.expired,
        "flaky": case.flaky,
        "shown by": case.shown_by,
        "reproduce": case.reproduce,
    }


def _passed(element: "etree._Element", case: CaseFinished) -> None:
    kind = expectation(case)
    if kind is Expectation.FLAKY:  # as Surefire writes it, and CI servers read it
        _explained(element, case, "flakyFailure")
    if kind in ABSENCES:
        etree.SubElement(element, "failure", message=ABSENCES[kind], type=kind.value)


def _failed(element: "etree._Element", case: CaseFinished) -> None:
    _explained(element, case, "failure")


def _went_wrong(element: "etree._Element", case: CaseFinished) -> None:
    _explained(element, case, "error")


def _skipped(element: "etree._Element", case: CaseFinished) -> None:
    if case.no_longer_measured:
        _passed(element, case)
        return
    reason = "; ".join(finding.message for finding in case.findings) or case.verdict.value
    etree.SubElement(element, "skipped", message=printable(shortened(reason, _LONGEST)))


_RESULTS: Mapping[Verdict, Callable[["etree._Element", CaseFinished], None]] = {
    Verdict.PASS: _passed,
    Verdict.FAIL: _failed,
    Verdict.DEVIATES: _failed,
    Verdict.UNSUPPORTED: _skipped,
    Verdict.NOT_APPLICABLE: _skipped,
    Verdict.ERROR: _went_wrong,
}


def _explained(element: "etree._Element", case: CaseFinished, tag: str) -> None:
    message = case.findings[0].message if case.findings else f"{case.verdict.value} without a finding"
    cause = case.findings[0].cause if case.findings else case.verdict.value
    told = [_told(finding) for finding in case.findings] or [message]
    told += [f"This {case.was_known}"] if case.was_known else []
    child = _text(element, tag, "\n\n".join(told))
    child.set("message", printable(shortened(message, _LONGEST)))
    child.set("type", printable(shortened(cause, _LONGEST)))


def _told(finding: Finding) -> str:
    place = f"{finding.step.file}:{finding.step.line}: {finding.step.text}" if finding.step else ""
    about = f"Requirements: {', '.join(finding.requirements)}" if finding.requirements else ""
    again = f"Reproduce: {finding.reproduce}" if finding.reproduce else ""
    lines = (finding.message, place, about, "\n".join(finding.difference), finding.hint, again)
    return "\n".join(line for line in lines if line)


def _output(case: CaseFinished) -> str:
    known = [f"Known deviation: {case.known}"] if case.known else []
    known += [f"This {case.was_known}"] if case.was_known else []
    findings = [_told(finding) for finding in case.findings] if case.verdict is not Verdict.PASS else []
    reproduce = [f"Reproduce: {case.reproduce}"] if case.reproduce else []
    return "\n".join([*known, *findings, *case.notes, *reproduce])


def _properties(element: "etree._Element", facts: Mapping[str, str]) -> None:
    told = {name: value for name, value in facts.items() if value}
    if not told:
        return
    properties = etree.SubElement(element, "properties")
    for name, value in told.items():
        etree.SubElement(properties, "property", name=name, value=printable(value))


def _text(element: "etree._Element", tag: str, text: str) -> "etree._Element":
    child = etree.SubElement(element, tag)
    child.text = printable(shortened(text, _LONGEST))
    return child


def _tests(suite: "etree._Element") -> dict[str, str]:
    cases = suite.findall("testcase")
    counts = {f"{tag}s": sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error")}
    skipped = sum(case.find("skipped") is not None for case in cases)
    return {"tests": str(len(cases)), "skipped": str(skipped)} | {
        name: str(number) for name, number in counts.items()
    }


def _counts(suites: Iterable["etree._Element"]) -> dict[str, str]:
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in suites:
        for name in totals:
            totals[name] += int(suite.get(name, "0"))
    return {name: str(number) for name, number in totals.items()}


def _set(element: "etree._Element", attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        element.set(name, value)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
