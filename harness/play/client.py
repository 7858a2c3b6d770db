"""A case from the client's perspective, from its first step to its last.

`play_client` walks the steps; each kind of step has a function, found in a table by the step's class,
that yields acts and returns a `Problem` or None. The first problem ends the case. In our own dialect
the end is closed by a fence, and what has come and nobody expected is a problem too; Scansion leaves
such stanzas unread, so its scripts do.
"""

from collections.abc import Callable
from typing import Any

from harness.play import client_steps, scansion_steps, stanza_steps, stream_steps
from harness.play.acts import Act, Outcome, Playing, Problem
from harness.play.fence import fence_all
from harness.play.scene import Scene, told
from harness.play.seat import Seat
from harness.transcript import script
from harness.transcript.script import Dialect, Step
from harness.wire.effects import CloseConnection, Send
from harness.wire.events import ElementReceived
from harness.wire.writer import stream_footer

#: `Any` because a function takes the one class of step that it stands beside.
StepFunction = Callable[[Scene, Seat, Any], Playing[Problem | None]]

STEPS: dict[type[Step], StepFunction] = {
    script.Connects: stanza_steps.connects,
    script.Disconnects: stanza_steps.disconnects,
    script.Sends: stanza_steps.sends,
    script.Receives: stanza_steps.receives,
    script.ReceivesInAnyOrder: stanza_steps.receives_in_any_order,
    script.ReceivesOneOf: stanza_steps.receives_one_of,
    script.MayReceive: stanza_steps.may_receive,
    script.ReceivesNothing: stanza_steps.receives_nothing,
    script.OpensConnection: stream_steps.opens_connection,
    script.OpensStream: stream_steps.opens_stream,
    script.SendsRaw: stream_steps.sends_raw,
    script.ReceivesHeader: stream_steps.receives_header,
    script.ReceivesStreamError: stream_steps.receives_stream_error,
    script.ReceivesStreamEnd: stream_steps.receives_stream_end,
    script.StartsTls: stream_steps.starts_tls,
    script.Authenticates: stream_steps.authenticates,
    script.Binds: stream_steps.binds,
    script.ClosesStream: stream_steps.closes_stream,
    script.ClosesConnection: stream_steps.closes_connection,
    script.IsAsked: client_steps.does_nothing,
    script.Reports: client_steps.does_nothing,
    script.SendsNothing: client_steps.does_nothing,
    script.SendsOneOf: client_steps.sends_one_of,
    script.SendsStreamError: client_steps.sends_stream_error,
    script.EndsStream: client_steps.ends_stream,
    script.RefusesTls: client_steps.refuses_tls,
    script.DoesNotLogIn: client_steps.does_not_log_in,
    script.ReceivesRaw: client_steps.receives_raw,
    script.LosesConnection: client_steps.loses_connection,
}

#: The same for a Scansion script.
_SCANSION_STEPS: dict[type[Step], StepFunction] = {
    **STEPS,
    script.Disconnects: scansion_steps.disconnects,
    script.Sends: scansion_steps.sends,
    script.Receives: scansion_steps.receives,
}


_CONNECTING = (script.Connects, script.OpensConnection, script.DoesNotLogIn, script.IsAsked)


def play_client(scene: Scene) -> Playing[Outcome]:
    """Play a case against a server and tell how it ended; connections are left closed."""
    problems = []
    steps = STEPS if scene.transcript.dialect is Dialect.HARNESS else _SCANSION_STEPS
    for step in scene.transcript.steps:
        seat = scene.seats[step.actor]
        seat.has_connected = seat.has_connected or isinstance(step, _CONNECTING)
        if seat.has_connected:
            problem = yield from steps[type(step)](scene, seat, step)
        else:
            problem = _unconnected(seat, step)
        if problem is not None:
            problems.append(scene.at(step, problem))
        if problem is not None or scene.is_over:
            break
    if not problems and scene.transcript.dialect is Dialect.HARNESS:
        problems.extend((yield from _left_over(scene)))
    yield from _leave(scene)
    return scene.outcome(problems)


def _unconnected(seat: Seat, step: Step) -> Problem | None:
    """A script may disconnect who never came, but nothing else can be done without a connection."""
    if isinstance(step, script.Disconnects):
        return None
    message = f"{seat.name} has not connected, so nothing can be done here."
    return Problem(cause="a step of an actor that has not connected", message=message, is_environment=True)


def _left_over(scene: Scene) -> Playing[list[Problem]]:
    """Close the case with a fence and look for what nobody expected."""
    if not (yield from fence_all(scene)):
        return [scene.at(scene.transcript.steps[-1], stanza_steps.silent(next(iter(scene.seats.values()))))]
    problems = []
    for seat in scene.seats.values():
        if not seat.is_bound or seat.has_raw:
            continue
        for event in (yield from stanza_steps.take_all(scene, seat)):
            if isinstance(event, ElementReceived):
                problem = Problem(
                    cause=f"unexpected {told(event)}",
                    message=f"{seat.name} received this though no step expects it.",
                    difference=tuple(
                        f"+ {line}" for line in event.raw.decode("utf-8", "replace").splitlines()
                    ),
                )
                problems.append(scene.at(scene.transcript.steps[-1], problem))
    return problems


def _leave(scene: Scene) -> Playing[None]:
    """Close what is still open, with a closing tag, and wait for nobody."""
    for seat in scene.seats.values():
        if seat.is_open:
            if not seat.has_closed and seat.state.header is not None:
                yield Act(actor=seat.name, effect=Send(data=stream_footer()))
            yield Act(actor=seat.name, effect=CloseConnection())
            seat.is_open = False
