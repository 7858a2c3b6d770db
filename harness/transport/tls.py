"""TLS over a trio stream, and what SASL wants to know of it."""

import ssl

import trio

from harness.negotiation.scram import tls_server_end_point
from harness.transport.endpoint import Trust
from harness.wire.events import TlsFailed, TlsStarted

HANDSHAKE_SECONDS = 10.0


async def secure_client(
    stream: trio.abc.Stream,
    context: ssl.SSLContext,
    trust: Trust,
    domain: str,
    *,
    seconds: float = HANDSHAKE_SECONDS,
) -> tuple[trio.SSLStream[trio.abc.Stream] | None, TlsStarted | TlsFailed]:
    """Shake hands as client; `domain` is the name that the certificate must carry (RFC 6120, 13.7.1.2).

    `seconds` bound the handshake, up to `HANDSHAKE_SECONDS`.
    """
    secured = trio.SSLStream(stream, context, server_hostname=domain, https_compatible=True)
    event = await _shake_hands(secured, seconds=min(seconds, HANDSHAKE_SECONDS))
    if isinstance(event, TlsStarted) and not trust.accepts(event.peer_certificate):
        return None, TlsFailed(reason="the certificate's SHA-256 is not the pinned one")
    return (secured if isinstance(event, TlsStarted) else None), event


async def secure_server(
    stream: trio.abc.Stream, context: ssl.SSLContext, certificate: bytes
) -> tuple[trio.SSLStream[trio.abc.Stream] | None, TlsStarted | TlsFailed]:
    """Shake hands as server; `certificate` is our own in DER form, which channel binding needs."""
    secured = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
    event = await _shake_hands(secured, certificate)
    return (secured if isinstance(event, TlsStarted) else None), event


async def _shake_hands(
    secured: "trio.SSLStream[trio.abc.Stream]",
    own_certificate: bytes = b"",
    seconds: float = HANDSHAKE_SECONDS,
) -> TlsStarted | TlsFailed:
    with trio.move_on_after(seconds):
        try:
            await secured.do_handshake()
        except trio.BrokenResourceError as error:
            return TlsFailed(reason=_reason(error))
        return _started(secured, own_certificate)
    return TlsFailed(reason=f"the TLS handshake did not end within {seconds:g} s")


def _reason(error: trio.BrokenResourceError) -> str:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"certificate not accepted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or cause}"
    return "the connection broke during the TLS handshake"


def _started(secured: "trio.SSLStream[trio.abc.Stream]", own_certificate: bytes) -> TlsStarted:
    theirs = secured.getpeercert(binary_form=True) or b""
    cipher = secured.cipher()
    return TlsStarted(
        version=secured.version() or "",
        cipher=cipher[0] if cipher else "",
        bindings=_bindings(secured, own_certificate or theirs),
        peer_certificate=theirs,
    )


def _bindings(secured: "trio.SSLStream[trio.abc.Stream]", server_certificate: bytes) -> dict[str, bytes]:
    """Channel binding data by type. tls-unique is not defined for TLS 1.3 (RFC 9266, 3)."""
    bindings = {}
    if server_certificate:
        bindings["tls-server-end-point"] = tls_server_end_point(server_certificate)
    if secured.version() != "TLSv1.3":
        unique = secured.get_channel_binding("tls-unique")
        if unique:
            bindings["tls-unique"] = unique
    # Python's ssl has no keying material exporter yet; where it grows one, RFC 9266 names label and length.
    export = getattr(secured, "export_keying_material", None)
    if export is not None:
        bindings["tls-exporter"] = export("EXPORTER-Channel-Binding", 32, b"")
    return bindings
