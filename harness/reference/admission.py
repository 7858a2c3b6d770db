"""How a connection becomes a session: the terms of negotiation, and its generator step by step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from harness.faults.tables import NEGOTIATION_FAULTS
from harness.negotiation.policy import Bound, Ended, ServerPolicy, TlsOffer
from harness.reference.settings import Feature, Settings
from harness.transcript.terms import Terms
from harness.wire.effects import Effect, Protocol, Receive, StartTls
from harness.wire.events import Event

_VERSIONING = b"<ver xmlns='urn:xmpp:features:rosterver'/>"
_PRE_APPROVAL = b"<sub xmlns='urn:xmpp:features:pre-approval'/>"
_STREAM_MANAGEMENT = b"<sm xmlns='urn:xmpp:sm:3'/>"

_FEATURES = {
    Feature.ROSTER_VERSIONING: _VERSIONING,
    Feature.PRE_APPROVAL: _PRE_APPROVAL,
    Feature.STREAM_MANAGEMENT: _STREAM_MANAGEMENT,
}


def settings_on(terms: Terms, domain: str, accounts: Mapping[str, str]) -> Settings:
    """What a server is told that serves a client under test; `accounts` maps localparts to passwords.

    On TLS 1.3 clients bind the channel by tls-exporter (RFC 9266, 3), which our TLS library may not have:
    so the -PLUS mechanisms are offered only where the terms name them.
    """
    settings = Settings(
        domain=domain,
        accounts=accounts,
        tls_offered=terms.tls != "none",
        tls_required=terms.tls == "required",
        legacy_auth=terms.has_legacy,
        offers_key=False,
        claimed_iterations=terms.iterations,
        challenge=terms.challenge,
        faults=frozenset(terms.faults),
        off=frozenset({Feature.RESUMPTION, Feature.PUBSUB}),  # what a client makes of them is not tested
    )
    unbound = tuple(name for name in settings.mechanisms if not name.endswith("-PLUS"))
    return replace(settings, mechanisms=terms.mechanisms or unbound)


def policy_of(settings: Settings) -> ServerPolicy:
    """The terms on which the server lets clients in."""
    is_clear = not settings.tls_offered and not settings.tls_required
    plain = [name for name in settings.mechanisms if not name.endswith("-PLUS")]
    return ServerPolicy(
        domains=(settings.domain,),
        tls=_tls_offer(settings),
        clear_mechanisms=tuple(name for name in plain if is_clear or name != "PLAIN"),
        tls_mechanisms=settings.mechanisms,
        legacy=settings.legacy_auth,
        registration=settings.has(Feature.REGISTRATION),
        features=tuple(element for feature, element in _FEATURES.items() if settings.has(feature)),
        claimed_iterations=settings.claimed_iterations,
        challenge=settings.challenge,
        faults=settings.faults & NEGOTIATION_FAULTS.keys(),
    )


@dataclass(kw_only=True, slots=True)
class Negotiation:
    """A negotiation under way; `emit` takes its effects."""

    protocol: Protocol[Bound | Ended]
    emit: Callable[[Effect], None]

    def start(self) -> Bound | Ended | None:
        """Let it say what comes first; None while it goes on."""
        return self._run(None)

    def take(self, event: Event) -> Bound | Ended | None:
        """Tell it of an event; None while it goes on."""
        return self._run(event)

    def _run(self, event: Event | None) -> Bound | Ended | None:
        try:
            effect = self.protocol.send(event)
            while not isinstance(effect, Receive | StartTls):
                self.emit(effect)
                effect = self.protocol.send(None)
            if isinstance(effect, StartTls):
                self.emit(effect)
        except StopIteration as stop:
            outcome: Bound | Ended = stop.value
            return outcome
        return None


def _tls_offer(settings: Settings) -> TlsOffer:
    if settings.tls_required:
        return TlsOffer.REQUIRED
    return TlsOffer.OFFERED if settings.tls_offered else TlsOffer.NONE
