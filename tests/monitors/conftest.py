"""Conversations written down, and what the monitors say of them."""

from collections.abc import Callable

import pytest

from harness.monitors.monitor import Breach, Memory
from harness.monitors.observed import Context, Direction, Observed
from harness.monitors.watch import Report, watch
from harness.results.verdicts import Perspective
from harness.wire.events import Disconnected, Event, TlsStarted
from harness.wire.reader import StreamReader

DOMAIN = "im.example.com"
HEADER = (
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'{}>"
)
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"


class Conversation:
    """Text in both directions; each actor has one connection at a time."""

    def __init__(self, perspective: Perspective = Perspective.CLIENT) -> None:
        self.perspective = perspective
        self.observed: list[Observed] = []
        self._readers: dict[tuple[int, Direction], StreamReader] = {}
        self._connections: dict[str, int] = {}
        self._ids = 0

    def sent(self, actor: str, *texts: str) -> "Conversation":
        return self._said(actor, Direction.SENT, texts)

    def received(self, actor: str, *texts: str) -> "Conversation":
        return self._said(actor, Direction.RECEIVED, texts)

    def happened(self, actor: str, event: Event) -> "Conversation":
        self._note(actor, Direction.RECEIVED, event)
        return self

    def gone(self, actor: str, *, clean: bool = True) -> "Conversation":
        self.happened(actor, Disconnected(clean=clean))
        return self.dropped(actor)

    def cut_off(self, actor: str) -> "Conversation":
        """We close the connection, and then hear of its end."""
        self._note(actor, Direction.SENT, Disconnected(clean=True))
        return self.gone(actor)

    def dropped(self, actor: str) -> "Conversation":
        """We close the connection, which is no event."""
        self._connections.pop(actor)
        return self

    def opened(
        self, actor: str, ours: str = "", theirs: str | None = None, features: str = ""
    ) -> "Conversation":
        """A stream header each way, and features."""
        self._ids += 1
        if theirs is None:
            theirs = f" id='stream-{self._ids}' from='{DOMAIN}' xml:lang='en'"
        self.sent(actor, "<?xml version='1.0'?>" + HEADER.format(f" to='{DOMAIN}'{ours}"))
        self.received(actor, "<?xml version='1.0'?>" + HEADER.format(theirs))
        return self.received(actor, f"<stream:features>{features}</stream:features>")

    def logged_in(self, actor: str, resource: str = "here") -> "Conversation":
        """Everything up to the bound resource."""
        mechanisms = f"<mechanisms {SASL}><mechanism>PLAIN</mechanism></mechanisms>"
        self.opened(actor, features=mechanisms)
        self.sent(actor, f"<auth {SASL} mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>")
        self.received(actor, f"<success {SASL}/>")
        self.opened(actor, features=f"<bind {BIND}/>")
        full = f"{self.account(actor)}/{resource}"
        self.sent(actor, f"<iq type='set' id='bind'><bind {BIND}><resource>{resource}</resource></bind></iq>")
        bound = f"<iq type='result' id='bind'><bind {BIND}><jid>{full}</jid></bind></iq>"
        return self.received(actor, bound)

    def account(self, actor: str) -> str:
        return f"{actor.split()[0].lower()}@{DOMAIN}"

    def reports(
        self, *, fenced: frozenset[str] = frozenset(), memory: Memory | None = None
    ) -> tuple[Report, ...]:
        accounts = {one.actor: self.account(one.actor) for one in self.observed}
        context = Context(domain=DOMAIN, perspective=self.perspective, accounts=accounts, fenced=fenced)
        return watch(self.observed, context, memory or Memory())

    def breaches(self, **options: object) -> list[Breach]:
        return [one for report in self.reports(**options) for one in report.breaches]  # type: ignore[arg-type]

    def blamed(self, **options: object) -> set[tuple[str, str]]:
        """Monitor and requirement of each breach."""
        return {
            (report.monitor.name, one.requirement)
            for report in self.reports(**options)  # type: ignore[arg-type]
            for one in report.breaches
        }

    def _said(self, actor: str, direction: Direction, texts: tuple[str, ...]) -> "Conversation":
        for text in texts:
            for event in self._reader(actor, direction, text).feed(text.encode("utf-8", "surrogateescape")):
                self._note(actor, direction, event)
        return self

    def _reader(self, actor: str, direction: Direction, text: str) -> StreamReader:
        key = (self._connection(actor), direction)
        if text.startswith(("<?xml", "<stream:stream")) or key not in self._readers:
            self._readers[key] = StreamReader()
        return self._readers[key]

    def _connection(self, actor: str) -> int:
        return self._connections.setdefault(actor, len({one.connection for one in self.observed}) + 1)

    def _note(self, actor: str, direction: Direction, event: Event) -> None:
        self.observed.append(
            Observed(
                at=len(self.observed) / 100,
                actor=actor,
                connection=self._connection(actor),
                direction=direction,
                event=event,
            )
        )


@pytest.fixture
def conversation() -> Conversation:
    """The target is a server."""
    return Conversation()


@pytest.fixture
def with_client() -> Conversation:
    """The target is a client; what it sends is received."""
    return Conversation(Perspective.SERVER)


@pytest.fixture
def secured() -> Callable[[Conversation, str], None]:
    def secure(conversation: Conversation, actor: str) -> None:
        conversation.happened(actor, TlsStarted(version="TLSv1.3", cipher="any"))

    return secure
