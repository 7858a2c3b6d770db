"""Tests of a server, in Python."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def test_a_message_arrives(xmpp_client):
    romeo, juliet = xmpp_client(), xmpp_client()
    romeo.send(f"<message to='{juliet.jid}' type='chat' id='m1'><body>Good morrow</body></message>")
    juliet.expect(f"<message from='{romeo.jid}' type='chat' id='m1'><body>Good morrow</body></message>")


def test_a_server_says_who_it_is(xmpp_client, xmpp_target):
    answer = xmpp_client().ask("get", "<query xmlns='jabber:iq:version'/>", to=xmpp_target.domain)
    assert answer.get("type") == "result"
    assert answer.findtext("{*}query/{*}name")


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=40)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=texts)
def test_whatever_is_said_arrives(xmpp_client, body):
    if not hasattr(xmpp_client, "people"):
        xmpp_client.people = xmpp_client(), xmpp_client()
    romeo, juliet = xmpp_client.people
    escaped = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    romeo.send(f"<message to='{juliet.jid}' type='chat'><body>{escaped}</body></message>")
    assert juliet.receive().findtext("{*}body") == body
