"""A hosted play with a client that a test writes by hand: what it sends, what it reports, what it gets."""

import itertools
from collections.abc import Sequence
from textwrap import dedent

from harness.play.acts import Outcome
from harness.play.cast import first_scope
from harness.play.hosted import Fence, HostedPlay
from harness.play.hosted_steps import HOSTED_STEPS
from harness.proof.memory import counting, memory_cast
from harness.reference.admission import settings_on
from harness.reference.server import ReferenceServer
from harness.transcript.parser import parse
from harness.transcript.terms import terms_of
from harness.wire.driver import COMMANDS, Report
from harness.wire.effects import CloseConnection, Directed, RestartStream, Send, StartTls
from harness.wire.events import Connected, Disconnected, Event, TlsStarted
from harness.wire.reader import StreamReader

HEADER = (
    "<stream:stream to='{domain}' version='1.0' xmlns='jabber:client' xml:lang='en'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)
TLS = TlsStarted(version="TLSv1.2", cipher="memory", bindings={"tls-unique": b"x"})
ALL = frozenset(COMMANDS)


def script(steps: str, *headers: str) -> str:
    lines = dedent(steps).strip("\n").replace("    ", "\t")
    head = ["# A title", "## covers: rfc6121-roster-push", "## tests: client", *headers]
    return "\n".join([*head, "", "[Client] Romeo", "", "---------", "", lines, ""])


class Hosting:
    """One actor's client. `got` is all that it was sent, `told` the commands that its driver was given."""

    def __init__(
        self,
        steps: str,
        *headers: str,
        commands: frozenset[str] = ALL,
        fence: Fence = Fence.PING,
    ) -> None:
        transcript = parse(script(steps, *headers), "script.scs")
        fresh = counting()
        cast = memory_cast(transcript, fresh)
        terms = terms_of(transcript)
        self.account = cast.accounts["Romeo"]
        accounts = {one.username: one.password for one in cast.accounts.values()}
        clock = itertools.count()
        self.play = HostedPlay(
            transcript,
            cast,
            ReferenceServer(
                settings_on(terms, cast.domain, accounts),
                clock=lambda: float(next(clock)),
                fresh=lambda: fresh("made"),
            ),
            scope=first_scope(transcript, cast, fresh),
            fresh=fresh,
            identify=lambda number: "Romeo",
            steps=HOSTED_STEPS,
            commands={"Romeo": commands},
            fence=fence,
        )
        self.got = ""
        self.is_closed = False
        self.must_start_tls = False
        self._number = 0
        self._reader = StreamReader()
        self._carry_out(self.play.begin())

    @property
    def told(self) -> list[str]:
        """The commands that the driver was given, and is given no more."""
        said = [" ".join((one.name, *filter(None, one.fields))) for _, one in self.play.told]
        self.play.told.clear()
        return said

    @property
    def causes(self) -> list[str]:
        return [one.cause for one in self.outcome.problems]

    @property
    def outcome(self) -> Outcome:
        return self.play.outcome()

    def connect(self, tls: TlsStarted | None = None) -> "Hosting":
        self._number += 1
        self._reader = StreamReader()
        self.is_closed = False
        self._carry_out(self.play.connected(self._number, Connected(tls=tls)))
        return self

    def send(self, text: str) -> "Hosting":
        """Send; `{domain}` and `{jid}` are filled in."""
        filled = text.replace("{domain}", self.account.domain).replace("{jid}", self.account.jid)
        self._reader.push(filled.encode())
        while (event := self._reader.next_event()) is not None:
            self.tell(event)
        return self

    def tell(self, event: Event) -> "Hosting":
        self._carry_out(self.play.received(self._number, event))
        return self

    def hang_up(self) -> "Hosting":
        return self.tell(Disconnected(clean=True))

    def report(self, event: str, **values: object) -> "Hosting":
        self._carry_out(self.play.reported("Romeo", Report(event=event, values=values)))
        return self

    def end(self, how: str = "") -> "Hosting":
        self._carry_out(self.play.exited("Romeo", how))
        return self

    def refuse(self) -> "Hosting":
        self._carry_out(self.play.refused("Romeo"))
        return self

    def silence(self, times: int = 1) -> "Hosting":
        for _ in range(times):
            self._carry_out(self.play.silence())
        return self

    def start_tls(self) -> "Hosting":
        assert self.must_start_tls
        self._reader = StreamReader()
        return self.tell(TLS)

    def secure(self) -> "Hosting":
        self.send(HEADER).send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        return self.start_tls()

    def log_in(self) -> "Hosting":
        """Connect in the clear, log in and bind; the driver says so."""
        self.connect().send(HEADER).authenticate().send(HEADER).bind()
        return self.report("connected", jid=f"{self.account.jid}/x")

    def authenticate(self) -> "Hosting":
        sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
        return self.send(f"<auth {sasl} mechanism='PLAIN'>{self.play.judge.scope[CREDENTIALS]}</auth>")

    def bind(self) -> "Hosting":
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind>"
        return self.send(f"<iq type='set' id='bind'>{bind}</iq>")

    def keep_up(self) -> "Hosting":
        """Answer pings as clients do, and refuse nonsense as drivers do, until nothing more is asked."""
        while "<ping" in self.got or any("fence-" in one.name for _, one in self.play.told):
            before, ping, rest = self.got.partition("<ping")
            for command in [one for one in self.told if one.startswith("fence-")]:
                self.report("refused", command=command, reason="unknown")
            if ping:
                identifier = before.rpartition("id='")[2].partition("'")[0]
                self.got = before + rest
                self.send(f"<iq type='result' id='{identifier}' to='{{domain}}'/>")
        return self

    def _carry_out(self, directed: Sequence[Directed]) -> None:
        for one in directed:
            if one.connection != self._number:
                continue
            match one.effect:
                case Send(data=data):
                    self.got += data.decode("utf-8", "backslashreplace").replace('"', "'")
                case StartTls():
                    self.must_start_tls = True
                case RestartStream():
                    self._reader.restart()
                case CloseConnection() if not self.is_closed:
                    self.is_closed = True
                    self._carry_out(self.play.received(self._number, Disconnected(clean=True)))


CREDENTIALS = "Romeo's credentials"
CLEAR: Sequence[str] = ("## server: tls none, mechanisms PLAIN", "## client: tls disabled")


def in_clear(steps: str, *, commands: frozenset[str] = ALL, fence: Fence = Fence.PING) -> Hosting:
    return Hosting(steps, *CLEAR, commands=commands, fence=fence)
