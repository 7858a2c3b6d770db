"""Every monitor holds its peace where the text allows what was done."""

import pytest

from tests.monitors.talks import (
    ERROR,
    ERRORS,
    HOST,
    JULIET,
    ROMEO,
    STREAM,
    STREAM_ERRORS,
    TLS,
    answered,
    headers,
    only,
    passed_on,
    refused,
)

PERMITTED = {
    "the same text relayed from a faulty actor": passed_on(
        f"<iq type='what' id='1' to='{ROMEO}'/>", f"<iq type='what' id='1' from='{JULIET}' to='{ROMEO}'/>"
    ),
    "conflict with the type modify, as RFC 6120, 7.7.2.2 has it": refused(
        f"<error type='modify'><conflict {ERRORS}/></error>"
    ),
    "an application's condition beside a defined one": only(
        "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<stanza-too-big xmlns='urn:xmpp:errors'/></stream:error></stream:stream>"
    ),
    "a namespace of streams in the header": headers(
        f" id='1' from='{HOST}' xml:lang='en' xmlns:db='jabber:server:dialback'"
    ),
    "the alert of a handshake that has failed": lambda talk: (
        talk.opened("Romeo")
        .sent("Romeo", f"<starttls {TLS}/>")
        .received("Romeo", f"<proceed {TLS}/>", "\x15\x03")
    ),
    "gone to an address that is a URI": refused(
        f"<error type='cancel'><gone {ERRORS}> xmpp:romeo@example.org </gone></error>"
    ),
    "a condition that is not yet defined": refused(f"<error type='wait'><too-tired {ERRORS}/></error>"),
    "a code with a condition younger than it": refused(
        f"<error type='wait' code='500'><policy-violation {ERRORS}/></error>"
    ),
    "another spelling of one address": passed_on(
        "<message id='1' to='Romeo@IM.example.com'/>",
        f"<message id='1' from='{JULIET}' to='romeo@im.example.com'/>",
    ),
    "two delays of two entities": only(
        "<message><delay xmlns='urn:xmpp:delay' from='a.example' stamp='2002-09-10T23:08:25Z'/>"
        "<delay xmlns='urn:xmpp:delay' from='b.example' stamp='2002-09-10T23:08:26Z'/></message>"
    ),
    "two languages of one identity": answered(
        "<iq type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<iq type='result' id='1'><query xmlns='http://jabber.org/protocol/disco#info'>"
        "<identity category='server' type='im' xml:lang='en' name='a'/>"
        "<identity category='server' type='im' xml:lang='cs' name='b'/></query></iq>",
    ),
    "a form among the fields of a registration": answered(
        "<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>",
        "<iq type='result' id='1'><query xmlns='jabber:iq:register'><username/>"
        "<x xmlns='jabber:x:data' type='form'/></query></iq>",
    ),
    "a delay with a fraction of a second": only(
        "<message><delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25.123456Z'/></message>"
    ),
    "an error that holds both children of a faulty request": answered(
        "<iq type='get' id='1'><x xmlns='a'/><y xmlns='a'/></iq>",
        f"<iq type='error' id='1'><x xmlns='a'/><y xmlns='a'/><error type='modify'><bad-request {ERRORS}/></error></iq>",
    ),
    "an answer with an id of its own to a request without id": answered(
        "<iq type='get'><x xmlns='a'/></iq>", "<iq type='result' id='made-up'/>"
    ),
    "an answer without id to a request without id": answered(
        "<iq type='get'><x xmlns='a'/></iq>",
        f"<iq type='error'><error type='modify'><bad-request {ERRORS}/></error></iq>",
    ),
    "presence of a room under the id with which the occupant left": passed_on(
        "<presence type='unavailable' id='1'/>",
        f"<presence type='unavailable' id='1' from='hall@rooms.{HOST}/Juliet' to='{ROMEO}'/>",
    ),
    "two results that the other client sent": lambda talk: passed_on(
        f"<iq type='result' id='9' to='{ROMEO}'/>", f"<iq type='result' id='9' from='{JULIET}' to='{ROMEO}'/>"
    )(talk).received("Romeo", f"<iq type='result' id='9' from='{JULIET}' to='{ROMEO}'/>"),
    "what two have sent comes back to the second": lambda talk: (
        talk.logged_in("Romeo")
        .logged_in("Juliet")
        .sent("Juliet", "<x xmlns='urn:example:x'/>")
        .sent("Romeo", "<x xmlns='urn:example:x'/>")
        .received("Romeo", "<x xmlns='urn:example:x'/>")
    ),
    "a stream that a reset ended after an error": lambda talk: (
        talk.logged_in("Romeo").received("Romeo", ERROR.format(STREAM_ERRORS)).gone("Romeo", clean=False)
    ),
    "whatever comes after bytes of ours that are no XML": answered("<iq</x>", "<iq type='result' id='7'/>"),
}


CLIENT_PERMITTED = {
    "a body in two languages": "<message><body>a</body><body xml:lang='cs'>b</body></message>",
    "a body beside one in a namespace of its own": (
        "<message><body>a</body><html xmlns='http://jabber.org/protocol/xhtml-im'>"
        "<body xmlns='http://www.w3.org/1999/xhtml'>a</body></html></message>"
    ),
}


@pytest.mark.parametrize("text", CLIENT_PERMITTED.values(), ids=CLIENT_PERMITTED.keys())
def test_what_a_client_may_do_is_no_breach(with_client, text):
    with_client.received("Romeo", f"{STREAM} version='1.0' xml:lang='en' to='{HOST}'>")
    with_client.sent("Romeo", f"{STREAM} version='1.0' id='1' xml:lang='en' from='{HOST}'><stream:features/>")
    with_client.received("Romeo", text)
    assert with_client.breaches() == []


@pytest.mark.parametrize("build", PERMITTED.values(), ids=PERMITTED.keys())
def test_what_is_permitted_is_no_breach(conversation, build):
    build(conversation)
    assert conversation.breaches() == []
