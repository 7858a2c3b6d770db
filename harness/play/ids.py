"""Which ids stanzas have that a script leaves without one."""

from collections.abc import Callable, Sequence

from lxml import etree

from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import CLIENT, Name

_IQ = Name(CLIENT, "iq")


def give_id(element: etree._Element, seen: Sequence[ElementReceived], fresh: Callable[[str], str]) -> None:
    """Give a request an id, and an error that of what was sent to where it comes from (RFC 6120, 8.1.3).

    `seen` is what the peer has sent.
    """
    kind = element.get("type")
    if element.tag == str(_IQ):
        if kind in ("get", "set"):
            element.set("id", fresh("request"))
    elif kind == "error":
        sent = _last_to(_bare(element.get("from", "")), str(element.tag), seen)
        if sent is not None and "id" in sent.attributes:
            element.set("id", sent.attributes["id"])


def _last_to(address: str, tag: str, seen: Sequence[ElementReceived]) -> ElementReceived | None:
    for sent in reversed(seen):
        if str(sent.name) == tag and _bare(sent.attributes.get("to", "")) == address:
            return sent
    return None


def _bare(address: str) -> str:
    return address.partition("/")[0]
