"""Who is blamed for what, and what is taken for the same."""

from dataclasses import replace

import pytest
from lxml import etree

from harness.fuzz.servers.bench import _batches
from harness.fuzz.servers.fidelity import difference_of
from harness.fuzz.servers.health import LOG
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.trial import Reading, Trial, read_as_sent
from harness.fuzz.troubles import Trouble
from harness.monitors.addresses import same
from harness.strategies.sample import Claim, Sample
from harness.xmpp.namespaces import STANZA_ERRORS

LEGAL = Sample(family="f", data=b"<message/>", claim=Claim.LEGAL, labels=("one thing",))
ILL = replace(LEGAL, claim=Claim.ILL_FORMED, labels=("another thing",))


def test_what_ends_a_stream_is_sent_alone() -> None:
    """An error of the stream may overtake the answers to what was sent before."""
    assert _batches([LEGAL, LEGAL, ILL, LEGAL]) == [[LEGAL, LEGAL], [ILL], [LEGAL]]


def test_a_failure_in_the_log_is_one_finding_whatever_was_sent() -> None:
    trials = [Trial(sample=one, token="t", data=b"", reading=Reading.WHOLE) for one in (LEGAL, ILL)]
    first, second = (Trouble(broken=LOG, trial=one, cause="its log shows a.lua:") for one in trials)
    assert first.signature == second.signature


@pytest.mark.parametrize(
    ("came", "found"),
    [
        ("<m><a xmlns='urn:y'/></m>", "a child in another namespace"),
        ("<m/>", "a child less"),
    ],
)
def test_a_child_that_has_moved_is_told_from_one_that_is_lost(came: str, found: str) -> None:
    assert difference_of(etree.fromstring("<m><a xmlns='urn:x'/></m>"), etree.fromstring(came)) == found


def test_compatible_characters_make_the_same_address() -> None:
    assert same("juliet@x/\u3000", "juliet@x/ ")
    assert not same("juliet@x/a", "juliet@x/A")
    assert not same("juliet@x\uff0fa", "juliet@x/a")


def test_an_internal_error_is_told_by_what_was_asked() -> None:
    data = b"<iq type='get' id='t'><ping xmlns='urn:xmpp:ping'/></iq>"
    error = b"<iq type='error' id='t'><error><internal-server-error xmlns='%s'/></error></iq>"
    answers = read_as_sent(error % STANZA_ERRORS.encode())[1]
    reading, sent = read_as_sent(data)
    trial = Trial(sample=LEGAL, token="t", data=data, reading=reading, sent=sent, answers=answers)
    internal = next(one for one in PROPERTIES if one.name == "no-internal-error")
    assert list(internal.judge(trial)) == ["the stanza error internal-server-error to urn:xmpp:ping"]


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ("<thread>1</thread><thread>2</thread>", "<thread>1</thread>"),
        ("<body n=''>x</body>", "<body>x</body>"),
        ("<subject><subject/></subject>", "<subject/>"),
    ],
)
def test_what_the_schema_does_not_have_may_be_put_right(sent: str, came: str) -> None:
    one, other = (
        etree.fromstring(f"<message xmlns='jabber:client'>{text}</message>") for text in (sent, came)
    )
    assert difference_of(one, other) == ""


def test_a_message_of_an_unknown_type_is_a_normal_one() -> None:
    one = etree.fromstring("<message xmlns='jabber:client' type=''/>")
    assert difference_of(one, etree.fromstring("<message xmlns='jabber:client'/>")) == ""


@pytest.mark.parametrize("name", ["show", "priority"])
def test_what_may_not_be_empty_may_be_left_out(name: str) -> None:
    one = etree.fromstring(f"<presence xmlns='jabber:client'><{name}/><status/></presence>")
    other = etree.fromstring("<presence xmlns='jabber:client'><status/></presence>")
    assert difference_of(one, other) == ""
    assert difference_of(one, etree.fromstring("<presence xmlns='jabber:client'/>")) == "a child less"
