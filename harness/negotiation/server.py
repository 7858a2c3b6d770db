"""A server's way with a new client, from its first byte to the bound resource (RFC 6120, 4 to 7).

`negotiate` is one protocol. It ends in `Bound`, and from then on every event belongs to the server that
called it, or in `Ended`, and then the connection is closed.
"""

from collections.abc import Callable

from harness.negotiation.policy import (
    AccountLookup,
    BindRefused,
    Bound,
    Ended,
    Identifier,
    Owner,
    Registrar,
    ResourceBinder,
    Resumer,
    ServerPolicy,
    TlsOffer,
)
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.server_bind import IQ, bind, id_of
from harness.negotiation.server_legacy import take_iq
from harness.negotiation.server_resumption import is_management, take_management
from harness.negotiation.server_sasl import ABORT, AUTH, RESPONSE, authenticate, offered_mechanisms
from harness.negotiation.stream import ServerStream, stream_error
from harness.wire.effects import CloseConnection, Protocol, Send, StartTls
from harness.wire.events import ElementReceived, StreamOpened, TlsFailed, TlsStarted, Violation
from harness.wire.writer import stream_footer
from harness.xmpp.namespaces import BIND, STREAM, TLS, Name

__all__ = [
    "AccountLookup",
    "BindRefused",
    "Bound",
    "Ended",
    "Identifier",
    "Registrar",
    "ResourceBinder",
    "ServerPolicy",
    "TlsOffer",
    "negotiate",
    "stream_error",
]

_STARTTLS = Name(TLS, "starttls")
_STREAM_ERROR = Name(STREAM, "error")
_PROCEED = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
_SUCCESS = b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
_SSL_2_HELLO = bytes.fromhex("800b0400010002000000000000")
_TLS_FAILURE = b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

_STARTTLS_FEATURE = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'%s>"
_MECHANISMS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</mechanisms>"
_BINDINGS = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>%s</sasl-channel-binding>"
_LEGACY = "<auth xmlns='http://jabber.org/features/iq-auth'/>"
_REGISTER = "<register xmlns='http://jabber.org/features/iq-register'/>"
_BIND = b"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
_SESSION = b"<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"


def negotiate(
    policy: ServerPolicy,
    accounts: AccountLookup,
    fresh: Callable[[], str],
    *,
    bind_resource: ResourceBinder,
    register: Registrar | None = None,
    tls: TlsStarted | None = None,
    salted: SaltedPasswords | None = None,
    identify: Identifier | None = None,
    resume: Resumer | None = None,
) -> Protocol[Bound | Ended]:
    """Negotiate with a client that has just connected; `tls` when the connection began with a handshake.

    `fresh` gives a text that was never given before and holds neither spaces nor commas: stream ids, nonces.
    EXTERNAL is offered to those whom `identify` knows. `resume` is there where streams are managed.
    """
    owner = Owner(
        accounts=accounts,
        fresh=fresh,
        bind_resource=bind_resource,
        register=register,
        salted=salted or SaltedPasswords(),
        identify=identify,
        resume=resume,
    )
    stream = ServerStream(policy, owner, tls)
    ended = yield from _open(stream)
    if ended is not None:
        return ended
    done = yield from _before_authentication(stream)
    if done is not None:
        return done
    ended = yield from _open(stream)
    if ended is not None:
        return ended
    return (yield from bind(stream))


def _open(stream: ServerStream) -> Protocol[Ended | None]:
    """Take a header; answer it, with features for those who know them."""
    event = yield from stream.receive()
    if isinstance(event, Ended):
        return event
    if not isinstance(event, StreamOpened):
        return (yield from stream.fail("bad-format"))
    ended = yield from stream.accept(event)
    if ended is not None:
        return ended
    yield Send(data=stream.answer() + (_features(stream) if stream.has_features else b""))
    return None


def _legacy(stream: ServerStream) -> str:
    """The login before SASL is announced where it is there (XEP-0078, 4)."""
    is_told = stream.policy.legacy and not stream.policy.has("legacy-not-announced")
    return _LEGACY if is_told else ""


def _features(stream: ServerStream) -> bytes:
    has = stream.policy.has
    if has("features-missing") or (stream.username and has("features-missing-after-restart")):
        return b""
    content = _features_at_last(stream) if stream.username else _features_at_first(stream)
    if has("feature-without-namespace"):
        content += b"<rose/>"
    if has("features-without-prefix"):
        return b"<features xmlns='%s'>%s</features>" % (STREAM.encode(), content)
    return b"<stream:features>" + content + b"</stream:features>"


def _features_at_last(stream: ServerStream) -> bytes:
    policy = stream.policy
    features = [one for one in policy.features if not _is_kept_quiet(stream, one)]
    parts = [_BIND, _SESSION if policy.session else b"", *features]
    return b"".join(parts[1:] if policy.has("bind-not-offered") else parts)


def _is_kept_quiet(stream: ServerStream, feature: bytes) -> bool:
    has = stream.policy.has
    if has("roster-versions-not-announced") and b"rosterver" in feature:
        return True
    if has("sm-not-offered") and b"sm:3" in feature:
        return True
    return has("pre-approval-not-announced") and b"pre-approval" in feature


def _features_at_first(stream: ServerStream) -> bytes:
    parts = [_starttls(stream)]
    if not stream.must_encrypt or stream.policy.has("starttls-beside-other-features"):
        parts += [_mechanisms(stream), _legacy(stream)]
        parts += [_REGISTER if stream.policy.registration and stream.owner.register is not None else ""]
    if stream.policy.has("bind-offered-early"):
        parts.append(_BIND.decode())
    return "".join(parts).encode()


def _starttls(stream: ServerStream) -> str:
    policy = stream.policy
    if policy.tls is TlsOffer.NONE or (stream.tls is not None and not policy.has("starttls-after-tls")):
        return ""
    if policy.has("starttls-not-advertised"):
        return ""
    is_required = policy.tls is TlsOffer.REQUIRED or policy.has("tls-required-in-name-only")
    is_marked = is_required and not policy.has("starttls-not-marked-required")
    return _STARTTLS_FEATURE % "" + ("<required/>" if is_marked else "") + "</starttls>"


def _mechanisms(stream: ServerStream) -> str:
    names = offered_mechanisms(stream)
    if stream.policy.has("mechanisms-empty"):
        return _MECHANISMS % ""
    if not names:
        return ""
    offer = _MECHANISMS % "".join(f"<mechanism>{name}</mechanism>" for name in names)
    if not any(name.endswith("-PLUS") for name in names) or stream.tls is None:
        return offer
    types = "".join(f"<channel-binding type='{type}'/>" for type, data in stream.tls.bindings.items() if data)
    return offer + _BINDINGS % types


def _before_authentication(stream: ServerStream) -> Protocol[Bound | Ended | None]:
    """Take what a client may do before it is known; None: it is known, and owes us a new header."""
    event: ElementReceived | None = None
    while True:
        if event is None:
            received = yield from stream.receive()
            if isinstance(received, Ended):
                return received
            if isinstance(received, StreamOpened):
                return (yield from stream.fail("bad-format"))
            event = received
        if event.name in (AUTH, RESPONSE, ABORT):
            result = yield from authenticate(stream, event)
            if not isinstance(result, ElementReceived):
                return result
            event = result
            continue
        done = yield from _take(stream, event)
        if done is not None:
            return done
        event = None


def _take(stream: ServerStream, event: ElementReceived) -> Protocol[Bound | Ended | None]:
    is_any_taken = stream.policy.has("unknown-tls-command-taken") and event.name.namespace == TLS
    is_alike = stream.policy.has("starttls-by-local-name") and event.name.local == _STARTTLS.local
    if event.name == _STARTTLS or is_any_taken or is_alike:
        return (yield from _start_tls(stream, event))
    if event.name == _STREAM_ERROR:
        return (yield from stream.close("the client sent a stream error"))
    if is_management(stream, event):
        return (yield from take_management(stream, event))
    condition = stream.fault_of(event)
    if condition:
        return (yield from stream.fail(condition))
    if stream.policy.has("bind-before-login") and event.tree.find(f"{{{BIND}}}bind") is not None:
        yield Send(data=b"<iq type='result'%s/>" % id_of(event.tree).encode())
        return None
    if event.name == IQ:
        return (yield from take_iq(stream, event))
    if stream.policy.has("stanza-before-auth-ignored"):
        return None
    return (yield from stream.fail("not-authorized"))


def _start_tls(stream: ServerStream, event: ElementReceived) -> Protocol[Ended | None]:
    """RFC 6120, 5.4.2 and 5.4.3."""
    has = stream.policy.has
    if has("starttls-ignored"):
        return None
    is_possible = stream.policy.tls is not TlsOffer.NONE and stream.tls is None
    if not is_possible or len(event.tree) or has("starttls-refused"):
        return (yield from _refuse_tls(stream))
    if has("whitespace-before-proceed"):
        yield Send(data=b"\n")
    yield Send(
        data=_PROCEED.replace(b"xmpp-tls", b"xmpp-sasl") if has("proceed-wrong-namespace") else _PROCEED
    )
    if has("proceed-without-handshake"):
        yield CloseConnection()
        return Ended(reason="no handshake")
    if has("xml-behind-proceed"):
        yield Send(data=b"<stream:features/>")
    answer = yield StartTls()
    if has("ssl-2-spoken") and isinstance(answer, Violation):
        yield Send(data=_SSL_2_HELLO)
        return (yield from stream.wait_for_the_end(""))
    if not isinstance(answer, TlsStarted):
        if has("login-behind-proceed") and isinstance(answer, ElementReceived):
            yield Send(data=_SUCCESS)
        if has("close-tag-after-failed-tls"):
            yield Send(data=stream_footer())
        if has("connection-kept-after-failed-tls"):
            return (yield from stream.wait_for_the_end(""))
        # No closing tag: what failed is below XML (RFC 6120, 5.4.3.2). Bytes in the clear fail it, too.
        yield CloseConnection()
        reason = answer.reason if isinstance(answer, TlsFailed) else "bytes in the clear where TLS was due"
        return Ended(reason=reason)
    stream.tls = answer
    yield from stream.restart()
    return (yield from _open(stream))


def _refuse_tls(stream: ServerStream) -> Protocol[Ended | None]:
    if stream.policy.has("starttls-failure-keeps-stream"):
        yield Send(data=_TLS_FAILURE)
        return None
    yield Send(data=_TLS_FAILURE + stream_footer())
    yield CloseConnection()
    return Ended(reason="STARTTLS refused")
