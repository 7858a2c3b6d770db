"""What a client may do otherwise is nothing that a scenario has to notice."""

import pytest

from harness.proof.clients import prove_client
from harness.transcript.parser import parse

HEADER = """# A title
## covers: rfc6120-stanza-iq-reply
## tests: client

[Client] Romeo

---------

Romeo connects
"""
BAD_XML = """Romeo receives raw:
	<message>&</message>
Romeo sends one of:
	<stream:error/>
	or:
	the stream's end
Romeo loses the connection
"""
PING = """Romeo receives:
	<iq type='get' id='p1' from='juliet@${domain}/b' to="${Romeo's full JID}">
		<ping xmlns='urn:xmpp:ping'/>
	</iq>
Romeo sends one of:
	<iq type='result' id='p1' to='juliet@${domain}/b'/>
	or:
	<iq type='error' id='p1' to='juliet@${domain}/b'/>
"""


@pytest.mark.parametrize(
    ("steps", "label"),
    [(BAD_XML, "dropped"), (PING, "iq: attribute type changed")],
    ids=["the end may do", "an error may do"],
)
def test_what_another_alternative_allows_is_free(steps, label):
    proof = prove_client(parse(HEADER + steps, "t.scs"))
    assert proof.self_play == ()
    mutant = next(one for one in proof.mutants if one.label == label)
    assert mutant.is_free
    assert not mutant.is_caught


def test_what_only_an_end_could_show_is_left_to_the_reference_client():
    assert prove_client(parse(HEADER + BAD_XML, "t.scs")).covers == ()
    assert prove_client(parse(HEADER + PING, "t.scs")).covers == ("rfc6120-stanza-iq-reply",)
