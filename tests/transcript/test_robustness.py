"""Whatever a script holds, it is read or refused with a place: nothing else is raised."""

import re
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.errors import ScriptError
from harness.transcript.lint import lint
from harness.transcript.parser import parse
from harness.transcript.portable import portable

README = (Path(__file__).parents[2] / "scenarios" / "README.md").read_text()
EXAMPLES = re.findall(r"^```scs\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
PLACE = re.compile(r"x\.scs:[1-9]\d*:[1-9]\d*")
SNIPPETS = [
    "{",
    "}",
    "${",
    "{{",
    "<",
    "</a>",
    "&",
    "'",
    '"',
    "\t",
    "\n",
    "---\n",
    "#",
    "##",
    "\\",
    "\0",
    "\ufeff",
    ":",
]
SNIPPETS += [
    "{regex:",
    "{other than: ",
    "{capture:x:",
    "nothing",
    "or:\n",
    "Romeo ",
    "<!--",
    "]]>",
    "<![CDATA[",
    "\x0b",
]


def read(text):
    """Where the fault is, `x.scs:1:1` for none."""
    try:
        transcript = parse(text, "x.scs")
    except ScriptError as error:
        return error.where
    lint(transcript, frozenset())
    portable(transcript)
    return "x.scs:1:1"


@settings(max_examples=60)
@given(st.text())
@example("")
@example("---")
@example("[Client] A\n---\nA sends:\n\t<a/>\n\t\x00")
def test_any_text(text):
    assert PLACE.fullmatch(read(text))


@settings(max_examples=150)
@given(st.sampled_from(EXAMPLES), st.data())
def test_examples_with_something_put_in_or_taken_out(text, data):
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 12))
    put_in = data.draw(st.sampled_from(["", *SNIPPETS]))
    assert PLACE.fullmatch(read(text[:at] + put_in + text[at + length :]))
