"""Where a stanza goes (RFC 6120, 10; RFC 6121, 8)."""

from collections.abc import Callable, Mapping

from harness.reference import iqs, messages, oddities, presence, subscriptions
from harness.reference.addresses import parse
from harness.reference.blocklists import is_blocked
from harness.reference.host import Host
from harness.reference.sessions import Session
from harness.reference.stanzas import (
    IQ,
    MESSAGE,
    PRESENCE,
    Element,
    Refused,
    copied,
    kind_of,
    type_of,
)
from harness.xmpp.elements import build
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import BLOCKING_ERRORS, STANZA_ERRORS, XML, Name

Service = Callable[[Host, Element, Jid], None]


def receive(host: Host, session: Session, element: Element) -> None:
    """Take a stanza from a client: check who it claims to be from, stamp it, send it on its way."""
    if host.faults.has("lookalike-routed") and kind_of(element).local == MESSAGE.local:
        element.tag = str(MESSAGE)
    if kind_of(element) not in (IQ, MESSAGE, PRESENCE):
        host.close(session, _condition_for_stranger(kind_of(element)))
        return
    if not _may_claim(host, session, element.get("from")):
        host.close(session, "invalid-from")
        return
    stanza = _stamped(host, session, element)
    if kind_of(stanza) == MESSAGE and host.faults.has("message-type-lost"):
        stanza = copied(stanza, type=None)
    if kind_of(stanza) == MESSAGE and host.faults.has("type-before-to-lost"):
        stanza = oddities.without_early_type(stanza)
    to = host.address(stanza.get("to", "")) if "to" in stanza.attrib else session.address.with_resource("")
    refused = _malformed(host) if to is None else _wrong_with(host, session, stanza)
    if refused is not None:
        host.refuse(_without_bad_address(stanza) if to is None else stanza, refused)
    elif kind_of(stanza) == PRESENCE and "to" not in stanza.attrib:
        presence.broadcast(host, session, stanza)
    elif to is not None:
        _dispatch(host, session, stanza, to)


class Router:
    """Routing for everything that has a `from` and a `to`; `services` are the other domains of the host."""

    def __init__(self, host: Host, services: Mapping[str, Service]) -> None:
        self._host = host
        self._services = services

    def __call__(self, stanza: Element) -> None:
        """Bring a stanza to whom it is addressed."""
        to = self._host.address(stanza.get("to", ""))
        if to is None:
            self._host.refuse(stanza, _malformed(self._host))
        elif to.domain == self._host.domain:
            _local(self._host, stanza, to)
        elif to.domain in self._services and not self._host.faults.has("services-not-reached"):
            self._services[to.domain](self._host, stanza, to)
        elif not self._host.faults.has("remote-domain-silent"):
            self._host.refuse(stanza, Refused(condition="remote-server-not-found"))


def _malformed(host: Host) -> Refused:
    is_vague = host.faults.has("malformed-address-is-bad-request")
    return Refused(condition="bad-request" if is_vague else "jid-malformed")


def _condition_for_stranger(name: Name) -> str:
    """The stream error for what is no stanza of this stream (RFC 6120, 4.8.3 and 4.9.3.24)."""
    is_stanza = name.local in ("iq", "message", "presence")
    return "invalid-namespace" if is_stanza else "unsupported-stanza-type"


def _may_claim(host: Host, session: Session, claimed: str | None) -> bool:
    """A client may name itself by its full or bare JID only (RFC 6120, 8.1.2.1 and 4.9.3.9)."""
    if claimed is None or host.faults.has("forged-from-accepted"):
        return True
    if host.faults.has("from-compared-by-prefix"):
        return claimed.startswith(session.address.bare)
    if oddities.is_passed_on(host, session, claimed):
        return True
    address = parse(claimed)
    return address is not None and str(address) in (session.jid, session.address.bare)


def _stamped(host: Host, session: Session, element: Element) -> Element:
    if host.faults.has("forged-from-accepted") and "from" in element.attrib:
        return copied(element)
    if "from" in element.attrib and oddities.is_passed_on(host, session, element.get("from", "")):
        return copied(element)
    if host.faults.has("stanza-language-changed"):
        return copied(element, sender=session.jid, **{f"{{{XML}}}lang": "en"})
    if host.faults.has("from-stamped-bare") and kind_of(element) != IQ:
        return copied(element, sender=session.address.bare)
    return copied(element, sender=session.jid)


def _wrong_with(host: Host, session: Session, stanza: Element) -> Refused | None:
    if is_blocked(host, session.account, stanza.get("to", "")):
        if host.faults.has("blocked-outbound-passes"):
            return None
        is_bare = host.faults.has("application-condition-without-namespace")
        application = build(Name(STANZA_ERRORS if is_bare else BLOCKING_ERRORS, "blocked"))
        return Refused(condition="not-acceptable", application=application)
    if kind_of(stanza) == IQ:
        return iqs.fault_of(host, stanza)
    if kind_of(stanza) == PRESENCE:
        return presence.fault_of(host, stanza)
    return None


def _without_bad_address(stanza: Element) -> Element:
    """A malformed address is not put into the error's `from` (RFC 6120, 8.3.1, rule 2)."""
    return copied(stanza, to=None)


def _dispatch(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    kind = kind_of(stanza)
    if kind == IQ and to.domain == host.domain and not to.resource:
        _iq(host, session, stanza, to)
    elif kind == PRESENCE:
        _outbound_presence(host, session, stanza, to)
    elif kind == MESSAGE:
        messages.sent(host, session, stanza, to)
        for nested in oddities.nested_stanzas(host, session, stanza):
            host.route(nested)
    else:
        host.route(stanza)


def _iq(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    if to.local and not ("to" not in stanza.attrib and host.faults.has("own-requests-for-the-server")):
        iqs.to_account(host, session, stanza, to)
    else:
        iqs.to_server(host, session, stanza)


def _outbound_presence(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    if type_of(stanza) in subscriptions.TYPES:
        subscriptions.outbound(host, session, stanza, to)
    elif type_of(stanza) == "probe":
        presence.probed(host, session, stanza, to)
    else:
        presence.directed(host, session, stanza, to)


def _local(host: Host, stanza: Element, to: Jid) -> None:
    """A stanza for an address on the accounts' domain."""
    kind = kind_of(stanza)
    if not to.local:
        _to_domain(host, stanza, to)
    elif kind == MESSAGE:
        messages.deliver(host, stanza, to)
    elif kind == PRESENCE and type_of(stanza) in subscriptions.TYPES:
        subscriptions.inbound(host, stanza, to)
    elif kind == PRESENCE:
        presence.deliver(host, stanza, to)
    elif to.resource:
        iqs.to_resource(host, stanza, to)


def _to_domain(host: Host, stanza: Element, to: Jid) -> None:
    """Messages and presence for the domain are taken without a word; domain/resource does not exist."""
    session = host.sessions.at(stanza.get("from", ""))
    if kind_of(stanza) != IQ:
        return
    if to.resource and host.faults.has("domain-resource-unanswered"):
        return
    if to.resource or session is None:
        host.refuse(stanza, Refused(condition="service-unavailable"))
    else:
        iqs.to_server(host, session, stanza)
