"""The reference server as a pure object: events in, effects out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.reference import presence
from harness.reference.addresses import Address
from harness.reference.fault_tables import FAULTS
from harness.reference.faults import Faults
from harness.reference.host import Host
from harness.reference.routing import Router, Service, receive
from harness.reference.sessions import Session
from harness.reference.settings import Settings
from harness.wire.effects import CloseConnection, Directed, Effect
from harness.wire.events import Connected, Disconnected, ElementReceived, Event, Rule, StreamEnded, Violation
from harness.wire.writer import stream_footer

#: RFC 6120, 4.9.3 and 11: the stream error that answers what breaks a rule of the stream.
_CONDITIONS: Mapping[Rule, str] = {
    Rule.NOT_WELL_FORMED: "not-well-formed",
    Rule.BAD_NAMESPACE: "bad-namespace-prefix",
    Rule.BAD_ENCODING: "unsupported-encoding",
    Rule.RESTRICTED_XML: "restricted-xml",
    Rule.TEXT_BETWEEN_STANZAS: "bad-format",
    Rule.TOO_LARGE: "policy-violation",
    Rule.TOO_DEEP: "policy-violation",
}


@dataclass(kw_only=True, slots=True)
class Link:
    """One TCP connection: who is bound on it, and whether it is over."""

    session: Session | None = None
    is_over: bool = False


class ReferenceServer:
    """A strict server in memory, never for production.

    `clock` gives POSIX seconds; `fresh` gives a text that it never gave before, also unpredictable if
    the caller wants stream ids to be so. Raises `UsageError` for an unknown fault.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], float], fresh: Callable[[], str]) -> None:
        self._host = Host(settings, Faults(settings.faults, FAULTS), clock, fresh)
        self._host.route = Router(self._host, _services(settings))
        self._host.end = self._end
        self._links: dict[int, Link] = {}

    def connected(self, connection: int, event: Connected) -> list[Directed]:
        """A connection has been accepted."""
        self._links[connection] = Link()
        return self._drain()

    def received(self, connection: int, event: Event) -> list[Directed]:
        """Something happened on a connection."""
        link = self._links[connection]
        if not link.is_over and link.session is not None:
            self._bound(link, link.session, event)
        if isinstance(event, Disconnected):
            link.is_over = True
        return self._drain()

    def bind_directly(self, connection: int, username: str, resource: str) -> str:
        """Bind a resource without any negotiation, for tests; gives the full JID."""
        link = self._links.setdefault(connection, Link())
        return self._bind(link, connection, username, resource).jid

    def _bind(self, link: Link, connection: int, username: str, resource: str) -> Session:
        account = self._host.accounts[username]
        address = Address(account.username, self._host.domain, resource)
        session = link.session = Session(connection=connection, address=address, account=account)
        self._host.sessions.add(session)
        return session

    def _bound(self, link: Link, session: Session, event: Event) -> None:
        if isinstance(event, ElementReceived):
            self._element(session, event)
        elif isinstance(event, StreamEnded):
            self._host.write(session, stream_footer())
            self._effect(session.connection, CloseConnection())
            self._end(session)
        elif isinstance(event, Violation) and event.rule in _CONDITIONS:
            self._host.close(session, _CONDITIONS[event.rule])
        elif isinstance(event, Disconnected):
            self._end(session)

    def _element(self, session: Session, event: ElementReceived) -> None:
        if len(event.raw) > self._host.settings.limits.stanza:
            self._host.close(session, "policy-violation")
        else:
            receive(self._host, session, event.tree)

    def _end(self, session: Session) -> None:
        """A session is over, however that came about."""
        link = self._links[session.connection]
        if link.is_over:
            return
        link.is_over = True
        self._host.sessions.remove(session)
        presence.disconnect(self._host, session)

    def _effect(self, connection: int, effect: Effect) -> None:
        self._host.outbox.append(Directed(connection=connection, effect=effect))

    def _drain(self) -> list[Directed]:
        effects = list(self._host.outbox)
        self._host.outbox.clear()
        return effects


def _services(settings: Settings) -> Mapping[str, Service]:
    return {}
