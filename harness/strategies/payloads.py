"""All valid stanzas that the grammar knows; a plain message comes first."""

from collections.abc import Iterator

from harness.strategies.grammar import Node
from harness.strategies.messages import MESSAGES
from harness.strategies.misdirected import MISDIRECTED
from harness.strategies.payload import Payload
from harness.strategies.presences import PRESENCES
from harness.strategies.publications import PUBLICATIONS
from harness.strategies.requests import REQUESTS
from harness.strategies.sample import Element
from harness.strategies.values import Value
from harness.xmpp.namespaces import Name

PAYLOADS: tuple[Payload, ...] = (*MESSAGES, *PRESENCES, *REQUESTS, *PUBLICATIONS, *MISDIRECTED)


def check(stanza: Element) -> list[str]:
    """What is wrong with a stanza by the nearest description; empty if it is right by any."""
    return min((payload.check(stanza) for payload in PAYLOADS), key=len)


def _values(node: Node) -> Iterator[tuple[tuple[Name, Name | None], Value]]:
    for attribute in node.attributes:
        yield (node.name, attribute.name), attribute.value
    if node.text is not None:
        yield (node.name, None), node.text
    for children in node.children:
        for child in children.nodes:
            yield from _values(child)


#: By the names of element and attribute: what may stand there. Without an attribute: the text.
VALUES: dict[tuple[Name, Name | None], Value] = {
    place: value
    for payload in PAYLOADS
    for children in payload.content
    for node in children.nodes
    for place, value in _values(node)
}
