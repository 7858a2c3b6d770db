"""Rules on what a server does with the stanzas it passes on (RFC 6120, 8.1 and 8.4)."""

from collections.abc import Iterable

from harness.monitors.addresses import bare, same, same_account
from harness.monitors.monitor import SERVERS, Breach, Case, ElementMonitor, Findings, Monitor
from harness.monitors.observed import Direction, Observed
from harness.monitors.stanzas import (
    CONTENT_NAMESPACES,
    STANZA_KINDS,
    Topic,
    child,
    children,
    has_child,
    type_of,
)
from harness.monitors.traffic import SASL2, Link, SentStanza, Traffic
from harness.results.verdicts import Perspective
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import CSI, ROSTER, SASL, STREAM, STREAM_MANAGEMENT, TLS, Name

_SUBSCRIPTION_TYPES = frozenset({"subscribe", "subscribed", "unsubscribe", "unsubscribed"})
_COMPRESSION = "http://jabber.org/protocol/compress"
_NEGOTIATED = frozenset({STREAM, TLS, SASL, SASL2, STREAM_MANAGEMENT, CSI, _COMPRESSION})


class StampedFrom(ElementMonitor):
    """What an actor sent arrives under that actor's own address, whatever it claimed (RFC 6120, 8.1.2.1)."""

    name = "from-stamped"
    title = "A stanza from one client to another arrives with the sender's real address"
    requirements = (
        "rfc6120-8.1.2.1-from-stamped-full-jid",
        "rfc6120-8.1.2.1-from-bare-for-subscription",
        "rfc6120-8.1.2.1-from-spoof-overridden",
        "rfc6120-8.1.2.1-delivered-has-from",
    )
    perspectives = SERVERS
    received = frozenset({Topic.STANZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Only stanzas that can be no other than one of those that actors sent to this account."""
        origins = origins_of(element, link, self.traffic)
        if not origins or not all(one.sender for one in origins):
            return
        self.has_checked = True
        given = element.attributes.get("from")
        if not any(given is not None and same(given, _real_address(one)) for one in origins):
            yield _misstamped(element, given, origins[0])


class ToUnmodified(ElementMonitor):
    """The recipient sees the address to which the sender sent (RFC 6120, 8.1.1.1)."""

    name = "to-unmodified"
    title = "A stanza from one client to another arrives with the address it was sent to"
    requirements = ("rfc6120-8.1.1.1-to-unmodified",)
    perspectives = SERVERS
    received = frozenset({Topic.STANZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """A subscription request to a full JID is trimmed by another rule (RFC 6121, 3.1.2)."""
        origins = [one for one in origins_of(element, link, self.traffic) if one.to]
        if not origins:
            return
        self.has_checked = True
        given = element.attributes.get("to", "")
        agree = same_account if element.name.local == "presence" else same
        if not any(agree(given, one.to) for one in origins):
            sent, came = (one.replace("'", "&apos;") for one in (origins[0].to, given))
            yield f"sent to '{sent}', delivered with to='{came}'", "rfc6120-8.1.1.1-to-unmodified"


class RosterPushes(ElementMonitor):
    """A push comes from the account itself and holds one item (RFC 6121, 2.1.6)."""

    name = "roster-pushes"
    title = "A roster push holds one item with a JID, comes from the account and goes to the full JID"
    kind = "iq"
    requirements = (
        "rfc6120-8.1.2.1-account-from",
        "rfc6120-8.1.1.1-server-generated-to",
        "rfc6121-2.1.6-push-one-item",
        "rfc6121-2.1.2.3-jid-required",
    )
    perspectives = SERVERS
    received = frozenset({Topic.STANZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """What an actor wrote is no push of the server's."""
        if type_of(element) != "set" or not has_child(element, ROSTER, "query"):
            return
        if self.traffic.is_relayed(element):
            return
        self.has_checked = True
        yield from self._judged_addresses(element, link)
        query = child(element.tree, ROSTER, "query")
        items = [] if query is None else [item for name, item in children(query) if name.local == "item"]
        if len(items) != 1:
            yield f"a roster push with {len(items)} items", "rfc6121-2.1.6-push-one-item"
        if any(not item.get("jid") for item in items):
            yield "a roster item without jid", "rfc6121-2.1.2.3-jid-required"

    def _judged_addresses(self, push: ElementReceived, link: Link) -> Findings:
        given, to = push.attributes.get("from"), push.attributes.get("to")
        account = bare(self.traffic.account(link))
        if given is not None and account and not same(given, account):
            yield f"a roster push from {given}", "rfc6120-8.1.2.1-account-from"
        if to is not None and link.jid and not same(to, link.jid):
            yield f"a roster push to '{to}'", "rfc6120-8.1.1.1-server-generated-to"


class StanzaNamespaces(ElementMonitor):
    """Stanzas are in the content namespace of their stream, without a prefix (RFC 6120, 4.8)."""

    name = "stanza-namespaces"
    title = "Stanzas are in the content namespace and have no prefix"
    requirements = (
        "rfc6120-4.8.3-server-ns-per-link",
        "rfc6120-4.8.3-client-no-jabber-server",
        "rfc6120-4.8.5-no-content-prefix",
    )
    received = frozenset({Topic.STANZA, Topic.NONZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """The content namespace is that of either header; without one there is nothing to compare."""
        if element.name.local not in STANZA_KINDS:
            return
        self.has_checked = True
        declared = {header.default_namespace for header in link.headers.values()} & CONTENT_NAMESPACES
        if declared and element.name.namespace not in declared:
            is_server = self.context.perspective is Perspective.CLIENT
            yield (
                f"<{element.name.local}/> in the namespace '{element.name.namespace}'",
                self.requirements[0 if is_server else 1],
            )
        if element.name.namespace in CONTENT_NAMESPACES and _has_prefix(element):
            yield f"<{element.name.local}/> is sent with a prefix", "rfc6120-4.8.5-no-content-prefix"


class ForeignDataNotRouted(Monitor):
    """First-level elements that are no stanzas concern one stream only (RFC 6120, 4.8.4)."""

    name = "foreign-data-not-routed"
    title = "First-level elements in foreign namespaces are not passed on to others"
    requirements = ("rfc6120-4.8.4-foreign-data-not-routed",)
    perspectives = SERVERS
    received = frozenset({Topic.NONZA})
    sent = frozenset({Topic.NONZA})

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._sent: dict[Name, set[int]] = {}

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """What belongs to the negotiation of a stream, both sides say; so may what was sent there as well."""
        event = observed.event
        if not isinstance(event, ElementReceived) or event.name.namespace in _NEGOTIATED:
            return
        self.has_checked = True
        if observed.direction is Direction.SENT:
            self._sent.setdefault(event.name, set()).add(observed.connection)
        elif observed.connection not in self._sent.get(event.name, {observed.connection}):
            yield Breach(
                message=f"{event.name} was sent on another stream and arrives here",
                requirement="rfc6120-4.8.4-foreign-data-not-routed",
                evidence=observed,
            )


def origins_of(stanza: ElementReceived, link: Link, traffic: Traffic) -> list[SentStanza]:
    """The stanzas of which a received one must be a copy; empty when it may have come otherwise.

    Kind, type, id, children and body agree, and it was sent to the account of this connection. Without an
    id only a body or a request for subscription is telling enough. Presence to nobody in particular is
    left out: rooms and the server answer it under the same id.
    """
    account = traffic.account(link)
    identity, kind = stanza.attributes.get("id"), stanza.name.local
    if not account or not (identity or _is_telling(stanza)):
        return []
    return [
        one
        for one in traffic.sent(kind, identity)
        if type_of(one.element) == type_of(stanza)
        and same_account(one.to or (one.sender if kind == "message" else ""), account)
        and _body(one.element) == _body(stanza)
        and _shape(one.element) <= _shape(stanza)
    ]


def _is_telling(stanza: ElementReceived) -> bool:
    return bool(_body(stanza)) or (stanza.name.local == "presence" and type_of(stanza) == "subscribe")


def _shape(stanza: ElementReceived) -> frozenset[Name]:
    return frozenset(name for name, _ in children(stanza.tree))


def _body(stanza: ElementReceived) -> str:
    return stanza.tree.findtext(f"{{{stanza.name.namespace}}}body") or ""


def _is_subscription(stanza: ElementReceived) -> bool:
    return stanza.name.local == "presence" and type_of(stanza) in _SUBSCRIPTION_TYPES


def _real_address(origin: SentStanza) -> str:
    return bare(origin.sender) if _is_subscription(origin.element) else origin.sender


def _misstamped(stanza: ElementReceived, given: str | None, origin: SentStanza) -> tuple[str, str]:
    real, what = _real_address(origin), stanza.name.local
    if given is None:
        return f"a {what} from {real} arrives without from", "rfc6120-8.1.2.1-delivered-has-from"
    message = f"a {what} from {real} arrives with from='{given}'"
    claimed = origin.element.attributes.get("from", "")
    if claimed and same(claimed, given):
        return message, "rfc6120-8.1.2.1-from-spoof-overridden"
    if _is_subscription(stanza):
        return message, "rfc6120-8.1.2.1-from-bare-for-subscription"
    return message, "rfc6120-8.1.2.1-from-stamped-full-jid"


def _has_prefix(element: ElementReceived) -> bool:
    tag = element.raw.lstrip()[1:].split(None, 1)[0]
    return b":" in tag.split(b">", 1)[0].split(b"/", 1)[0]
