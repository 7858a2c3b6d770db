"""Going through the elements and templates of a transcript."""

from collections.abc import Iterable, Iterator

from harness.pattern.nodes import Node, Template
from harness.pattern.reader import TYPE
from harness.pattern.template import refers
from harness.transcript.script import (
    Actor,
    Binds,
    IsAsked,
    MayReceive,
    OpensStream,
    Receives,
    ReceivesHeader,
    ReceivesInAnyOrder,
    ReceivesNothing,
    ReceivesOneOf,
    ReceivesRaw,
    Reports,
    Sends,
    SendsNothing,
    SendsOneOf,
    SendsRaw,
    Step,
)
from harness.xmpp.namespaces import CLIENT, Name

ID = Name("", "id")


def sent_nodes(step: Step) -> tuple[Node, ...]:
    """The elements that a step sends, outermost only."""
    return step.nodes if isinstance(step, Sends) else ()


def expected_nodes(step: Step) -> tuple[Node, ...]:
    """The elements that a step waits for in one way or another, outermost only."""
    if isinstance(step, (Receives, ReceivesInAnyOrder, MayReceive, ReceivesNothing, SendsNothing)):
        return step.nodes
    if isinstance(step, ReceivesOneOf | SendsOneOf):
        return tuple(node for alternative in step.alternatives for node in alternative.nodes)
    return ()


def descendants(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes and everything inside them, absent children too, in document order."""
    for node in nodes:
        yield node
        yield from descendants((*node.children, *node.absent_children))


def node_templates(nodes: Iterable[Node]) -> Iterator[Template]:
    """Every template in the nodes and inside them."""
    for node in descendants(nodes):
        yield from node.attributes.values()
        yield from node.optional_attributes.values()
        yield from (template for template in (node.text, node.tail) if template is not None)


def step_templates(step: Step) -> Iterator[Template]:
    """Every template of a step."""
    yield from node_templates(sent_nodes(step))
    yield from node_templates(expected_nodes(step))
    if isinstance(step, SendsRaw | ReceivesRaw):
        yield from (template for template, _pause in step.chunks)
    if isinstance(step, OpensStream):
        yield from step.optional.values()
    if isinstance(step, (OpensStream, ReceivesHeader)):
        yield from (template for template in step.attributes.values() if template is not None)
    if isinstance(step, IsAsked | Reports):
        yield from step.values.values()
    if isinstance(step, Binds) and step.resource is not None:
        yield step.resource


def actor_templates(actor: Actor) -> Iterator[Template]:
    """Every template of an actor's declaration."""
    written = (actor.jid, actor.password, actor.resource)
    yield from (template for template in written if template is not None)


def made_up_answers(steps: Iterable[Step]) -> Iterator[tuple[Step, Node]]:
    """Answers to the server's requests whose id cannot be that of the request, as far as the script tells."""
    asked: set[tuple[str, str]] = set()
    for step in steps:
        asked |= {
            (step.actor, node.attributes[ID].source) for node in expected_nodes(step) if ID in node.attributes
        }
        for node in sent_nodes(step):
            template = node.attributes.get(ID)
            if template is None or not _is_answer(node) or refers(template):
                continue
            if (step.actor, template.source) not in asked or template.source == "{scansion:any}":
                yield step, node


def _is_answer(node: Node) -> bool:
    kind = node.attributes.get(TYPE)
    return node.name == Name(CLIENT, "iq") and kind is not None and kind.source in ("result", "error")
