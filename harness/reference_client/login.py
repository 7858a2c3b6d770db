"""From nothing to a session: TLS as the user wants it, the best login that there is, a resource."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeGuard

from harness.negotiation.client import await_features, bind, open_stream, start_session, start_tls
from harness.negotiation.login import FAILURE, IQ, authenticate, legacy_authenticate
from harness.negotiation.mechanisms import MECHANISMS
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.state import FEATURES, ClientState, Credentials, Refusal, Stage, refusal
from harness.negotiation.stream import read_version
from harness.reference_client.lenient import (
    NO_TLS,
    fields_of,
    lenient,
    with_altered_bytes,
    with_any_base64,
    with_any_certificate,
    without_handshake,
    without_question,
)
from harness.reference_client.markup import demand_on
from harness.reference_client.settings import Settings, TlsUse
from harness.wire.effects import CloseConnection, OpenConnection, Protocol, Send
from harness.wire.events import Connected, ElementReceived, Event, StreamOpened
from harness.wire.writer import stream_footer
from harness.xmpp.elements import build
from harness.xmpp.namespaces import XML

_LANG = f"{{{XML}}}lang"
_PAYLOAD = re.compile(rb"(?<=>)[A-Za-z0-9+/]{8}")
_RESOURCE = re.compile(rb"<resource>[^<]*</resource>")
_DIGEST = re.compile(rb"(?<=<digest>)[0-9a-f]+(?=</digest>)")


@dataclass(kw_only=True)
class Entrance:
    """Everything that a login needs; `state` tells afterwards what was learned."""

    settings: Settings
    has: Callable[[str], bool]
    fresh: Callable[[], str]
    salted: SaltedPasswords
    state: ClientState = field(init=False)

    def __post_init__(self) -> None:
        self.state = ClientState(domain=self.settings.address.domain)

    @property
    def may_send_password(self) -> bool:
        """Whether a password may be shown as it is: where TLS has proven the server, or by wish."""
        is_wished = self.settings.tls is TlsUse.DISABLED
        is_careless = self.has("plain-in-clear") or self.has("plain-where-tls-is-withheld")
        return self.state.tls is not None or is_wished or is_careless

    @property
    def credentials(self) -> Credentials:
        """What to log in with, the mechanisms in our own order of preference (RFC 6120, 6.3.3)."""
        address = self.settings.address
        return Credentials(
            username=address.local,
            domain=address.domain,
            password=self.settings.password,
            resource=None if self.has("resource-not-asked-for") else address.resource or None,
            mechanisms=self._mechanisms(),
            authzid=address.bare if self.has("authzid-sent") else "",
        )

    def _mechanisms(self) -> tuple[str, ...]:
        names = [name for name, one in MECHANISMS.items() if one.strength]
        if self.has("weakest-mechanism-first"):
            names.reverse()
        if self.has("server-order-followed"):
            names = [name for name in self.state.offered.mechanisms if name in names]
        if self.has("plus-not-used"):
            names = [name for name in names if not name.endswith("-PLUS")]
        if self.has("scram-unknown"):
            names = [name for name in names if not name.startswith("SCRAM-")]
        if self.has("repeated-mechanism-refused"):
            names = [name for name in names if self.state.offered.mechanisms.count(name) < 2]
        return tuple(name for name in names if name != "PLAIN" or self.may_send_password)


def open_entrance(entrance: Entrance) -> Protocol[Refusal | None]:
    """Connect and open a stream, secured as the user wants it."""
    state, tls = entrance.state, entrance.settings.tls
    state.reset()
    event = yield OpenConnection(direct_tls=tls is TlsUse.DIRECT)
    if not isinstance(event, Connected):
        assert event is not None, "OpenConnection is always answered"
        return refusal(Stage.CONNECT, event)
    state.tls = event.tls
    refused = yield from _open(entrance)
    if refused is not None:
        return refused
    if state.tls is not None:
        is_repeated = state.offered.starttls and entrance.has("starttls-over-direct-tls")
        return (yield from _secure(entrance)) if is_repeated else None
    if tls is TlsUse.DISABLED:
        return _stay_in_the_clear(entrance)
    if entrance.has("credentials-before-tls") and state.offered.mechanisms:
        return None
    if state.offered.starttls:
        return (yield from _secure(entrance))
    if tls is TlsUse.OPTIONAL or entrance.has("tls-requirement-ignored"):
        return None
    if entrance.has("plain-where-tls-is-withheld"):
        return None
    message = "the server does not offer STARTTLS"
    return Refusal(stage=Stage.TLS, condition="tls-not-offered", message=message)


def _stay_in_the_clear(entrance: Entrance) -> Refusal | None:
    """Without TLS there is no going on where the server demands it (RFC 6120, 5.3.1)."""
    if not entrance.state.offered.starttls_required or entrance.has("demanded-tls-skipped"):
        return None
    message = "the server demands TLS, which is switched off here"
    return Refusal(stage=Stage.TLS, condition="tls-required", message=message)


def _secure(entrance: Entrance) -> Protocol[Refusal | None]:
    state, has = entrance.state, entrance.has
    before = state.features
    starting = start_tls(state)
    if has("white-space-in-negotiation"):
        starting = with_altered_bytes(starting, lambda data: data + b"\n")
    if has("clear-after-proceed"):
        starting = without_handshake(starting)
    if has("certificate-unchecked"):
        starting = with_any_certificate(starting)
    started = yield from starting
    if isinstance(started, Refusal):
        if _is_features(started.event) and has("features-in-place-of-proceed"):
            state.tls, state.features = NO_TLS, started.event
            return None
        goes_on = started.condition == "tls-refused" and has("tls-failure-ignored")
        return None if goes_on else started
    if has("tls-without-restart"):
        state.features = before
        return None
    return (yield from _open(entrance))


def _open(entrance: Entrance) -> Protocol[Refusal | None]:
    """Open a stream and await its features, which only XMPP 1.0 has (RFC 6120, 4.3.2)."""
    state = entrance.state
    if state.header is None and state.tls is not None and entrance.has("restart-with-closing-tag"):
        yield Send(data=stream_footer())
    opened = yield from open_stream(state, _attributes(entrance))
    if isinstance(opened, Refusal):
        return opened
    demand = demand_on(opened, entrance.has)
    if demand:
        return Refusal(stage=Stage.STREAM, condition="undefined-condition", message=demand)
    version = _version_of(entrance, opened)
    if version is None or version < (1, 0):
        return None
    if version != (1, 0) and entrance.has("higher-version-refused"):
        return Refusal(stage=Stage.STREAM, condition="unsupported-version", message="not version 1.0")
    features = yield from await_features(state)
    if isinstance(features, Refusal):
        return features
    if entrance.has("first-feature-only") and state.features is not None:
        state.features = build(FEATURES, {}, *list(state.features)[:1])
    return None


def _version_of(entrance: Entrance, header: StreamOpened) -> tuple[int, int] | None:
    text = header.attributes.get("version")
    return None if text != "1.0" and entrance.has("version-compared-as-text") else read_version(text)


def _is_error(result: str | Refusal) -> bool:
    return (
        isinstance(result, Refusal) and isinstance(result.event, ElementReceived) and result.event.name == IQ
    )


def _is_features(event: Event | None) -> TypeGuard[ElementReceived]:
    return isinstance(event, ElementReceived) and event.name == FEATURES


def _attributes(entrance: Entrance) -> Mapping[str, str | None]:
    """Who we are is told only where nobody else can read it (RFC 6120, 4.7.1)."""
    has, address = entrance.has, entrance.settings.address
    attributes: dict[str, str | None] = {}
    if entrance.state.tls is not None and not has("header-without-from"):
        attributes["from"] = address.full if has("header-from-full-jid") else address.bare
    if has("header-without-to"):
        attributes["to"] = None
    if has("header-without-language"):
        attributes[_LANG] = None
    if has("header-without-version"):
        attributes["version"] = None
    if has("header-with-id"):
        attributes["id"] = entrance.fresh()
    return attributes


def log_in(entrance: Entrance) -> Protocol[str | Refusal]:
    """Come to a session and return the full JID that the server gave."""
    refused = yield from open_entrance(entrance)
    if _is_redirect(refused) and entrance.has("redirect-followed-in-clear"):
        yield CloseConnection()
        entrance.settings = replace(entrance.settings, tls=TlsUse.DISABLED)
        refused = yield from open_entrance(entrance)
    if refused is not None:
        return refused
    state = entrance.state
    if _is_legacy(entrance):
        jid = yield from _log_in_as_of_old(entrance)
        binds = entrance.has("legacy-login-then-bind") and isinstance(jid, str)
        return (yield from bind(state, entrance.credentials.resource)) if binds else jid
    refused = yield from _authenticate(entrance)
    if refused is not None:
        return refused
    if entrance.has("bind-left-out") or (not state.offered.bind and entrance.has("first-feature-only")):
        return entrance.settings.address.full
    jid = yield from bind(state, entrance.credentials.resource)
    if isinstance(jid, Refusal):
        is_passed_over = jid.stage is Stage.BIND and entrance.has("bind-error-ignored")
        return entrance.settings.address.full if is_passed_over else jid
    if not entrance.has("session-left-out"):
        refused = yield from start_session(state)
    wanted = entrance.settings.address
    is_own = bool(wanted.resource) and entrance.has("assigned-resource-ignored")
    return refused or (wanted.full if is_own else jid)


def _is_redirect(refused: Refusal | None) -> bool:
    return refused is not None and refused.condition == "see-other-host"


def _is_legacy(entrance: Entrance) -> bool:
    """Whether there is the legacy login, and no SASL that would come first (XEP-0078, 7)."""
    state = entrance.state
    is_there = state.features is None or state.offered.legacy
    names = set(entrance.credentials.mechanisms or ()) & set(state.offered.mechanisms)
    return is_there and (not names or entrance.has("legacy-login-preferred"))


def _authenticate(entrance: Entrance) -> Protocol[Refusal | None]:
    state, has = entrance.state, entrance.has
    if has("sasl-skipped") and state.offered.bind and not state.offered.mechanisms:
        return None
    before = state.features
    unknown = [name for name in state.offered.mechanisms if name not in MECHANISMS]
    if unknown and has("unknown-mechanism-tried"):
        yield Send(data=_UNKNOWN % unknown[0].encode())
    authenticating = authenticate(
        state,
        entrance.credentials,
        nonce=entrance.fresh,
        salted=entrance.salted,
        alter=partial(lenient, has=has),
    )
    if has("bad-base64-tolerated"):
        authenticating = with_any_base64(authenticating)
    if has("sasl-data-with-line-breaks"):
        authenticating = with_altered_bytes(authenticating, _with_line_break)
    mechanism = yield from authenticating
    if isinstance(mechanism, Refusal):
        return mechanism if not _goes_on_after(mechanism, has) else (yield from _open(entrance))
    if has("sasl-without-restart"):
        state.features = before
        return None
    return (yield from _open(entrance))


_UNKNOWN = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='%s'/>"


def _goes_on_after(refused: Refusal, has: Callable[[str], bool]) -> bool:
    """A failure that is taken for a success."""
    event = refused.event
    return isinstance(event, ElementReceived) and event.name == FAILURE and has("sasl-failure-ignored")


def _log_in_as_of_old(entrance: Entrance) -> Protocol[str | Refusal]:
    """By digest; the bare password only where it may be shown, and nothing else is asked for."""
    state, has = entrance.state, entrance.has
    if has("legacy-password-preferred"):
        return (yield from legacy_authenticate(state, entrance.credentials, digest=False))
    by_digest = legacy_authenticate(state, entrance.credentials, digest=True)
    if has("legacy-fields-not-asked-for") and state.header is not None:
        by_digest = without_question(by_digest, fields_of(state.header))
    if has("legacy-digest-in-capitals"):
        by_digest = with_altered_bytes(by_digest, _in_capitals)
    if has("legacy-resource-missing"):
        by_digest = with_altered_bytes(by_digest, _without_resource)
    result = yield from by_digest
    is_to_go_on = isinstance(result, Refusal) and result.condition == "no-digest"
    if _is_error(result) and has("legacy-error-ignored"):
        return entrance.settings.address.full
    if not is_to_go_on or not entrance.may_send_password or has("legacy-password-refused"):
        return result
    return (yield from legacy_authenticate(state, entrance.credentials, digest=False))


def _with_line_break(data: bytes) -> bytes:
    return _PAYLOAD.sub(lambda found: found[0] + b"\n", data, count=1)


def _without_resource(data: bytes) -> bytes:
    return _RESOURCE.sub(b"", data)


def _in_capitals(data: bytes) -> bytes:
    return _DIGEST.sub(lambda found: found[0].upper(), data)
