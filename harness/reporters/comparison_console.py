"""What changed, on the console: by kind, by cause, each case with what it was and what it is."""

from rich.console import Console
from rich.text import Text

from harness.reporters.headline import number_of
from harness.reporters.printable import printable
from harness.reporters.verdict_styles import STYLES
from harness.results.comparison import Change, Comparison, Kind
from harness.results.records import CaseFinished

_COLOURS = {
    Kind.WORSE: "bold red",
    Kind.LOST: "bold magenta",
    Kind.OTHERWISE: "yellow",
    Kind.BETTER: "green",
    Kind.GAINED: "cyan",
}
_MOST_CAUSES = 3  # of one case


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print everything that is not the same."""
    console.print(_heading(comparison), soft_wrap=True)
    for kind in comparison.by_kind:
        for causes, changes in comparison.by_cause(kind).items():
            told = "; ".join(map(printable, causes[:_MOST_CAUSES]))
            more = f" and {len(causes) - _MOST_CAUSES} more" if len(causes) > _MOST_CAUSES else ""
            console.print()
            head = Text.assemble((kind.value, _COLOURS[kind]), f"  {told}{more}" if told else "")
            console.print(head, soft_wrap=True)
            for change in changes:
                console.print(_line(change), soft_wrap=True)
    console.print()
    console.print(Text(summary(comparison), style="bold red" if comparison.is_bad else "bold green"))


def summary(comparison: Comparison) -> str:
    """The comparison in one line: "2 worse, 1 better, 248 the same"."""
    counted = [f"{len(changes)} {kind.value}" for kind, changes in comparison.by_kind.items()]
    return f"{', '.join([*counted, f'{comparison.unchanged} the same'])}."


def _heading(comparison: Comparison) -> Text:
    old, new = comparison.old, comparison.new
    parts = [
        f"{one.name}  {printable(one.label)}, {number_of(one.tally.measured, 'case')} measured"
        for one in (old, new)
    ]
    return Text.assemble(("old  ", "dim"), parts[0], "\n", ("new  ", "dim"), parts[1])


def _line(change: Change) -> Text:
    text = Text("  ")
    text.append_text(_shown(change.old)).append(" → ").append_text(_shown(change.new))
    text.append(f"  {printable(change.either.case)}")
    if change.either.severity:
        text.append(f"  [{change.either.severity}]", style="bold red")
    return text


def _shown(case: CaseFinished | None) -> Text:
    if case is None:
        return Text("not there", style="dim")
    style = STYLES[case.verdict]
    return Text(f"{style.sign} {style.word}", style=style.colour)
