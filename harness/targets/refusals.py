"""A target's refusal to do something for us, as an error."""

from harness.errors import TargetError, ThrottledError
from harness.negotiation.client import Refusal
from harness.wire.events import ElementReceived

_THROTTLING = frozenset({"resource-constraint", "policy-violation"})
_SLOW_DOWN = "the target limits how fast accounts are made: raise its limit, or use another accounts.provider"


def refused(what: str, refusal: Refusal, advice: str) -> TargetError:
    """Make the error; one that comes from a limit of rate or number is `ThrottledError`."""
    message = f"{what}: {refusal.message}"
    if refusal.condition in _THROTTLING or _asks_to_wait(refusal):
        return ThrottledError(message, advice=_SLOW_DOWN)
    return TargetError(message, advice=advice)


def _asks_to_wait(refusal: Refusal) -> bool:
    """Whether it is a stanza error of type wait (RFC 6120, 8.3.2)."""
    event = refusal.event
    if not isinstance(event, ElementReceived) or event.name.local != "iq":
        return False
    return any(error.get("type") == "wait" for error in event.tree.iterchildren("{*}error"))
