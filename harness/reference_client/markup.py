"""Headers and tags as the server writes them: what is to be refused, and what a client at fault refuses."""

import re
from collections.abc import Callable, Mapping

from harness.wire.events import ElementReceived, Event, StreamOpened
from harness.xmpp.namespaces import CLIENT, STREAM, XML, Name

_HEADER = Name(STREAM, "stream")
_DEMANDS: Mapping[str, Callable[[StreamOpened], bool]] = {
    "header-from-demanded": lambda header: "from" in header.attributes,
    "header-language-demanded": lambda header: f"{{{XML}}}lang" in header.attributes,
    "header-id-missing-hangs-up": lambda header: "id" in header.attributes,
    "stream-prefix-demanded": lambda header: b"<stream:stream" in header.raw,
}
_UNUSUAL = re.compile(rb"<[^<>]*(?:\s[=>]|\")")


def demand_on(header: StreamOpened, has: Callable[[str], bool]) -> str:
    """The fault whose demand a header does not meet; empty if there is none."""
    return next((name for name, is_met in _DEMANDS.items() if has(name) and not is_met(header)), "")


def is_disliked(event: Event, has: Callable[[str], bool]) -> bool:
    """Whether a pedant refuses markup that means the same as the usual one."""
    if not has("xml-pedantic") or not isinstance(event, StreamOpened | ElementReceived):
        return False
    return _UNUSUAL.search(event.raw) is not None


def fault_of(header: StreamOpened, has: Callable[[str], bool]) -> str:
    """The stream error that a header calls for (RFC 6120, 4.8.1 and 4.8.3); empty if none."""
    if has("header-namespaces-unchecked"):
        return ""
    if header.name.namespace != STREAM or header.default_namespace not in (CLIENT, STREAM, ""):
        return "invalid-namespace"
    return "" if header.name == _HEADER else "bad-format"


def has_prefix(element: bytes) -> bool:
    """Whether an element's own tag has a prefix."""
    return b":" in element[: element.find(b">")].split()[0]
