"""Scenarios for clients in memory: sound ones pass, mutants and faults are noticed."""

from textwrap import dedent

import pytest

from harness.proof.clients import (
    client_killers,
    is_client_killed_rightly,
    is_relevant_to_client,
    play_client_itself,
    play_reference_client,
    prove_client,
)
from harness.reference_client.faults import FAULTS
from harness.transcript.parser import parse
from harness.transcript.script import Transcript

HEADER = "# A title\n## covers: {covers}\n## tests: client\n{more}\n[Client] Romeo\n\n-----\n\n"


def scenario(steps: str, covers: str = "rfc6121-2.1.6-push-answered", more: str = "") -> Transcript:
    body = dedent(steps).strip("\n").replace("    ", "\t")
    return parse(HEADER.format(covers=covers, more=more) + body + "\n", "script.scs")


PUSH = """
    Romeo connects
    Romeo receives:
        <iq type='set' id='p' to="${Romeo's full JID}">
            <query xmlns='jabber:iq:roster'><item jid='nurse@${domain}' subscription='none'/></query>
        </iq>
    Romeo sends:
        <iq type='result' id='p'/>
"""
MESSAGE = """
    Romeo connects
    Romeo sends:
        <message type='chat' to='juliet@${domain}'><body>hi</body></message>
"""


@pytest.mark.parametrize("steps", ["Romeo connects\nRomeo disconnects", PUSH, MESSAGE])
def test_the_reference_client_does_what_it_should(steps: str) -> None:
    assert play_reference_client(scenario(steps)).problems == ()


def test_both_sides_play_each_other() -> None:
    mine, judged = play_client_itself(scenario(PUSH))
    assert (mine.problems, judged.problems) == ((), ())


def test_a_sound_scenario_catches_every_mutant() -> None:
    proof = prove_client(scenario(PUSH))
    assert proof.is_sound
    caught = {one.label for one in proof.mutants if one.is_caught}
    assert {"dropped", "iq: attribute type changed"} <= caught


def test_a_check_that_sees_nothing_survives() -> None:
    proof = prove_client(
        scenario(PUSH.replace("<iq type='result' id='p'/>", "<iq type='{any}' id='{any}'/>"))
    )
    assert not [one for one in proof.mutants if one.label == "iq: attribute type changed" and one.is_caught]


def test_the_id_of_what_a_client_asks_is_its_own_business() -> None:
    asking = MESSAGE.replace("<message ", "<message id='m' ")
    free = [one.label for one in prove_client(scenario(asking)).mutants if one.is_free]
    assert any("attribute id" in label for label in free)


def test_another_allowed_alternative_is_no_mutant() -> None:
    either = PUSH.replace("Romeo sends:", "Romeo sends one of:") + (
        "        permitted (an error will do):\n        <iq type='error' id='p'/>\n"
    )
    proof = prove_client(scenario(either))
    assert not proof.self_play
    assert [one for one in proof.mutants if one.is_free]


def test_a_script_that_contradicts_itself_does_not_play() -> None:
    contradicting = MESSAGE + "    Romeo sends nothing like:\n        <message type='chat'/>\n"
    assert prove_client(scenario(contradicting)).self_play


def test_a_fault_of_the_requirement_kills() -> None:
    push = scenario(PUSH)
    found = client_killers(push, every=True)
    assert found
    assert any(is_relevant_to_client(push, name) for name in found)
    assert is_client_killed_rightly(push, found)
    assert client_killers(push)[0] in found


def test_a_fault_of_something_else_is_not_the_right_killer() -> None:
    push = scenario(PUSH)
    others = [name for name in FAULTS if not is_relevant_to_client(push, name)]
    assert others
    assert not is_client_killed_rightly(push, others)
    assert not is_client_killed_rightly(push, [])


def test_what_nothing_notices_has_no_killer() -> None:
    assert client_killers(scenario("Romeo connects", covers="rfc6121-2.1.6-push-answered"), every=True) == []


def test_a_scenario_that_fails_anyhow_has_no_killer() -> None:
    wrong = PUSH.replace("<iq type='result' id='p'/>", "<iq type='error' id='p'/>")
    assert play_reference_client(scenario(wrong)).problems
    assert client_killers(scenario(wrong)) == []


def test_wrong_certificates_are_trusted_by_a_client_that_does_not_look() -> None:
    refusing = scenario(
        "Romeo opens a connection\nRomeo opens a stream\nRomeo refuses TLS",
        covers="rfc6120-tls-certs",
        more="## server: certificate expired\n",
    )
    assert play_reference_client(refusing).problems == ()
    assert play_reference_client(refusing, "certificate-unchecked").problems


def test_login_is_served_on_the_terms_of_the_scenario() -> None:
    for more in ("## server: mechanisms SCRAM-SHA-1\n", "## server: tls none\n## client: tls disabled\n"):
        assert play_reference_client(scenario("Romeo connects", more=more)).problems == ()
    refused = scenario("Romeo does not log in", more="## server: tls none, mechanisms PLAIN\n")
    assert play_reference_client(refused).problems == ()
