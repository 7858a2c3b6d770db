"""The reference server as a pure object: events in, effects out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from lxml import etree

from harness.faults.fuzzing import RAW_FAULTS
from harness.faults.planted import PlantedFaults
from harness.faults.tables import NEGOTIATION_FAULTS, SESSION_FAULTS
from harness.negotiation.policy import BindRefused, Bound, Ended, Resumed
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.server import negotiate
from harness.negotiation.stream import CONDITIONS, stream_error
from harness.reference import directory, presence, publishing, registration, resumption, stream_management
from harness.reference.accounts import Accounts
from harness.reference.addresses import prepare_resourcepart
from harness.reference.admission import Negotiation, policy_of
from harness.reference.gateway import Gateway
from harness.reference.host import Host
from harness.reference.muc.service import RoomService
from harness.reference.routing import Router, Service, receive
from harness.reference.sessions import Session
from harness.reference.settings import Feature, Settings
from harness.reference.spoilers import with_lost_prefixes
from harness.reference.stanzas import IQ, MESSAGE, copied, is_request
from harness.wire.effects import CloseConnection, Directed, Effect, Send
from harness.wire.events import (
    Connected,
    Disconnected,
    ElementReceived,
    Event,
    Rule,
    StreamEnded,
    StreamOpened,
    TlsStarted,
    Violation,
    Whitespace,
)
from harness.wire.writer import serialize, stream_footer
from harness.xmpp.elements import build
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import BIND, CLIENT, STREAM, STREAM_MANAGEMENT, Name

_TOO_BIG = Name("urn:xmpp:errors", "stanza-too-big")
_TOO_SMALL = 8192  # octets; less than RFC 6120, 13.12 has it
_STREAM_ERROR = Name(STREAM, "error")


def _ignore(_: str) -> None:
    """There is no log."""


@dataclass(kw_only=True, slots=True)
class Link:
    """One TCP connection: its negotiation, then its session, and whether it is over."""

    negotiation: Negotiation | None = None
    session: Session | None = None
    is_over: bool = False


class ReferenceServer:
    """A strict server in memory, never for production.

    `clock` gives POSIX seconds; `fresh` gives a text that it never gave before, without spaces and
    commas; `complain` takes what belongs into a log. Raises `UsageError` for an unknown fault.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float],
        fresh: Callable[[], str],
        complain: Callable[[str], None] = _ignore,
    ) -> None:
        others = NEGOTIATION_FAULTS.keys() | RAW_FAULTS
        faults = PlantedFaults(settings.faults - others, SESSION_FAULTS)
        self._host = Host(settings, faults, clock, fresh)
        self._host.route = Router(self._host, _services(settings))
        self._host.end = self._end
        self._host.complain = complain
        self._policy = policy_of(settings)
        self._salted = SaltedPasswords()
        self._links: dict[int, Link] = {}

    @property
    def accounts(self) -> Accounts:
        """The accounts, for those who make and remove them past the protocol."""
        return self._host.accounts

    def connected(self, connection: int, event: Connected) -> list[Directed]:
        """A connection has been accepted."""
        link = self._links[connection] = Link()
        link.negotiation = self._negotiation(connection, event.tls)
        self._go_on(connection, link, link.negotiation.start())
        return self._drain()

    def received(self, connection: int, event: Event) -> list[Directed]:
        """Something happened on a connection."""
        link = self._links[connection]
        if not link.is_over:
            self._take(connection, link, event)
        if isinstance(event, Disconnected):
            link.is_over = True
        for session in resumption.overdue(self._host):
            self._end(session)
        return self._drain()

    def bound_jid(self, connection: int) -> str:
        """The full JID that a connection has bound; empty before."""
        session = self._links[connection].session if connection in self._links else None
        return session.jid if session is not None else ""

    def counted(self, connection: int, number: int) -> None:
        """Stanzas that the script has taken are handled too (XEP-0198, 4)."""
        link = self._links.get(connection)
        if link is not None and link.session is not None and link.session.managed:
            link.session.handled += number

    def bind_directly(self, connection: int, username: str, resource: str) -> str:
        """Bind a resource for a client that was let in without our negotiation; gives the full JID."""
        link = self._links.setdefault(connection, Link())
        return self._bind(link, connection, username, resource).jid

    # --- before binding ---------------------------------------------------------------------------

    def _negotiation(self, connection: int, tls: TlsStarted | None) -> Negotiation:
        protocol = negotiate(
            self._policy,
            self._host.accounts,
            self._host.fresh,
            bind_resource=self._choose_resource,
            register=self._register,
            tls=tls,
            salted=self._salted,
            resume=self._resume if self._host.settings.has(Feature.STREAM_MANAGEMENT) else None,
        )
        return Negotiation(protocol=protocol, emit=lambda effect: self._effect(connection, effect))

    def _take(self, connection: int, link: Link, event: Event) -> None:
        if link.session is not None:
            self._bound(link.session, event)
        elif self._is_early_request(event):
            answer = build(IQ, {"type": "result", "id": event.attributes.get("id", "")})
            self._effect(connection, Send(data=serialize(answer)))
        elif self._is_early_message(event):
            self._host.route(copied(event.tree, sender=event.attributes.get("from", self._host.domain)))
        elif link.negotiation is not None:
            self._go_on(connection, link, link.negotiation.take(event))

    def _is_early_request(self, event: Event) -> TypeGuard[ElementReceived]:
        if not self._host.faults.has("request-before-login-answered") or not isinstance(
            event, ElementReceived
        ):
            return False
        is_request = event.attributes.get("type") in ("get", "set")
        return is_request and not any(BIND in str(child.tag) for child in event.tree)

    def _is_early_message(self, event: Event) -> TypeGuard[ElementReceived]:
        if not self._host.faults.has("message-before-login-delivered"):
            return False
        return isinstance(event, ElementReceived) and event.name == MESSAGE

    def _go_on(self, connection: int, link: Link, outcome: Bound | Ended | None) -> None:
        if isinstance(outcome, Bound) and outcome.resumption is not None:
            self._go_on_with(link, connection, outcome.jid, outcome.resumption)
        elif isinstance(outcome, Bound):
            self._bind(link, connection, outcome.username, outcome.resource)
        elif isinstance(outcome, Ended):
            link.is_over = True

    def _choose_resource(self, username: str, wanted: str | None) -> str | BindRefused:
        """The wanted resource; an older session that has it makes way (RFC 6120, 7.7.2.2)."""
        if wanted is None:
            return self._host.fresh()
        resource = prepare_resourcepart(wanted)
        if resource is None and self._host.faults.has("resource-bound-as-it-stands"):
            return wanted
        if resource is not None and self._host.faults.has("resource-bound-unprepared"):
            resource = wanted
        if resource is None:
            return BindRefused(condition="bad-request")
        older = self._host.sessions.at(f"{username}@{self._host.domain}/{resource}")
        if older is not None and self._policy.has("bind-conflict-ends-stream"):
            return BindRefused(condition="conflict")
        if older is not None:
            self._host.close(older, "conflict")
        return resource

    def _register(self, stanza: "etree._Element") -> bytes:
        return registration.before_login(self._host, stanza)

    def _resume(self, username: str, request: "etree._Element") -> Resumed | bytes:
        return resumption.asked(self._host, username, request)

    def _go_on_with(self, link: Link, connection: int, jid: str, request: "etree._Element") -> None:
        """A session moves to a new connection; the old one, if it is still there, ends."""
        session = self._host.sessions.at(jid)
        assert session is not None, "a session that is resumed is there"
        if not session.is_away and not self._host.faults.has("resumption-keeps-old-stream"):
            self._host.write(session, stream_error("conflict"))
            self._effect(session.connection, CloseConnection())
        self._links[session.connection].is_over = True
        session.connection, link.session = connection, session
        resumption.go_on(self._host, session, request)

    def _bind(self, link: Link, connection: int, username: str, resource: str) -> Session:
        account = self._host.accounts[username]
        if self._host.faults.has("one-resource-at-a-time"):
            for older in self._host.sessions.of(self._host.bare_jid(account)):
                self._host.close(older, "conflict")
        address = Jid(account.username, self._host.domain, resource)
        session = link.session = Session(connection=connection, address=address, account=account)
        self._host.sessions.add(session)
        return session

    # --- after binding ----------------------------------------------------------------------------

    def _bound(self, session: Session, event: Event) -> None:
        match event:
            case ElementReceived():
                self._element(session, event)
            case StreamEnded() if self._host.faults.has("closed-session-kept"):
                resumption.wait(self._host, session)
            case StreamEnded():
                if not self._host.faults.has("bound-close-unanswered"):
                    self._host.write(session, stream_footer())
                self._effect(session.connection, CloseConnection())
                self._end(session)
            case Violation():
                self._violated(session, event)
            case StreamOpened():
                self._host.close(session, "bad-format")
            case Disconnected():
                if not resumption.wait(self._host, session):
                    self._end(session)
            case Whitespace() if self._host.faults.has("bound-whitespace-refused"):
                self._host.close(session, "policy-violation")
            case Whitespace() if self._host.faults.has("whitespace-counted"):
                stream_management.count(self._host, session)
            case _:
                pass  # white space keeps the connection alive (RFC 6120, 4.6.1)

    def _element(self, session: Session, event: ElementReceived) -> None:
        if event.name == _STREAM_ERROR:
            self._leave(session)  # RFC 6120, 4.9.1.1
        elif len(event.raw) > self._limit:
            self._host.close(session, "policy-violation", build(_TOO_BIG))
        elif self._host.faults.has("prefixed-stanza-wrong-condition") and _has_prefix(event.raw):
            self._host.close(session, "undefined-condition")
        else:
            self._stanza(session, event)

    def _leave(self, session: Session) -> None:
        if not self._host.faults.has("bound-peer-error-ignored"):
            self._host.write(session, stream_footer())
            self._effect(session.connection, CloseConnection())
            self._end(session)

    @property
    def _limit(self) -> int:
        is_small = self._host.faults.has("size-limit-too-low")
        return _TOO_SMALL if is_small else self._host.settings.limits.stanza

    def _stanza(self, session: Session, event: ElementReceived) -> None:
        if event.name.namespace == STREAM_MANAGEMENT and stream_management.take(
            self._host, session, event.tree
        ):
            return
        if event.name.namespace == CLIENT:
            stream_management.count(self._host, session)
        is_losing = event.name == MESSAGE and self._host.faults.has("header-prefix-lost")
        element = with_lost_prefixes(event) if is_losing else event.tree
        if self._host.faults.has("request-overtaken"):
            self._overtaking(session, element)
        else:
            receive(self._host, session, element)

    def _overtaking(self, session: Session, element: "etree._Element") -> None:
        """Let a request wait for what comes next."""
        waiting, session.waiting = session.waiting, None
        if waiting is None and is_request(element):
            session.waiting = element
            return
        receive(self._host, session, element)
        if waiting is not None:
            receive(self._host, session, waiting)

    def _violated(self, session: Session, violation: Violation) -> None:
        condition = CONDITIONS[violation.rule]
        is_tolerated = not violation.fatal and self._host.faults.has("bound-bad-xml-tolerated")
        if condition is not None and not is_tolerated:
            if self._host.faults.has("violation-locks-account"):
                session.account.is_locked = True
            application = build(_TOO_BIG) if violation.rule is Rule.TOO_LARGE else None
            self._host.close(session, condition, application)

    def _end(self, session: Session) -> None:
        """A session is over, however that came about."""
        link = self._links[session.connection]
        if link.is_over and not session.is_away:
            return
        link.is_over = True
        session.left = None
        self._host.sessions.remove(session)
        presence.disconnect(self._host, session)
        stream_management.give_back(self._host, session)
        resumption.forget(self._host, session)
        if self._host.faults.has("block-ends-with-session"):
            session.account.blocked = []

    # --- effects ----------------------------------------------------------------------------------

    def _effect(self, connection: int, effect: Effect) -> None:
        self._host.outbox.append(Directed(connection=connection, effect=effect))

    def _drain(self) -> list[Directed]:
        effects = list(self._host.outbox)
        self._host.outbox.clear()
        return effects


def _has_prefix(element: bytes) -> bool:
    return b":" in element[: element.find(b">")].split()[0]


def _services(settings: Settings) -> Mapping[str, Service]:
    services: tuple[tuple[Feature, str, Service], ...] = (
        (Feature.MUC, settings.muc_domain, RoomService()),
        (Feature.GATEWAY, settings.gateway_domain, Gateway()),
        (Feature.PUBSUB, settings.pubsub_domain, publishing.serve),
        (Feature.DIRECTORY, settings.directory_domain, directory.receive),
    )
    return {domain: service for feature, domain, service in services if settings.has(feature)}
