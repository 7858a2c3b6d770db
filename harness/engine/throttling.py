"""Tells a target that wants us to slow down, or is in trouble itself, from one that answers wrongly."""

from collections.abc import Iterable

from harness.monitors.observed import Direction, Observed
from harness.wire.events import ElementReceived, Event
from harness.xmpp.namespaces import STANZA_ERRORS, STREAM, STREAM_ERRORS, Name

#: What to do about it.
ADVICE = "the target limits how much it takes; try --gentle, or raise its limits"

_STREAM_ERROR = Name(STREAM, "error")
_CONDITIONS = ("resource-constraint", "policy-violation")


def is_throttled(observed: Iterable[Observed]) -> bool:
    """Whether the target said that it has too much to do, in a stanza error of type wait or a stream error.

    `policy-violation` ends streams for other reasons too (RFC 6120, 4.9.3.14), so there it does not count.
    """
    return any(one.direction is Direction.RECEIVED and _asks_to_wait(one.event) for one in observed)


def is_in_trouble(observed: Iterable[Observed]) -> bool:
    """Whether the target ended a stream since it was itself not able to go on (RFC 6120, 4.9.3.8)."""
    return any(
        one.direction is Direction.RECEIVED and _is_stream_error(one.event, "internal-server-error")
        for one in observed
    )


def _asks_to_wait(event: Event) -> bool:
    if not isinstance(event, ElementReceived):
        return False
    if event.name == _STREAM_ERROR:
        return _is_stream_error(event, "resource-constraint")
    if event.attributes.get("type") != "error":
        return False
    return any(
        error.find(f"{{{STANZA_ERRORS}}}{condition}") is not None
        for error in event.tree.iterchildren("{*}error")
        if error.get("type") == "wait"
        for condition in _CONDITIONS
    )


def _is_stream_error(event: Event, condition: str) -> bool:
    return (
        isinstance(event, ElementReceived)
        and event.name == _STREAM_ERROR
        and event.tree.find(f"{{{STREAM_ERRORS}}}{condition}") is not None
    )
