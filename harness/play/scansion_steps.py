"""How a script for Scansion receives: what it did not ask for is passed over.

Scansion's documentation says that a stanza which does not match ends the script. The scripts of Prosody's
own test suite say otherwise: many leave a room's notification or a contact's presence unread and expect
what comes behind it. So the next stanza that matches is taken, and the ones before it are set aside with a
note; what never comes is told when the server has nothing more to say.

The order of steps is the order in which the server is to see them, also where nobody waits for what the
one before leads to: a message to somebody who then becomes available is stored first.
"""

from collections.abc import Sequence

from harness.pattern.difference import Difference
from harness.pattern.match import Matched
from harness.pattern.nodes import Node
from harness.play import stanza_steps
from harness.play.acts import Playing, Problem
from harness.play.fence import settle
from harness.play.scene import Scene, told
from harness.play.seat import Seat
from harness.play.stanza_steps import await_one_of, wanted
from harness.transcript.script import Disconnects, Receives, Sends
from harness.wire.events import ElementReceived


def sends(scene: Scene, seat: Seat, step: Sends) -> Playing[Problem | None]:
    """Send, once the server has handled what the others sent; an actor that is gone cannot."""
    yield from settle(scene, seat)
    return (yield from stanza_steps.sends(scene, seat, step))


def disconnects(scene: Scene, seat: Seat, step: Disconnects) -> Playing[Problem | None]:
    """Leave, once the server has handled what the others sent."""
    yield from settle(scene, seat)
    return (yield from stanza_steps.disconnects(scene, seat, step))


def receives(scene: Scene, seat: Seat, step: Receives) -> Playing[Problem | None]:
    """The elements come one after the other, perhaps behind and between others."""
    for node in step.nodes:
        problem = yield from _await(scene, seat, node)
        if problem is not None:
            return problem
    return None


def _await(scene: Scene, seat: Seat, node: Node) -> Playing[Problem | None]:
    passed_over: list[ElementReceived] = []
    while True:
        event = yield from await_one_of(scene, seat, [node])
        if not isinstance(event, ElementReceived):
            return _missing(scene, seat, node, passed_over) or scene.unexpected(seat, event, wanted(node))
        if scene.judge.accept(node, event) is None:
            scene.notes.extend(f"{seat.name}: passed over {told(one)}" for one in passed_over)
            return None
        passed_over.append(event)


def _missing(scene: Scene, seat: Seat, node: Node, came: Sequence[ElementReceived]) -> Problem | None:
    """Compare with what came instead, the most similar of it; None when nothing did."""
    differences = [
        result for one in came if not isinstance(result := scene.judge.compare(node, one), Matched)
    ]
    if not differences:
        return None
    alike = [one for one in differences if one.cause.startswith(f"{node.name.local}/")]
    closest = min(alike or differences, key=_marked_lines)
    others = f" {len(came) - 1} more came as well." if len(came) > 1 else ""
    return Problem(
        cause=closest.cause,
        message=f"{seat.name} received something else than expected: {closest.cause}.{others}",
        difference=closest.lines,
    )


def _marked_lines(difference: Difference) -> int:
    return sum(line[:2] in ("- ", "+ ") for line in difference.lines)
