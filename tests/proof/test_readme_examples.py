"""Every example of the language reference plays against itself and against the reference server."""

import re
from pathlib import Path

import pytest

from harness.proof.attempts import prove
from harness.proof.killers import play_reference
from harness.transcript.parser import parse
from harness.transcript.portable import portable

README = Path(__file__).parents[2] / "scenarios" / "README.md"
BLOCK = re.compile(r"^```scs\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples():
    text = README.read_text("utf-8")
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield pytest.param(portable(parse(found[1], f"README.md:{line}")), id=f"line-{line}")


@pytest.mark.parametrize("transcript", list(examples()))
def test_an_example_is_sound(transcript):
    proof = prove(transcript)
    assert proof.self_play == ()
    assert proof.refused_variants == ()


@pytest.mark.parametrize("transcript", list(examples()))
def test_an_example_passes_on_the_reference_server(transcript):
    assert play_reference(transcript).problems == ()
