"""The steps at the stream level: connections, headers, raw bytes, TLS, SASL, binding, ends."""

from harness.negotiation.client import (
    Refusal,
    authenticate,
    await_features,
    bind,
    legacy_authenticate,
    open_stream,
    shake_hands,
    start_tls,
)
from harness.pattern.template import match_template
from harness.play.acts import Act, Playing, Problem
from harness.play.cast import names_after_binding, names_after_header
from harness.play.scene import Scene
from harness.play.seat import Seat
from harness.play.stanza_steps import is_passed_over
from harness.transcript.script import (
    Authenticates,
    Binds,
    ClosesConnection,
    ClosesStream,
    OpensConnection,
    OpensStream,
    ReceivesHeader,
    ReceivesStreamEnd,
    ReceivesStreamError,
    SendsRaw,
    Standing,
    StartsTls,
)
from harness.wire.effects import CloseConnection, OpenConnection, RestartStream, Send
from harness.wire.events import (
    GOES_ON_IN_CLEAR,
    Connected,
    Disconnected,
    ElementReceived,
    Event,
    StreamEnded,
    StreamOpened,
    Violation,
)
from harness.wire.writer import stream_footer, stream_header
from harness.xmpp.namespaces import STREAM, STREAM_ERRORS, XMLNS, Name

#: What a server says of itself that something in it has failed, not that it refuses (RFC 6120, 4.9.3.8).
_SERVER_TROUBLE = "internal-server-error"

_LEGACY = {"legacy plain": False, "legacy digest": True}


def opens_connection(scene: Scene, seat: Seat, step: OpensConnection) -> Playing[Problem | None]:
    """Connect, and with direct TLS shake hands."""
    seat.state.reset()
    seat.has_closed = seat.has_opened = False
    event = yield from scene.act(seat, OpenConnection(direct_tls=step.direct_tls))
    if not isinstance(event, Connected):
        reason = getattr(event, "reason", "no answer")
        return Problem(
            cause="cannot connect", message=f"{seat.name} cannot connect: {reason}", is_environment=True
        )
    seat.is_open = True
    seat.state.tls = event.tls
    if seat.name in scene.secured and event.tls is None:
        return (yield from _secure(scene, seat))
    return None


def _secure(scene: Scene, seat: Seat) -> Playing[Problem | None]:
    """Put TLS under a scenario that is not about it, where the target wants it before anything else."""
    for protocol in (open_stream(seat.state), await_features(seat.state), start_tls(seat.state)):
        result = yield from scene.on(seat, protocol)
        if isinstance(result, Refusal):
            message = f"{seat.name} cannot secure the stream: {result.message}"
            return Problem(cause="cannot secure the stream", message=message, is_environment=True)
    return None


def opens_stream(scene: Scene, seat: Seat, step: OpensStream) -> Playing[Problem | None]:
    """Send a stream header: the usual one with the step's changes. What comes back is for later steps."""
    attributes = {"to": seat.account.domain, "version": "1.0"}
    for name, template in step.attributes.items():
        attributes.pop(_key(name), None)
        if template is not None:
            attributes[_key(name)] = scene.text(template)
    yield from restart(scene, seat)
    yield from scene.send(seat, stream_header(attributes=attributes))
    return None


def _key(name: Name) -> str:
    """How the writer of headers wants an attribute: declarations of namespaces as they are written."""
    if name.namespace != XMLNS:
        return str(name)
    return "xmlns" if name.local == "xmlns" else f"xmlns:{name.local}"


def restart(scene: Scene, seat: Seat) -> Playing[None]:
    """Expect a new stream header from the peer."""
    seat.state.header = None
    seat.state.features = None
    seat.has_opened = True
    yield Act(actor=seat.name, effect=RestartStream())


def sends_raw(scene: Scene, seat: Seat, step: SendsRaw) -> Playing[Problem | None]:
    """Send bytes as they stand, cut where the script says so."""
    data, cuts, pauses = b"", [], {}
    scene.name_sasl_messages(seat)
    for template, pause in step.chunks:
        data += scene.raw(template)
        cuts.append(len(data))
        if pause:
            pauses[len(data)] = pause
    if step.byte_by_byte:
        cuts = list(range(1, len(data) + 1))
    if b"<stream:stream" in data or b"<?xml" in data:
        yield from restart(scene, seat)
    seat.has_said = True
    yield Act(actor=seat.name, effect=Send(data=data, cuts=tuple(cuts[:-1]), pauses=pauses))
    return None


def receives_header(scene: Scene, seat: Seat, step: ReceivesHeader) -> Playing[Problem | None]:
    """A stream header comes, with attributes as given."""
    event = seat.state.header if seat.state.header is not None else (yield from scene.next_event(seat))
    if not isinstance(event, StreamOpened):
        return scene.unexpected(seat, event, "a stream header")
    stream_id, password = event.attributes.get("id", ""), seat.account.password
    scene.scope.update(names_after_header(seat.name, stream_id, password, scene.transcript))
    for name in step.absent:
        if str(name) in event.attributes:
            return _header_problem(seat, event, f"the stream header has '{name}'", f"no {name}")
    given = {name: one for name, one in step.optional.items() if str(name) in event.attributes}
    for name, template in {**step.attributes, **given}.items():
        value = event.attributes.get(str(name))
        captures = None if value is None else match_template(template, value, scene.scope)
        if captures is None:
            what = "lacks" if value is None else "has another"
            return _header_problem(
                seat, event, f"the stream header {what} '{name}'", f"{name}='{template.source}'"
            )
        scene.scope.update(captures)
    return None


def _header_problem(seat: Seat, event: StreamOpened, cause: str, expected: str) -> Problem:
    came = event.raw.decode("utf-8", "replace")
    return Problem(
        cause=cause,
        message=f"{seat.name}: {cause}.",
        difference=(f"- {expected}", *(f"+ {line}" for line in came.splitlines())),
    )


def receives_stream_error(scene: Scene, seat: Seat, step: ReceivesStreamError) -> Playing[Problem | None]:
    """A stream error with one of the conditions comes; a header before it is as it should be."""
    event = yield from _past_header(scene, seat)
    if not isinstance(event, ElementReceived) or event.name != Name(STREAM, "error"):
        return scene.unexpected(seat, event, "a stream error")
    found = [Name.of(str(child.tag)) for child in event.tree if isinstance(child.tag, str)]
    conditions = [name.local for name in found if name.namespace == STREAM_ERRORS and name.local != "text"]
    standings = dict(step.conditions)
    for condition in conditions:
        listed = condition if condition in standings else "any"
        if listed in standings:
            note = step.notes.get(listed, f"the stream error {condition}")
            return _error_judged(scene, seat, note, standings[listed])
    allowed = " or ".join(condition for condition, _ in step.conditions)
    came = ", ".join(conditions) or "no condition"
    return Problem(
        cause=f"stream error {came} instead of {allowed}",
        message=f"{seat.name} expected the stream error {allowed}; {came} came.",
        difference=(f"- {allowed}", f"+ {came}"),
    )


def _error_judged(scene: Scene, seat: Seat, note: str, standing: Standing) -> Problem | None:
    if standing is Standing.REQUIRED:
        return None
    if standing is Standing.PERMITTED:
        scene.notes.append(f"{seat.name}: permitted: {note}")
        return None
    return Problem(cause=note, message=f"{seat.name}: {note}", standing=standing)


def _past_header(scene: Scene, seat: Seat) -> Playing[Event]:
    """Return the next event behind what may stand before an end.

    That is a stream header and features, and what a step before allows or any server may say.
    """
    while True:
        event = yield from scene.next_event(seat)
        if isinstance(event, StreamOpened):
            continue
        if isinstance(event, ElementReceived) and event.name == Name(STREAM, "features"):
            continue
        if not (yield from is_passed_over(scene, seat, event, ())):
            seat.optional.clear()
            return event


def receives_stream_end(scene: Scene, seat: Seat, step: ReceivesStreamEnd) -> Playing[Problem | None]:
    """The peer closes its stream; then we close ours and the connection."""
    event = yield from _past_header(scene, seat)
    if isinstance(event, Disconnected | Violation) and not isinstance(event, StreamEnded):
        seat.is_open = seat.is_open and not isinstance(event, Disconnected)
        return None if step.abrupt else scene.unexpected(seat, event, "the end of the stream")
    if not isinstance(event, StreamEnded):
        return scene.unexpected(seat, event, "the end of the stream")
    if not seat.has_closed:
        yield Act(actor=seat.name, effect=Send(data=stream_footer()))
        seat.has_closed = True
    return None


def is_dropped(scene: Scene, seat: Seat) -> Playing[Problem | None]:
    """The peer ends the connection. Bytes that are no XML, such as an alert of TLS, may come first."""
    while seat.is_open or seat.inbox:
        event = yield from scene.next_event(seat)
        if isinstance(event, Disconnected):
            break
        if not isinstance(event, Violation):
            return scene.unexpected(seat, event, "the end of the connection")
    seat.is_open = False
    return None


def starts_tls(scene: Scene, seat: Seat, step: StartsTls) -> Playing[Problem | None]:
    """Negotiate STARTTLS on a stream whose features are known; behind `<proceed/>` only shake hands."""
    if seat.may_proceed:
        seat.may_proceed = seat.has_opened = False
        result = yield from scene.on(seat, shake_hands(seat.state))
        if not isinstance(result, Refusal):
            return None
        seat.is_open = False
        scene.is_over = step.may_fail and GOES_ON_IN_CLEAR not in result.message
        return None if scene.is_over else _refused("STARTTLS", seat, result)
    return (yield from _negotiated(scene, seat, "STARTTLS", start_tls(seat.state)))


def authenticates(scene: Scene, seat: Seat, step: Authenticates) -> Playing[Problem | None]:
    """Run a SASL mechanism, or the legacy login, to its success."""
    what = step.mechanism or "SASL"
    if step.mechanism in _LEGACY:
        protocol = legacy_authenticate(seat.state, scene.credentials(seat), digest=_LEGACY[step.mechanism])
        problem = yield from _negotiated(scene, seat, what, protocol)
        if problem is None:
            scene.scope.update(names_after_binding(seat.name, seat.state.jid))
        return problem
    return (
        yield from _negotiated(
            scene,
            seat,
            what,
            authenticate(
                seat.state,
                scene.credentials(seat),
                mechanism=step.mechanism,
                nonce=lambda: scene.fresh("nonce"),
                salted=scene.salted,
            ),
        )
    )


def binds(scene: Scene, seat: Seat, step: Binds) -> Playing[Problem | None]:
    """Bind a resource."""
    resource = None if step.resource is None else scene.text(step.resource)
    problem = yield from _negotiated(scene, seat, "resource binding", bind(seat.state, resource))
    if problem is None:
        scene.scope.update(names_after_binding(seat.name, seat.state.jid))
    return problem


def _negotiated(scene: Scene, seat: Seat, what: str, protocol) -> Playing[Problem | None]:  # type: ignore[no-untyped-def]
    problem = yield from _prepare(scene, seat)
    if problem is not None:
        return problem
    result = yield from scene.on(seat, protocol)
    seat.has_opened = seat.state.header is not None
    return _refused(what, seat, result) if isinstance(result, Refusal) else None


def _refused(what: str, seat: Seat, result: Refusal) -> Problem:
    return Problem(
        cause=f"{what} refused: {result.condition}",
        message=f"{seat.name}: {what} did not succeed ({result.stage.value}): {result.message}",
        is_environment=result.condition == _SERVER_TROUBLE,
    )


def _prepare(scene: Scene, seat: Seat) -> Playing[Problem | None]:
    """Await header and features where the script has not; open a stream after a restart."""
    state = seat.state
    if not seat.has_opened:
        seat.has_opened = True
        opened = yield from scene.on(seat, open_stream(state))
        if isinstance(opened, Refusal):
            return Problem(cause=f"no stream: {opened.condition}", message=f"{seat.name}: {opened.message}")
    while state.header is None:
        event = yield from scene.next_event(seat)
        if not isinstance(event, StreamOpened):
            return scene.unexpected(seat, event, "a stream header")
    if state.features is None and state.header.attributes.get("version") == "1.0":
        features = yield from scene.on(seat, await_features(state))
        if isinstance(features, Refusal):
            return Problem(
                cause=f"no features: {features.condition}", message=f"{seat.name}: {features.message}"
            )
    return None


def closes_stream(scene: Scene, seat: Seat, step: ClosesStream) -> Playing[Problem | None]:
    """Send the closing tag and nothing else."""
    yield Act(actor=seat.name, effect=Send(data=stream_footer()))
    seat.has_closed = True
    return None


def closes_connection(scene: Scene, seat: Seat, step: ClosesConnection) -> Playing[Problem | None]:
    """Drop the connection without a word."""
    yield Act(actor=seat.name, effect=CloseConnection())
    seat.is_open = False
    return None
