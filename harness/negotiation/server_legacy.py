"""The login and the registration that come before SASL: jabber:iq:auth (XEP-0078), jabber:iq:register."""

import hashlib
from xml.sax.saxutils import escape

from lxml import etree

from harness.negotiation.policy import BindRefused, Bound, Ended
from harness.negotiation.server_bind import id_of, iq_error
from harness.negotiation.server_resumption import bound_as
from harness.negotiation.stream import ServerStream
from harness.wire.effects import Protocol, Send
from harness.wire.events import ElementReceived
from harness.wire.writer import serialize
from harness.xmpp.namespaces import AUTH, REGISTER

_QUERY = f"{{{AUTH}}}query"
_REGISTER = f"{{{REGISTER}}}query"
_FIELDS = ("username", "password", "digest", "resource")

#: Numeric codes beside the conditions (XEP-0078, 3 and 5).
_CODES = {"not-authorized": 401, "not-acceptable": 406, "conflict": 409, "service-unavailable": 503}


def take_iq(stream: ServerStream, event: ElementReceived) -> Protocol[Bound | Ended | None]:
    """Answer an iq that came before authentication; None: it is answered and the stream goes on."""
    stanza = event.tree
    if stanza.get("type") in ("get", "set"):
        if stanza.find(_QUERY) is not None and stream.policy.has("legacy-unanswered"):
            return None
        if stanza.find(_QUERY) is not None:
            return (yield from _take_login(stream, stanza))
        if stanza.find(_REGISTER) is not None:
            yield _registration(stream, stanza)
            return None
    return (yield from stream.fail("not-authorized"))


def _registration(stream: ServerStream, stanza: "etree._Element") -> Send:
    register = stream.owner.register
    if register is None or not stream.policy.registration:
        return _refusal(stream, stanza, "service-unavailable")
    return Send(data=register(stanza))


def _take_login(stream: ServerStream, stanza: "etree._Element") -> Protocol[Bound | Ended | None]:
    if not stream.policy.legacy:
        yield _refusal(stream, stanza, "service-unavailable")
        return None
    if stream.must_encrypt:
        return (yield from stream.fail("policy-violation"))
    if stream.has_failed and not stream.policy.has("legacy-after-sasl-failure"):
        return (yield from stream.fail("policy-violation"))
    given = {field: stanza.findtext(f"{_QUERY}/{{{AUTH}}}{field}") or "" for field in _FIELDS}
    if stanza.get("type") == "get":
        yield _fields(stream, stanza, given["username"])
        return None
    return (yield from _log_in(stream, stanza, given))


def _fields(stream: ServerStream, stanza: "etree._Element", username: str) -> Send:
    """The same for a user that does not exist, so that nobody learns who does (XEP-0078, 3)."""
    has = stream.policy.has
    if has("legacy-unknown-user-told") and username and stream.owner.accounts.password(username) is None:
        return _refusal(stream, stanza, "not-authorized")
    names = [name for name in _FIELDS if name != "resource" or not has("legacy-resource-not-asked")]
    fields = "".join(f"<{name}/>" for name in names)
    query = f"<query xmlns='{AUTH}'>{fields}</query>"
    return Send(data=f"<iq type='result'{id_of(stanza)}>{query}</iq>".encode())


def _log_in(
    stream: ServerStream, stanza: "etree._Element", given: dict[str, str]
) -> Protocol[Bound | Ended | None]:
    is_digest = bool(given["digest"])
    is_whole = given["username"] and given["resource"] and (is_digest or given["password"])
    if not is_whole and not (given["username"] and stream.policy.has("legacy-resource-not-needed")):
        yield _refusal(stream, stanza, "not-acceptable")
        return None
    if not _is_right(stream, given):
        return (yield from _fail(stream, stanza))
    username = stream.owner.accounts.localpart(given["username"])
    resource = stream.owner.bind_resource(username, given["resource"] or None)
    if isinstance(resource, BindRefused):
        yield _refusal(stream, stanza, resource.condition)
        return None
    stream.username = username
    yield Send(data=f"<iq type='result'{id_of(stanza)}/>".encode())
    return bound_as(stream, resource, "legacy digest" if is_digest else "legacy plain")


def _is_right(stream: ServerStream, given: dict[str, str]) -> bool:
    password = stream.owner.accounts.password(given["username"])
    if stream.policy.has("any-password-accepted"):
        return True
    if password is None or stream.owner.accounts.trouble(given["username"]):
        return False
    if not given["digest"]:
        return given["password"] == password and not stream.policy.has("legacy-plain-refused")
    if stream.policy.has("digest-unchecked"):
        return True
    digest = _digest(stream, password)
    return given["digest"] == (digest.upper() if stream.policy.has("digest-in-capitals") else digest)


def _digest(stream: ServerStream, password: str) -> str:
    """SHA-1 of the stream's id and the password as it is, in UTF-8 (XEP-0078, 3.2)."""
    if stream.policy.has("digest-of-escaped-password"):
        password = escape(password)
    encoding = "latin-1" if stream.policy.has("digest-not-in-utf-8") else "utf-8"
    return hashlib.sha1((stream.id + password).encode(encoding, "replace")).hexdigest()


def _fail(stream: ServerStream, stanza: "etree._Element") -> Protocol[Ended | None]:
    """Wrong credentials count like failed handshakes."""
    stream.failures += 1
    yield _refusal(stream, stanza, "not-authorized")
    if stream.failures > stream.policy.sasl_retries:
        return (yield from stream.fail("policy-violation"))
    return None


def _refusal(stream: ServerStream, stanza: "etree._Element", condition: str) -> Send:
    """Conditions and numeric codes both, and never the credentials (XEP-0078, 3 and 5)."""
    has = stream.policy.has
    code = None if has("legacy-error-without-code") else _CODES.get(condition)
    type = "cancel" if condition == "conflict" else ""
    error = iq_error(stanza, condition, code, type)
    query = stanza.find(_QUERY)
    if has("legacy-error-echoes-credentials") and query is not None:
        error = error.replace(b"<error", serialize(query) + b"<error", 1)
    return Send(data=error)
