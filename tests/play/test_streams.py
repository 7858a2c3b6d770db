"""Names and ways of the stream level, in self-play."""

import base64

import pytest

from harness.play.cast import Account, Cast, first_scope, plain_message, scram_message
from harness.transcript.parser import parse

ROMEO = Account(username="romeo", password="secret", domain="example.org")

AS_SOMEBODY = """
    Romeo opens a connection
    Romeo opens a stream
    Romeo receives a stream header
    Romeo receives:
        <stream:features/>
    Romeo sends:
        <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${{{name}}}</auth>
    Romeo receives:
        <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
"""

FEATURES_SPELLED_OUT = """
    Romeo opens a connection
    Romeo starts TLS
    Romeo opens a stream
    Romeo receives a stream header
    Romeo receives:
        <stream:features/>
    Romeo authenticates with {mechanism}
    Romeo opens a stream
    Romeo receives a stream header
    Romeo receives:
        <stream:features/>
    Romeo binds
"""

PING_BEFORE_THE_END = """
    Romeo connects
    Romeo closes the stream
    Romeo may receive:
        <message type='chat'><body>late</body></message>
    Romeo receives the stream's end
"""


LOST_AFTER = """
    Romeo opens a connection
    Romeo opens a stream
    Romeo receives a stream header:
        from='{{optional: example.org}}'
    Romeo receives:
        <stream:features/>
    Romeo sends:
        <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
    Romeo receives:
        <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
    {step}
"""


@pytest.mark.parametrize("step", ["Romeo starts TLS", "Romeo may start TLS", "Romeo loses the connection"])
def test_what_may_follow_consent_to_tls(play, step):
    assert play(LOST_AFTER.format(step=step)).problems == ()


def test_plain_message_has_three_parts():
    assert base64.b64decode(plain_message(ROMEO, "secret")) == b"\0romeo\0secret"
    assert (
        base64.b64decode(plain_message(ROMEO, "x", "juliet@example.org")) == b"juliet@example.org\0romeo\0x"
    )


def test_scram_message_escapes_the_name():
    odd = Account(username="a=b,c", password="", domain="example.org")
    assert base64.b64decode(scram_message(odd)).startswith(b"n,,n=a=3Db=2Cc,r=")


@pytest.mark.parametrize(
    "name",
    [
        "Romeo's credentials",
        "Romeo's wrong credentials",
        "Romeo's credentials as Romeo",
        "Romeo's SCRAM beginning",
        "Romeo's credentials with new",
        "credentials of nurse with new",
    ],
)
def test_credentials_have_names(play, name):
    assert play(AS_SOMEBODY.format(name=name)).problems == ()


def test_new_credentials_hold_the_fresh_names():
    names = ("Romeo's credentials with new", "credentials of nurse with new", "token nurse", "token new")
    body = "".join(f"<{index}>${{{name}}}" for index, name in enumerate(names))
    script = f"# A title\n## dialect: harness\n\n[Client] Romeo\n\n---\n\nRomeo sends raw:\n\t{body}\n"
    cast = Cast(domain="example.org", accounts={"Romeo": ROMEO})
    scope = first_scope(parse(script, "x.scs"), cast, lambda kind: f"fresh-{kind}")
    assert base64.b64decode(scope[names[0]]) == f"\0romeo\0{scope['token new']}".encode()
    assert base64.b64decode(scope[names[1]]) == f"\0{scope['token nurse']}\0{scope['token new']}".encode()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS"])
def test_features_of_a_script_are_completed_by_what_follows(play, mechanism):
    assert play(FEATURES_SPELLED_OUT.format(mechanism=mechanism)).problems == ()


def test_what_may_come_may_come_before_the_end(play):
    assert play(PING_BEFORE_THE_END).problems == ()
