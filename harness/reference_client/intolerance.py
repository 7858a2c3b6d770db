"""What within a stanza ends the stream of a client at fault, though it should not."""

from collections.abc import Callable, Mapping, Sequence

from harness.negotiation.state import STREAM_ERROR
from harness.reference_client.session import MESSAGE, PRESENCE, Element
from harness.wire.events import ElementReceived
from harness.xmpp.elements import children
from harness.xmpp.namespaces import CLIENT, Name

_SHOW = Name(CLIENT, "show")
_SHOWS = ("away", "chat", "dnd", "xa")  # RFC 6121, 4.7.2.1
_CONTINUATION = range(0x80, 0xC0)  # octets of a character in UTF-8 behind its first (RFC 3629, 3)


def error_within(event: ElementReceived, has: Callable[[str], bool]) -> Element | None:
    """The stream error in a stanza that is obeyed as if it were the stream's."""
    return event.tree.find(f".//{STREAM_ERROR}") if has("nested-stream-error-obeyed") else None


def is_refused(event: ElementReceived, has: Callable[[str], bool]) -> bool:
    """Whether a stanza has something that such a client does not know."""
    return any(has(name) and is_odd(event.tree) for name, is_odd in _ODDITIES.items())


def _is_extended(stanza: Element) -> bool:
    is_message = stanza.tag == str(MESSAGE)
    return is_message and any(Name.of(str(one.tag)).namespace != CLIENT for one in children(stanza))


def _has_odd_show(stanza: Element) -> bool:
    show = stanza.findtext(str(_SHOW))
    return stanza.tag == str(PRESENCE) and show is not None and show not in _SHOWS


_ODDITIES: Mapping[str, Callable[[Element], bool]] = {
    "unknown-extension-ends-stream": _is_extended,
    "odd-show-ends-stream": _has_odd_show,
}


def parts_characters(segments: Sequence[bytes]) -> bool:
    """Whether a segment begins within a character."""
    return any(segment[0] in _CONTINUATION for segment in segments if segment)
