"""Every case on a line of CSV, for spreadsheets."""

import csv
import io
from collections.abc import Iterable

from harness.reporters.printable import printable, shortened
from harness.results.records import CaseFinished
from harness.results.summary import Run, expectation

_HEADS = (
    "target",
    "product",
    "version",
    "case",
    "title",
    "family",
    "verdict",
    "expectation",
    "level",
    "severity",
    "requirements",
    "seconds",
    "causes",
    "reason",
)
_FORMULAS = "=+-@\t\r"  # what a spreadsheet would take for a formula
_LONGEST = 2000  # characters of a cell


def table(run: Run) -> bytes:
    """Return the table in UTF-8, with a line of heads (RFC 4180)."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(_HEADS)
    for target in run.targets:
        product = target.started.product if target.started else ""
        version = target.started.version if target.started else ""
        for case in target.cases:
            writer.writerow(map(_cell, (target.name, product, version, *_about(case))))
    return file.getvalue().encode("utf-8")


def _about(case: CaseFinished) -> Iterable[str]:
    yield from (case.case, case.title, case.family, case.verdict.value, expectation(case).value)
    yield from (case.level.value if case.level else "", case.severity, " ".join(case.requirements))
    yield f"{case.seconds:.4f}"
    yield "; ".join(dict.fromkeys(finding.cause for finding in case.findings))
    yield case.known or case.was_known


def _cell(text: str) -> str:
    """What came over the wire must not be carried out by whoever opens the table."""
    shown = shortened(printable(text), _LONGEST)
    return f"'{shown}" if shown.startswith(tuple(_FORMULAS)) else shown
