"""Every example of the language reference plays against itself and against the reference server or client."""

import re
from pathlib import Path

import pytest

from harness.proof.attempts import prove
from harness.proof.clients import play_reference_client, prove_client
from harness.proof.killers import play_reference
from harness.transcript.parser import parse
from harness.transcript.portable import portable
from harness.transcript.script import Side

README = Path(__file__).parents[2] / "scenarios" / "README.md"
BLOCK = re.compile(r"^```scs\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples():
    text = README.read_text("utf-8")
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield pytest.param(portable(parse(found[1], f"README.md:{line}")), id=f"line-{line}")


@pytest.mark.parametrize("transcript", list(examples()))
def test_an_example_is_sound(transcript):
    proof = prove_client(transcript) if transcript.tests == {Side.CLIENT} else prove(transcript)
    assert proof.self_play == ()
    assert proof.refused_variants == ()


@pytest.mark.parametrize("transcript", list(examples()))
def test_an_example_passes_on_what_it_is_for(transcript):
    play = play_reference_client if transcript.tests == {Side.CLIENT} else play_reference
    assert play(transcript).problems == ()
