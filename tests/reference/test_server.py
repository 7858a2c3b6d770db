"""The whole way: bytes in, bytes out, through real readers on both sides."""

import itertools
from collections import deque

import pytest

from harness.errors import UsageError
from harness.negotiation.client import LoggedIn, connect
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.state import ClientState, Credentials, TlsPolicy
from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings
from harness.wire.effects import CloseConnection, OpenConnection, Receive, RestartStream, Send, StartTls
from harness.wire.events import Connected, Disconnected, Silence, TlsStarted
from harness.wire.reader import StreamReader

TLS = TlsStarted(version="TLSv1.3", cipher="memory", bindings={"tls-exporter": b"one channel"})
HEADER = (
    b"<stream:stream to='example.org' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
)


class Wire:
    """One connection to a server, with a reader on either end."""

    def __init__(self, server, connection=1):
        self.server, self.connection = server, connection
        self.towards_server, self.towards_client = StreamReader(), StreamReader()
        self.received = b""
        self.is_closed = False
        self.wants_tls = False
        self.carry(server.connected(connection, Connected()))

    def carry(self, effects):
        for directed in effects:
            match directed.effect:
                case Send(data=data):
                    self.received += data
                    self.towards_client.push(data)
                case RestartStream():
                    self.towards_server.restart()
                case StartTls():
                    self.wants_tls = True
                case CloseConnection():
                    self.is_closed = True

    def push(self, data):
        self.towards_server.push(data)
        while (event := self.towards_server.next_event()) is not None:
            self.carry(self.server.received(self.connection, event))

    def shake(self):
        self.wants_tls = False
        self.carry(self.server.received(self.connection, TLS))


def run(protocol, wire):
    """Drive a client's protocol to its end."""
    answer, pending = None, deque()
    try:
        while True:
            effect = protocol.send(answer)
            answer = None
            match effect:
                case OpenConnection():
                    answer = Connected()
                case Send(data=data):
                    wire.push(data)
                case RestartStream():
                    wire.towards_client.restart()
                case StartTls():
                    assert wire.wants_tls
                    wire.shake()
                    answer = TLS
                case Receive():
                    answer = wire.towards_client.next_event()
                    if answer is None:
                        answer = Disconnected(clean=True) if wire.is_closed else Silence(seconds=0)
                    pending.append(answer)
    except StopIteration as stop:
        return stop.value


def make_server(**changes):
    numbers = itertools.count(1)
    usual = {"domain": "example.org", "accounts": {"romeo": "secret", "ürsula": "geheim"}}
    return ReferenceServer(
        Settings(**{**usual, **changes}), clock=lambda: 1.0, fresh=lambda: f"fresh{next(numbers)}"
    )


def log_in(wire, *, username="romeo", password="secret", mechanisms=None, policy=TlsPolicy.IF_OFFERED):
    credentials = Credentials(
        username=username, domain="example.org", password=password, resource="home", mechanisms=mechanisms
    )
    return run(
        connect(
            ClientState(domain="example.org"),
            credentials,
            policy,
            nonce=lambda: "nonce",
            salted=SaltedPasswords(),
        ),
        wire,
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_a_login_in_the_clear(mechanism):
    outcome = log_in(Wire(make_server()), mechanisms=(mechanism,))
    assert isinstance(outcome, LoggedIn)
    assert (outcome.jid, outcome.mechanism) == ("romeo@example.org/home", mechanism)


def test_a_login_over_tls_is_bound_to_the_channel():
    outcome = log_in(Wire(make_server(tls_offered=True, tls_required=True)))
    assert outcome.mechanism == "SCRAM-SHA-256-PLUS"


def test_a_wrong_password_stays_outside():
    assert not isinstance(log_in(Wire(make_server()), password="wrong"), LoggedIn)


def test_after_binding_stanzas_are_answered():
    wire = Wire(make_server())
    log_in(wire)
    wire.push(b"<iq type='get' id='p' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq> ")
    assert wire.received.endswith(
        b"<iq type='result' id='p' to='romeo@example.org/home' from='example.org'/>"
    )
    wire.push(b"</stream:stream>")
    assert wire.received.endswith(b"</stream:stream>")
    assert wire.is_closed


def test_the_features_after_login_name_versioning_and_pre_approval():
    wire = Wire(make_server())
    log_in(wire)
    assert (
        b"<ver xmlns='urn:xmpp:features:rosterver'/><sub xmlns='urn:xmpp:features:pre-approval'/>"
        in wire.received
    )


def test_a_taken_resource_ends_the_older_session():
    server = make_server()
    older = Wire(server, 1)
    log_in(older)
    newer = Wire(server, 2)
    seen = []
    newer.carry = lambda effects, carry=newer.carry: (
        carry([each for each in effects if each.connection == 2]),
        seen.extend(each for each in effects if each.connection == 1),
    )
    assert log_in(newer).jid == "romeo@example.org/home"
    assert b"<conflict xmlns=" in seen[0].effect.data
    assert isinstance(seen[1].effect, CloseConnection)


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        (b"<message><a></b></message>", b"not-well-formed"),
        (b"<!-- hidden -->", b"restricted-xml"),
        (b"text <presence/>", b"bad-format"),
        (b"<note/>", b"unsupported-stanza-type"),
        (b"<message xmlns='jabber:server'/>", b"invalid-namespace"),
    ],
)
def test_what_breaks_the_stream_ends_it(data, condition):
    wire = Wire(make_server())
    log_in(wire)
    wire.push(data)
    assert b"<stream:error><" + condition in wire.received
    assert wire.received.endswith(b"</stream:error></stream:stream>")
    assert wire.is_closed


def test_registration_before_login_and_its_end():
    wire = Wire(make_server())
    wire.push(HEADER + b"<iq type='get' id='g'><query xmlns='jabber:iq:register'/></iq>")
    assert b"<username/><password/>" in wire.received
    query = "<iq type='set' id='s{0}'><query xmlns='jabber:iq:register'>{1}</query></iq>"
    wire.push(query.format(1, "<username>romeo</username><password>x</password>").encode())
    assert b"code='409'" in wire.received
    wire.push(query.format(2, "<username>new</username>").encode())
    assert b"code='406'" in wire.received
    wire.push(query.format(3, "<username>new</username><password>p</password>").encode())
    assert b"<iq type='result' id='s3'" in wire.received
    again = Wire(wire.server, 2)
    assert log_in(again, username="new", password="p").jid == "new@example.org/home"
    again.push(query.format(4, "<username>new</username><password>q</password>").encode())
    again.push(query.format(5, "<remove/>").encode())
    assert b"id='s4'" in again.received
    assert again.received.index(b"id='s5'") < again.received.index(b"<not-authorized")
    assert not isinstance(log_in(Wire(wire.server, 3), username="new", password="q"), LoggedIn)


def test_a_legacy_login_without_version():
    wire = Wire(make_server())
    wire.push(HEADER.replace(b" version='1.0'", b""))
    assert b"features" not in wire.received
    fields = "<username>ürsula</username><password>geheim</password><resource>r</resource>"
    wire.push(f"<iq type='set' id='a'><query xmlns='jabber:iq:auth'>{fields}</query></iq>".encode())
    wire.push(b"<presence/>")
    assert "<presence from='ürsula@example.org/r' to='ürsula@example.org/r'/>".encode() in wire.received


def test_an_unknown_fault_is_our_own_mistake():
    with pytest.raises(UsageError):
        make_server(faults=frozenset({"no-such-fault"}))
