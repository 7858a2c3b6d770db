"""What is on the wire of a play in memory, as monitors are told of it."""

from collections.abc import Mapping

from harness.monitors.observed import Direction, Observed
from harness.monitors.own_words import OwnWords
from harness.play.cast import Cast, owner_of
from harness.transcript.script import Transcript
from harness.wire.effects import CloseConnection, Effect, Send
from harness.wire.events import Disconnected, Event


class Tap:
    """A watcher of a joint. `accounts` are the bare JIDs of the actors; time goes by a second an event."""

    def __init__(self) -> None:
        self.domain = ""
        self.accounts: Mapping[str, str] = {}
        self.observed: list[Observed] = []
        self._own: dict[int, OwnWords] = {}

    def open(self, transcript: Transcript, cast: Cast) -> None:
        """Learn who plays."""
        self.domain = cast.domain
        self.accounts = {one.name: cast.accounts[owner_of(one)].jid for one in transcript.actors}

    def __call__(self, actor: str, connection: int, is_sent: bool, what: Event | Effect) -> None:
        """Note one thing that was seen."""
        match what:
            case Send(data=data):
                events: list[Event] = self._own.setdefault(connection, OwnWords()).read(data)
            case CloseConnection(reset=reset):
                events = [Disconnected(clean=not reset)]
            case _ if isinstance(what, Event):
                events = [what]
            case _:
                events = []
        direction = Direction.SENT if is_sent else Direction.RECEIVED
        for event in events:
            self.observed.append(
                Observed(
                    at=float(len(self.observed)),
                    actor=actor,
                    connection=connection,
                    direction=direction,
                    event=event,
                )
            )
