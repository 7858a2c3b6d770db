"""How the scripted server lets an actor in: TLS, SASL, binding and the legacy login, each to its success."""

import base64

from lxml import etree

from harness.negotiation.mechanisms import MECHANISMS, ServerContext
from harness.negotiation.outcomes import Challenge, Success
from harness.negotiation.scram import SaltedPasswords
from harness.play.served import Line, Script, ServedPlay
from harness.transcript.script import Authenticates, Binds, RefusesTls, StartsTls, Step
from harness.wire.effects import RestartStream, Send, StartTls
from harness.wire.events import ElementReceived, StreamOpened, TlsFailed, TlsStarted
from harness.wire.writer import serialize
from harness.xmpp.elements import build
from harness.xmpp.namespaces import AUTH, BIND, CLIENT, SASL, STREAM, TLS, Name

_IQ = Name(CLIENT, "iq")
_OFFERED = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "ANONYMOUS", "EXTERNAL")
_OFFERED_OVER_TLS = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", *_OFFERED)


def log_in(play: ServedPlay, line: Line) -> Script:
    """Let an actor in by SASL and binding, from its header on."""
    yield from header_and_features(play, line)
    yield from authenticate(play, line)
    yield from header_and_features(play, line)
    yield from bind(play, line)


def header_and_features(play: ServedPlay, line: Line) -> Script:
    """Answer the client's header, unless the script has done so."""
    if not line.has_opened:
        yield from play.await_kind(line, StreamOpened)
        yield from play.open(line)
    if not line.has_features:
        line.has_features = True
        yield line, Send(data=serialize(_features(play, line, _is_to_secure(play, line))))


def complete_features(play: ServedPlay, line: Line, features: "etree._Element", step: Step) -> None:
    """Add to a script's features what later steps negotiate, where the script does not name it."""
    later = [one for one in play.transcript.steps if one.line > step.line and one.actor == step.actor]
    if any(isinstance(one, StartsTls | RefusesTls | Authenticates | Binds) for one in later):
        named = {str(child.tag) for child in features}
        features.extend(
            one for one in _features(play, line, _is_to_secure(play, line)) if one.tag not in named
        )


def _is_to_secure(play: ServedPlay, line: Line) -> bool:
    return not line.is_secured and any(
        isinstance(step, StartsTls | RefusesTls) and step.actor == line.actor.name
        for step in play.transcript.steps
    )


def _features(play: ServedPlay, line: Line, has_starttls: bool) -> "etree._Element":
    if line.is_authenticated:
        return build(Name(STREAM, "features"), None, build(Name(BIND, "bind")))
    if has_starttls:  # which is demanded, so nothing stands beside it (RFC 6120, 5.3.1)
        starttls = build(Name(TLS, "starttls"), None, build(Name(TLS, "required")))
        return build(Name(STREAM, "features"), None, starttls)
    offered = [build(Name(SASL, "mechanism"), None, name) for name in _offered(play, line)]
    return build(Name(STREAM, "features"), None, build(Name(SASL, "mechanisms"), None, *offered))


def _offered(play: ServedPlay, line: Line) -> tuple[str, ...]:
    """The mechanism that the script names, or all that this side has."""
    for step in play.transcript.steps:
        if isinstance(step, Authenticates) and step.actor == line.actor.name and step.mechanism:
            return (step.mechanism,)
    return play.mechanisms or (_OFFERED if line.tls is None else _OFFERED_OVER_TLS)


def start_tls(play: ServedPlay, line: Line) -> Script:
    """Agree to STARTTLS and await the handshake."""
    yield from header_and_features(play, line)
    yield from play.await_named(line, Name(TLS, "starttls"))
    yield line, StartTls()
    yield line, Send(data=serialize(build(Name(TLS, "proceed"))))
    yield from shake_hands(play, line)


def shake_hands(play: ServedPlay, line: Line) -> Script:
    """Await the handshake to which `<proceed/>` has consented."""
    event = yield from play.await_kind(line, TlsStarted, TlsFailed)
    line.tls = event if isinstance(event, TlsStarted) else None
    line.is_secured, line.has_proceeded = True, False
    line.has_opened = line.has_features = False


def authenticate(play: ServedPlay, line: Line) -> Script:
    """Run the mechanism that the client names until it succeeds."""
    request = yield from play.await_named(line, Name(SASL, "auth"))
    context = ServerContext(
        domain=line.account.domain,
        password=lambda username: line.account.password,
        nonce=lambda: play.fresh("nonce"),
        salted=SaltedPasswords(),
        offered=frozenset(_offered(play, line)),
        bindings={} if line.tls is None else line.tls.bindings,
        identity=line.account.username,
    )
    mechanism = request.attributes.get("mechanism", "")
    if mechanism not in context.offered:
        failure = build(Name(SASL, "failure"), None, build(Name(SASL, "invalid-mechanism")))
        yield line, Send(data=serialize(failure))
        return
    half = MECHANISMS[mechanism].server(context)
    answer = half.start(_decoded(request))
    while isinstance(answer, Challenge):
        yield line, Send(data=serialize(build(Name(SASL, "challenge"), None, _encoded(answer.data))))
        answer = half.respond(_decoded((yield from play.await_named(line, Name(SASL, "response")))) or b"")
    if isinstance(answer, Success):
        line.is_authenticated = True
        line.has_opened = line.has_features = False
        yield line, RestartStream()
        additional = () if answer.data is None else (_encoded(answer.data),)
        yield line, Send(data=serialize(build(Name(SASL, "success"), None, *additional)))


def _decoded(element: ElementReceived) -> bytes | None:
    text = (element.tree.text or "").strip()
    try:
        return None if not text else b"" if text == "=" else base64.b64decode(text, validate=True)
    except ValueError:
        return b"not base64"  # which no mechanism takes for anything


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode() or "="


def legacy_authenticate(play: ServedPlay, line: Line) -> Script:
    """Let an actor in by jabber:iq:auth (XEP-0078)."""
    if not line.has_opened:
        yield from play.await_kind(line, StreamOpened)
        yield from play.open(line)
    while True:
        event = yield from play.await_named(line, _IQ)
        query = event.tree[0]
        if event.attributes.get("type") == "get":
            fields = [build(Name(AUTH, one)) for one in ("username", "password", "digest", "resource")]
            yield line, Send(data=_result(event, build(Name(AUTH, "query"), None, *fields)))
            continue
        resource = query.findtext(f"{{{AUTH}}}resource") or play.fresh("resource")
        yield line, Send(data=_result(event))
        _bound(play, line, resource)
        return


def bind(play: ServedPlay, line: Line) -> Script:
    """Bind the resource that the client asks for, or one of our own."""
    yield from header_and_features(play, line)
    event = yield from play.await_named(line, _IQ)
    wanted = event.tree.findtext(f"{{{BIND}}}bind/{{{BIND}}}resource")
    _bound(play, line, wanted or play.fresh("resource"))
    jid = build(Name(BIND, "jid"), None, line.jid)
    yield line, Send(data=_result(event, build(Name(BIND, "bind"), None, jid)))


def _bound(play: ServedPlay, line: Line, resource: str) -> None:
    line.jid = f"{line.account.jid}/{resource}"
    line.is_authenticated = line.is_bound = True
    play.judge.scope.update(names(line))


def names(line: Line) -> dict[str, str]:
    """The names that exist once the actor is bound."""
    return {
        f"{line.actor.name}'s full JID": line.jid,
        f"{line.actor.name}'s resource": line.jid.partition("/")[2],
    }


def _result(event: ElementReceived, *payload: "etree._Element") -> bytes:
    return serialize(build(_IQ, {"type": "result", "id": event.attributes.get("id", "")}, *payload))
