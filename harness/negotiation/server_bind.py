"""Resource binding as the server plays it (RFC 6120, 7)."""

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from lxml import etree

from harness.negotiation.policy import BindRefused, Bound, Ended
from harness.negotiation.server_resumption import bound_as, is_management, take_management
from harness.negotiation.stream import ServerStream
from harness.wire.effects import Protocol, Send
from harness.wire.events import ElementReceived, StreamOpened
from harness.wire.writer import escape
from harness.xmpp.namespaces import BIND, CLIENT, SASL, STANZA_ERRORS, Name

IQ = Name(CLIENT, "iq")
_AUTH = Name(SASL, "auth")
_SUCCESS = b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
_BIND = f"{{{BIND}}}bind"
_RESOURCE = f"{{{BIND}}}resource"
_RESULT = "<iq type='result'%s><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>%s</bind></iq>"
_MORE_FEATURES = "<stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>"
_ERROR = "<iq type='error'%s><error type='%s'%s><%s xmlns='%s'/></error></iq>"

#: The types that go with the conditions used here: RFC 6120, 7.6.2, 7.7.2 and 8.3.3.
_TYPES: Mapping[str, str] = {
    "bad-request": "modify",
    "conflict": "modify",
    "not-acceptable": "modify",
    "not-allowed": "cancel",
    "not-authorized": "auth",
    "resource-constraint": "wait",
    "service-unavailable": "cancel",
}


def iq_error(stanza: "etree._Element", condition: str, code: int | None = None, type: str = "") -> bytes:
    """Return an error that answers an iq, without repeating what it held."""
    numeric = f" code='{code}'" if code is not None else ""
    type = type or _TYPES.get(condition, "cancel")
    return (_ERROR % (id_of(stanza), type, numeric, condition, STANZA_ERRORS)).encode()


def id_of(stanza: "etree._Element") -> str:
    """The `id` attribute as it is written in an answer; nothing where the stanza has none."""
    id = stanza.get("id")
    return "" if id is None else f" id={quoteattr(id)}"


def bind(stream: ServerStream) -> Protocol[Bound | Ended]:
    """Take stanzas until a resource is bound."""
    failures = 0
    while True:
        event = yield from stream.receive()
        if isinstance(event, Ended):
            return event
        if isinstance(event, StreamOpened):
            return (yield from stream.fail("bad-format"))
        if not _is_bind(event):
            done = yield from _take_other(stream, event)
            if done is not None:
                return done
            continue
        if failures > stream.policy.bind_retries and not stream.policy.has("bind-retries-unlimited"):
            return (yield from stream.fail("policy-violation"))
        bound = yield from _try(stream, event)
        if bound is not None:
            return bound
        failures += 1


def _is_bind(event: ElementReceived) -> bool:
    if event.name != IQ or event.attributes.get("type") != "set":
        return False
    return event.tree.find(_BIND) is not None


def _take_other(stream: ServerStream, event: ElementReceived) -> Protocol[Bound | Ended | None]:
    """What comes before a resource is bound ends the stream, requests to us apart (RFC 6120, 7.1)."""
    if event.name == _AUTH and stream.policy.has("second-success"):
        yield Send(data=_SUCCESS)
        return None
    if is_management(stream, event):
        return (yield from take_management(stream, event))
    condition = stream.fault_of(event)
    if condition:
        return (yield from stream.fail(condition))
    addressee = event.attributes.get("to", stream.domain)
    ours = (stream.domain, f"{stream.username}@{stream.domain}")
    is_request = event.name == IQ and event.attributes.get("type") in ("get", "set")
    if is_request and (addressee in ours or stream.policy.has("stanza-before-bind-answered")):
        yield Send(data=iq_error(event.tree, "not-authorized"))
        return None
    if stream.policy.has("stanza-before-bind-ignored"):
        return None
    return (yield from stream.fail("not-authorized"))


def _try(stream: ServerStream, event: ElementReceived) -> Protocol[Bound | Ended | None]:
    stanza = event.tree
    if not stanza.get("id"):
        yield Send(data=iq_error(stanza, "bad-request"))
        return None
    wanted = stanza.findtext(f"{_BIND}/{_RESOURCE}") or None  # one of no length is put right (7.7.2.1)
    resource = stream.owner.bind_resource(
        stream.username, None if stream.policy.has("bind-ignores-resource") else wanted
    )
    if isinstance(resource, BindRefused):
        is_wrong = stream.policy.has("bind-error-wrong-condition")
        yield Send(data=iq_error(stanza, "undefined-condition" if is_wrong else resource.condition))
        if resource.condition == "conflict" and stream.policy.has("bind-conflict-ends-stream"):
            return (yield from stream.close("the resource is taken"))
        return None
    bound = bound_as(stream, resource, stream.mechanism)
    yield Send(data=_result(stream, stanza, bound))
    if stream.policy.has("restart-after-bind"):
        return (yield from _restarted(stream, bound))
    return bound


def _restarted(stream: ServerStream, bound: Bound) -> Protocol[Bound | Ended]:
    yield from stream.restart()
    event = yield from stream.receive()
    if isinstance(event, Ended):
        return event
    if not isinstance(event, StreamOpened):
        return (yield from stream.fail("bad-format"))
    yield Send(data=stream.answer())
    return bound


def _result(stream: ServerStream, stanza: "etree._Element", bound: Bound) -> bytes:
    has = stream.policy.has
    jid = bound.jid
    if has("bind-result-bare-jid"):
        jid = jid.partition("/")[0]
    if has("resource-told-as-asked"):
        jid = f"{jid.partition('/')[0]}/{stanza.findtext(f'{_BIND}/{_RESOURCE}') or bound.resource}"
    if has("bind-result-other-user"):
        jid = f"other-{jid}"
    if has("bind-result-other-resource"):
        jid += "-other"
    content = "" if has("bind-result-without-jid") else f"<jid>{escape(jid)}</jid>"
    id = " id='unknown'" if has("bind-result-wrong-id") else id_of(stanza)
    more = _MORE_FEATURES if has("features-after-bind") else ""
    return (_RESULT % (id, content) + more).encode()
