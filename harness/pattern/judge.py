"""The rules for one element by itself: how strict it is, its name, attributes and text."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from harness.pattern.nodes import Node, Strictness, Template
from harness.pattern.template import is_constant, make_template, match_template, variables
from harness.pattern.text import expected_text, received_text
from harness.xmpp.namespaces import CLIENT, Name

Scope = Mapping[str, str]

_TEXT = "#text"  # no name of an attribute
_FEW = 16  # pairs that are sooner looked at than indexed


@dataclass(frozen=True, kw_only=True, slots=True)
class Judge:
    """Holds the strictness of the dialect and whether captures are bound anew.

    One that `is_explaining` lets a value pass whose variable is captured elsewhere in the same pattern.
    """

    strictness: Strictness
    rebind: bool = False
    is_explaining: bool = False

    def strictness_of(self, node: Node, inherited: Strictness | None) -> Strictness:
        """OPEN or EXACT: the element's own mark, else the nearest marked ancestor's, else the dialect's."""
        explicit = node.strictness or inherited
        if explicit is not None:
            return explicit
        if self.strictness is not Strictness.BY_NAMESPACE:
            return self.strictness
        return Strictness.OPEN if node.name.namespace == CLIENT else Strictness.EXACT

    def demands_no_text(self, node: Node, inherited: Strictness | None) -> bool:
        """Whether text must be missing where the pattern has none: only if exactness is asked for."""
        explicit = node.strictness or inherited or self.strictness
        return explicit is Strictness.EXACT and expected_text(node) is None

    def value(self, template: Template, text: str, scope: Scope) -> dict[str, str] | None:
        """The captures of a value, None if it does not match."""
        if self.is_explaining and any(name not in scope for name in variables(template)):
            return {}
        return match_template(template, text, scope, rebind=self.rebind)

    def own_content(
        self, node: Node, actual: "etree._Element", scope: Scope, inherited: Strictness | None
    ) -> dict[str, str] | None:
        """The captures of name, attributes and text; None if any of them differs."""
        if actual.tag != str(node.name):
            return None
        if self.strictness_of(node, inherited) is Strictness.EXACT and any(extra_attributes(node, actual)):
            return None
        if any(str(name) in actual.attrib for name in node.absent_attributes):
            return None
        found: dict[str, str] = {}
        for template, text in self._values(node, actual):
            own = None if text is None else self.value(template, text, {**scope, **found})
            if own is None:
                return None
            found |= own
        if self.demands_no_text(node, inherited) and received_text(actual):
            return None
        return found

    def _values(self, node: Node, actual: "etree._Element") -> Iterator[tuple[Template, str | None]]:
        """What is to be compared: templates, and the values that they meet (None: missing)."""
        for name, template in node.attributes.items():
            yield template, actual.get(str(name))
        for name, template in node.optional_attributes.items():
            if str(name) in actual.attrib:
                yield template, actual.get(str(name))
        text = expected_text(node)
        if text is not None:
            yield text, received_text(actual)

    def candidates(
        self, expected: Sequence[Node], actual: Sequence["etree._Element"], scope: Scope
    ) -> list[list[int]]:
        """For each expected child the received ones that share its name and one known attribute or text."""
        if len(expected) * len(actual) <= _FEW:
            return [
                [at for at, child in enumerate(actual) if child.tag == str(node.name)] for node in expected
            ]
        index: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for position, child in enumerate(actual):
            index[str(child.tag), "", ""].append(position)
            index[str(child.tag), _TEXT, received_text(child)].append(position)
            for key, value in child.attrib.items():
                index[str(child.tag), str(key), str(value)].append(position)
        return [min((index.get(key, []) for key in _keys(node, scope)), key=len) for node in expected]


def _keys(node: Node, scope: Scope) -> Iterator[tuple[str, str, str]]:
    yield str(node.name), "", ""
    text = expected_text(node)
    constants = [*node.attributes.items(), *([] if text is None else [(_TEXT, text)])]
    for key, template in constants:
        if is_constant(template) and all(variable in scope for variable in variables(template)):
            yield str(node.name), str(key), make_template(template, scope, str)[0]


def extra_attributes(node: Node, actual: "etree._Element") -> Iterator[Name]:
    """Attributes that an exact pattern does not know."""
    for key in actual.attrib:
        name = Name.of(str(key))
        if name not in node.attributes and name not in node.optional_attributes:
            yield name
