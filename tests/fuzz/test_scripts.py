"""Findings as scripts: they parse, they hold the bytes and the cuts, and lint has nothing to say of them."""

from dataclasses import replace

import pytest

from harness.catalogue.requirements import load_requirements
from harness.fuzz.property import Property
from harness.fuzz.servers.health import CANARY, LOG
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.servers.scripts import script_of
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import DEAD, Trouble
from harness.strategies.sample import Claim, Place, Sample
from harness.transcript.parser import parse
from harness.transcript.script import SendsRaw, Step

KNOWN = load_requirements()
AWKWARD = (
    b"<message to=\"${peer's JID}\" id='${token}'><body>\\ $ \t\r\n caf\xc3\xa9 \xff \x00</body></message> "
)


WHOLE = b"<message to=\"${peer's JID}\" id='${token}'><body>{x}</body></message>"


def trouble(broken: Property, sample: Sample) -> Trouble:
    trial = Trial(sample=sample, token="t", data=sample.data, reading=Reading.BROKEN)
    return Trouble(broken=broken, trial=trial, cause="something is wrong")


def test_what_no_script_can_show_has_none() -> None:
    odd = b"<message id='${token}'><body xmlns='urn:a&#10;b'>x</body></message>"
    sample = Sample(family="f", data=odd, claim=Claim.LEGAL)
    delivered = next(one for one in PROPERTIES if one.name == "delivered-unchanged")
    found = replace(trouble(delivered, sample), cause="a stanza arrives with another text")
    assert script_of(found, [sample]) == script_of(trouble(LOG, sample), [sample]) == ""


def raw_step(script: str) -> SendsRaw:
    steps: list[Step] = list(parse(script, "f.scs").steps)
    return next(step for step in steps if isinstance(step, SendsRaw))


def bytes_of(step: SendsRaw) -> list[str]:
    return [template.source for template, _ in step.chunks]


@pytest.mark.parametrize("broken", [*PROPERTIES, CANARY, DEAD], ids=lambda one: one.name)
@pytest.mark.parametrize("place", Place)
def test_it_parses_and_names_requirements_that_there_are(broken: Property, place: Place) -> None:
    data = WHOLE if broken.name == "delivered-unchanged" else AWKWARD  # what arrives can be read
    sample = Sample(family="f", data=data, claim=Claim.ILL_FORMED, place=place)
    transcript = parse(script_of(trouble(broken, sample), [sample]), "f.scs")
    assert set(transcript.covers) <= set(KNOWN)
    assert transcript.steps


def test_bytes_and_cuts_are_there() -> None:
    sample = Sample(family="f", data=b"<a>x\xffy</a>", claim=Claim.ILL_FORMED, cuts=(3, 5))
    step = raw_step(script_of(trouble(PROPERTIES[0], sample), [sample]))
    texts = ["".join(part.text for part in template.parts) for template, _ in step.chunks]
    assert [one.encode("utf-8", "surrogateescape") for one in texts] == [
        b"<a>",
        b"x\xff",
        b"y</a></stream:stream>",
    ]


def test_long_lines_are_joined_again() -> None:
    data = b"<a>" + b" word" * 100 + b"</a>"
    sample = Sample(family="f", data=data, claim=Claim.LEGAL)
    step = raw_step(script_of(trouble(PROPERTIES[0], sample), [sample]))
    assert len(step.chunks) == 1
    text = "".join(part.text for part in step.chunks[0][0].parts)
    assert text.encode() == data


def text_of(name: str, cause: str, sample: Sample) -> str:
    broken = next(one for one in PROPERTIES if one.name == name)
    return script_of(replace(trouble(broken, sample), cause=cause), [sample])


@pytest.mark.parametrize(
    ("name", "cause", "told"),
    [
        pytest.param(
            "condition-fits",
            "the stream error reset",
            "\tbad-format\n\tdeviates (the condition is a SHOULD): any",
            id="other-conditions-deviate",
        ),
        pytest.param(
            "no-internal-error",
            "the stanza error internal-server-error to jabber:iq:private",
            "Romeo receives nothing like:\n\t<iq type='error'><error><internal-server-error ",
            id="a-stanza-error",
        ),
        pytest.param(
            "nothing-before-login",
            "a request from before the login is answered",
            "Romeo receives nothing like:\n\t<iq type='result'/>",
            id="an-answer",
        ),
        pytest.param("victim-survives", "the stream ends", "Juliet receives one of:", id="the-other-one"),
        pytest.param(
            "ends-once", "no closing tag", "Romeo receives the end of the stream or connection", id="the-end"
        ),
    ],
)
def test_what_is_wrong_is_looked_for(name: str, cause: str, told: str) -> None:
    sample = Sample(family="f", data=b"<a/>", claim=Claim.RESTRICTED, conditions=frozenset({"bad-format"}))
    text = text_of(name, cause, sample)
    assert told in text
    assert parse(text, "f.scs").steps


def test_the_stream_is_closed_as_it_was_when_it_was_tried() -> None:
    legal = Sample(family="f", data=b"<a/>", claim=Claim.LEGAL)
    early = replace(legal, place=Place.OPEN)
    assert [
        "</stream:stream>" in script_of(trouble(PROPERTIES[0], one), [one]) for one in (legal, early)
    ] == [False, True]


def test_nobody_has_to_send_presence_back() -> None:
    sample = Sample(family="f", data=b"<a/>", claim=Claim.LEGAL)
    text = script_of(trouble(PROPERTIES[0], sample), [sample])
    assert "receives:\n\t<presence/>" not in text
