"""Iq requests that the server itself answers, and the tables by which they find their handler."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from harness.reference.accounts import Account
from harness.reference.host import Host
from harness.reference.sessions import Session
from harness.reference.stanzas import Answer, Element, Refused, kind_of, type_of
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import Name


class Scope(Enum):
    """Whom a request is addressed to, seen from its sender."""

    OWN = "own account"  # no `to`, or the own bare JID
    SERVER = "server"
    OTHER = "other account"  # another bare JID of this domain, whether or not it exists


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One iq request. `account` is the one asked about: the sender's own, the other, or None."""

    stanza: Element
    payload: Element
    scope: Scope
    session: Session
    account: Account | None

    @property
    def sender(self) -> Jid:
        """The full JID of who asks."""
        return self.session.address

    @property
    def own(self) -> Account:
        """The account of who asks."""
        return self.session.account

    @property
    def subject(self) -> Account:
        """The account asked about; that of who asks where it is none other."""
        return self.account or self.own


Handler = Callable[[Host, Request], Answer]
Handlers = Mapping[tuple[Scope, str, Name], Handler]


def in_scopes(scopes: Iterable[Scope], type: str, name: Name, handler: Handler) -> Handlers:
    """The same handler in several scopes."""
    return {(scope, type, name): handler for scope in scopes}


def handle(handlers: Handlers, host: Host, request: Request) -> Answer:
    """Find the handler by scope, type and payload; an unknown payload is refused (RFC 6120, 8.4).

    What only the owner may do is refused to others as forbidden, or as service-unavailable where
    there is no such account (RFC 6121, 8.5.1).
    """
    type, name = type_of(request.stanza), kind_of(request.payload)
    handler = handlers.get((request.scope, type, name))
    if handler is not None:
        return handler(host, request)
    if host.faults.has("requests-for-others-accepted") and (Scope.OWN, type, name) in handlers:
        return handlers[(Scope.OWN, type, name)](host, request)
    if host.faults.has("element-names-ignored"):
        for scope, kind, known in handlers:
            if (scope, kind, known.namespace) == (request.scope, type, name.namespace):
                return handlers[scope, kind, known](host, request)
    is_private = request.scope is Scope.OTHER and (Scope.OWN, type, name) in handlers
    if is_private and host.faults.has("private-requests-open"):
        return handlers[Scope.OWN, type, name](host, request)
    if is_private and request.account is not None:
        return Refused(condition="forbidden")
    if host.faults.has("unknown-payload-item-not-found"):
        return Refused(condition="item-not-found")
    return Refused(condition="service-unavailable")
