"""Scripts for Scansion in self-play: what they tolerate, and what they do not."""

from harness.proof.memory import play_itself
from harness.transcript.parser import parse
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, Name

PING = """# A script for Scansion
[Client] Romeo
[Client] Juliet
-----
Romeo connects
Juliet connects
Juliet sends:
	<iq type='get' id='b' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>
Romeo sends:
	<iq type='get' id='a' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>
Romeo receives:
	<iq type='result' id='a'/>
Juliet receives:
	<iq type='result' id='b'/>
"""


def played(text, shaping):
    outcome, served = play_itself(parse(text, "script.scs"), shaping=shaping, choices={})
    assert not served.problems
    return outcome


def message(body):
    return build(Name(CLIENT, "message"), {"from": "example.org"}, build(Name(CLIENT, "body"), None, body))


def test_what_comes_before_is_passed_over_with_a_note():
    outcome = played(PING, lambda making: [message("one"), message("two"), *making.elements])
    assert outcome.problems == ()
    assert outcome.notes.count("Romeo: passed over <message/>") == 2


def test_what_comes_behind_stays_unread():
    assert played(PING, lambda making: [*making.elements, message("more")]).problems == ()


def test_what_never_comes_is_a_problem():
    assert played(PING, lambda making: ()).problems[0].cause == "nothing instead of <iq type='result'/>"


def test_what_came_instead_is_shown_the_most_similar_first():
    def wrong(making):
        return [message("one"), build(Name(CLIENT, "iq"), {"type": "result", "id": "other"})]

    problem = played(PING, wrong).problems[0]
    assert problem.cause == "iq: attribute id is not 'a'"
    assert problem.message.endswith("1 more came as well.")
