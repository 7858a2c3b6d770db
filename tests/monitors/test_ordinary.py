"""Conversations as servers really have them break no rule."""

from harness.monitors.roll import all_monitors
from harness.monitors.stream_headers import _compared
from harness.results.verdicts import Perspective
from harness.wire.events import TlsStarted

TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
ERRORS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
ROMEO, JULIET, ROOM = (
    "romeo@im.example.com/orchard",
    "juliet@im.example.com/balcony",
    "hall@rooms.im.example.com",
)
CAPS = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://prosody.im' ver='MtXGsJt2xNyGJRUGggP3Y6EZKA0='/>"
SCRAM = f"<mechanisms {SASL}><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>"


def log_in(talk, actor, resource):
    """STARTTLS, SCRAM and binding as Prosody does them."""
    talk.opened(actor, features=f"<starttls {TLS}><required/></starttls>{SCRAM}")
    talk.sent(actor, f"<starttls {TLS}/>").received(actor, f"<proceed {TLS}/>")
    talk.happened(actor, TlsStarted(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384"))
    talk.opened(actor, features=SCRAM + CAPS)
    talk.sent(actor, f"<auth {SASL} mechanism='SCRAM-SHA-1'>biwsbj1yb21lbyxyPTEyMw==</auth>")
    talk.received(actor, f"<challenge {SASL}>cj0xMjM0NTYscz1jMkZzZEE9PSxpPTQwOTY=</challenge>")
    talk.sent(actor, f"<response {SASL}>Yz1iaXdzLHI9MTIzNDU2LHA9QUFBQQ==</response>")
    talk.received(actor, f"<success {SASL}>dj1BQUFB</success>")
    features = (
        f"<bind {BIND}><required/></bind><session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
        f"<sm xmlns='urn:xmpp:sm:3'/><ver xmlns='urn:xmpp:features:rosterver'/>{CAPS}"
    )
    talk.opened(
        actor,
        ours=f" from='{talk.account(actor)}'",
        theirs=f" id='{actor}-3' from='im.example.com' to='{talk.account(actor)}' xml:lang='en'",
        features=features,
    )
    talk.sent(actor, f"<iq type='set' id='b1'><bind {BIND}><resource>{resource}</resource></bind></iq>")
    full = f"{talk.account(actor)}/{resource}"
    talk.received(actor, f"<iq type='result' id='b1'><bind {BIND}><jid>{full}</jid></bind></iq>")


def fetch_roster(talk, actor, full):
    talk.sent(actor, "<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>")
    talk.received(
        actor, f"<iq type='result' id='r1' to='{full}'><query xmlns='jabber:iq:roster' ver='1'/></iq>"
    )
    talk.sent(actor, f"<presence id='p1'><priority>1</priority>{CAPS}</presence>")
    talk.received(
        actor,
        f"<presence id='p1' from='{full}' to='{full}' xml:lang='en'><priority>1</priority>{CAPS}</presence>",
    )


def subscribe(talk):
    push = "<iq type='set' id='{0}' to='{1}'><query xmlns='jabber:iq:roster' ver='2'><item jid='{2}' subscription='{3}'/></query></iq>"
    talk.sent("Romeo", "<presence type='subscribe' id='s1' to='juliet@im.example.com'/>")
    talk.received("Romeo", push.format("push1", ROMEO, "juliet@im.example.com", "none' ask='subscribe"))
    talk.sent("Romeo", f"<iq type='result' id='push1' from='{ROMEO}'/>")
    talk.received(
        "Juliet",
        "<presence type='subscribe' id='s1' from='romeo@im.example.com' to='juliet@im.example.com'/>",
    )
    talk.sent("Juliet", "<presence type='subscribed' id='s2' to='romeo@im.example.com'/>")
    talk.received("Juliet", push.format("push2", JULIET, "romeo@im.example.com", "from"))
    talk.received(
        "Romeo",
        "<presence type='subscribed' id='s2' from='juliet@im.example.com' to='romeo@im.example.com'/>",
    )
    talk.received("Romeo", push.format("push3", ROMEO, "juliet@im.example.com", "to"))
    talk.received("Romeo", f"<presence id='p1' from='{JULIET}' to='romeo@im.example.com'/>")


def exchange_messages(talk):
    message = "<message id='m1' type='chat'{}><body>Art thou not Romeo?</body></message>"
    talk.sent("Juliet", message.format(f" to='{ROMEO}' from='nobody@im.example.com/x'"))
    talk.received(
        "Romeo",
        f"<message id='m1' type='chat' xml:lang='en' from='{JULIET}' to='{ROMEO}'><body>Art thou not Romeo?</body>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@im.example.com' id='1'/></message>",
    )
    talk.sent("Romeo", "<message to='nobody@im.example.com' id='m2'><body>Hello</body></message>")
    talk.received(
        "Romeo",
        f"<message type='error' id='m2' from='nobody@im.example.com' to='{ROMEO}'><error type='cancel' code='503'>"
        f"<service-unavailable {ERRORS}/></error></message>",
    )
    talk.received(
        "Romeo",
        f"<message from='im.example.com' to='{ROMEO}' id='motd'><body>Welcome</body></message>",
        "<message from='juliet@im.example.com/old' to='romeo@im.example.com' type='chat'><body>Late</body>"
        "<delay xmlns='urn:xmpp:delay' from='im.example.com' stamp='2024-02-29T23:59:60.5Z'/></message>",
    )


def ask_and_be_asked(talk):
    talk.sent(
        "Romeo",
        "<iq type='get' id='d1' to='im.example.com'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    )
    talk.received(
        "Romeo",
        f"<iq type='result' id='d1' from='im.example.com' to='{ROMEO}'><query xmlns='http://jabber.org/protocol/disco#info'>"
        "<identity category='server' type='im'/></query></iq>",
    )
    talk.sent("Romeo", "<iq type='get' id='x1' to='im.example.com'><query xmlns='urn:example:unknown'/></iq>")
    talk.received(
        "Romeo",
        f"<iq type='error' id='x1' from='im.example.com' to='{ROMEO}'><query xmlns='urn:example:unknown'/>"
        f"<error type='cancel' code='503'><service-unavailable {ERRORS}/></error></iq>",
    )
    talk.sent("Romeo", f"<iq type='get' id='v1' to='{JULIET}'><query xmlns='jabber:iq:version'/></iq>")
    talk.received(
        "Juliet",
        f"<iq type='get' id='v1' from='{ROMEO}' to='{JULIET}'><query xmlns='jabber:iq:version'/></iq>",
    )
    talk.sent(
        "Juliet",
        f"<iq type='result' id='v1' to='{ROMEO}'><query xmlns='jabber:iq:version'><name>x</name></query></iq>",
    )
    talk.received(
        "Romeo",
        f"<iq type='result' id='v1' from='{JULIET}' to='{ROMEO}'><query xmlns='jabber:iq:version'><name>x</name></query></iq>",
    )
    talk.received(
        "Romeo",
        f"<iq type='get' id='ping-1' from='im.example.com' to='{ROMEO}'><ping xmlns='urn:xmpp:ping'/></iq>",
    )
    talk.sent("Romeo", "<iq type='result' id='ping-1' to='im.example.com'/>").received("Romeo", " \n")


def join_room(talk):
    muc = "xmlns='http://jabber.org/protocol/muc#user'"
    for actor, full in (("Juliet", JULIET), ("Romeo", ROMEO)):
        talk.sent(
            actor,
            f"<presence id='j1' to='{ROOM}/{actor}'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
        )
        talk.received(
            actor,
            f"<presence id='j1' from='{ROOM}/{actor}' to='{full}'><x {muc}><item affiliation='owner' role='moderator' jid='{full}'/>"
            "<status code='110'/><status code='201'/></x></presence>",
            f"<message type='groupchat' from='{ROOM}' to='{full}'><subject/></message>",
        )
    talk.received(
        "Juliet",
        f"<presence from='{ROOM}/Romeo' to='{JULIET}' id='j1'><x {muc}><item affiliation='none' role='participant'/></x></presence>",
    )
    talk.sent("Romeo", f"<message type='groupchat' id='g1' to='{ROOM}'><body>Hi</body></message>")
    for actor, full in (("Juliet", JULIET), ("Romeo", ROMEO)):
        talk.received(
            actor,
            f"<message type='groupchat' id='g1' from='{ROOM}/Romeo' to='{full}'><body>Hi</body></message>",
        )
    talk.sent("Romeo", f"<presence id='j2' to='{ROOM}/Juliet'/>")
    talk.received(
        "Romeo",
        f"<presence type='error' id='j2' from='{ROOM}/Juliet' to='{ROMEO}'><error type='cancel' by='{ROOM}'>"
        f"<conflict {ERRORS}/><text {ERRORS} xml:lang='en'>That nickname is taken</text></error></presence>",
    )


def leave(talk):
    talk.sent("Juliet", "<presence type='unavailable' id='u1'/>", "</stream:stream>")
    talk.received(
        "Romeo", f"<presence type='unavailable' id='u1' from='{JULIET}' to='romeo@im.example.com'/>"
    )
    talk.received("Romeo", f"<presence type='unavailable' id='u1' from='{ROOM}/Juliet' to='{ROMEO}'/>")
    talk.received("Juliet", "</stream:stream>").gone("Juliet")
    talk.sent("Romeo", "<iq type='get' id='fence' to='im.example.com'><ping xmlns='urn:xmpp:ping'/></iq>")
    talk.received("Romeo", f"<iq type='result' id='fence' from='im.example.com' to='{ROMEO}'/>")


def test_ordinary_conversation_has_no_breach(conversation):
    log_in(conversation, "Romeo", "orchard")
    log_in(conversation, "Juliet", "balcony")
    fetch_roster(conversation, "Romeo", ROMEO)
    fetch_roster(conversation, "Juliet", JULIET)
    for part in (subscribe, exchange_messages, ask_and_be_asked, join_room, leave):
        part(conversation)
    reports = conversation.reports(fenced=frozenset({"Romeo"}))
    assert [one for report in reports for one in report.breaches] == []
    idle = {report.monitor.name for report in reports if not report.has_checked}
    assert idle == {
        "stream-error-shape",
        "stream-error-is-last",
        "foreign-data-not-routed",
        "registration-fields",
    }


def test_ejabberd_and_openfire_ways_are_no_breach(conversation):
    conversation.logged_in("Romeo")
    full = "romeo@im.example.com/here"
    conversation.sent("Romeo", "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>")
    conversation.received(
        "Romeo",
        f"<iq type='result' id='1' from='romeo@im.example.com' to='{full}' xml:lang='en'><query xmlns='jabber:iq:roster'/></iq>",
    )
    conversation.sent("Romeo", "<iq type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>")
    conversation.received("Romeo", f"<iq type='result' id='2' from='im.example.com' to='{full}'/>")
    conversation.received("Romeo", "<r xmlns='urn:xmpp:sm:3'/>")
    conversation.received(
        "Romeo",
        f"<iq type='get' id='747-1' from='im.example.com' to='{full}'><query xmlns='jabber:iq:version'/></iq>",
    )
    assert conversation.breaches() == []


def test_old_login_and_registration_are_no_breach(conversation):
    conversation.opened("Romeo", features="<auth xmlns='http://jabber.org/features/iq-auth'/>")
    conversation.sent("Romeo", "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>")
    conversation.received(
        "Romeo", "<iq type='result' id='r'><query xmlns='jabber:iq:register'><username/></query></iq>"
    )
    query = "<query xmlns='jabber:iq:auth'><username>romeo</username><password>x</password><resource>r</resource></query>"
    conversation.sent("Romeo", f"<iq type='set' id='a'>{query}</iq>").received(
        "Romeo", "<iq type='result' id='a'/>"
    )
    conversation.received(
        "Romeo", "<message from='im.example.com' to='romeo@im.example.com/r'><body>Hi</body></message>"
    )
    assert conversation.breaches() == []


def test_a_client_older_than_xmpp_is_told_codes_alone(conversation):
    header = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'{}>"
    conversation.sent("Romeo", header.format(" to='im.example.com'"))
    conversation.received("Romeo", header.format(" id='1' from='im.example.com' xml:lang='en'"))
    query = "<query xmlns='jabber:iq:auth'><username>romeo</username></query>"
    conversation.sent("Romeo", f"<iq type='get' id='a'>{query}</iq>")
    conversation.received("Romeo", f"<iq type='error' id='a'><error code='401'/>{query}</iq>")
    assert "stanza-error-shape" not in {name for name, _ in conversation.blamed()}


def test_refused_stream_is_no_breach(conversation):
    header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='x'>"
    conversation.sent("Romeo", header)
    conversation.received(
        "Romeo",
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        "id='1' version='1.0'><stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>No</text></stream:error></stream:stream>",
    ).gone("Romeo")
    assert conversation.breaches() == []


def test_ordinary_client_has_no_breach(with_client):
    with_client.received(
        "Romeo",
        "<?xml version='1.0'?><stream:stream to='im.example.com' xml:lang='en' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
    )
    with_client.sent(
        "Romeo",
        "<stream:stream id='1' from='im.example.com' version='1.0' xmlns='jabber:client' "
        f"xmlns:stream='http://etherx.jabber.org/streams'><stream:features>{SCRAM}</stream:features>",
    )
    with_client.received("Romeo", f"<auth {SASL} mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>")
    with_client.sent("Romeo", f"<success {SASL}/>")
    with_client.received(
        "Romeo",
        "<stream:stream to='im.example.com' xml:lang='en' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
        f"<iq type='set' id='1'><bind {BIND}/></iq>",
    )
    with_client.sent(
        "Romeo",
        "<stream:stream id='2' from='im.example.com' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
    )
    with_client.sent("Romeo", f"<iq type='result' id='1'><bind {BIND}><jid>{ROMEO}</jid></bind></iq>")
    with_client.received("Romeo", "<presence><show>away</show><priority>-1</priority></presence>")
    with_client.sent(
        "Romeo", f"<iq type='get' id='v' from='{JULIET}' to='{ROMEO}'><query xmlns='jabber:iq:version'/></iq>"
    )
    with_client.received(
        "Romeo", f"<iq type='result' id='v' to='{JULIET}'><query xmlns='jabber:iq:version'/></iq>"
    )
    with_client.received(
        "Romeo", f"<message to='{JULIET}' type='chat'><body>Hi</body></message>", "</stream:stream>"
    )
    assert with_client.breaches() == []


def test_every_monitor_has_a_perspective_and_a_distinct_name():
    names = [one.name for one in all_monitors()]
    assert len(names) == len(set(names))
    assert all(
        one.perspectives <= {Perspective.CLIENT, Perspective.SERVER} and one.perspectives
        for one in all_monitors()
    )


def test_whoever_is_cut_off_cannot_close_its_stream(conversation):
    log_in(conversation, "Romeo", "orchard")
    conversation.received(
        "Romeo",
        "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    ).cut_off("Romeo")
    reports = conversation.reports()
    assert [one for report in reports for one in report.breaches] == []


def test_an_error_to_oneself_comes_back(conversation):
    log_in(conversation, "Romeo", "orchard")
    error = f"<error type='cancel'><gone {ERRORS}/></error>"
    conversation.sent("Romeo", f"<message type='error' id='e9' to='{ROMEO}'>{error}</message>")
    conversation.received(
        "Romeo", f"<message type='error' id='e9' from='{ROMEO}' to='{ROMEO}'>{error}</message>"
    )
    assert [breach for report in conversation.reports() for breach in report.breaches] == []


def test_no_version_answers_one_that_there_never_was():
    assert list(_compared("0.0", None)) == []
    assert list(_compared("1.0", None))
    assert list(_compared("0.9", "1.0"))


def test_a_message_of_an_unknown_type_may_become_a_normal_one(conversation):
    log_in(conversation, "Romeo", "orchard")
    conversation.sent("Romeo", f"<message type='odd' id='e9' to='{ROMEO}'><status/></message>")
    conversation.received("Romeo", f"<message id='e9' from='{ROMEO}' to='{ROMEO}'><status/></message>")
    assert [breach for report in conversation.reports() for breach in report.breaches] == []


def test_an_error_may_hold_what_was_sent_be_it_too_much(conversation):
    log_in(conversation, "Romeo", "orchard")
    wrong = "<error/><body/><subject/>"
    conversation.sent("Romeo", f"<iq id='e9'>{wrong}</iq>")
    conversation.received(
        "Romeo",
        f"<iq type='error' id='e9' to='{ROMEO}'>{wrong}<error type='modify'><bad-request {ERRORS}/></error></iq>",
    )
    assert [breach for report in conversation.reports() for breach in report.breaches] == []
