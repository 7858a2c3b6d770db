"""How a verdict looks: a sign and a word first, a colour besides."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.results.verdicts import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictStyle:
    """`sign` is one character, `counted` follows a number, `css` is a class of the HTML report."""

    sign: str
    word: str
    counted: str
    colour: str
    css: str

    @property
    def short(self) -> str:
        """The word where there is little room, as at the head of a column."""
        return {"unsupported": "unsupp.", "not applicable": "n/a"}.get(self.word, self.word)


STYLES: Mapping[Verdict, VerdictStyle] = {
    Verdict.PASS: VerdictStyle(sign="✓", word="pass", counted="passed", colour="green", css="pass"),
    Verdict.FAIL: VerdictStyle(sign="✗", word="fail", counted="failed", colour="bold red", css="fail"),
    Verdict.DEVIATES: VerdictStyle(
        sign="≠", word="deviates", counted="deviating", colour="yellow", css="deviates"
    ),
    Verdict.UNSUPPORTED: VerdictStyle(
        sign="○", word="unsupported", counted="unsupported", colour="cyan", css="unsupported"
    ),
    Verdict.NOT_APPLICABLE: VerdictStyle(
        sign="–", word="not applicable", counted="not applicable", colour="dim", css="not-applicable"
    ),
    Verdict.ERROR: VerdictStyle(sign="!", word="error", counted="in error", colour="magenta", css="error"),
}
