"""Actors that never connect, and steps that do not fit to whether an actor is connected."""

from collections.abc import Iterator
from enum import Enum, auto

from harness.transcript.remarks.remark import Remark
from harness.transcript.script import (
    Authenticates,
    Binds,
    Connects,
    Disconnects,
    DoesNotLogIn,
    IsAsked,
    MayReceive,
    OpensConnection,
    OpensStream,
    Receives,
    ReceivesHeader,
    ReceivesInAnyOrder,
    ReceivesNothing,
    ReceivesOneOf,
    Reports,
    Sends,
    SendsNothing,
    SendsOneOf,
    StartsTls,
    Step,
    Transcript,
)
from harness.transcript.walk import expected_nodes
from harness.xmpp.namespaces import STREAM, Name

_CONNECTING = (Connects, OpensConnection, DoesNotLogIn)

#: Steps that need no connection: what is said to a driver, and what it says.
_ASIDE = (IsAsked, Reports, SendsNothing)

#: Steps that leave a connection as it is, unless a stream error or end is among what they await.
_QUIET = (
    *(OpensStream, StartsTls, Authenticates, Binds, Sends, Receives, ReceivesHeader),
    *(ReceivesInAnyOrder, ReceivesNothing, ReceivesOneOf, MayReceive, SendsOneOf),
)


class _State(Enum):
    CONNECTED = auto()
    PERHAPS = auto()  # something may have ended the connection
    DISCONNECTED = auto()


def connections(transcript: Transcript) -> Iterator[Remark]:
    """Remark on actors that never connect, that connect twice, and on steps without a connection."""
    states: dict[str, _State] = {}
    for step in transcript.steps:
        state = states.get(step.actor, _State.DISCONNECTED)
        if isinstance(step, _ASIDE):
            continue
        if isinstance(step, _CONNECTING):
            if state is _State.CONNECTED:
                yield _at(step, "connected-twice", f"{step.actor} is connected here already")
        elif state is _State.DISCONNECTED:
            code = "disconnected-twice" if isinstance(step, Disconnects) else "not-connected"
            yield _at(step, code, f"{step.actor} is not connected here")
        states[step.actor] = _after(step, state)
    for actor in transcript.actors:
        if not any(isinstance(step, _CONNECTING) and step.actor == actor.name for step in transcript.steps):
            message = f"{actor.name} is declared and never connects"
            yield Remark(line=actor.line, column=1, code="never-connects", message=message)


def _after(step: Step, state: _State) -> _State:
    if isinstance(step, DoesNotLogIn):
        return _State.PERHAPS
    if isinstance(step, _CONNECTING):
        return _State.CONNECTED
    if isinstance(step, Disconnects):
        return _State.DISCONNECTED
    is_left = state is not _State.CONNECTED or (isinstance(step, _QUIET) and not _awaits_end(step))
    return state if is_left else _State.PERHAPS


def _awaits_end(step: Step) -> bool:
    alternatives = step.alternatives if isinstance(step, ReceivesOneOf | SendsOneOf) else ()
    has_error = any(node.name == Name(STREAM, "error") for node in expected_nodes(step))
    return has_error or any(one.stream_end for one in alternatives)


def _at(step: Step, code: str, message: str) -> Remark:
    return Remark(line=step.line, column=1, code=code, message=message)
