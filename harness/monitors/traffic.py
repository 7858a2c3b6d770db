"""What follows from the traffic of a case: who is authenticated as whom, and who has sent what.

Everything is derived from the bytes in both directions, so that a monitor never has to believe what the
harness thinks it did.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from harness.monitors.addresses import folded
from harness.monitors.observed import Context, Direction, Observed
from harness.monitors.stanzas import IQ_REPLIES, child, has_child, is_stanza, type_of
from harness.results.verdicts import Perspective
from harness.wire.events import (
    Connected,
    Disconnected,
    ElementReceived,
    StreamEnded,
    StreamOpened,
    TlsStarted,
    Violation,
)
from harness.xmpp.namespaces import AUTH, BIND, SASL, STREAM, STREAM_MANAGEMENT, TLS, Name

SASL2 = "urn:xmpp:sasl:2"


class Phase(Enum):
    """What is being negotiated; white space is barred meanwhile (RFC 6120, 5.3.3 and 6.3.5)."""

    NONE = "none"
    TLS = "tls"
    SASL = "sasl"


@dataclass(kw_only=True, slots=True)
class Link:
    """One connection as far as it has got. `jid` is the full JID once it is known, otherwise empty."""

    number: int
    actor: str
    is_secured: bool = False
    is_authenticated: bool = False
    is_resumed: bool = False
    has_restarted: bool = False  # a stream was opened by the target after authentication
    jid: str = ""
    phase: Phase = Phase.NONE
    headers: dict[Direction, StreamOpened] = field(default_factory=dict)
    ended: set[Direction] = field(default_factory=set)
    unreadable: set[Direction] = field(default_factory=set)
    is_disconnected: bool = False
    dropped_by: Direction | None = None  # who ended the connection first
    had_error: bool = False
    is_shaking_hands: bool = False  # what comes between proceed and TLS is no XML
    logins: dict[str, str] = field(default_factory=dict)
    binds: set[str] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        """Whether stanzas can still come."""
        return not (self.ended or self.unreadable or self.is_disconnected or self.had_error)

    @property
    def is_legible(self) -> bool:
        """Whether everything we sent could be read, so that it is known what may be answered."""
        return Direction.SENT not in self.unreadable


@dataclass(frozen=True, kw_only=True, slots=True)
class SentStanza:
    """A stanza of ours. `sender` is the full JID of its connection at that time, or empty."""

    link: Link
    observed: Observed
    element: ElementReceived
    sender: str
    order: int  # among all sent stanzas of the case

    @property
    def to(self) -> str:
        """The address it was sent to, or the empty string."""
        return self.element.attributes.get("to", "")


class Traffic:
    """Everything so far. `note` is called with each event before the monitors hear of it."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.links: dict[int, Link] = {}
        self._count = 0
        self._sent: dict[tuple[str, str | None], list[SentStanza]] = {}
        self._resumable: dict[str, str] = {}
        self._from_server = (
            Direction.SENT if context.perspective is Perspective.SERVER else Direction.RECEIVED
        )

    def link(self, observed: Observed) -> Link:
        """The connection of an event. An actor has one at a time, so a new one ends the one before."""
        if observed.connection not in self.links:
            for other in self.links.values():
                other.is_disconnected |= other.actor == observed.actor
            self.links[observed.connection] = Link(number=observed.connection, actor=observed.actor)
        return self.links[observed.connection]

    def account(self, link: Link) -> str:
        """The address of a connection: its full JID, else the bare JID of its actor, else empty."""
        return link.jid or self.context.accounts.get(link.actor, "")

    def is_own_domain(self, address: str) -> bool:
        """Whether an address is that of the server itself."""
        return folded(address) == folded(self.context.domain)

    def sent(self, kind: str, identity: str | None) -> list[SentStanza]:
        """What any actor has sent of a stanza kind with an id; None: without id."""
        return self._sent.get((kind, identity), [])

    def all_sent(self, kind: str) -> Iterator[SentStanza]:
        """What any actor has sent of a stanza kind."""
        return (one for (of, _), those in self._sent.items() if of == kind for one in those)

    def is_relayed(self, stanza: ElementReceived) -> bool:
        """Whether some actor may have written this stanza, so that its shape is no fault of the target."""
        identity, kind = stanza.attributes.get("id"), stanza.name.local
        # An empty id may get lost on the way.
        sent = self.sent(kind, identity) if identity else [*self.sent(kind, None), *self.sent(kind, "")]
        return any(_known_type(one.element) == _known_type(stanza) for one in sent)

    def note(self, observed: Observed) -> None:
        """Take an event in."""
        link = self.link(observed)
        match observed.event:
            case ElementReceived() as element:
                self._element(link, observed, element)
            case StreamOpened() as header:
                link.headers[observed.direction] = header
                link.ended.discard(observed.direction)
                link.has_restarted |= link.is_authenticated and observed.direction is Direction.RECEIVED
            case StreamEnded():
                link.ended.add(observed.direction)
            case Violation(fatal=True):
                link.unreadable.add(observed.direction)
            case TlsStarted() | Connected(tls=TlsStarted()):
                link.is_secured, link.phase, link.is_shaking_hands = True, Phase.NONE, False
            case Disconnected():
                link.is_disconnected = True
                link.dropped_by = link.dropped_by or observed.direction
            case _:
                pass

    def _element(self, link: Link, observed: Observed, element: ElementReceived) -> None:
        if is_stanza(element):
            if observed.direction is Direction.SENT:
                self._keep(link, observed, element)
            if element.name.local == "iq":
                self._iq(link, observed.direction is self._from_server, element)
        elif observed.direction is self._from_server:
            _SERVER_NONZAS.get(element.name, _nothing)(self, link, element)
        else:
            _CLIENT_NONZAS.get(element.name, _nothing)(self, link, element)

    def _keep(self, link: Link, observed: Observed, element: ElementReceived) -> None:
        key = (element.name.local, element.attributes.get("id"))
        self._count += 1
        stanza = SentStanza(link=link, observed=observed, element=element, sender=link.jid, order=self._count)
        self._sent.setdefault(key, []).append(stanza)

    def _iq(self, link: Link, is_from_server: bool, element: ElementReceived) -> None:
        identity = element.attributes.get("id", "")
        if not is_from_server and type_of(element) == "set":
            if has_child(element, BIND, "bind"):
                link.binds.add(identity)
            elif has_child(element, AUTH, "query"):
                link.logins[identity] = self._login(element)
        elif is_from_server and type_of(element) in IQ_REPLIES:
            login = link.logins.pop(identity, None)
            if login is not None and type_of(element) == "result":
                link.is_authenticated, link.jid = True, login
            elif identity in link.binds and type_of(element) == "result":
                link.jid = bound_jid(element) or link.jid

    def _login(self, element: ElementReceived) -> str:
        """The address that a login by jabber:iq:auth asks for (XEP-0078, 3.1)."""
        query = child(element.tree, AUTH, "query")
        fields = {} if query is None else {str(one.tag): (one.text or "").strip() for one in query}
        name, resource = (fields.get(f"{{{AUTH}}}{word}", "") for word in ("username", "resource"))
        return f"{name}@{self.context.domain}/{resource}" if name and resource else ""

    def _succeeded(self, link: Link, element: ElementReceived) -> None:
        link.is_authenticated, link.phase = True, Phase.NONE
        address = element.tree.findtext(f"{{{SASL2}}}authorization-identifier") or ""
        link.jid = address.strip() if "/" in address else link.jid

    def _resumed(self, link: Link, element: ElementReceived) -> None:
        link.is_resumed = True
        link.jid = self._resumable.get(element.attributes.get("previd", ""), "")

    def _enabled(self, link: Link, element: ElementReceived) -> None:
        self._resumable[element.attributes.get("id", "")] = link.jid

    def _idle(self, link: Link, element: ElementReceived) -> None:
        link.phase = Phase.NONE

    def _securing(self, link: Link, element: ElementReceived) -> None:
        link.phase = Phase.TLS

    def _proceeding(self, link: Link, element: ElementReceived) -> None:
        link.is_shaking_hands = True

    def _authenticating(self, link: Link, element: ElementReceived) -> None:
        link.phase = Phase.SASL

    def _failed(self, link: Link, element: ElementReceived) -> None:
        link.had_error = True


def bound_jid(element: ElementReceived) -> str:
    """The address in the result of a bind, or the empty string."""
    return (element.tree.findtext(f"{{{BIND}}}bind/{{{BIND}}}jid") or "").strip()


def _nothing(traffic: Traffic, link: Link, element: ElementReceived) -> None:
    """Most nonzas change nothing."""


_Step = Callable[[Traffic, Link, ElementReceived], None]
_SERVER_NONZAS: dict[Name, _Step] = {
    Name(SASL, "success"): Traffic._succeeded,
    Name(SASL2, "success"): Traffic._succeeded,
    Name(SASL, "failure"): Traffic._idle,
    Name(SASL2, "failure"): Traffic._idle,
    Name(TLS, "failure"): Traffic._idle,
    Name(TLS, "proceed"): Traffic._proceeding,
    Name(STREAM_MANAGEMENT, "resumed"): Traffic._resumed,
    Name(STREAM_MANAGEMENT, "enabled"): Traffic._enabled,
    Name(STREAM, "error"): Traffic._failed,
}
_CLIENT_NONZAS: dict[Name, _Step] = {
    Name(TLS, "starttls"): Traffic._securing,
    Name(SASL, "auth"): Traffic._authenticating,
    Name(SASL2, "authenticate"): Traffic._authenticating,
    Name(STREAM, "error"): Traffic._failed,
}


_MESSAGE_TYPES = frozenset({"chat", "error", "groupchat", "headline", "normal"})


def _known_type(stanza: ElementReceived) -> str:
    """A message of an unknown type is a normal one, and may become one on its way (RFC 6121, 5.2.2)."""
    found = type_of(stanza)
    is_unknown = stanza.name.local == "message" and found not in _MESSAGE_TYPES
    return "normal" if is_unknown else found
