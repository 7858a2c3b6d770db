"""The run as Markdown, for the summary page of a build."""

import re
from collections.abc import Iterable

from harness.reporters.headline import played, verdict_of_run
from harness.reporters.printable import printable, shortened
from harness.reporters.verdict_styles import STYLES
from harness.results.causes import Cause, causes
from harness.results.records import CaseFinished
from harness.results.summary import ABSENCES, Run, absences, expectation, flaky
from harness.results.unmeasured import reason_of

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#|~!&$@])")  # @ too: a name in a stanza shall notify nobody
_MOST_CAUSES = 50
_MOST_LINES = 20  # of one difference


def markdown(run: Run) -> bytes:
    """Return a summary: one table, each cause that nobody knew of, each deviation that did not show."""
    told = [cause for cause in causes(run.cases) if not cause.is_known]
    lines = [f"## xmpp-harness: {_text(verdict_of_run(run))}", *_played(run), "", *_table(run)]
    for cause in told[:_MOST_CAUSES]:
        lines += ["", *_cause(run, cause)]
    if len(told) > _MOST_CAUSES:
        lines += ["", f"… and {len(told) - _MOST_CAUSES} more causes in the report."]
    lines += _absences(run)
    return ("\n".join(lines) + "\n").encode("utf-8")


def _played(run: Run) -> Iterable[str]:
    if what := played(run):
        yield from ("", f"{_text(what)}.")


def _table(run: Run) -> Iterable[str]:
    heads = [f"{style.sign} {style.word}" for style in STYLES.values()]
    yield f"| target | {' | '.join(heads)} | known | surprises |"
    yield f"|---|{'--:|' * (len(heads) + 2)}"
    for target in run.targets:
        counted = target.tally
        cells = [str(counted.of(verdict) or "") for verdict in STYLES]
        cells += [str(number or "") for number in (counted.known, counted.surprises)]
        yield f"| {_text(target.label)} | {' | '.join(cells)} |"


def _cause(run: Run, cause: Cause) -> Iterable[str]:
    finding = cause.first.finding
    style = STYLES[cause.verdict]
    grave = f" **[{cause.severity}]**" if cause.severity else ""
    yield f"**{style.sign} {style.word}**{grave} {_text(finding.message)}"
    yield ""
    for one in cause.requirements:
        view = run.requirement(one)
        level = view.level_text(cause.first.case.perspective)
        yield f"- {_text(' '.join(part for part in (view.place, level, view.summary or view.id) if part))}"
    yield from (f"- {_text(_place(case))}" for case in cause.cases)
    if finding.step:
        yield f"- {_text(f'{finding.step.file}:{finding.step.line}: {finding.step.text}')}"
    if finding.difference:
        lines = [printable(shortened(line, 300)) for line in _lines(finding.difference)]
        fence = _fence(lines)
        yield from ("", f"{fence}diff", *lines, fence)


def _place(case: CaseFinished) -> str:
    place = f"{case.target}: {case.case}"
    return f"{place} ({case.was_known})" if case.was_known else place


def _absences(run: Run) -> Iterable[str]:
    for kind, advice in ABSENCES.items():
        if cases := [case for case in absences(run.cases) if expectation(case) is kind]:
            yield from ("", f"**{kind.value.capitalize()}**: {advice}", "")
            for case in cases:
                why = "" if case.verdict.is_measured else f" ({reason_of(case)})"
                yield f"- {_text(f'{case.target}: {case.case}{why}')}"
    if unsteady := flaky(run.cases):
        yield from ("", "**Flaky**: the tries did not come out alike", "")
        yield from (f"- {_text(f'{case.target}: {case.case} ({case.flaky})')}" for case in unsteady)
    for target in run.targets:
        if target.shortfall:
            yield from ("", f"**{_text(target.name)}**: {_text(target.shortfall)}")


def _fence(lines: Iterable[str]) -> str:
    """More backticks than the lines hold in a row, so that no content can end the block."""
    runs = re.findall("`+", "\n".join(lines))
    return "`" * max(3, *(len(one) + 1 for one in runs), 0)


def _lines(difference: Iterable[str]) -> Iterable[str]:
    flat = [part for line in difference for part in line.splitlines() or [""]]
    yield from flat[:_MOST_LINES]
    if len(flat) > _MOST_LINES:
        yield f"… {len(flat) - _MOST_LINES} more lines"


def _text(text: str) -> str:
    return _MARKUP.sub(r"\\\1", printable(" ".join(shortened(text, 400).split())))
