"""Looking at first-level elements."""

from collections.abc import Iterable, Iterator
from enum import Enum

from lxml import etree

from harness.wire.events import ElementReceived, Event, StreamEnded, StreamOpened, Violation, Whitespace
from harness.xmpp.namespaces import CLIENT, COMPONENT_ACCEPT, SERVER, STREAM, Name

STANZA_KINDS = frozenset({"message", "presence", "iq"})
CONTENT_NAMESPACES = frozenset({CLIENT, SERVER, COMPONENT_ACCEPT})
STREAM_ERROR = Name(STREAM, "error")
FEATURES = Name(STREAM, "features")
IQ_REQUESTS = frozenset({"get", "set"})
IQ_REPLIES = frozenset({"result", "error"})
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Topic(Enum):
    """The kinds of events that a monitor may want to hear of."""

    HEADER = "header"
    STANZA = "stanza"
    NONZA = "nonza"
    END = "end"
    WHITESPACE = "whitespace"
    VIOLATION = "violation"
    CONNECTION = "connection"  # connected, TLS started, disconnected


_TOPICS: dict[type[Event], Topic] = {
    StreamOpened: Topic.HEADER,
    StreamEnded: Topic.END,
    Whitespace: Topic.WHITESPACE,
    Violation: Topic.VIOLATION,
}


def topic_of(event: Event) -> Topic:
    """Say what an event is about."""
    if isinstance(event, ElementReceived):
        return Topic.STANZA if is_stanza(event) else Topic.NONZA
    return _TOPICS.get(type(event), Topic.CONNECTION)


def is_stanza(element: ElementReceived) -> bool:
    """Whether it is a message, presence or iq in a content namespace."""
    return element.name.local in STANZA_KINDS and element.name.namespace in CONTENT_NAMESPACES


def type_of(stanza: ElementReceived) -> str:
    """Return the type attribute, or the empty string."""
    return stanza.attributes.get("type", "")


def children(parent: "etree._Element") -> Iterator[tuple[Name, "etree._Element"]]:
    """The child elements with their names."""
    for child in parent:
        if isinstance(child.tag, str):
            yield Name.of(child.tag), child


def child(parent: "etree._Element", namespace: str, local: str) -> "etree._Element | None":
    """Return the first child of that name."""
    return parent.find(f"{{{namespace}}}{local}")


def has_child(stanza: ElementReceived, namespace: str, local: str) -> bool:
    """Whether a child of that name is there; the tree is built only if the local name is in the bytes.

    That of the namespace may be written with references, a name may not (XML 1.0, 2.3).
    """
    return local.encode() in stanza.raw and child(stanza.tree, namespace, local) is not None


def error_of(stanza: ElementReceived) -> "etree._Element | None":
    """Return the error child, which is in the namespace of its stanza."""
    return child(stanza.tree, stanza.name.namespace, "error")


def locals_of(names: Iterable[Name]) -> str:
    """Write names for a person, as a list."""
    return ", ".join(sorted({f"<{name.local}/>" for name in names}))
