"""Every example of the language reference is a whole scenario: it parses, and lint has nothing to say."""

import re
import tomllib
from pathlib import Path

import pytest

from harness.transcript.forms import FORMS
from harness.transcript.lint import RULES, lint
from harness.transcript.parser import parse
from harness.transcript.script import Dialect, Transcript

SCENARIOS = Path(__file__).parents[2] / "scenarios"
README = SCENARIOS / "README.md"
BLOCK = re.compile(r"^```scs\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples():
    text = README.read_text()
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield pytest.param(found[1], line, id=f"line-{line}")


def requirement_ids():
    for path in (SCENARIOS / "requirements").glob("*.toml"):
        yield from (row["id"] for row in tomllib.loads(path.read_text()).get("requirement", []))


KNOWN = frozenset(requirement_ids())


@pytest.mark.parametrize(("text", "line"), list(examples()))
def test_an_example_is_a_scenario_without_remarks(text, line):
    transcript = parse(text, f"README.md, example at line {line}")
    assert isinstance(transcript, Transcript)
    assert transcript.title
    assert transcript.steps
    expected = set() if transcript.dialect is Dialect.HARNESS else {"typeless-presence"}
    assert {remark.code for remark in lint(transcript, KNOWN)} <= expected


def test_every_sentence_has_an_example():
    steps = [step for case in examples() for step in parse(case.values[0], "x").steps]
    said = [step.text.removeprefix(step.actor).strip().rstrip(":") for step in steps]
    missing = [form.example for form in FORMS if not any(form.words.fullmatch(words) for words in said)]
    assert missing == []


def test_every_remark_is_told():
    room = Path(lint.__code__.co_filename).parent
    source = "".join(path.read_text() for path in (room / "lint.py", *(room / "remarks").glob("*.py")))
    codes = set(re.findall(r'code="([a-z-]+)"', source)) | set(
        re.findall(r'"([a-z]+-[a-z-]+)", (?:message|f?")', source)
    )
    assert len(codes) >= len(RULES)
    assert [code for code in sorted(codes) if f"`{code}`" not in README.read_text()] == []
