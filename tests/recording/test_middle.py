"""What stands between client and server: it hands on, understands, and withholds what it could not follow."""

import pytest

from harness.recording.middle import WITHHELD, HandOn, SecureBoth
from harness.recording.session import Recording
from tests.recording.conversation import ANSWER, CLIENT, OPENING, SERVER, Talk

SASL = "urn:ietf:params:xml:ns:xmpp-sasl"


def offered(*mechanisms: str, features: str = "") -> list[str]:
    """What a client is left with, of some mechanisms; and the other features behind them."""
    inner = "".join(f"<mechanism>{one}</mechanism>" for one in mechanisms)
    text = f"<stream:features><mechanisms xmlns='{SASL}'>{inner}</mechanisms>{features}</stream:features>"
    (act,) = Talk(Recording()).say(SERVER, text)
    assert isinstance(act, HandOn)
    assert act.to is CLIENT
    return [one.partition("<")[0] for one in act.data.decode().split("<mechanism>")[1:]] + (
        [] if features in act.data.decode() else ["changed"]
    )


def test_bytes_go_on_as_they_came() -> None:
    talk = Talk(Recording())
    text = '<message  to = "a@b"><body >&#x21;</body ></message>'
    assert talk.say(CLIENT, text) == [HandOn(to=SERVER, data=text.encode())]
    assert talk.say(SERVER, text) == [HandOn(to=CLIENT, data=text.encode())]
    assert talk.say(SERVER, " ") == [HandOn(to=CLIENT, data=b" ")]


@pytest.mark.parametrize(
    ("there", "left"),
    [
        (["SCRAM-SHA-1", "PLAIN"], ["SCRAM-SHA-1", "PLAIN"]),
        (["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"], ["PLAIN"]),
        (["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"], ["SCRAM-SHA-1"]),
    ],
)
def test_no_login_is_bound_to_a_connection(there: list[str], left: list[str]) -> None:
    assert offered(*there) == left


@pytest.mark.parametrize("namespace", WITHHELD)
def test_what_could_not_be_followed_is_not_offered(namespace: str) -> None:
    assert offered("PLAIN", features=f"<any xmlns='{namespace}'/>") == ["PLAIN", "changed"]
    assert offered("PLAIN", features="<any xmlns='urn:example:any'/>") == ["PLAIN"]


def test_both_are_secured_before_the_client_may_proceed() -> None:
    talk = Talk(Recording())
    tls = "urn:ietf:params:xml:ns:xmpp-tls"
    assert talk.say(CLIENT, f"<starttls xmlns='{tls}'/>")[0] == HandOn(
        to=SERVER, data=f"<starttls xmlns='{tls}'/>".encode()
    )
    proceed = f"<proceed xmlns='{tls}'/>"
    assert talk.say(SERVER, proceed) == [SecureBoth(proceed=proceed.encode())]
    talk.middle.secured()
    assert talk.say(CLIENT, OPENING) == [HandOn(to=SERVER, data=OPENING.encode())]
    assert talk.say(SERVER, ANSWER) == [HandOn(to=CLIENT, data=ANSWER.encode())]


def test_a_new_stream_follows_success() -> None:
    recording = Recording()
    talk = Talk(recording)
    talk.say(SERVER, f"<success xmlns='{SASL}'/>")
    assert talk.say(CLIENT, OPENING) == [HandOn(to=SERVER, data=OPENING.encode())]
    assert talk.say(SERVER, ANSWER) == [HandOn(to=CLIENT, data=ANSWER.encode())]
    assert recording.remarks == []


def test_what_is_ill_formed_goes_on_all_the_same_and_is_told() -> None:
    recording = Recording()
    talk = Talk(recording, "romeo@example.org/a")
    (act,) = talk.say(CLIENT, "<message><body></message>")
    assert act == HandOn(to=SERVER, data=b"<message><body></message>")
    assert talk.say(CLIENT, "<x") == [HandOn(to=SERVER, data=b"<x")]
    (remark,) = recording.remarks
    assert remark.startswith("romeo@example.org/a: what the client sent could no longer be read: ")


def test_the_beginning_of_a_stanza_goes_on_when_the_connection_ends() -> None:
    talk = Talk(Recording())
    assert talk.say(CLIENT, "<message><bo") == []
    assert list(talk.middle.ended(CLIENT)) == [HandOn(to=SERVER, data=b"<message><bo")]
