"""Fences: how absence is established without waiting.

A server handles what one client sends in order (RFC 6120, 10.1), and an answer takes the same way as
whatever that client caused before. So, to know that nothing more is on its way to an actor, every
other actor that has said something first gets an answer from the server, and from each service that it
addressed; then the actor itself gets one. Whatever was due has come by then.
"""

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
    for other in scene.seats.values():
        if other is not seat and other.is_bound and other.has_said:
            yield from _ask(scene, other)
    answered = yield from _ask(scene, seat)
    if answered:
        scene.fenced.add(seat.name)
    return answered


def fence_all(scene: Scene) -> Playing[bool]:
    """Bring everything that is due to anybody into the inboxes."""
    bound = [seat for seat in scene.seats.values() if seat.is_bound]
    for seat in bound:
        if seat.has_said and len(bound) > 1:
            yield from _ask(scene, seat)
    answered = True
    for seat in bound:
        answered = (yield from _ask(scene, seat)) and answered
        scene.fenced.add(seat.name)
    return answered


def _ask(scene: Scene, seat: Seat) -> Playing[bool]:
    """Send the actor's questions and read until all are answered; what else comes goes to the inbox."""
    asked = set()
    for address in (*sorted(seat.addressed), ""):
        identifier = scene.fresh("fence")
        asked.add(identifier)
        yield Act(actor=seat.name, effect=Send(data=_question(address, identifier, scene.cast.domain)))
    seat.addressed.clear()
    seat.has_said = False
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
