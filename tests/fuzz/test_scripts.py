"""Findings as scripts: they parse, they hold the bytes and the cuts, and lint has nothing to say of them."""

import pytest

from harness.catalogue.requirements import load_requirements
from harness.fuzz.properties import PROPERTIES, Property
from harness.fuzz.scripts import script_of
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import HEALTH, Trouble
from harness.strategies.sample import Claim, Place, Sample
from harness.transcript.parser import parse
from harness.transcript.script import SendsRaw, Step

AWKWARD = (
    b"<message to=\"${peer's JID}\" id='${token}'><body>\\ $ \t\r\n caf\xc3\xa9 \xff \x00</body></message> "
)


def trouble(broken: Property, sample: Sample) -> Trouble:
    trial = Trial(sample=sample, token="t", data=sample.data, reading=Reading.BROKEN)
    return Trouble(broken=broken, trial=trial, cause="something is wrong")


def raw_step(script: str) -> SendsRaw:
    steps: list[Step] = list(parse(script, "f.scs").steps)
    return next(step for step in steps if isinstance(step, SendsRaw))


def bytes_of(step: SendsRaw) -> list[str]:
    return [template.source for template, _ in step.chunks]


@pytest.mark.parametrize("broken", [*PROPERTIES, *HEALTH], ids=lambda one: one.name)
@pytest.mark.parametrize("place", Place)
def test_it_parses_and_names_requirements_that_there_are(broken: Property, place: Place) -> None:
    sample = Sample(family="f", data=AWKWARD, claim=Claim.ILL_FORMED, place=place)
    transcript = parse(script_of(trouble(broken, sample), [sample]), "f.scs")
    known = load_requirements()
    assert set(transcript.covers) <= set(known)
    assert transcript.steps


def test_bytes_and_cuts_are_there() -> None:
    sample = Sample(family="f", data=b"<a>x\xffy</a>", claim=Claim.ILL_FORMED, cuts=(3, 5))
    step = raw_step(script_of(trouble(PROPERTIES[0], sample), [sample]))
    texts = ["".join(part.text for part in template.parts) for template, _ in step.chunks]  # type: ignore[union-attr]
    assert [one.encode("utf-8", "surrogateescape") for one in texts] == [b"<a>", b"x\xff", b"y</a>"]


def test_long_lines_are_joined_again() -> None:
    data = b"<a>" + b" word" * 100 + b"</a>"
    sample = Sample(family="f", data=data, claim=Claim.LEGAL)
    step = raw_step(script_of(trouble(PROPERTIES[0], sample), [sample]))
    assert len(step.chunks) == 1
    text = "".join(part.text for part in step.chunks[0][0].parts)  # type: ignore[union-attr]
    assert text.encode() == data
