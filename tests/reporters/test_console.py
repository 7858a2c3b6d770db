import io

import msgspec
import pytest
from rich.console import Console

from harness.reporters.console import ConsoleReporter, Verbosity
from harness.results.records import Record, RunFinished, TargetFinished, TargetStarted
from harness.results.verdicts import Verdict
from tests.reporters.sample import REQUIREMENTS, case_finished, large, records


def _printed(
    lines: list[Record],
    verbosity: Verbosity = Verbosity.NORMAL,
    *,
    terminal: bool = False,
    width: int = 140,
) -> str:
    output = io.StringIO()
    console = Console(
        file=output, width=width, force_terminal=terminal, color_system=None, legacy_windows=False
    )
    reporter = ConsoleReporter(console, REQUIREMENTS, verbosity)
    for line in lines:
        reporter.record(line)
    reporter.close()
    reporter.close()
    return output.getvalue()


def test_failure_is_explained_with_everything_a_person_needs() -> None:
    told = _printed(records())
    for part in [
        "RFC 6121, 2.1.6 MUST  Every interested resource gets the roster push",
        "scenarios/roster/set_is_pushed_to_all.scs:31  Romeo's phone receives:",
        "- <iq xmlns='jabber:client' type='set' id='{any}'>",
        "+ (nothing)",
        "xmpp-harness run roster/set_is_pushed_to_all --target verona",
        "RFC 6120, 8.1.2.1 MUST NOT",
        "also allowed: 4.9.3.9 also lets the server close the stream with invalid-from",
        "mantua given up: ended with signal 11",
        "monitors/well_formed  shown by stanza/spoofed_from",
        "unexpected pass verona  muc/presence_order",
    ]:
        assert part in told


def test_cause_of_several_cases_is_told_once() -> None:
    told = _printed(records())
    assert told.count("Romeo's phone was to receive a roster push") == 1
    assert told.count("Servants") == 0


def test_marks_are_carets_for_logs_without_colour() -> None:
    lines = _printed(records()).splitlines()
    place = next(number for number, line in enumerate(lines) if "- <message from='romeo-11c0" in line)
    assert lines[place + 1].strip() == "^^^^^^^^^^ ^^^^^^^^"


def test_log_of_a_build_has_plain_lines_and_no_control_characters() -> None:
    told = _printed(records())
    assert "✗ fail           mantua  stanza/spoofed_from" in told
    assert not [character for character in told if ord(character) < 32 and character != "\n"]
    assert "\u202e" not in told
    assert "\\x1b[31m\\u202e" in told


def test_terminal_shows_progress_with_count_tallies_and_target() -> None:
    told = _printed(records(), terminal=True)
    assert "20 of 34  ✓ 19 pass  – 1 not applicable  verona" in told
    assert "\x1b[31m" not in told, "the peer commands the terminal"


def test_quiet_prints_a_line_for_each_surprise_and_one_at_the_end() -> None:
    *surprises, last = _printed(records(), Verbosity.QUIET).splitlines()
    assert surprises.pop() == "mantua given up: ended with signal 11"
    assert len(surprises) == 8
    assert "✗ fail           mantua  stanza/spoofed_from" in "\n".join(surprises)
    assert last.startswith("15 scenarios with 2 monitors, 51 verdicts: ✓ 38 passed")
    assert "✗ 6 failed" in last
    assert "8 surprises (1 unexpected pass)." in last


def test_quiet_prints_one_line_when_there_is_no_surprise() -> None:
    case = case_finished("t", "a/b", "A", [], (Verdict.PASS, ()))
    told = _printed([case, RunFinished(finished=1.0, exit_code=0)], Verbosity.QUIET)
    assert told == "1 scenario: ✓ 1 passed  As expected.\n"


def test_target_that_cannot_be_reached_has_no_empty_tables() -> None:
    lost = TargetFinished(target="t", seconds=0.0, died="Connection refused")
    told = _printed([lost, RunFinished(finished=1.0, exit_code=3)])
    assert told == "t given up: Connection refused\n\nNothing was measured.\n"
    quiet = _printed([lost, RunFinished(finished=1.0, exit_code=3)], Verbosity.QUIET)
    assert quiet == "t given up: Connection refused\nNothing was measured.\n"


def test_verbose_prints_every_case() -> None:
    told = _printed(records(), Verbosity.VERBOSE)
    assert "✓ pass           reference  ping/server_answers" in told
    assert "[known deviation]" in told


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "The run was cut short."),
        ([RunFinished(finished=1.0, exit_code=3)], "Nothing was measured."),
        ([case_finished("t", "a/b", "A", [], (Verdict.PASS, ()))], "The run was cut short."),
        (
            [case_finished("t", "a/b", "A", [], (Verdict.PASS, ())), RunFinished(finished=1.0, exit_code=0)],
            "As expected.",
        ),
        (
            [
                msgspec.structs.replace(case_finished("t", "a/b", "A", [], (Verdict.FAIL, ())), known="why"),
                RunFinished(finished=1.0, exit_code=0),
            ],
            "As expected: 1 known deviation, nothing new.",
        ),
    ],
)
def test_run_that_is_not_whole_is_never_called_good(lines: list[Record], words: str) -> None:
    assert words in _printed(lines)


def test_wire_text_is_never_taken_for_markup() -> None:
    case = case_finished("t", "a/[bold]b[/bold]", "A", [], (Verdict.FAIL, ()))
    assert "a/[bold]b[/bold]" in _printed([case])


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_tables_fit_and_have_one_line_a_row(width: int) -> None:
    lines = _printed(records(), width=width).splitlines()
    first, second = (
        next(number for number, line in enumerate(lines) if line.startswith(head))
        for head in ("target ", "document ")
    )
    assert [line.split()[0] for line in lines[first + 1 : second - 1]] == ["reference", "verona", "mantua"]
    table = lines[first : lines.index("", second)]
    assert all(len(line.rstrip()) <= width for line in table)
    assert all(line.startswith(("RFC", "XEP", "no document")) for line in table[second - first + 1 :])
    assert ("✗ fail" in lines[first]) == (width >= 80)


def test_several_targets_have_a_column_each_in_the_table_of_documents() -> None:
    lines = _printed(records(), width=140).splitlines()
    (head,) = [line for line in lines if line.startswith("document")]
    assert head.split() == ["document", "reference", "verona", "mantua"]
    (muc,) = [line for line in lines if line.startswith("XEP-0045")]
    assert "✓" in muc
    alone = _printed([one for one in records() if getattr(one, "target", "verona") == "verona"], width=140)
    assert "document and level" in alone


def test_one_scenario_is_one_scenario() -> None:
    start = TargetStarted(target="t", product="p", version="1", domain="d", endpoint="e", planned=1)
    assert ", 1 scenario)" in _printed([start])


def test_deviations_of_another_version_are_told_once() -> None:
    told = "known deviations are of p 1; this is p 2"
    start = TargetStarted(target="t", product="p", version="2", domain="d", endpoint="e", mismatch=told)
    assert _printed([start]).count(told) == 1


def test_narrow_terminal_and_many_failures_stay_short() -> None:
    told = _printed(large(100, 2), width=60)
    assert told.count("Romeo's phone was to receive a roster push") == 1
    assert "… and 5 more cases" in told
