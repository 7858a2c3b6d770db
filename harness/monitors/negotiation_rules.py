"""Rules on the way from the first header to the bound resource (RFC 6120, 4.3, 5, 6 and 7)."""

import base64
import binascii
from collections.abc import Iterable

from harness.monitors.addresses import folded, is_full_account, same_account
from harness.monitors.monitor import (
    CLIENTS,
    SERVERS,
    Breach,
    Case,
    ElementMonitor,
    EventMonitor,
    Findings,
    Monitor,
)
from harness.monitors.observed import Direction, Observed
from harness.monitors.stanzas import (
    CONTENT_NAMESPACES,
    FEATURES,
    STREAM_ERROR,
    Topic,
    child,
    children,
    has_child,
    type_of,
)
from harness.monitors.traffic import Link, Phase, bound_jid
from harness.wire.events import ElementReceived, Event, StreamOpened, Whitespace
from harness.xmpp.namespaces import AUTH, BIND, REGISTER, SASL, STREAM, TLS, Name

_BEFORE_LOGIN = (AUTH, REGISTER)  # what RFC 6120, 4.9.3.12 does not count as data sent too early
_SASL_DATA = frozenset(Name(SASL, local) for local in ("auth", "challenge", "response", "success"))


class FeaturesAfterHeader(Monitor):
    """Each header of a server is followed by its features, even if there are none (RFC 6120, 4.3.2)."""

    name = "features-after-header"
    title = "Stream features, or a stream error, come first after a server's header"
    requirements = ("rfc6120-stream-negotiation-features",)
    perspectives = SERVERS
    received = frozenset({Topic.HEADER, Topic.STANZA, Topic.NONZA})

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._expecting: set[int] = set()

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Versions before 1.0 have no features (RFC 6120, 4.7.5)."""
        if isinstance(observed.event, StreamOpened):
            ours = self.link(observed).headers.get(Direction.SENT)
            if ours and "version" in ours.attributes and "version" in observed.event.attributes:
                self._expecting.add(observed.connection)
        elif isinstance(observed.event, ElementReceived) and observed.connection in self._expecting:
            self.has_checked = True
            self._expecting.discard(observed.connection)
            if observed.event.name not in (FEATURES, STREAM_ERROR):
                yield Breach(
                    message=f"<{observed.event.name.local}/> comes before the stream features",
                    requirement="rfc6120-stream-negotiation-features",
                    evidence=observed,
                )


class _FeaturesMonitor(ElementMonitor):
    """Judges stream features."""

    perspectives = SERVERS
    received = frozenset({Topic.NONZA})

    def concerns(self, element: ElementReceived) -> bool:
        """Leave other nonzas out."""
        return element.name == FEATURES

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Features show that there is something to judge."""
        self.has_checked = True
        return self.judge_features(element, link)

    def judge_features(self, features: ElementReceived, link: Link) -> Findings:
        """Give what is wrong with them."""
        raise NotImplementedError


class FeatureNamespaces(_FeaturesMonitor):
    """A feature is named by a namespace of its own (RFC 6120, 4.3.2)."""

    name = "feature-namespaces"
    title = "Stream features are in namespaces of their own"
    requirements = ("rfc6120-4.3.2-feature-child-namespace",)

    def judge_features(self, features: ElementReceived, link: Link) -> Findings:
        """Neither the streams namespace nor a content namespace will do."""
        for name, _ in children(features.tree):
            if name.namespace in CONTENT_NAMESPACES or name.namespace in (STREAM, ""):
                yield (
                    f"the feature <{name.local}/> is in the namespace '{name.namespace}'",
                    "rfc6120-4.3.2-feature-child-namespace",
                )


class StartTlsOffer(_FeaturesMonitor):
    """There is no second TLS within TLS (RFC 6120, 5.4.3.3)."""

    name = "no-starttls-within-tls"
    title = "STARTTLS is not offered on a stream that is encrypted already"
    requirements = ("rfc6120-5.4.3.3-no-starttls-after-tls",)

    def judge_features(self, features: ElementReceived, link: Link) -> Findings:
        """Direct TLS counts too."""
        if link.is_secured and child(features.tree, TLS, "starttls") is not None:
            yield "starttls is offered though TLS is up", "rfc6120-5.4.3.3-no-starttls-after-tls"


class BindOffer(_FeaturesMonitor):
    """Binding is offered once the client is known, and not before (RFC 6120, 7.4)."""

    name = "bind-offer"
    title = "Resource binding is offered after authentication and not before"
    requirements = ("rfc6120-7.4-bind-feature-after-sasl", "rfc6120-7.4-bind-feature-not-before")

    def judge_features(self, features: ElementReceived, link: Link) -> Findings:
        """Only a stream that was restarted for SASL must have it."""
        is_offered = child(features.tree, BIND, "bind") is not None
        if is_offered and not link.is_authenticated:
            yield "bind is offered before authentication", "rfc6120-7.4-bind-feature-not-before"
        elif link.has_restarted and not link.jid and not is_offered:
            yield "bind is not offered after authentication", "rfc6120-7.4-bind-feature-after-sasl"


class NothingServedBeforeAuthentication(ElementMonitor):
    """A server handles no stanzas of somebody it does not know yet (RFC 6120, 4.9.3.12)."""

    name = "no-stanza-before-authentication"
    title = "A server sends no stanzas before authentication, errors and registration aside"
    requirements = ("rfc6120-4.9.3.12-not-authorized-not-processed",)
    perspectives = SERVERS
    received = frozenset({Topic.STANZA, Topic.NONZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Old login and registration take place before authentication by their nature."""
        if link.is_authenticated or not link.is_legible:
            return
        self.has_checked = True
        if element.name.namespace in CONTENT_NAMESPACES and not self._is_permitted(element):
            yield (
                f"<{element.name.local}/> comes before authentication",
                "rfc6120-4.9.3.12-not-authorized-not-processed",
            )

    def _is_permitted(self, stanza: ElementReceived) -> bool:
        if type_of(stanza) == "error" or stanza.name.local == "handshake":
            return True
        requests = self.traffic.sent("iq", stanza.attributes.get("id"))
        return type_of(stanza) == "result" and any(_is_early(one.element) for one in requests)


class NothingAskedBeforeCompletion(ElementMonitor):
    """A client waits with stanzas for others until its stream is ready (RFC 6120, 4.3.5)."""

    name = "no-stanza-before-completion"
    title = "A client sends no stanzas to others before negotiation is complete"
    requirements = ("rfc6120-4.3.5-no-stanza-before-completion",)
    perspectives = CLIENTS
    received = frozenset({Topic.STANZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Its own server and account are no third parties."""
        self.has_checked = True
        to = element.attributes.get("to", "")
        if to and not link.is_authenticated and not self._is_own(to, link) and not _is_early(element):
            yield (
                f"<{element.name.local}/> to {to} before authentication",
                "rfc6120-4.3.5-no-stanza-before-completion",
            )

    def _is_own(self, to: str, link: Link) -> bool:
        return self.traffic.is_own_domain(to) or same_account(to, self.traffic.account(link))


class NoWhitespaceInNegotiation(EventMonitor):
    """White space is no keepalive while TLS or SASL is negotiated (RFC 6120, 5.3.3 and 6.3.5)."""

    name = "no-whitespace-in-negotiation"
    title = "No white space is sent between elements of STARTTLS and SASL"
    requirements = ("rfc6120-5.3.3-no-whitespace-starttls", "rfc6120-6.3.5-no-whitespace-sasl")
    received = frozenset({Topic.WHITESPACE, Topic.NONZA})
    phases = (
        (Phase.TLS, "rfc6120-5.3.3-no-whitespace-starttls"),
        (Phase.SASL, "rfc6120-6.3.5-no-whitespace-sasl"),
    )

    def judge(self, event: Event, link: Link) -> Findings:
        """A nonza shows that there is a negotiation to judge."""
        for phase, requirement in self.phases:
            self.has_checked |= link.phase is phase
            if link.phase is phase and isinstance(event, Whitespace):
                yield f"white space within the {phase.value.upper()} negotiation", requirement


class SaslDataEncoding(ElementMonitor):
    """What SASL elements carry is base64 (RFC 6120, 6.3.5)."""

    name = "sasl-data-encoding"
    title = "The data in SASL elements is base64"
    requirements = ("rfc6120-6.3.5-base64-payload",)
    received = frozenset({Topic.NONZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """The message does not show the data: it may be a secret."""
        if element.name not in _SASL_DATA:
            return
        self.has_checked = True
        data = element.tree.text or ""
        if data not in ("", "=") and not _is_base64(data):
            yield f"the data in <{element.name.local}/> is not base64", "rfc6120-6.3.5-base64-payload"


class BindResult(ElementMonitor):
    """The result of binding says who the client is now (RFC 6120, 7.6.1)."""

    name = "bind-result"
    title = "The result of resource binding holds a full JID"
    kind = "iq"
    requirements = ("rfc6120-7.6.1-bind-result-jid",)
    perspectives = SERVERS
    received = frozenset({Topic.STANZA})

    def judge(self, element: ElementReceived, link: Link) -> Findings:
        """Which account it is, the server may decide (RFC 6120, 4.3.6)."""
        if type_of(element) != "result" or element.attributes.get("id", "") not in link.binds:
            return
        self.has_checked = True
        if not is_full_account(jid := bound_jid(element)):
            yield f"the bind result holds '{jid}'", "rfc6120-7.6.1-bind-result-jid"


class ResourceUniqueness(Monitor):
    """Two connected resources of one account never have one name (RFC 6120, 7.5)."""

    name = "resource-uniqueness"
    title = "No two connected resources have the same full JID"
    requirements = ("rfc6120-7.5-resource-unique",)
    perspectives = SERVERS
    received = frozenset({Topic.STANZA})

    def observe(self, observed: Observed) -> Iterable[Breach]:
        """Nothing is wrong yet: the server may end the older session now (RFC 6120, 7.7.2.2)."""
        self.has_checked |= bool(self.link(observed).jid)
        return ()

    def finish(self) -> Iterable[Breach]:
        """Both must have been there at the end, shown by a fence, for the older one may end a bit later."""
        connected: set[str] = set()
        for link in self.traffic.links.values():
            if not (link.jid and link.is_open and link.actor in self.context.fenced):
                continue
            if folded(link.jid) in connected:
                message = f"two connected resources are called '{link.jid}'"
                yield Breach(message=message, requirement="rfc6120-7.5-resource-unique")
            connected.add(folded(link.jid))


def _is_early(stanza: ElementReceived) -> bool:
    return any(has_child(stanza, namespace, "query") for namespace in _BEFORE_LOGIN)


def _is_base64(data: str) -> bool:
    """Whether it is base64 to the last bit: what is over must be zero."""
    try:
        return base64.b64encode(base64.b64decode(data, validate=True)).decode() == data
    except (binascii.Error, ValueError):
        return False
