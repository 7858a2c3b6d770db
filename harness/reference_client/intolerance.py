"""What within a stanza ends the stream of a client at fault, though it should not."""

from collections.abc import Callable, Mapping, Sequence

from harness.negotiation.state import STREAM_ERROR
from harness.reference_client.session import MESSAGE, Element
from harness.wire.events import ElementReceived
from harness.xmpp.elements import children
from harness.xmpp.namespaces import CLIENT, Name

_CONTINUATION = range(0x80, 0xC0)  # octets of a character in UTF-8 behind its first (RFC 3629, 3)


def error_within(event: ElementReceived, has: Callable[[str], bool]) -> Element | None:
    """The stream error in a stanza that is obeyed as if it were the stream's."""
    return event.tree.find(f".//{STREAM_ERROR}") if has("nested-stream-error-obeyed") else None


def is_refused(event: ElementReceived, has: Callable[[str], bool]) -> bool:
    """Whether a stanza has something that such a client does not put up with."""
    return any(has(name) and is_odd(event) for name, is_odd in _ODDITIES.items())


def _is_extended(event: ElementReceived) -> bool:
    namespaces = {Name.of(str(one.tag)).namespace for one in children(event.tree)}
    return event.name == MESSAGE and not namespaces <= {CLIENT}


def _is_mixed(event: ElementReceived) -> bool:
    return any(len(one) and _text_beside(one) for one in event.tree.iter())


def _text_beside(element: Element) -> str:
    """The text between the children."""
    texts = (element.text, *(child.tail for child in element))
    return "".join(one or "" for one in texts).strip()


_ODDITIES: Mapping[str, Callable[[ElementReceived], bool]] = {
    "unknown-extension-ends-stream": _is_extended,
    "mixed-content-ends-stream": _is_mixed,
    "cdata-refused": lambda event: b"<![CDATA[" in event.raw,
}


def parts_characters(segments: Sequence[bytes]) -> bool:
    """Whether a segment begins within a character."""
    return any(segment[0] in _CONTINUATION for segment in segments if segment)
