"""Fences: how absence is established without waiting.

A server handles what one client sends in order (RFC 6120, 10.1), and an answer takes the same way as
whatever that client caused before. So, to know that nothing more is on its way to an actor, every
other actor that has said something first gets an answer from the server, and from each service that it
addressed; then the actor itself gets one. Whatever was due has come by then.
"""

from collections.abc import Sequence

from harness.play.acts import Act, Playing
from harness.play.scene import Scene
from harness.play.seat import Seat
from harness.wire.effects import Receive, Send
from harness.wire.events import Disconnected, ElementReceived, Silence, StreamEnded, Violation
from harness.wire.writer import serialize
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, DISCO_INFO, PING, Name

_IQ = Name(CLIENT, "iq")


def fence(scene: Scene, seat: Seat) -> Playing[bool]:
    """Bring everything that is due to the actor into its inbox; tell whether the server answered.

    An actor that is not bound cannot ask; for it the patience of one read has to do.
    """
    if not seat.is_bound:
        yield from _wait(scene, seat)
        return True
    yield from _ask(scene, [other for other in _speakers(scene) if other is not seat])
    answered = yield from _ask(scene, [seat])
    if answered:
        scene.fenced.add(seat.name)
    return answered


def fence_all(scene: Scene) -> Playing[bool]:
    """Bring everything that is due to anybody into the inboxes."""
    bound = [seat for seat in scene.seats.values() if seat.is_bound]
    speakers = _speakers(scene)
    answered = yield from _ask(scene, speakers)
    # The answer to the one who alone had something to say came after all that was due to that actor.
    again = [seat for seat in bound if [seat] != speakers and seat.is_bound]
    answered = (yield from _ask(scene, again)) and answered
    scene.fenced.update(seat.name for seat in bound)
    return answered


def settle(scene: Scene, seat: Seat) -> Playing[None]:
    """Let the server handle what the other actors have said, before this one says something."""
    yield from _ask(scene, [other for other in _speakers(scene) if other is not seat])


def _speakers(scene: Scene) -> list[Seat]:
    return [seat for seat in scene.seats.values() if seat.is_bound and seat.has_said]


def _ask(scene: Scene, seats: Sequence[Seat]) -> Playing[bool]:
    """Have all these actors ask at once, then wait until all are answered."""
    asked = []
    for seat in seats:
        asked.append((yield from _put_questions(scene, seat)))
    answered = True
    for seat, identifiers in zip(seats, asked, strict=True):
        answered = (yield from _await_answers(scene, seat, identifiers)) and answered
    return answered


def _put_questions(scene: Scene, seat: Seat) -> Playing[set[str]]:
    """Send the actor's questions in one write; return their ids."""
    questions = {scene.fresh("fence"): address for address in (*sorted(seat.addressed), "")}
    data = b"".join(_question(address, one, scene.cast.domain) for one, address in questions.items())
    yield Act(actor=seat.name, effect=Send(data=data))
    seat.addressed.clear()
    seat.has_said = False
    return set(questions)


def _await_answers(scene: Scene, seat: Seat, asked: set[str]) -> Playing[bool]:
    """Read until all is answered; what else comes goes to the inbox."""
    while asked:
        event = yield from scene.read(seat)
        if isinstance(event, ElementReceived) and event.name == _IQ and event.attributes.get("id") in asked:
            asked.discard(event.attributes["id"])
            continue
        if isinstance(event, Silence):
            return False
        seat.inbox.append(event)
        if isinstance(event, StreamEnded | Disconnected | Violation):
            return True  # nothing can come any more
    return True


def _question(address: str, identifier: str, domain: str) -> bytes:
    if address:
        payload = build(Name(DISCO_INFO, "query"))
        return serialize(build(_IQ, {"type": "get", "id": identifier, "to": address}, payload))
    return serialize(build(_IQ, {"type": "get", "id": identifier, "to": domain}, build(Name(PING, "ping"))))


def _wait(scene: Scene, seat: Seat) -> Playing[None]:
    while seat.is_open:
        event = yield Act(actor=seat.name, effect=Receive(patience=UNBOUND_PATIENCE))
        if event is None or isinstance(event, Silence):
            scene.notes.append(f"{seat.name}: absence taken from silence, there is no session to fence")
            return
        seat.inbox.append(event)
        if isinstance(event, Disconnected):
            seat.is_open = False


#: Seconds of silence that stand for absence on a stream without a session; the last means.
UNBOUND_PATIENCE = 0.5
