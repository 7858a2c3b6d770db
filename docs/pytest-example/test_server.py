"""Tests of a server, in Python."""

import pytest
from hypothesis import HealthCheck, given, settings

from harness.strategies import Style, filled, serialize, stanzas


def test_a_message_arrives(xmpp_client):
    romeo, juliet = xmpp_client(), xmpp_client()
    romeo.send(f"<message to='{juliet.jid}' type='chat' id='m1'><body>Good morrow</body></message>")
    juliet.expect(f"<message from='{romeo.jid}' type='chat' id='m1'><body>Good morrow</body></message>")


def test_a_server_says_who_it_is(xmpp_client, xmpp_target):
    answer = xmpp_client().ask("get", "<query xmlns='jabber:iq:version'/>", to=xmpp_target.domain)
    assert answer.get("type") == "result"
    assert answer.findtext("{*}query/{*}name")


@pytest.fixture
def people(xmpp_client):
    return xmpp_client(), xmpp_client()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stanza=stanzas(["message"]))
def test_no_message_ends_the_stream(people, stanza):
    romeo, juliet = people
    peer, me = juliet.account.jid, romeo.account.jid
    names = {"peer": peer, "me": me, "my JID": romeo.jid, "domain": romeo.account.domain, "token": "t"}
    romeo.send(filled(serialize(stanza, Style()), names).decode())
    assert romeo.ask("get", "<ping xmlns='urn:xmpp:ping'/>") is not None
