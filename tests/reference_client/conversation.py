"""Conversations with the reference client in memory: with a script for a server, or with a real one."""

import base64
import itertools
import re
from collections.abc import Callable, Sequence

from harness.negotiation.outcomes import Challenge, Success
from harness.negotiation.scram import SaltedPasswords, ScramServer
from harness.reference.server import ReferenceServer
from harness.reference.settings import Settings as ServerSettings
from harness.reference_client.client import ReferenceClient
from harness.reference_client.settings import Settings, TlsUse
from harness.wire.driver import Command, Report, report_line
from harness.wire.effects import (
    CloseConnection,
    Directed,
    Effect,
    OpenConnection,
    RestartStream,
    Send,
    StartTls,
)
from harness.wire.events import Connected, ConnectFailed, Disconnected, Event, TlsFailed, TlsStarted
from harness.wire.reader import StreamReader

BINDINGS = {"tls-unique": b"one channel"}
HANDSHAKE = TlsStarted(version="TLSv1.2", cipher="memory", bindings=BINDINGS)

XMLNS = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
HEADER = f"<stream:stream {XMLNS} from='localhost' id='s1' version='1.0'>"
OLD_HEADER = f"<stream:stream {XMLNS} from='localhost' id='s1'>"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
TLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
TLS_DEMANDED = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
TLS_FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
SESSION = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
VERSIONS = "<ver xmlns='urn:xmpp:features:rosterver'/>"
MANAGEMENT = "<sm xmlns='urn:xmpp:sm:3'/>"
LEGACY = "<auth xmlns='http://jabber.org/features/iq-auth'/>"
SUCCESS = f"<success {SASL}/>"
END = "</stream:stream>"
BOUND = (
    "<iq type='result' id='bind-1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<jid>romeo@localhost/orchard</jid></bind></iq>"
)


def features(*content: str) -> str:
    return f"<stream:features>{''.join(content)}</stream:features>"


def mechanisms(*names: str) -> str:
    return f"<mechanisms {SASL}>{''.join(f'<mechanism>{name}</mechanism>' for name in names)}</mechanisms>"


#: A login without TLS, which the client of `Talk` does unless told otherwise.
LOGIN = (
    "connect",
    HEADER + features(mechanisms("PLAIN")),
    SUCCESS,
    HEADER + features(BIND),
    BOUND,
)

#: A step: what the server sends (begins with <, or is bytes), a command with its fields, or something to do.
Step = str | bytes | Callable[["Talk"], None]


class Talk:
    """A client and a script. `log` has what the client sends and tells, in order."""

    def __init__(
        self,
        faults: Sequence[str] = (),
        tls: TlsUse = TlsUse.DISABLED,
        jid: str = "romeo@localhost/orchard",
        handshake: TlsStarted | TlsFailed = HANDSHAKE,
    ) -> None:
        numbers = itertools.count(1)
        settings = Settings(jid=jid, password="secret", tls=tls, faults=frozenset(faults))
        self.client = ReferenceClient(settings, fresh=lambda: f"f{next(numbers)}")
        self.log: list[str] = []
        self.sent = ""
        self._handshake = handshake
        self.is_unsigned = False  # success comes without the server's signature
        self._reader = StreamReader()

    @property
    def text(self) -> str:
        return "\n".join(self.log)

    def play(self, *steps: Step) -> "Talk":
        for step in steps:
            if isinstance(step, bytes) or (isinstance(step, str) and step.startswith("<")):
                self.receive(step)
            elif not isinstance(step, str):
                step(self)
            else:
                self.command(*step.split("|"))
        return self

    def command(self, name: str, *fields: str) -> None:
        self._carry(self.client.command(Command(name=name, fields=fields)))

    def receive(self, text: str | bytes) -> None:
        """The server sends this; {id} stands for the id of our last request."""
        found = re.findall(r"id='([^']*)'", self.sent)
        data = text if isinstance(text, bytes) else text.replace("{id}", found[-1] if found else "").encode()
        self._read([data])

    def receive_in_pieces(self, *pieces: bytes) -> None:
        """The server sends this in several segments."""
        self._read(pieces)

    def _read(self, pieces: Sequence[bytes]) -> None:
        for count, piece in enumerate(pieces, 1):
            self._reader.push(piece)
            while (event := self._reader.next_event()) is not None:
                self._carry(self.client.received(event, pieces[:count]))

    def cut_off(self, data: bytes) -> None:
        """The server sends this, and the connection breaks."""
        self.receive(data)
        for event in self._reader.end():
            self._carry(self.client.received(event, [data]))
        self.hang_up()

    def tell(self, event: Event) -> None:
        self._carry(self.client.received(event))

    def hang_up(self) -> None:
        self.tell(Disconnected(clean=True))

    def scram(self, spoil: Callable[[bytes], bytes] = bytes, **options: object) -> None:
        """Play the server's side of SCRAM-SHA-1; `spoil` alters the challenge."""
        server = ScramServer(
            hash="SHA-1",
            password={"romeo": "secret"}.get,
            nonce="theirs",
            salted=SaltedPasswords(),
            domain="localhost",
            bindings=BINDINGS,
            **options,  # type: ignore[arg-type]
        )
        challenge = server.start(self._said())
        assert isinstance(challenge, Challenge), challenge
        first = spoil(challenge.data)
        self.receive(f"<challenge {SASL}>{base64.b64encode(first).decode()}</challenge>")
        if self.sent.startswith("<response"):
            success = server.respond(self._said())
            assert isinstance(success, Success), success
            data = b"" if self.is_unsigned else success.data or b""
            self.receive(f"<success {SASL}>{base64.b64encode(data).decode()}</success>")

    def _said(self) -> bytes:
        return base64.b64decode(re.sub("<[^>]*>", "", self.sent))

    def _carry(self, items: Sequence[Effect | Report]) -> None:
        for item in items:
            match item:
                case Report():
                    self.log.append(report_line(item).decode().strip())
                case Send(data=data):
                    self.sent = data.decode()
                    self.log.append(self.sent)
                case RestartStream():
                    self._reader.restart()
                case StartTls():
                    self.log.append("TLS")
                    self._reader.restart()
                    while (event := self._reader.next_event()) is not None:
                        self.tell(event)
                    self._reader = StreamReader()
                    self.tell(self._handshake)
                case OpenConnection(direct_tls=direct_tls):
                    self._reader = StreamReader()
                    self._open(direct_tls)
                case CloseConnection(reset=reset):
                    self.log.append("RESET" if reset else "CLOSED")

    def _open(self, direct_tls: bool) -> None:
        if not direct_tls:
            self.tell(Connected())
        elif isinstance(self._handshake, TlsFailed):
            self.tell(ConnectFailed(reason=self._handshake.reason))
        else:
            self.tell(Connected(tls=self._handshake))


def online(*faults: str) -> Talk:
    """A client that has logged in."""
    return Talk(faults).play(*LOGIN)


class Pair:
    """A client and the reference server."""

    def __init__(self, client: Settings, server: ServerSettings) -> None:
        numbers, names = itertools.count(1), itertools.count(1)
        self.client = ReferenceClient(client, fresh=lambda: f"c{next(numbers)}")
        self.server = ReferenceServer(server, clock=lambda: 0.0, fresh=lambda: f"s{next(names)}")
        self.reports: list[Report] = []
        self.sent: list[bytes] = []
        self._connection = 0
        self._is_open = False
        self._to_client = self._to_server = StreamReader()

    @property
    def events(self) -> list[str]:
        return [one.event for one in self.reports]

    def report(self, event: str) -> Report:
        """The last report of this event."""
        return next(one for one in reversed(self.reports) if one.event == event)

    def command(self, name: str, *fields: str) -> None:
        self._carry(self.client.command(Command(name=name, fields=fields)))

    def _carry(self, items: Sequence[Effect | Report]) -> None:
        for item in items:
            match item:
                case Report():
                    self.reports.append(item)
                case OpenConnection(direct_tls=direct_tls):
                    self._open(HANDSHAKE if direct_tls else None)
                case Send(data=data):
                    self.sent.append(data)
                    self._serve(data)
                case RestartStream():
                    self._to_client.restart()
                case CloseConnection():
                    self._is_open = False
                    self._from_server(self.server.received(self._connection, Disconnected(clean=True)))
                case StartTls():
                    self._to_client, self._to_server = StreamReader(), StreamReader()
                    self._from_server(self.server.received(self._connection, HANDSHAKE))
                    self._carry(self.client.received(HANDSHAKE))

    def _open(self, tls: TlsStarted | None) -> None:
        self._connection += 1
        self._is_open = True
        self._to_client, self._to_server = StreamReader(), StreamReader()
        self._from_server(self.server.connected(self._connection, Connected(tls=tls)))
        self._carry(self.client.received(Connected(tls=tls)))

    def _serve(self, data: bytes) -> None:
        self._to_server.push(data)
        while (event := self._to_server.next_event()) is not None:
            self._from_server(self.server.received(self._connection, event))

    def _from_server(self, directed: Sequence[Directed]) -> None:
        for one in directed:
            if one.connection != self._connection:
                continue
            match one.effect:
                case Send(data=data):
                    self._to_client.push(data)
                    while self._is_open and (event := self._to_client.next_event()) is not None:
                        self._carry(self.client.received(event))
                case RestartStream():
                    self._to_server.restart()
                case CloseConnection() if self._is_open:
                    self._is_open = False
                    self._carry(self.client.received(Disconnected(clean=True)))
