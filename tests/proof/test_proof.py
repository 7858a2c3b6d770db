"""The proof of a scenario finds what it does not check and what it checks too much."""

from textwrap import dedent

import pytest

from harness.proof.attempts import prove
from harness.proof.killers import is_relevant, killers, play_reference
from harness.transcript.parser import parse

HEADER = "# A title\n## covers: {covers}\n\n[Client] Romeo\n\n[Client] Juliet\n\n-----\n\n"


def scenario(steps, covers="xep0199-4.2-server-answers"):
    body = dedent(steps).strip("\n").replace("    ", "\t")
    return parse(HEADER.format(covers=covers) + body + "\n", "script.scs")


PING = """
    Romeo connects
    Romeo sends:
        <iq type='get' id='a' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>
    Romeo receives:
        <iq type='result' id='a' from='${domain}'/>
"""


def test_a_sound_scenario_catches_every_mutant():
    proof = prove(scenario(PING))
    assert proof.is_sound
    labels = {one.label for one in proof.mutants}
    assert {
        "iq: dropped",
        "iq: sent twice",
        "iq: attribute type changed",
        "iq: attribute id removed",
    } <= labels
    assert all(one.is_caught for one in proof.mutants)


def test_a_placeholder_for_anything_is_free():
    proof = prove(scenario(PING.replace("from='${domain}'", "from='{any}'")))
    assert [one.label for one in proof.mutants if one.is_free] == ["iq: attribute from changed"]
    assert proof.is_sound


def test_an_error_condition_is_mutated_into_another():
    proof = prove(
        scenario(
            """
            Romeo connects
            Romeo sends:
                <iq type='get' id='a' to='${domain}'><x xmlns='urn:example:x'/></iq>
            Romeo receives:
                <iq type='error' id='a'>
                    <error type='cancel'>
                        <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
                    </error>
                </iq>
            """.replace("\n            ", "\n    ")
        )
    )
    assert "iq/error/service-unavailable: renamed" in {one.label for one in proof.mutants}
    assert proof.is_sound


def test_what_must_not_come_is_inserted():
    proof = prove(scenario("Romeo connects\nJuliet connects\nJuliet receives nothing"))
    assert {one.label for one in proof.mutants} == {"message: inserted", "presence: inserted", "iq: inserted"}
    assert proof.is_sound


def test_a_check_that_sees_nothing_survives():
    blind = scenario(
        """
    Romeo connects
    Romeo may receive any number of:
        <message type='{optional}'/>
    Romeo receives one of:
        <message type='chat'/>
        or:
        <message type='{optional}'/>
    """
    )
    survivors = [one.label for one in prove(blind).mutants if not one.is_caught]
    assert "message: attribute type changed" in survivors


def test_demanding_exactness_where_more_is_permitted_is_found():
    strict = scenario(
        """
    Romeo connects
    Romeo sends:
        <iq type='get' id='a'><query xmlns='jabber:iq:roster'/></iq>
    Romeo receives:
        <iq type='result' id='a' harness:strict='true'><query xmlns='jabber:iq:roster'/></iq>
    """
    )
    assert {one.label for one in prove(strict).refused_variants} >= {"iq: extra child in a foreign namespace"}


def test_a_script_that_contradicts_itself_does_not_play():
    contradicting = scenario(
        """
    Romeo connects
    Romeo receives nothing
    Romeo receives one of:
        nothing
    Romeo receives:
        <message><body>{capture:word}</body></message>
    Romeo receives:
        <message><body>not ${word}</body></message>
    Romeo sends:
        <iq type='get' id='a' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>
    Juliet receives:
        <iq type='result' id='a'/>
    """
    )
    assert prove(contradicting).self_play


def test_steps_count_for_their_own_requirements():
    step = "    Romeo receives:"
    own = scenario(PING.replace(step, f"    ## covers: rfc6120-stanza-iq-reply\n{step}"))
    assert {one.covers for one in prove(own).mutants} == {("rfc6120-stanza-iq-reply",)}


def test_the_relevant_killer_comes_first():
    ping = scenario(PING)
    assert play_reference(ping).problems == ()
    first = killers(ping)[0]
    assert is_relevant(ping, first)
    assert first in killers(ping, every=True)


@pytest.mark.parametrize("fault", ["iq-unanswered", "iq-answered-twice", "iq-wrong-id", "ping-refused"])
def test_a_fault_of_the_reference_server_is_noticed(fault):
    assert play_reference(scenario(PING), fault).problems
