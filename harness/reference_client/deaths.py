"""Faults of which the program dies, and what it dies of."""

import re
from collections.abc import Callable, Mapping

from harness.faults.fault import table
from harness.negotiation.login import CHALLENGE, encoded_text
from harness.negotiation.state import STREAM_ERROR
from harness.reference_client.session import IQ, MESSAGE, PRESENCE
from harness.wire.events import ElementReceived, Event, Rule, Violation
from harness.xmpp.namespaces import CLIENT, SASL, SERVER, STREAM, TLS, Name

DEATH_FAULTS = table(
    (
        "crashes-at-stream-error",
        "The program dies of a stream error",
        "rfc6120-4.9.1.1-peer-closes-after-error",
    ),
    (
        "crashes-at-huge-count",
        "The program dies of an iteration count of 2^31 and more",
        "rfc5802-3-client-proof",
    ),
    ("crashes-at-count-of-one", "The program dies of the iteration count 1", "rfc5802-3-client-proof"),
    (
        "crashes-at-large-elements",
        "The program dies of an element of 4096 bytes and more",
        "rfc6120-8.4-unknown-part-ignored",
    ),
    (
        "crashes-at-deep-nesting",
        "The program dies of elements that are nested too deep for it",
        "rfc6120-8.4-unknown-part-ignored",
    ),
    (
        "crashes-at-second-header",
        "The program dies of a stream header within the stream",
        "rfc6120-11.4-schema-violations-ignored",
    ),
    (
        "crashes-at-unknown-elements",
        "The program dies of an element that it does not know beside the stanzas",
        "rfc6120-11.4-schema-violations-ignored",
    ),
)

_COUNT = re.compile(rb"(?:^|,)i=(\d+)")
_LARGE = 4096  # bytes
_HEADER = Name(STREAM, "stream")
_STANZAS = (IQ, MESSAGE, PRESENCE)
_KNOWN = (SASL, SERVER, STREAM, TLS)


def is_deadly(event: Event, has: Callable[[str], bool]) -> bool:
    """Whether a program with these faults dies of an event."""
    return any(has(name) and dies(event) for name, dies in _DEATHS.items())


def _is_error(event: Event) -> bool:
    return isinstance(event, ElementReceived) and event.name == STREAM_ERROR


def _count_in(event: Event) -> int:
    """The iteration count of a challenge; 0 where there is none."""
    if not isinstance(event, ElementReceived) or event.name != CHALLENGE:
        return 0
    found = _COUNT.search(encoded_text(event) or b"")
    return int(found[1]) if found and len(found[1]) < 20 else 0


def _is_deep(event: Event) -> bool:
    return isinstance(event, Violation) and event.rule is Rule.TOO_DEEP


def _is_large(event: Event) -> bool:
    return isinstance(event, ElementReceived) and len(event.raw) >= _LARGE


def _is_second_header(event: Event) -> bool:
    return isinstance(event, ElementReceived) and event.name == _HEADER


def _is_unknown(event: Event) -> bool:
    if not isinstance(event, ElementReceived):
        return False
    return (
        event.name not in _STANZAS if event.name.namespace == CLIENT else event.name.namespace not in _KNOWN
    )


_DEATHS: Mapping[str, Callable[[Event], bool]] = {
    "crashes-at-stream-error": _is_error,
    "crashes-at-huge-count": lambda event: _count_in(event) >= 2**31,
    "crashes-at-count-of-one": lambda event: _count_in(event) == 1,
    "crashes-at-large-elements": _is_large,
    "crashes-at-deep-nesting": _is_deep,
    "crashes-at-second-header": _is_second_header,
    "crashes-at-unknown-elements": _is_unknown,
}
