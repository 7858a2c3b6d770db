"""Clients' halves of SASL mechanisms that do not look closely, and protocol code with an ear less."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from harness.negotiation.mechanisms import ClientHalf
from harness.negotiation.outcomes import Objection
from harness.negotiation.scram import ScramClient
from harness.wire.effects import Effect, Protocol, Receive, Send, StartTls, T
from harness.wire.events import ElementReceived, Event, StreamOpened, TlsFailed, TlsStarted
from harness.xmpp.namespaces import CLIENT, SASL, Name

#: A handshake that has not been.
NO_TLS = TlsStarted(version="", cipher="")


@dataclass(kw_only=True)
class LenientScram:
    """SCRAM with checks left out, those that `has` knows as faults."""

    inner: ScramClient
    has: Callable[[str], bool]
    has_secret: bool = False
    _is_answered: bool = False

    def first(self) -> bytes | None:
        """As it should be, unless the nonce or the flag is not."""
        if self.has("scram-nonce-constant"):
            self.inner.nonce = "always-the-same"
        if self.has("scram-flag-n-always") and self.inner.binding is None:
            self.inner.flag = "n"
        return self.inner.first()

    def respond(self, challenge: bytes) -> bytes | Objection:
        """Answer, whatever may be wrong with the challenge."""
        if self._is_answered and self.has("scram-wrong-signature-accepted"):
            return b""
        response = self.inner.respond(challenge if self._is_answered else self._mended(challenge))
        self._is_answered = True
        self.has_secret = self.inner.has_secret
        return response

    def _mended(self, challenge: bytes) -> bytes:
        """The challenge as it would be accepted, where the fault is to accept it."""
        nonce = challenge.partition(b",")[0].removeprefix(b"r=").decode("ascii", "replace")
        if self.has("scram-nonce-unchecked") and len(nonce) > 1:
            self.inner.nonce = nonce[:-1]
        if self.has("empty-challenge-answered") and not challenge:
            return f"r={self.inner.nonce}-and-more,s=c2FsdA==,i=1".encode()
        if self.has("scram-demand-ignored") and challenge.startswith(b"m="):
            demand, _, challenge = challenge.partition(b",")
            self.inner._bare += "," + demand.decode("utf-8", "replace")  # the proof covers it all the same
        return challenge

    def finish(self, additional: bytes | None) -> Objection | None:
        """Take success as success."""
        if not self._is_answered:
            skips = self.has("scram-early-success-accepted")
            return None if skips else self.inner.finish(additional)
        if not additional and self.has("scram-missing-signature-accepted"):
            return None
        if additional and self.has("scram-wrong-signature-accepted"):
            return None
        return self.inner.finish(additional)


def lenient(half: ClientHalf, has: Callable[[str], bool]) -> ClientHalf:
    """The half with the faults of the client."""
    return LenientScram(inner=half, has=has) if isinstance(half, ScramClient) else half


def without_handshake(protocol: Protocol[T]) -> Protocol[T]:
    """Let protocol code believe in a TLS handshake that is left out."""
    return _answered(protocol, lambda effect: NO_TLS if isinstance(effect, StartTls) else None)


def _answered(protocol: Protocol[T], answer: Callable[[Effect], Event | None]) -> Protocol[T]:
    event: Event | None = None
    try:
        while True:
            effect = protocol.send(event)
            made_up = answer(effect)
            event = made_up if made_up is not None else (yield effect)
    except StopIteration as stop:
        result: T = stop.value
        return result


def with_any_certificate(protocol: Protocol[T]) -> Protocol[T]:
    """Let protocol code take a failed handshake for one that went well."""
    event: Event | None = None
    try:
        while True:
            effect = protocol.send(event)
            event = yield effect
            if isinstance(effect, StartTls) and isinstance(event, TlsFailed):
                event = NO_TLS
    except StopIteration as stop:
        result: T = stop.value
        return result


def with_altered_bytes(protocol: Protocol[T], alter: Callable[[bytes], bytes]) -> Protocol[T]:
    """Change what protocol code sends."""
    event: Event | None = None
    try:
        while True:
            effect = protocol.send(event)
            if isinstance(effect, Send):
                effect = Send(data=alter(effect.data), masked=effect.masked)
            event = yield effect
    except StopIteration as stop:
        result: T = stop.value
        return result


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_TEXT = re.compile(rb"(?<=>)[^<>]*(?=<)")


def with_any_base64(protocol: Protocol[T]) -> Protocol[T]:
    """Let protocol code see no sign that does not belong to base64."""
    event: Event | None = None
    try:
        while True:
            effect = protocol.send(event)
            event = yield effect
            if isinstance(event, ElementReceived) and event.name.namespace == SASL:
                text = _TEXT.sub(lambda found: _NOT_BASE64.sub(b"", found[0]), event.raw)
                event = msgspec.structs.replace(event, raw=text)
    except StopIteration as stop:
        result: T = stop.value
        return result


_FIELDS = (
    b"<iq type='result' id='auth-1'><query xmlns='jabber:iq:auth'>"
    b"<username/><digest/><password/><resource/></query></iq>"
)


def fields_of(header: StreamOpened) -> ElementReceived:
    """What a server would say that the old login needs."""
    attributes = {"type": "result", "id": "auth-1"}
    return ElementReceived(name=Name(CLIENT, "iq"), attributes=attributes, raw=_FIELDS, stream=header)


def without_question(protocol: Protocol[T], answer: ElementReceived) -> Protocol[T]:
    """Let protocol code believe that its first question was answered, and do not ask it."""
    next(protocol)
    effect: Effect | None = protocol.send(None)
    event: Event | None = answer if isinstance(effect, Receive) else None
    try:
        while True:
            event = yield protocol.send(event)
    except StopIteration as stop:
        result: T = stop.value
        return result
