"""What Prosody's recorder writes, made into a script of ours."""

import pytest

from harness.errors import ScriptError
from harness.recording.prosody import read_prosody
from harness.recording.script import write

HEAD = """# mod_scansion_record on host 'localhost' recording started 2026-11-22T12:54:30Z

[Client] Romeo
	password: password
	jid: alice@localhost/Qigc9lUu

[Client] Romeo's phone
	jid: alice@localhost/phone
	password: password

-----

"""
STEPS = """Romeo connects

Romeo sends:
	<iq id='purple77' xml:lang='en' type='get'>
		<query xmlns='jabber:iq:roster'/>
	</iq>

Romeo's phone connects

Romeo receives:
	<iq id='purple77' type='result'>
		<query xmlns='jabber:iq:roster'/>
	</iq>

Romeo receives:
	<presence type='unavailable' from='alice@localhost/phone'/>

Romeo's phone disconnects

# recording ended on 2026-11-22T12:55:30Z
"""


def test_it_is_a_scenario_afterwards() -> None:
    text = write(read_prosody(HEAD + STEPS, "r.scs"), "").text
    assert (
        text.partition("tags: recorded\n")[2]
        == """
[Client] Romeo
[Client] Romeo's phone
	account: Romeo

---------

Romeo connects
Romeo sends:
	<iq id='1' xml:lang='en' type='get'>
		<query xmlns='jabber:iq:roster'/>
	</iq>
Romeo's phone connects
Romeo's phone disconnects
Romeo receives in any order:
	<iq id='1' type='result'>
		<query xmlns='jabber:iq:roster'/>
	</iq>
	<presence type='unavailable' from="${Romeo's phone's full JID}"/>
"""
    )


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("Romeo sings\n", "r.scs:13:1: Prosody's recorder writes no such line"),
        ("Tybalt connects\n", "r.scs:13:1: Prosody's recorder writes no such line"),
        ("Romeo disconnects\n", "r.scs:13:1: Romeo has not connected"),
        ("Romeo connects\n\nRomeo sends:\n\t<iq>\n", "r.scs:15:1: what is said here is no XML: the element"),
        ("Romeo connects\n\nRomeo sends:\n\t<iq></b>\n", "r.scs:15:1: what is said here is no XML: "),
    ],
)
def test_what_it_never_writes_is_told_with_its_place(steps: str, told: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_prosody(HEAD + steps, "r.scs")
    assert told in str(caught.value)


def test_an_actor_without_an_address_is_told() -> None:
    with pytest.raises(ScriptError, match=r"r\.scs:3:1: this actor has no jid"):
        read_prosody(HEAD.replace("\tjid: alice@localhost/Qigc9lUu\n", ""), "r.scs")
