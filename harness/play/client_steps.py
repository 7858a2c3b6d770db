"""What the steps for clients under test are where the client is ours: it does the right thing.

So a scenario for clients can be played against itself. There is no driver then, and nothing to report.
"""

from harness.play.acts import Act, Playing, Problem
from harness.play.scene import Scene
from harness.play.seat import Seat
from harness.play.stanza_steps import send_elements
from harness.play.stream_steps import is_dropped, opens_connection, starts_tls
from harness.transcript.script import (
    DoesNotLogIn,
    EndsStream,
    LosesConnection,
    OpensConnection,
    ReceivesRaw,
    RefusesTls,
    SendsOneOf,
    SendsStreamError,
    Side,
    StartsTls,
    Step,
)
from harness.wire.effects import CloseConnection
from harness.wire.events import Disconnected, ElementReceived, Silence, StreamEnded, Violation
from harness.wire.writer import serialize, stream_footer
from harness.xmpp.elements import build
from harness.xmpp.namespaces import STREAM, STREAM_ERRORS, Name


def does_nothing(scene: Scene, seat: Seat, step: Step) -> Playing[Problem | None]:
    """Nothing is asked of a client that knows the script, and nobody hears its reports."""
    return None
    yield


def sends_one_of(scene: Scene, seat: Seat, step: SendsOneOf) -> Playing[Problem | None]:
    """Do the first of the allowed things."""
    chosen = step.alternatives[0]
    scene.is_over = chosen.is_all
    if chosen.nodes:
        yield from send_elements(scene, seat, step, chosen.nodes)
    if chosen.stream_end:
        yield from _close(scene, seat, stream_footer())
    return None


def sends_stream_error(scene: Scene, seat: Seat, step: SendsStreamError) -> Playing[Problem | None]:
    """Send the first condition, and the end of the stream."""
    condition = next((one for one, _ in step.conditions if one != "any"), "undefined-condition")
    error = build(Name(STREAM, "error"), None, build(Name(STREAM_ERRORS, condition)))
    yield from _close(scene, seat, serialize(error) + stream_footer())
    return None


def ends_stream(scene: Scene, seat: Seat, step: EndsStream) -> Playing[Problem | None]:
    """Close the stream and the connection, if that has not happened."""
    yield from _close(scene, seat, stream_footer())
    return None


def _close(scene: Scene, seat: Seat, data: bytes) -> Playing[None]:
    if seat.is_open:
        if not seat.has_closed:
            yield from scene.send(seat, data)
        yield Act(actor=seat.name, effect=CloseConnection())
    seat.is_open = False
    seat.inbox.clear()


def refuses_tls(scene: Scene, seat: Seat, step: RefusesTls) -> Playing[Problem | None]:
    """Shake hands, and leave."""
    shaking = StartsTls(actor=step.actor, line=step.line, text=step.text)
    problem = yield from starts_tls(scene, seat, shaking)
    yield Act(actor=seat.name, effect=CloseConnection())
    seat.is_open = False
    seat.inbox.clear()
    return problem


def does_not_log_in(scene: Scene, seat: Seat, step: DoesNotLogIn) -> Playing[Problem | None]:
    """Look in, and leave."""
    opening = OpensConnection(actor=step.actor, line=step.line, text=step.text)
    problem = yield from opens_connection(scene, seat, opening)
    yield Act(actor=seat.name, effect=CloseConnection())
    seat.is_open = False
    seat.inbox.clear()
    return problem


def receives_raw(scene: Scene, seat: Seat, step: ReceivesRaw) -> Playing[Problem | None]:
    """Take the bytes for what they are; what they mean is not looked at."""
    seat.has_raw = True
    event = yield from scene.next_event(seat)
    if isinstance(event, Silence | Disconnected):
        return scene.unexpected(seat, event, "bytes")
    if not isinstance(event, Violation):
        seat.inbox.appendleft(event)
    return None


def loses_connection(scene: Scene, seat: Seat, step: LosesConnection) -> Playing[Problem | None]:
    """Read on until the connection has gone; of a server under test nothing else may come."""
    if Side.SERVER in scene.transcript.tests:
        return (yield from is_dropped(scene, seat))
    while seat.is_open:
        event = yield from scene.next_event(seat)
        if isinstance(event, Silence):
            return scene.unexpected(seat, event, "the end of the connection")
        if not isinstance(event, ElementReceived | StreamEnded | Disconnected):
            break
    seat.is_open = False
    return None
