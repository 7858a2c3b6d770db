"""SASL as the server plays it (RFC 6120, 6)."""

import base64
from collections.abc import Callable, Iterable

from harness.negotiation.mechanisms import MECHANISMS, ServerContext, ServerHalf, choose_binding
from harness.negotiation.outcomes import Challenge, Failure, ServerAnswer, Success
from harness.negotiation.policy import Ended, TlsOffer
from harness.negotiation.scram import decode_base64
from harness.negotiation.stream import ServerStream
from harness.wire.effects import CloseConnection, Protocol, Send
from harness.wire.events import ElementReceived
from harness.wire.writer import stream_footer
from harness.xmpp.namespaces import SASL, Name

AUTH = Name(SASL, "auth")
RESPONSE = Name(SASL, "response")
ABORT = Name(SASL, "abort")

_FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><%s/></failure>"
_CHALLENGE = b"<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</challenge>"
_SUCCESS = b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</success>"
_BARE_SUCCESS = b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"


def offered_mechanisms(stream: ServerStream) -> tuple[str, ...]:
    """Return what is on offer now: nothing before TLS where that is required, -PLUS only with a binding."""
    policy = stream.policy
    if stream.tls is None:
        is_early = policy.tls is TlsOffer.REQUIRED and not policy.has("starttls-beside-other-features")
        clear = policy.clear_mechanisms
        is_plain = policy.has("plain-offered-in-clear") or policy.has("tls-required-in-name-only")
        if is_plain and "PLAIN" not in clear:
            clear = (*clear, "PLAIN")
        return () if is_early else _without_binding(clear)
    names = tuple(name for name in policy.tls_mechanisms if name != "EXTERNAL" or stream.identity)
    is_bound = choose_binding(stream.tls.bindings) is not None and not policy.has("plus-not-offered")
    return names if is_bound else _without_binding(names)


def _without_binding(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not MECHANISMS[name].needs_binding)


def authenticate(stream: ServerStream, request: ElementReceived) -> Protocol[ElementReceived | Ended | None]:
    """Run handshakes until one succeeds, then return None and expect a new header.

    An element that belongs to no handshake is returned: it is for somebody else to judge.
    """
    half: ServerHalf | None = None
    while True:
        if stream.failures > stream.policy.sasl_retries and not stream.policy.has("sasl-retries-unlimited"):
            return (yield from stream.fail("policy-violation"))
        half, answer = _take(stream, half, request)
        ended = yield from _tell(stream, answer)
        if ended is not None or isinstance(answer, Success):
            return ended
        event = yield from stream.receive()
        if isinstance(event, Ended):
            return event
        if not isinstance(event, ElementReceived) or event.name not in (AUTH, RESPONSE, ABORT):
            return event if isinstance(event, ElementReceived) else (yield from stream.fail("bad-format"))
        request = event


def _take(
    stream: ServerStream, half: ServerHalf | None, request: ElementReceived
) -> tuple[ServerHalf | None, ServerAnswer]:
    """Let one element work on the handshake that is going on, if any."""
    if request.name == ABORT:
        return None, Failure(condition="aborted")
    if half is not None and request.name == AUTH and stream.policy.has("second-auth-refused"):
        return half, Failure(condition="malformed-request")
    if request.name == AUTH:  # it drops an unfinished handshake (RFC 6120, 6.4.2)
        condition = _objection_to(stream, request.attributes.get("mechanism", ""))
        if condition:
            return None, Failure(condition=condition)
        stream.mechanism = request.attributes["mechanism"]
        half = MECHANISMS[stream.mechanism].server(_context(stream))
    if half is None and stream.policy.has("response-alone-accepted"):
        half = MECHANISMS["PLAIN"].server(_context(stream))
    if half is None:
        return None, Failure(condition="malformed-request")
    data = _data_of(stream, request)
    if isinstance(data, Failure):
        return None, data
    if data is None and request.name == AUTH and stream.policy.has("initial-response-demanded"):
        return None, Failure(condition="malformed-request")
    answer = half.start(data) if request.name == AUTH else half.respond(data or b"")
    if isinstance(answer, Challenge) and request.name == AUTH and stream.policy.challenge == "left-out":
        answer = Success(username=_claimed_name(data or b""))
    if isinstance(answer, Success) and answer.data and stream.policy.has("scram-refused"):
        answer = Failure(condition="not-authorized")
    answer = _checked(stream, answer)
    return (None if isinstance(answer, Failure) else half), answer


def _objection_to(stream: ServerStream, name: str) -> str:
    """The condition that refuses a mechanism; empty when it may be used now (RFC 6120, 6.5)."""
    there = offered_mechanisms(stream)
    if stream.tls is None and stream.policy.has("tls-needed-unannounced"):
        return "encryption-required"
    if name in there:
        return ""
    if name not in MECHANISMS:
        return "not-authorized" if stream.policy.has("invalid-mechanism-not-named") else "invalid-mechanism"
    if name == "EXTERNAL" and stream.policy.has("external-without-certificate"):
        return ""
    mechanism = MECHANISMS[name]
    is_possible = bool(mechanism.strength) and not mechanism.needs_binding
    if is_possible and stream.policy.has("unoffered-mechanism-accepted"):
        return ""
    if stream.tls is None and stream.policy.tls is not TlsOffer.NONE and name in stream.policy.tls_mechanisms:
        return "encryption-required"
    is_weak = bool(there) and all(MECHANISMS[one].strength > mechanism.strength for one in there)
    return "mechanism-too-weak" if is_weak else "invalid-mechanism"


def _context(stream: ServerStream) -> ServerContext:
    has, owner = stream.policy.has, stream.owner
    return ServerContext(
        domain=stream.domain,
        password=stream.look_up,
        nonce=owner.fresh,
        salted=owner.salted,
        offered=frozenset(offered_mechanisms(stream)),
        bindings=stream.tls.bindings if stream.tls is not None else {},
        identity=stream.identity,
        iterations=1 if has("scram-low-iterations") else 4096,
        claimed_iterations=stream.policy.claimed_iterations,
        demands=stream.policy.challenge == "demanding",
        extends_nonce=not has("scram-nonce-not-extended"),
        signature=_reversed if has("scram-wrong-server-signature") else bytes,
        accepts_any=has("any-password-accepted"),
        checks_authzid=not has("authzid-unchecked"),
        checks_binding=not has("channel-binding-unchecked"),
        lapses=_lapses(has),
    )


def _lapses(has: Callable[[str], bool]) -> frozenset[str]:
    """What goes wrong inside a mechanism, in the words of `mechanisms` and `scram`."""
    faults = {
        "authzid": has("empty-authzid-refused"),
        "blank": has("empty-password-accepted"),
        "parts": has("plain-parts-passed-over"),
        "short": has("plain-fields-cut-short"),
        "external": has("external-without-certificate"),
        "flag": has("scram-flag-unchecked"),
        "y": has("scram-downgrade-accepted"),
        "reserved": has("scram-reserved-attribute-ignored"),
        "extensions": has("scram-extensions-refused"),
        "escapes": has("scram-escapes-kept"),
        "bad-escapes": has("scram-bad-escapes-dropped"),
        "nonce": has("scram-nonce-unchecked"),
        "unprintable": has("scram-nonce-unprintable"),
        "order": has("scram-attributes-reversed"),
        "salt": has("scram-salt-with-blank"),
        "error": has("scram-failure-as-signature"),
        "other-type": has("scram-binds-to-something-else"),
        "unknown-type": has("scram-unknown-binding-accepted"),
    }
    return frozenset(word for word, is_planted in faults.items() if is_planted)


def _reversed(signature: bytes) -> bytes:
    return signature[::-1]


def _data_of(stream: ServerStream, request: ElementReceived) -> bytes | Failure | None:
    """The decoded text; None where there is none, which differs from text of no length (RFC 6120, 6.4.2)."""
    if len(request.tree):
        return Failure(condition="malformed-request")
    text = request.tree.text or ""
    if not text:
        return None
    if text == "=" and stream.policy.has("equals-sign-taken-for-none"):
        return None
    if text == "=" and not stream.policy.has("equals-sign-not-understood"):
        return b""
    data = decode_base64(text)
    if data is None and stream.policy.has("bad-base64-tolerated"):
        return b"".join(base64.b64decode(f"{piece}==") for piece in text.split("=") if piece)
    return Failure(condition="incorrect-encoding") if data is None else data


def _checked(stream: ServerStream, answer: ServerAnswer) -> ServerAnswer:
    """Keep those out whom the owner keeps out; a client with another `from` is not who it says it is.

    A `from` without a localpart names no account, and is let be, as servers in use do.
    """
    if not isinstance(answer, Success):
        return answer
    trouble = stream.owner.accounts.trouble(answer.username)
    if trouble:
        return Failure(condition=trouble)
    sender = stream.header.attributes.get("from", "") if stream.header is not None and stream.tls else ""
    bare = f"{stream.owner.accounts.localpart(answer.username)}@{stream.domain}"
    is_other = "@" in sender and sender.partition("/")[0].lower() != bare
    if is_other and not stream.policy.has("sasl-identity-not-correlated"):
        return Failure(condition="not-authorized")  # RFC 6120, 6.4.6
    return answer


def _claimed_name(first_message: bytes) -> str:
    """The user that the first message of a SCRAM client names (RFC 5802, 5.1)."""
    _, _, rest = first_message.partition(b"n=")
    return rest.partition(b",")[0].decode("utf-8", "replace")


def _tell(stream: ServerStream, answer: ServerAnswer) -> Protocol[Ended | None]:
    match answer:
        case Challenge():
            encoded = base64.b64encode(answer.data)
            if stream.policy.challenge == "garbled":
                encoded = encoded[:8] + b"!" + encoded[8:]
            yield Send(data=_CHALLENGE % encoded)
        case Success():
            stream.username = stream.owner.accounts.localpart(answer.username)
            yield from _succeed(stream, answer)
        case Failure():
            return (yield from _refuse(stream, answer.condition))
    return None


def _succeed(stream: ServerStream, success: Success) -> Protocol[None]:
    has = stream.policy.has
    yield from stream.restart()
    if success.data is None or has("scram-without-server-signature"):
        yield Send(data=_BARE_SUCCESS)
    else:
        yield Send(data=_SUCCESS % (base64.b64encode(success.data) or b"="))
    if has("close-tag-at-restart"):
        yield Send(data=stream_footer())
    if has("restart-drops-connection"):
        yield CloseConnection()


def _refuse(stream: ServerStream, condition: str) -> Protocol[Ended | None]:
    has = stream.policy.has
    if stream.is_unknown and has("unknown-user-told-apart"):
        condition = "account-disabled"
    stream.failures += 1
    stream.has_failed = True
    if has("failure-with-data"):
        yield Send(data=_FAILURE.replace("><%", ">ZT1v<%").encode() % condition.encode())
        return None
    if condition == "aborted" and has("abort-unanswered"):
        return None
    if has("failure-without-condition"):
        yield Send(data=b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    else:
        yield Send(
            data=(_FAILURE % ("bad-auth" if has("failure-undefined-condition") else condition)).encode()
        )
    if has("stream-closed-after-sasl-failure"):
        yield Send(data=stream_footer())
        yield CloseConnection()
        return Ended(reason=f"SASL failure {condition}")
    return None
