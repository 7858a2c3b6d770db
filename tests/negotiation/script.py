"""A client that sends what it is told, for tests of the server's side."""

import base64
import itertools

from harness.negotiation.policy import ServerPolicy
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.server import negotiate
from harness.wire.effects import CloseConnection, Receive, Send, StartTls
from harness.wire.events import Disconnected, Silence
from tests.negotiation.joint import Side, join

SALTED = SaltedPasswords()  # a memo: the keys of one password are the same in every test

HEADER = (
    b"<?xml version='1.0'?><stream:stream to='example.org' version='1.0' xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
)
NAMED_HEADER = HEADER.replace(b" to=", b" from='romeo@example.org' to=")
OLD_HEADER = HEADER.replace(b" version='1.0' xmlns", b" xmlns")
STARTTLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
ABORT = b"<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
FOOTER = b"</stream:stream>"
TLS = StartTls()
HANG_UP = CloseConnection()


def auth(mechanism, message=None):
    text = b"" if message is None else base64.b64encode(message) or b"="
    return raw_auth(mechanism, text)


def raw_auth(mechanism, text):
    return b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='%s'>%s</auth>" % (
        mechanism.encode(),
        text,
    )


def response(message):
    return b"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</response>" % base64.b64encode(message)


def plain(username="romeo", password="secret", authzid=""):
    return auth("PLAIN", f"{authzid}\0{username}\0{password}".encode())


def bind(resource=None, id="b1"):
    content = b"" if resource is None else b"<resource>%s</resource>" % resource.encode()
    bind = b"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>%s</bind>" % content
    return b"<iq type='set' id='%s'>%s</iq>" % (id.encode(), bind)


def legacy(type, **fields):
    content = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<iq type='{type}' id='a1'><query xmlns='jabber:iq:auth'>{content}</query></iq>".encode()


#: Who has a password with letters beyond ASCII, and with what XML escapes.
_OTHERS = {"zoe": "Größe", "ampersand": "a&b"}


class Accounts:
    """Romeo, whose password is `secret`, and a friend who is locked out."""

    def password(self, username):
        names = ("romeo", "ro=meo", "locked")
        return _OTHERS.get(username) or ("secret" if username.lower() in names else None)

    def localpart(self, username):
        return username.lower()

    def trouble(self, username):
        return "account-disabled" if username == "locked" else None


def policy_with(**more):
    defaults = {
        "clear_mechanisms": ("SCRAM-SHA-1", "PLAIN"),
        "tls_mechanisms": ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"),
        "legacy": True,
        "registration": True,
    }
    return ServerPolicy(domains=("example.org", "example.net"), **defaults | more)


def _script(steps):
    for step in steps:
        answer = yield Send(data=step) if isinstance(step, bytes) else step
        while not isinstance(answer, Silence | Disconnected):
            answer = yield Receive()
        if isinstance(answer, Disconnected):
            return


def converse(*steps, policy=None, bind_resource=None, tls=None, register=None, identify=None):
    """Send one step after the other, each when the server has no more to say; return the server's side."""
    client = Side(protocol=_script(steps))
    numbers = itertools.count(1)
    server = Side(
        protocol=negotiate(
            policy or policy_with(),
            Accounts(),
            lambda: f"fresh{next(numbers)}",
            bind_resource=bind_resource or (lambda username, wanted: wanted or "made"),
            register=register or (lambda iq: b"<registered/>"),
            tls=tls,
            salted=SALTED,
            identify=identify,
            resume=lambda username, element: b"<failed/>",
        )
    )
    join(client, server)
    return server
