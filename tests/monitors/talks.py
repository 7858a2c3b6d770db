"""Short conversations in which a rule is broken, or nearly."""

from collections.abc import Callable

from harness.wire.events import TlsStarted

SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
ERRORS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
STREAM_ERRORS = "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"
ROSTER = "xmlns='jabber:iq:roster'"
HOST, ROMEO, JULIET = "im.example.com", "romeo@im.example.com/here", "juliet@im.example.com/here"
STREAM = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
ERROR = "<stream:error><reset {0}/></stream:error>"


def only(text: str) -> Callable:
    """Romeo is logged in and receives this."""
    return lambda talk: talk.logged_in("Romeo").received("Romeo", text)


def headers(theirs: str, ours: str = "") -> Callable:
    """The attributes of the header that answers ours."""
    return lambda talk: talk.opened("Romeo", ours=ours, theirs=theirs)


def features(text: str) -> Callable:
    """The first stream features."""
    return lambda talk: talk.opened("Romeo", features=text)


def answered(request: str, *replies: str) -> Callable:
    """Romeo sends something and receives something."""
    return lambda talk: talk.logged_in("Romeo").sent("Romeo", request).received("Romeo", *replies)


def passed_on(sent: str, received: str) -> Callable:
    """Juliet sends, Romeo receives."""
    return lambda talk: (
        talk.logged_in("Romeo").logged_in("Juliet").sent("Juliet", sent).received("Romeo", received)
    )


def refused(error: str, stanza: str = "<message id='1' to='x@im.example.com'/>") -> Callable:
    """Romeo's message is answered by an error that holds this."""
    kind = stanza[1:].split()[0]
    reply = f"<{kind} type='error' id='1' from='x@im.example.com' to='{ROMEO}'>{error}</{kind}>"
    return answered(stanza, reply)


def starting_tls(talk):
    talk.opened("Romeo").sent("Romeo", f"<starttls {TLS}/>").received("Romeo", " ")


def starting_sasl(talk):
    talk.opened("Romeo").sent("Romeo", f"<auth {SASL} mechanism='X'/>").received("Romeo", "\n")


def tls_within_tls(talk):
    talk.opened("Romeo").happened("Romeo", TlsStarted(version="TLSv1.3", cipher="any"))
    talk.opened("Romeo", features=f"<starttls {TLS}/>")


def bind_forgotten(talk):
    talk.opened("Romeo").sent("Romeo", f"<auth {SASL} mechanism='X'/>").received(
        "Romeo", f"<success {SASL}/>"
    )
    talk.opened("Romeo", features="")


def bound(text: str) -> Callable:
    def build(talk):
        talk.logged_in("Romeo").sent("Romeo", f"<iq type='set' id='1'><bind {BIND}/></iq>")
        talk.received("Romeo", f"<iq type='result' id='1'><bind {BIND}>{text}</bind></iq>")

    return build


def no_features(talk):
    talk.sent("Romeo", f"{STREAM} version='1.0' to='{HOST}'>")
    talk.received("Romeo", f"{STREAM} version='1.0' id='1' from='{HOST}' xml:lang='en'><message/>")


def no_version_back(theirs: str, ours: str) -> Callable:
    def build(talk):
        talk.sent("Romeo", f"{STREAM} to='{HOST}'{ours}>")
        talk.received("Romeo", f"{STREAM}{theirs} id='1' from='{HOST}' xml:lang='en'><stream:features/>")

    return build


def other_namespace(talk):
    talk.sent("Romeo", f"{STREAM} version='1.0' to='{HOST}'>")
    header = f"{STREAM} version='1.0' id='1' from='{HOST}' xml:lang='en'><stream:features/>"
    talk.received("Romeo", header.replace("jabber:client", "jabber:server"))


def other_root(talk):
    talk.received("Romeo", "<stream xmlns='urn:example:x' version='1.0' id='1'><features/>")


def dtd(talk):
    talk.received("Romeo", f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>{STREAM} version='1.0'>")


def declared(more: str = "", mark: str = "") -> Callable:
    """What stands in the XML declaration, and before it."""
    return lambda talk: talk.received("Romeo", f"{mark}<?xml version='1.0'{more}?>{STREAM} version='1.0'>")


def same_id_twice(talk):
    talk.opened("Romeo", theirs=" id='1' from='a' xml:lang='en'")
    talk.opened("Juliet", theirs=" id='1' from='a' xml:lang='en'")


def error_then(*texts: str) -> Callable:
    def build(talk):
        talk.logged_in("Romeo").received("Romeo", ERROR.format(STREAM_ERRORS), *texts).gone("Romeo")

    return build


def we_close(*texts: str) -> Callable:
    return lambda talk: talk.logged_in("Romeo").sent("Romeo", *texts).gone("Romeo")


def foreign(talk):
    talk.logged_in("Romeo").logged_in("Juliet").sent("Juliet", "<x xmlns='urn:example:x'/>")
    talk.received("Romeo", "<x xmlns='urn:example:x'/>")


#: monitor, requirement, conversation
