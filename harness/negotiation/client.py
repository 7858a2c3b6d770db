"""A client's way onto a stream, from the connection to the bound resource (RFC 6120, 4 to 7).

Each step is a protocol of its own; `connect` runs all of them and waits for nothing that it need not
wait for. What a server refuses, or gets wrong, comes back as a `Refusal`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.negotiation.login import authenticate, await_iq, legacy_authenticate
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.state import (
    FEATURES,
    ClientState,
    Credentials,
    Offered,
    Refusal,
    Stage,
    TlsPolicy,
    await_element,
    next_event,
    read_features,
    refusal,
)
from harness.wire.effects import OpenConnection, Protocol, RestartStream, Send, StartTls
from harness.wire.events import Connected, ElementReceived, StreamOpened, TlsStarted
from harness.wire.writer import escape, stream_header
from harness.xmpp.namespaces import BIND, TLS, XML, Name

__all__ = [
    "ClientState",
    "Credentials",
    "LoggedIn",
    "Offered",
    "Refusal",
    "SaltedPasswords",
    "Stage",
    "TlsPolicy",
    "authenticate",
    "await_features",
    "bind",
    "connect",
    "legacy_authenticate",
    "open_stream",
    "read_features",
    "shake_hands",
    "start_session",
    "start_tls",
]

_LANG = f"{{{XML}}}lang"
_PROCEED = Name(TLS, "proceed")
_TLS_FAILURE = Name(TLS, "failure")
_STARTTLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
_BIND_ANY = b"<iq type='set' id='bind-1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
_BIND = (
    "<iq type='set' id='bind-1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<resource>%s</resource></bind></iq>"
)
_SESSION = b"<iq type='set' id='session-1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
_JID_PATH = f"{{{BIND}}}bind/{{{BIND}}}jid"


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedIn:
    """A login that succeeded: the full JID that the server gave, and how it came about."""

    jid: str
    mechanism: str
    tls: TlsStarted | None = None


def open_stream(
    state: ClientState, attributes: Mapping[str, str | None] | None = None
) -> Protocol[StreamOpened | Refusal]:
    """Send a stream header and await the server's. `attributes` join the usual ones; None takes one away."""
    usual: dict[str, str | None] = {"to": state.domain, "version": "1.0", _LANG: state.lang}
    wanted = usual | state.declared | dict(attributes or {})
    state.forget_stream()
    yield RestartStream()
    written = {name: value for name, value in wanted.items() if value is not None}
    yield Send(data=stream_header(attributes=written))
    event = yield from next_event(state)
    if not isinstance(event, StreamOpened):
        return refusal(Stage.STREAM, event)
    state.header = event
    return event


def await_features(state: ClientState) -> Protocol[ElementReceived | Refusal]:
    """Await the stream features, which `state.features` and `state.offered` then hold."""
    event = yield from await_element(state, Stage.FEATURES)
    if isinstance(event, Refusal):
        return event
    if event.name != FEATURES:
        return refusal(Stage.FEATURES, event)
    state.features = event
    return event


def start_tls(state: ClientState) -> Protocol[TlsStarted | Refusal]:
    """Negotiate STARTTLS (RFC 6120, 5.4.2); afterwards a new stream is to be opened."""
    yield Send(data=_STARTTLS)
    event = yield from await_element(state, Stage.TLS)
    if isinstance(event, Refusal):
        return event
    if event.name == _TLS_FAILURE:
        message = "the server refuses to start TLS"
        return Refusal(stage=Stage.TLS, condition="tls-refused", message=message, event=event)
    if event.name != _PROCEED:
        return refusal(Stage.TLS, event)
    return (yield from shake_hands(state))


def shake_hands(state: ClientState) -> Protocol[TlsStarted | Refusal]:
    """Begin TLS where the server has agreed to it; afterwards a new stream is to be opened."""
    answer = yield StartTls()
    if not isinstance(answer, TlsStarted):
        assert answer is not None, "StartTls is always answered"
        return refusal(Stage.TLS, answer)
    state.pushed_back.clear()  # what came in the clear does not count any more (RFC 6120, 5.4.3.3)
    state.forget_stream()
    state.tls = answer
    return answer


def bind(state: ClientState, resource: str | None) -> Protocol[str | Refusal]:
    """Bind a resource, one of the server's choice for None, and return the full JID (RFC 6120, 7)."""
    yield Send(data=_BIND_ANY if resource is None else (_BIND % escape(resource)).encode())
    answer = yield from await_iq(state, "bind-1", Stage.BIND)
    if isinstance(answer, Refusal):
        return answer
    jid = (answer.tree.findtext(_JID_PATH) or "").strip()
    if "/" not in jid:
        message = f"the server bound no full JID: {jid or 'nothing at all'}"
        return Refusal(stage=Stage.BIND, condition="no-jid", message=message, event=answer)
    state.jid = jid
    return jid


def start_session(state: ClientState) -> Protocol[Refusal | None]:
    """Start a session (RFC 3921, 3), though only where the server insists on it."""
    if not state.offered.session:
        return None
    yield Send(data=_SESSION)
    answer = yield from await_iq(state, "session-1", Stage.SESSION)
    return answer if isinstance(answer, Refusal) else None


def connect(
    state: ClientState,
    credentials: Credentials,
    policy: TlsPolicy = TlsPolicy.IF_OFFERED,
    *,
    nonce: Callable[[], str],
    salted: SaltedPasswords,
) -> Protocol[LoggedIn | Refusal]:
    """Open a connection and log in. After a refusal the connection is left as it is.

    A server that has no SASL gets the legacy login, unless the credentials name mechanisms.
    """
    state.reset()
    event = yield OpenConnection(direct_tls=policy is TlsPolicy.DIRECT)
    if not isinstance(event, Connected):
        assert event is not None, "OpenConnection is always answered"
        return refusal(Stage.CONNECT, event)
    state.tls = event.tls
    refused = yield from _prepare(state, credentials, policy)
    if refused is not None:
        return refused
    if credentials.mechanisms is None and not state.offered.mechanisms and _may_be_legacy(state):
        refused = yield from _log_in_as_of_old(state, credentials)
    else:
        refused = yield from _log_in(state, credentials, nonce, salted)
    return refused or LoggedIn(jid=state.jid, mechanism=state.mechanism, tls=state.tls)


def _prepare(state: ClientState, credentials: Credentials, policy: TlsPolicy) -> Protocol[Refusal | None]:
    """Open the stream, with TLS according to the policy."""
    refused = yield from _open(state, credentials)
    if refused is not None or state.tls is not None or policy is TlsPolicy.NEVER:
        return refused
    if not state.offered.starttls:
        if policy is TlsPolicy.IF_OFFERED:
            return None
        message = "the server does not offer STARTTLS"
        return Refusal(stage=Stage.TLS, condition="tls-not-offered", message=message)
    started = yield from start_tls(state)
    if isinstance(started, Refusal):
        return started
    return (yield from _open(state, credentials))


def _open(state: ClientState, credentials: Credentials) -> Protocol[Refusal | None]:
    """Open a stream and await its features, which only XMPP 1.0 has (RFC 6120, 4.3.2)."""
    # Who we are is told only where nobody else can read it (RFC 6120, 4.7.1), and not by the anonymous.
    is_nobody = credentials.mechanisms is not None and "ANONYMOUS" in credentials.mechanisms
    is_told = state.tls is not None and not is_nobody
    sender = f"{credentials.username}@{credentials.domain}" if is_told else None
    opened = yield from open_stream(state, {"from": sender})
    if isinstance(opened, Refusal):
        return opened
    if not opened.attributes.get("version"):
        return None
    features = yield from await_features(state)
    return features if isinstance(features, Refusal) else None


def _may_be_legacy(state: ClientState) -> bool:
    return state.features is None or state.offered.legacy


def _log_in_as_of_old(state: ClientState, credentials: Credentials) -> Protocol[Refusal | None]:
    result = yield from legacy_authenticate(state, credentials, digest=True)
    if isinstance(result, Refusal) and result.condition == "no-digest":
        result = yield from legacy_authenticate(state, credentials, digest=False)
    return result if isinstance(result, Refusal) else None


def _log_in(
    state: ClientState, credentials: Credentials, nonce: Callable[[], str], salted: SaltedPasswords
) -> Protocol[Refusal | None]:
    mechanism = yield from authenticate(state, credentials, nonce=nonce, salted=salted)
    if isinstance(mechanism, Refusal):
        return mechanism
    refused = yield from _open(state, credentials)
    if refused is not None:
        return refused
    jid = yield from bind(state, credentials.resource)
    if isinstance(jid, Refusal):
        return jid
    return (yield from start_session(state))
