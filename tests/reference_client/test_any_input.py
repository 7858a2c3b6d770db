"""Whatever a server sends and a user wants, the client goes on or ends, and never breaks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reference_client.faults import FAULTS
from harness.reference_client.settings import TlsUse
from harness.wire.driver import COMMANDS
from harness.wire.events import ConnectFailed, Disconnected, Silence, TlsFailed, TlsStarted
from tests.reference_client.conversation import (
    BIND,
    BOUND,
    END,
    HEADER,
    LEGACY,
    LOGIN,
    OLD_HEADER,
    PROCEED,
    SASL,
    SESSION,
    SUCCESS,
    TLS,
    TLS_FAILURE,
    VERSIONS,
    Talk,
    features,
    mechanisms,
)

NAMESPACES = (
    "jabber:client",
    "jabber:server",
    "jabber:iq:roster",
    "jabber:iq:register",
    "jabber:iq:auth",
    "jabber:x:data",
    "http://jabber.org/protocol/muc#user",
    "http://jabber.org/protocol/disco#info",
    "urn:xmpp:carbons:2",
    "urn:xmpp:forward:0",
    "urn:ietf:params:xml:ns:xmpp-stanzas",
    "urn:ietf:params:xml:ns:xmpp-bind",
)
NAMES = ("query", "x", "item", "error", "received", "forwarded", "message", "field", "bind", "status", "code")
STANZAS = ("iq", "message", "presence")
VALUES = (
    "",
    "get",
    "set",
    "result",
    "error",
    "subscribe",
    "unavailable",
    "bind-1",
    "auth-1",
    "{id}",
    "remove",
)
ADDRESSES = ("", "@", "romeo@localhost", "localhost", "a@b/c", "hall@rooms.localhost/R", "x" * 1100)
SAID = (
    HEADER,
    OLD_HEADER,
    END,
    BOUND,
    PROCEED,
    TLS_FAILURE,
    SUCCESS,
    features(BIND),
    features(TLS, mechanisms("PLAIN", "SCRAM-SHA-1"), LEGACY),
    features(BIND, SESSION, VERSIONS),
    f"<challenge {SASL}>cj1m</challenge>",
    f"<failure {SASL}/>",
    "<stream:error/>",
    "<!-- c -->",
    "<message></presence>",
)
EVENTS = (
    Disconnected(clean=False),
    ConnectFailed(reason="no"),
    TlsFailed(reason="no"),
    TlsStarted(version="", cipher=""),
    Silence(seconds=0),
)


def _attributes(values):
    return "".join(f" {key}='{value}'" for key, value in values.items())


_some = st.dictionaries(
    st.sampled_from(("type", "id", "from", "to", "jid", "subscription", "ver", "code", "var", "nick")),
    st.sampled_from((*VALUES, *ADDRESSES)),
    max_size=4,
).map(_attributes)
_payloads = st.recursive(
    st.sampled_from(("", "text")),
    lambda inner: st.builds(
        "<{} xmlns='{}'{}>{}</{}>".format,
        name := st.shared(st.sampled_from(NAMES)),
        st.sampled_from(NAMESPACES),
        _some,
        inner,
        name,
    ),
    max_leaves=4,
)
_stanzas = st.builds(
    lambda name, attributes, payloads: f"<{name}{attributes}>{''.join(payloads)}</{name}>",
    st.sampled_from(STANZAS),
    _some,
    st.lists(_payloads, max_size=2),
)
_commands = st.builds(
    lambda name, fields: lambda talk: talk.command(name, *fields),
    st.sampled_from(tuple(COMMANDS)),
    st.lists(st.sampled_from(("", "a@b/c", "hall@rooms.localhost", "R", "\0")), max_size=3),
)
_events = st.sampled_from(EVENTS).map(lambda event: lambda talk: talk.tell(event))
_said = st.one_of(_stanzas, st.sampled_from(SAID)).map(str.encode)
_steps = st.lists(st.one_of(_said, _commands, _events), max_size=12)


@settings(max_examples=150)
@given(
    begun=st.sampled_from((LOGIN, LOGIN[:2], ("connect",), ("register", HEADER + features()))),
    steps=_steps,
    tls=st.sampled_from(TlsUse),
    # Whoever comes back at once has more than one connection to close.
    faults=st.lists(st.sampled_from(sorted(set(FAULTS) - {"comes-back-at-once"})), max_size=3),
)
def test_nothing_breaks_it(begun, steps, tls, faults):
    talk = Talk(faults, tls).play(*begun, *steps)
    said = [line for line in talk.log if line == "CLOSED"]
    assert len(said) <= 1 + sum(line.startswith('{"event":"done"') for line in talk.log)


@settings(max_examples=100)
@given(data=st.binary(max_size=200), steps=st.sampled_from((LOGIN, LOGIN[:2], ("connect",))))
def test_no_bytes_break_it(data, steps):
    Talk().play(*steps, data)
