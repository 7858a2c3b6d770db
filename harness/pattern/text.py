"""The own text of elements, expected and received, and how the two are compared.

Text is compared without white space at its ends; what stands around child elements (mixed content) is
joined first, so that the layout of a script does not matter.
"""

from lxml import etree

from harness.pattern.nodes import Node, Template
from harness.pattern.template import joined, trimmed


def expected_text(node: Node) -> Template | None:
    """What the own text of an element must be; None if the pattern says nothing of it."""
    pieces = [node.text, *(child.tail for child in (*node.children, *node.absent_children))]
    template = joined(tuple(trimmed(piece) for piece in pieces if piece is not None)) if any(pieces) else None
    return template if template is not None and template.parts else None


def received_text(element: "etree._Element") -> str:
    """The own text of an element, its pieces without white space at their ends."""
    pieces = [element.text, *(child.tail for child in element)]
    return "".join(piece.strip() for piece in pieces if piece)


def element_children(element: "etree._Element") -> list["etree._Element"]:
    """The child elements, without comments and processing instructions."""
    return [child for child in element if isinstance(child.tag, str)]
