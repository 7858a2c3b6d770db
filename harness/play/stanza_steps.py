"""The steps at the stanza level: connects, sends, receives, disconnects."""

from collections.abc import Sequence

from harness.negotiation.client import LoggedIn, connect
from harness.pattern.make import make
from harness.pattern.nodes import Node
from harness.play.acts import Act, Playing, Problem
from harness.play.cast import names_after_binding
from harness.play.expectations import Gathering
from harness.play.fence import fence
from harness.play.scene import Scene, request_names, told
from harness.play.seat import Seat
from harness.transcript.script import (
    Alternative,
    Connects,
    Disconnects,
    MayReceive,
    Receives,
    ReceivesInAnyOrder,
    ReceivesNothing,
    ReceivesOneOf,
    Sends,
    Standing,
    Step,
)
from harness.wire.effects import CloseConnection, Send
from harness.wire.events import Disconnected, ElementReceived, Event, Silence, StreamEnded, Violation
from harness.wire.writer import serialize, stream_footer
from harness.xmpp.namespaces import CLIENT, Name

_STANZAS = {Name(CLIENT, local) for local in ("iq", "message", "presence")}

_LIMITED = "the target may limit connections or logins; try --gentle"


def connects(scene: Scene, seat: Seat, step: Connects) -> Playing[Problem | None]:
    """Log in. A refusal here is no verdict on the target: scenarios about logging in spell it out."""
    seat.has_closed = False
    seat.state.reset()
    result = yield from scene.on(
        seat,
        connect(
            seat.state,
            scene.credentials(seat),
            scene.policy,
            nonce=lambda: scene.fresh("nonce"),
            salted=scene.salted,
        ),
    )
    if not isinstance(result, LoggedIn):
        return Problem(
            cause=f"cannot log in: {result.condition}",
            message=f"{seat.name} cannot log in ({result.stage.value}): {result.message}",
            is_environment=True,
            hint=_LIMITED if result.condition in ("resource-constraint", "policy-violation") else "",
        )
    seat.is_open = True
    scene.scope.update(names_after_binding(seat.name, seat.state.jid))
    return None


def disconnects(scene: Scene, seat: Seat, step: Disconnects) -> Playing[Problem | None]:
    """Close the stream and wait for the other half; an actor already gone is tolerated."""
    if seat.is_open and not seat.has_closed:
        yield Act(actor=seat.name, effect=Send(data=stream_footer()))
        seat.has_closed = True
        while seat.is_open:
            event = yield from scene.read(seat)
            if isinstance(event, StreamEnded | Silence | Disconnected | Violation):
                break
    yield Act(actor=seat.name, effect=CloseConnection())
    seat.is_open = False
    return None


def sends(scene: Scene, seat: Seat, step: Sends) -> Playing[Problem | None]:
    """Make the elements and send them in one write."""
    yield from send_elements(scene, seat, step, step.nodes)
    return None


def send_elements(scene: Scene, seat: Seat, step: Step, nodes: Sequence[Node]) -> Playing[None]:
    """Make some elements of a step and send them in one write."""
    made = []
    scene.scope.update(request_names(seat.name, seat.requests))
    scene.name_sasl_messages(seat)
    for node in nodes:
        one = make(node, scene.scope, scene.fresh)
        scene.scope.update(one.captures)
        scene.learn(seat, one.element)
        seat.exchange.note(one.element)
        made.append(one)
        if one.element.get("id", "") in seat.requests:
            seat.requests.remove(one.element.get("id", ""))
        address = one.element.get("to", "")
        if node.name in _STANZAS and scene.is_service(address):
            seat.addressed.add(address.partition("/")[0])
    data = b"".join(one.data for one in made)
    if scene.changing is not None:
        changed = scene.changing(step.line, nodes, [one.element for one in made])
        data = b"".join(serialize(element) for element in changed)
    if data:
        yield from scene.send(seat, data)


def receives(scene: Scene, seat: Seat, step: Receives) -> Playing[Problem | None]:
    """The elements come one after the other."""
    for node in step.nodes:
        event = yield from await_one_of(scene, seat, [node])
        if not isinstance(event, ElementReceived):
            return scene.unexpected(seat, event, wanted(node))
        difference = scene.judge.accept(node, event)
        if difference is not None:
            return Problem(
                cause=difference.cause,
                message=f"{seat.name} received something else than expected: {difference.cause}.",
                difference=difference.lines,
            )
    seat.optional.clear()
    return None


def receives_in_any_order(scene: Scene, seat: Seat, step: ReceivesInAnyOrder) -> Playing[Problem | None]:
    """As many elements come as there are patterns, and each finds one of its own."""
    gathering = Gathering(scene.judge, step.nodes)
    while len(gathering.came) < len(step.nodes):
        event = yield from await_one_of(scene, seat, step.nodes)
        if not isinstance(event, ElementReceived):
            return scene.unexpected(seat, event, wanted(gathering.left()[0]))
        if not gathering.take(event):
            difference = gathering.difference(event)
            return Problem(
                cause=difference.cause,
                message=f"{seat.name} received none of the {len(step.nodes)} expected: {difference.cause}.",
                difference=difference.lines,
            )
    scene.scope.update(gathering.captures)
    seat.optional.clear()
    return None


def may_receive(scene: Scene, seat: Seat, step: MayReceive) -> Playing[Problem | None]:
    """Remember what may come; the next expectation of the actor uses it."""
    seat.optional.extend((node, step.repeated) for node in step.nodes)
    return None
    yield  # a step is a generator, though this one has nothing to ask


def receives_nothing(scene: Scene, seat: Seat, step: ReceivesNothing) -> Playing[Problem | None]:
    """Nothing has come once the fence is closed; with patterns, nothing like them, not even background."""
    if not (yield from fence(scene, seat)):
        return silent(seat)
    came = yield from take_all(scene, seat)
    looked_at = [*seat.set_aside, *came] if step.nodes else came
    for event in looked_at:
        if not step.nodes or _is_like(scene, step.nodes, event):
            return Problem(
                cause=f"{told(event)} instead of nothing",
                message=f"{seat.name} must not receive this.",
                difference=_shown(event),
            )
    if step.nodes:
        seat.inbox.extend(came)
    seat.optional.clear()
    return None


def _is_like(scene: Scene, nodes: Sequence[Node], event: Event) -> bool:
    return isinstance(event, ElementReceived) and any(scene.judge.fits(node, event) for node in nodes)


def _shown(event: Event) -> tuple[str, ...]:
    if not isinstance(event, ElementReceived):
        return ()
    return tuple(f"+ {line}" for line in event.raw.decode("utf-8", "replace").splitlines())


def receives_one_of(scene: Scene, seat: Seat, step: ReceivesOneOf) -> Playing[Problem | None]:
    """One of the alternatives happens, whole."""
    nodes = [alternative.nodes[0] for alternative in step.alternatives if alternative.nodes]
    # Where silence is wrong, more than a fence has to show it: a server may hand on what it owes by another
    # way than its answers.
    if any(alternative.nothing and alternative.is_right for alternative in step.alternatives):
        event = yield from _first_after_fence(scene, seat, nodes)
    else:
        event = yield from await_one_of(scene, seat, nodes)
    for alternative in step.alternatives:
        if _begins(scene, alternative, event):
            problem = yield from _rest(scene, seat, alternative)
            seat.optional.clear()
            scene.is_over = alternative.is_all
            return problem or _judged(scene, seat, alternative)
    if isinstance(event, ElementReceived) and nodes:
        difference = scene.judge.closest(nodes, event)
        return Problem(
            cause=difference.cause,
            message=f"{seat.name} received none of the allowed answers: {difference.cause}.",
            difference=difference.lines,
        )
    return scene.unexpected(seat, event, "one of the allowed answers")


def _first_after_fence(scene: Scene, seat: Seat, nodes: Sequence[Node]) -> Playing[Event]:
    if not seat.inbox and not (yield from fence(scene, seat)):
        return Silence(seconds=0)
    while seat.inbox:
        event = seat.inbox.popleft()
        if not (yield from is_passed_over(scene, seat, event, nodes)):
            return event
    return Silence(seconds=0)


def _begins(scene: Scene, alternative: Alternative, event: Event) -> bool:
    if alternative.nothing:
        return isinstance(event, Silence)
    if alternative.stream_end and not alternative.nodes:
        return isinstance(event, StreamEnded | Disconnected)
    return isinstance(event, ElementReceived) and scene.judge.accept(alternative.nodes[0], event) is None


def _rest(scene: Scene, seat: Seat, alternative: Alternative) -> Playing[Problem | None]:
    for node in alternative.nodes[1:]:
        event = yield from await_one_of(scene, seat, [node])
        if not isinstance(event, ElementReceived):
            return scene.unexpected(seat, event, wanted(node))
        difference = scene.judge.accept(node, event)
        if difference is not None:
            return Problem(
                cause=difference.cause,
                message=f"{seat.name} received something else after it: {difference.cause}.",
                difference=difference.lines,
            )
    if alternative.stream_end and alternative.nodes:
        event = yield from scene.next_event(seat)
        if not isinstance(event, StreamEnded | Disconnected):
            return scene.unexpected(seat, event, "the end of the stream")
    return None


def _judged(scene: Scene, seat: Seat, alternative: Alternative) -> Problem | None:
    note = alternative.note or f"the alternative at line {alternative.line}"
    if alternative.standing is Standing.REQUIRED:
        return None
    if alternative.standing is Standing.PERMITTED:
        scene.notes.append(f"{seat.name}: permitted: {note}")
        return None
    return Problem(cause=note, message=f"{seat.name}: {note}", standing=alternative.standing)


# --- receiving ------------------------------------------------------------------------------------


def await_one_of(scene: Scene, seat: Seat, nodes: Sequence[Node]) -> Playing[Event]:
    """Return the next event that is not passed over.

    After a long silence a fence settles whether the server has anything more to say; if it has not,
    `Silence` is the answer.
    """
    while True:
        event = yield from scene.next_event(seat)
        if isinstance(event, Silence) and seat.is_bound:
            yield from fence(scene, seat)
            if not seat.inbox:
                return event
            continue
        if not (yield from is_passed_over(scene, seat, event, nodes)):
            return event


def is_passed_over(scene: Scene, seat: Seat, event: Event, nodes: Sequence[Node]) -> Playing[bool]:
    """Tell whether an element that is not asked for is optional or background."""
    if not isinstance(event, ElementReceived) or any(scene.judge.fits(node, event) for node in nodes):
        return False
    return scene.take_optional(seat, event) or (yield from scene.answer_background(seat, event))


def take_all(scene: Scene, seat: Seat) -> Playing[list[Event]]:
    """Empty the inbox, without what is optional or background."""
    left = []
    while seat.inbox:
        event = seat.inbox.popleft()
        if not (yield from is_passed_over(scene, seat, event, ())):
            left.append(event)
    return left


def silent(seat: Seat) -> Problem:
    """Describe a server that no longer answers."""
    return Problem(
        cause="the server no longer answers",
        message=f"{seat.name} asked the server for a sign of life and got none.",
        is_environment=True,
    )


def wanted(node: Node) -> str:
    """Name a pattern in a few words."""
    template = node.attributes.get(Name("", "type"))
    return f"<{node.name.local}{f' type={template.source!r}' if template else ''}/>"
