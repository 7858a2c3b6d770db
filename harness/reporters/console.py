"""The run on a terminal: progress while it lasts, and what came of it at the end.

On a terminal one line at the bottom moves; elsewhere, as in the log of a build, plain lines are printed.
"""

from collections import Counter
from collections.abc import Mapping
from enum import Enum

from rich.console import Console
from rich.live import Live
from rich.text import Text

from harness.reporters.console_summary import print_summary, summary_line
from harness.reporters.headline import number_of
from harness.reporters.printable import printable
from harness.reporters.verdict_styles import STYLES
from harness.results.records import CaseFinished, Record, RunStarted, TargetFinished, TargetStarted
from harness.results.requirements import RequirementView
from harness.results.summary import ABSENCES, Expectation, expectation, summarize
from harness.results.unmeasured import reason_of
from harness.results.verdicts import Verdict


class Verbosity(Enum):
    """QUIET: surprises, and one line. NORMAL: surprises as they come, and a summary. VERBOSE: every case."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


class ConsoleReporter:
    """Draws on a rich console; the caller decides where that writes to."""

    def __init__(
        self,
        console: Console,
        requirements: Mapping[str, RequirementView],
        verbosity: Verbosity = Verbosity.NORMAL,
    ) -> None:
        self._console = console
        self._requirements = requirements
        self._verbosity = verbosity
        self._records: list[Record] = []
        self._progress = _Progress()
        self._live: Live | None = None
        self._is_closed = False

    def record(self, record: Record) -> None:
        """Show one record and move the progress on."""
        self._records.append(record)
        line = self._line(record)
        if line is not None:
            self._console.print(line, soft_wrap=True)
        if self._verbosity is Verbosity.QUIET:
            return
        self._progress.move(record)
        self._draw()

    def close(self) -> None:
        """Print the summary."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._live is not None:
            self._live.stop()
        run = summarize(self._records, self._requirements)
        if self._verbosity is Verbosity.QUIET:
            self._console.print(summary_line(run), soft_wrap=True)
        else:
            print_summary(self._console, run, is_verbose=self._verbosity is Verbosity.VERBOSE)

    def _draw(self) -> None:
        if not self._console.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(self._progress.text(), refresh=True)

    def _line(self, record: Record) -> Text | None:
        match record:
            case CaseFinished() if self._is_worth_a_line(record):
                return case_line(record)
            case TargetFinished() if record.died:
                return Text(f"{record.target} given up: {printable(record.died)}", style="bold red")
            case _ if self._verbosity is Verbosity.QUIET:
                return None
            case RunStarted():
                return Text(
                    f"xmpp-harness {record.version}" + (f", seed {record.seed}" if record.seed else ""),
                    style="dim",
                )
            case TargetStarted():
                return _target_line(record)
            case TargetFinished() if record.waited:
                return Text(f"  {printable(record.target)}: {waiting(record)}", style="dim")
            case _:
                return None

    def _is_worth_a_line(self, case: CaseFinished) -> bool:
        told = expectation(case)
        return self._verbosity is Verbosity.VERBOSE or told.is_surprise or told is Expectation.FLAKY


def waiting(record: TargetFinished) -> str:
    """What was waited for: that nothing more comes is known of some clients only after a while."""
    return (
        f"its cases took {record.seconds:.1f} s together, and waited {record.waited:.1f} s in all, many at "
        "once, for it to say something"
    )


def case_line(case: CaseFinished) -> Text:
    """One case on one line: sign, verdict, target, path, first cause."""
    style = STYLES[case.verdict]
    told = expectation(case)
    text = Text.assemble(
        (f"{style.sign} {style.word:<14}", style.colour), f" {case.target}  {printable(case.case)}"
    )
    if case.severity:
        text.append(f"  [{case.severity}]", style="bold red")
    if told in (Expectation.KNOWN, Expectation.FLAKY, *ABSENCES):
        text.append(f"  [{told.value}]", style="cyan")
    if case.was_known:
        text.append(f"  [{printable(case.was_known)}]", style="yellow")
    if case.findings and case.verdict is not Verdict.PASS:
        text.append(f"  {printable(case.findings[0].cause)}", style="dim")
    elif told is Expectation.NO_LONGER_MEASURED:
        text.append(f"  {printable(reason_of(case))}", style="dim")
    return text


def _target_line(record: TargetStarted) -> Text:
    how = "attached" if record.attached else f"ready after {record.seconds:.1f} s"
    product = printable(f"{record.product} {record.version}".strip())
    planned = f", {number_of(record.planned, 'scenario')}" if record.planned else ""
    text = Text.assemble(
        ("▸ ", "blue"), (printable(record.target), "bold"), f"  {product} ({record.endpoint}, {how}{planned})"
    )
    return text.append(f"\n  {printable(record.mismatch)}", style="yellow") if record.mismatch else text


class _Progress:
    """What the moving line says."""

    def __init__(self) -> None:
        self._verdicts: Counter[Verdict] = Counter()
        self._planned = 0
        self._target = ""

    def move(self, record: Record) -> None:
        match record:
            case TargetStarted():
                self._planned += record.planned
                self._target = record.target
            case CaseFinished():
                self._verdicts[record.verdict] += 1
                self._target = record.target

    def text(self) -> Text:
        done = self._verdicts.total()
        planned = f" of {max(self._planned, done)}" if self._planned else ""
        text = Text(f"{done}{planned}  ", style="bold", no_wrap=True, overflow="ellipsis")
        for verdict, style in STYLES.items():
            if number := self._verdicts[verdict]:
                text.append(f"{style.sign} {number} {style.word}  ", style=style.colour)
        return text.append(printable(self._target), style="dim")
