"""A server in memory with bound sessions, fed with XML text."""

import base64
import itertools
from collections.abc import Callable

import pytest
from lxml import etree

from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings
from harness.wire.effects import CloseConnection, Directed, Send
from harness.wire.events import Connected, Disconnected, ElementReceived, StreamEnded, StreamOpened
from harness.xmpp.namespaces import CLIENT, STREAM, Name

HEADER = f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}' version='1.0'>".encode()
OPENED = StreamOpened(
    name=Name(STREAM, "stream"), attributes={}, namespaces={None: CLIENT, "stream": STREAM}, raw=HEADER
)
PREFIXES = {
    "c": CLIENT,
    "r": "jabber:iq:roster",
    "e": "urn:ietf:params:xml:ns:xmpp-stanzas",
    "u": "http://jabber.org/protocol/muc#user",
    "d": "urn:xmpp:delay",
}


class Client:
    """A bound session of the test's."""

    def __init__(self, world: "World", connection: int, jid: str) -> None:
        self.world = world
        self.connection = connection
        self.jid = jid
        self.bare = jid.partition("/")[0]
        self.inbox: list[etree._Element] = []
        self.raw = b""
        self.is_closed = False

    def send(self, *stanzas: str) -> "list[etree._Element]":
        """Send stanzas and give what has come back to this client."""
        for stanza in stanzas:
            parsed = etree.fromstring(HEADER + stanza.encode() + b"</stream:stream>")[0]
            event = ElementReceived(
                name=Name.of(parsed.tag), attributes=dict(parsed.attrib), raw=stanza.encode(), stream=OPENED
            )
            self.world.carry(self.world.server.received(self.connection, event))
        return self.take()

    def ask(self, type: str, payload: str, to: str | None = None) -> etree._Element:
        """Send an iq request and give its answer; everything else stays in the inbox."""
        id = f"ask{next(self.world.numbers)}"
        address = f" to='{to}'" if to else ""
        arrived = self.send(f"<iq type='{type}' id='{id}'{address}>{payload}</iq>")
        answers = [
            each for each in arrived if each.get("id") == id and each.get("type") in ("result", "error")
        ]
        self.inbox = [each for each in arrived if each not in answers]
        assert len(answers) == 1, [etree.tostring(each) for each in arrived]
        return answers[0]

    def take(self) -> "list[etree._Element]":
        """Give what has come since the last time."""
        taken, self.inbox = self.inbox, []
        return taken

    def be_available(self, content: str = "") -> "list[etree._Element]":
        return self.send(f"<presence>{content}</presence>")

    def end(self) -> None:
        self.world.carry(self.world.server.received(self.connection, StreamEnded(raw=b"</stream:stream>")))

    def break_off(self) -> None:
        self.world.carry(self.world.server.received(self.connection, Disconnected(clean=False)))


class World:
    """One server and its clients."""

    def __init__(self, settings: Settings) -> None:
        self.numbers = itertools.count(1)
        self.now = 1_700_000_000.0
        self.server = ReferenceServer(
            settings, clock=lambda: self.now, fresh=lambda: f"fresh{next(self.numbers)}"
        )
        self.clients: dict[int, Client] = {}

    def login(self, username: str, resource: str = "home", *, available: bool = False) -> Client:
        connection = next(self.numbers)
        jid = self.server.bind_directly(connection, username, resource)
        client = self.clients[connection] = Client(self, connection, jid)
        if available:
            client.be_available()
            client.take()
        return client

    def carry(self, effects: list[Directed]) -> None:
        for directed in effects:
            client = self.clients.get(directed.connection)
            if client is None:
                continue
            if isinstance(directed.effect, Send):
                client.raw += directed.effect.data
                client.inbox.extend(_parsed(directed.effect.data))
            elif isinstance(directed.effect, CloseConnection):
                client.is_closed = True

    def register(self, *stanzas: str) -> bytes:
        """Send elements before login, on a connection of their own, and give what comes back.

        An empty one opens the stream anew.
        """
        connection = next(self.numbers)
        effects = self.server.connected(connection, Connected())
        for stanza in ("", *stanzas):
            opened = etree.fromstring(HEADER + stanza.encode() + b"</stream:stream>")
            event = OPENED
            if len(opened):
                name, attributes = Name.of(opened[0].tag), dict(opened[0].attrib)
                event = ElementReceived(name=name, attributes=attributes, raw=stanza.encode(), stream=OPENED)
            effects += self.server.received(connection, event)
        return b"".join(each.effect.data for each in effects if isinstance(each.effect, Send))

    def arrive(self, *elements: str, user: str = "") -> Client:
        """Send elements where no resource is bound, after logging in as `user` or without."""
        connection = next(self.numbers)
        client = self.clients[connection] = Client(self, connection, "")
        self.carry(self.server.connected(connection, Connected()))
        self.carry(self.server.received(connection, OPENED))
        if user:
            secret = base64.b64encode(f"\0{user}\0secret".encode()).decode()
            client.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>")
            self.carry(self.server.received(connection, OPENED))
        client.take()
        client.send(*elements)
        return client

    def befriend(self, one: Client, other: Client) -> None:
        """Make a mutual subscription and forget what was said for it."""
        for subscriber, contact in ((one, other), (other, one)):
            subscriber.send(f"<presence type='subscribe' to='{contact.bare}'/>")
            contact.send(f"<presence type='subscribed' to='{subscriber.bare}'/>")
        for client in self.clients.values():
            client.take()


def _parsed(data: bytes) -> "list[etree._Element]":
    if data.startswith(b"<?xml"):  # a header, with the features behind it
        return []
    end = b"" if data.endswith(b"</stream:stream>") else b"</stream:stream>"
    return list(etree.fromstring(HEADER + data + end))


def told(element: etree._Element) -> str:
    """One line about an element: kind, type, from, and the condition of an error."""
    kind = etree.QName(element).localname
    words = [kind, element.get("type", ""), element.get("from", "")]
    condition = element.xpath("string(local-name(.//e:*[1]))", namespaces=PREFIXES)
    return " ".join(word for word in (*words, str(condition)) if word)


@pytest.fixture(scope="module")
def make_any_world() -> Callable[..., World]:
    return _maker()


@pytest.fixture
def make_world() -> Callable[..., World]:
    return _maker()


def _maker() -> Callable[..., World]:
    def make(**changes: object) -> World:
        names = ("romeo", "juliet", "nurse", "admin")
        usual = {"domain": "example.org", "accounts": dict.fromkeys(names, "secret")}
        usual |= {"admins": frozenset({"admin"})}
        faults = changes.pop("faults", ())
        return World(Settings(**{**usual, **changes}, faults=frozenset(faults)))  # type: ignore[arg-type]

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


@pytest.fixture
def tell() -> Callable[[etree._Element], str]:
    return told
