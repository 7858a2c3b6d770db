"""How a client proves who it is: SASL (RFC 6120, 6) and the legacy login (XEP-0078)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping

from harness.negotiation.mechanisms import MECHANISMS, ClientContext, ClientHalf, choose
from harness.negotiation.outcomes import Objection
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.state import (
    ClientState,
    Credentials,
    Refusal,
    Stage,
    await_element,
    condition_in,
    described,
    refusal,
)
from harness.wire.effects import Protocol, Send
from harness.wire.events import ElementReceived
from harness.wire.writer import escape
from harness.xmpp.conditions import LEGACY_CODES
from harness.xmpp.namespaces import AUTH, CLIENT, SASL, STANZA_ERRORS, Name

CHALLENGE = Name(SASL, "challenge")
SUCCESS = Name(SASL, "success")
FAILURE = Name(SASL, "failure")
IQ = Name(CLIENT, "iq")

#: What the record shows in place of a secret.
MASK = b"[masked]"

_AUTH = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='%s'>%s</auth>"
_RESPONSE = b"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</response>"
_ABORT = b"<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
_ENCODED = re.compile(rb"<[^>]*>([A-Za-z0-9+/=]*)</[^>]*>")
_EMPTY = re.compile(rb"<[^<>]*/>")


def authenticate(
    state: ClientState,
    credentials: Credentials,
    mechanism: str = "",
    *,
    nonce: Callable[[], str],
    salted: SaltedPasswords,
    alter: Callable[[ClientHalf], ClientHalf] | None = None,
) -> Protocol[str | Refusal]:
    """Run a SASL mechanism and return its name; afterwards a new stream is to be opened.

    Without `mechanism` the best of the offered ones is chosen; with it that one is tried, offered or
    not. `nonce` gives a fresh text of printable ASCII without commas each time. `alter` puts something
    else in place of the mechanism's half, as a client at fault needs it.
    """
    offered, wanted = state.offered.mechanisms, credentials.mechanisms
    name = mechanism or choose(offered, wanted, usable_bindings(state)) or ""
    is_insisted = bool(mechanism) or (not name and wanted is not None)
    if is_insisted and not name:  # a binding that the server does not announce may still be known to it
        name = choose(offered, wanted, _all_bindings(state)) or ""
    if name not in MECHANISMS:
        there = ", ".join(offered) or "none"
        return Refusal(
            stage=Stage.SASL,
            condition="no-mechanism",
            message=f"there is no mechanism {name} here"
            if name
            else f"no SASL mechanism suits; offered: {there}",
        )
    context = ClientContext(
        username=credentials.username,
        password=credentials.password,
        authzid=credentials.authzid,
        nonce=nonce,
        salted=salted,
        offered=frozenset(offered),
        bindings=_all_bindings(state) if is_insisted else usable_bindings(state),
        can_bind=bool(_all_bindings(state)),
    )
    half = MECHANISMS[name].client(context)
    result = yield from _exchange(state, name, alter(half) if alter else half)
    if result is None:
        state.mechanism = name
        state.forget_stream()
        return name
    return result


def usable_bindings(state: ClientState) -> Mapping[str, bytes]:
    """Return the channel bindings that the server is known to have.

    Without an announcement (XEP-0440) those are tls-unique, which RFC 5802, 6.1 has every server know,
    and for TLS 1.3 its successor tls-exporter (RFC 9266, 3).
    """
    types = state.offered.binding_types
    known = frozenset({"tls-unique", "tls-exporter"}) if types is None else types
    return {type: data for type, data in _all_bindings(state).items() if type in known}


def _all_bindings(state: ClientState) -> Mapping[str, bytes]:
    return state.tls.bindings if state.tls is not None else {}


def _exchange(state: ClientState, name: str, half: ClientHalf) -> Protocol[Refusal | None]:
    initial = half.first()
    data = b"" if initial is None else base64.b64encode(initial) or b"="
    yield _send(_AUTH, half, name.encode(), data)
    while True:
        event = yield from await_element(state, Stage.SASL)
        if isinstance(event, Refusal):
            return event
        if event.name == CHALLENGE:
            refused = yield from _answer(half, event)
            if refused is not None:
                return refused
        elif event.name == SUCCESS:
            return _judge_success(half, event)
        elif event.name == FAILURE:
            condition, message = described(event.tree, SASL)
            return Refusal(
                stage=Stage.SASL, condition=condition or "not-authorized", message=message, event=event
            )
        else:
            return refusal(Stage.SASL, event)


def _send(form: bytes, half: ClientHalf, *values: bytes) -> Send:
    """An auth or response element; the last value is the message, masked where it holds a secret."""
    masked = form % (*values[:-1], MASK) if half.has_secret else None
    return Send(data=form % values, masked=masked)


def _answer(half: ClientHalf, event: ElementReceived) -> Protocol[Refusal | None]:
    challenge = encoded_text(event)
    objection = Objection(message="the challenge is not base64") if challenge is None else None
    response = half.respond(challenge or b"") if objection is None else objection
    if isinstance(response, Objection):
        yield Send(data=_ABORT)
        return _objected(response, event)
    # An empty response needs no equals sign: that is for auth and success alone (RFC 6120, 6.4.2).
    yield _send(_RESPONSE, half, base64.b64encode(response))
    return None


def _judge_success(half: ClientHalf, event: ElementReceived) -> Refusal | None:
    additional = encoded_text(event)
    if additional is None:
        return _objected(Objection(message="the data with the success is not base64"), event)
    objection = half.finish(additional or None)
    return None if objection is None else _objected(objection, event)


def _objected(objection: Objection, event: ElementReceived) -> Refusal:
    return Refusal(stage=Stage.SASL, condition="server-at-fault", message=objection.message, event=event)


def encoded_text(event: ElementReceived) -> bytes | None:
    """Return the decoded text of a SASL element, for which "=" is empty text; None if it is not base64."""
    if _EMPTY.fullmatch(event.raw):
        return b""
    match = _ENCODED.fullmatch(event.raw)
    text = match.group(1) if match else (event.tree.text or "").encode()
    if text == b"=":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


_LEGACY_GET = (
    "<iq type='get' id='auth-1' to='%s'><query xmlns='jabber:iq:auth'><username>%s</username></query></iq>"
)
_LEGACY_SET = (
    "<iq type='set' id='auth-2' to='%s'><query xmlns='jabber:iq:auth'>"
    "<username>%s</username><%s>%s</%s><resource>%s</resource></query></iq>"
)


def legacy_authenticate(
    state: ClientState, credentials: Credentials, digest: bool
) -> Protocol[str | Refusal]:
    """Log in by jabber:iq:auth, with the digest or the bare password, and return the full JID.

    A resource is demanded here; where the credentials have none it is `harness`.
    """
    username, domain = escape(credentials.username), escape(state.domain)
    yield Send(data=(_LEGACY_GET % (domain, username)).encode())
    answer = yield from await_iq(state, "auth-1", Stage.LEGACY)
    if isinstance(answer, Refusal):
        return answer
    way = "digest" if digest else "password"
    if answer.tree.find(f"{{{AUTH}}}query/{{{AUTH}}}{way}") is None:
        message = f"the server does not ask for a {way}"
        return Refusal(stage=Stage.LEGACY, condition=f"no-{way}", message=message, event=answer)
    resource = credentials.resource or "harness"
    secret = legacy_digest(state, credentials.password) if digest else escape(credentials.password)
    values = (domain, username, way, secret, way, escape(resource))
    masked = (*values[:3], MASK.decode(), *values[4:])
    yield Send(data=(_LEGACY_SET % values).encode(), masked=(_LEGACY_SET % masked).encode())
    answer = yield from await_iq(state, "auth-2", Stage.LEGACY)
    if isinstance(answer, Refusal):
        return answer
    state.mechanism = f"legacy {'digest' if digest else 'plain'}"
    state.jid = f"{credentials.username}@{state.domain}/{resource}"
    return state.jid


def legacy_digest(state: ClientState, password: str) -> str:
    """Return SHA-1 of stream id and password in lower-case hexadecimal (XEP-0078, 3)."""
    stream_id = state.header.attributes.get("id", "") if state.header is not None else ""
    return hashlib.sha1((stream_id + password).encode()).hexdigest()


def await_iq(state: ClientState, id: str, stage: Stage) -> Protocol[ElementReceived | Refusal]:
    """Wait for the answer to our iq; what else comes is kept for whoever goes on with the connection."""
    others = []
    while True:
        event = yield from await_element(state, stage)
        if isinstance(event, Refusal) or _answers(event, id):
            break
        others.append(event)
    state.pushed_back.extend(others)
    if isinstance(event, Refusal) or event.attributes["type"] == "result":
        return event
    return _iq_refused(event, stage)


def condition_of_code(code: str) -> str:
    """Return the condition that stands for the numeric code of a server older than XMPP (XEP-0086)."""
    number = int(code) if code.isascii() and code.isdecimal() and len(code) < 4 else 0
    return LEGACY_CODES[number][0] if number in LEGACY_CODES else "undefined-condition"


def _answers(event: ElementReceived, id: str) -> bool:
    attributes = event.attributes
    return event.name == IQ and attributes.get("id") == id and attributes.get("type") in ("result", "error")


def _iq_refused(event: ElementReceived, stage: Stage) -> Refusal:
    error = event.tree.find(f"{{{CLIENT}}}error")
    if error is None:
        return Refusal(
            stage=stage, condition="undefined-condition", message="an error without <error/>", event=event
        )
    condition, message = described(error, STANZA_ERRORS)
    if not condition_in(error, STANZA_ERRORS):
        code = error.get("code", "")
        condition, message = condition_of_code(code), f"error code {code or 'missing'}"
    return Refusal(stage=stage, condition=condition, message=message, event=event)
