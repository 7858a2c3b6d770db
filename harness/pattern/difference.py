"""Why an element does not match its pattern: one stable line for machines, a few marked ones for people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lxml import etree

from harness.pattern.alignment import Alignment, align
from harness.pattern.judge import Judge, Scope, extra_attributes
from harness.pattern.nodes import Node, Strictness, Template
from harness.pattern.render import (
    Line,
    Piece,
    carets,
    expected_tag,
    received_tag,
    shorten,
    shown_name,
    text_of,
)
from harness.pattern.text import element_children, expected_text, received_text
from harness.xmpp.namespaces import CLIENT, STANZA_ERRORS, Name

_MOST_LINES = 40
_CONTEXT = 3
_MOST_EXTRAS = 3

# Attributes whose values are words of the protocol, so that they may stand in a cause.
_WORDS = frozenset(
    "type code affiliation role subscription ask action status version mechanism".split()  # noqa: SIM905
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """`cause` is short and the same for every run: it holds no ids and no addresses.

    `lines` show both trees: two spaces before what is the same, `- ` before what was expected, `+ `
    before what was received, `? ` before carets under the spot.
    """

    cause: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fault:
    depth: int
    rank: int
    cause: str


def explain(node: Node, element: "etree._Element", scope: Scope, judge: Judge) -> Difference:
    """The likeliest explanation: each expected child is set against the most similar received one."""
    walk = _Walk(scope, replace(judge, is_explaining=True))
    walk.element(node, element, None, 0, "", CLIENT)
    faults = sorted(walk.faults, key=lambda fault: (fault.depth, fault.rank))
    cause = faults[0].cause if faults else f"{node.name.local}: the captures contradict one another"
    return Difference(cause=cause, lines=tuple(_only_context(walk.lines)))


class _Walk:
    """Goes through both trees at once and writes down lines and faults."""

    def __init__(self, scope: Scope, judge: Judge) -> None:
        self.scope = dict(scope)
        self.judge = judge
        self.lines: list[str] = []
        self.faults: list[_Fault] = []

    def element(
        self,
        node: Node,
        actual: "etree._Element",
        inherited: Strictness | None,
        depth: int,
        path: str,
        parent_namespace: str,
    ) -> None:
        here = f"{path}/{node.name.local}" if path else node.name.local
        if actual.tag != str(node.name):
            self._other_name(node, actual, depth, here, parent_namespace)
            return
        faulty = self._attribute_faults(node, actual, inherited, depth, here)
        text_fault = self._text_fault(node, actual, inherited, depth, here)
        children = element_children(actual)
        is_leaf = not children and not node.children
        self._start(node, actual, faulty, text_fault, depth, parent_namespace, is_leaf=is_leaf)
        if not is_leaf:
            self._children(node, children, inherited, depth + 1, here)
            self._write("  ", (Piece(f"</{shown_name(node.name)}>"),), depth)

    def _other_name(self, node: Node, actual: "etree._Element", depth: int, here: str, outer: str) -> None:
        name = Name.of(str(actual.tag))
        if name.local == node.name.local:
            cause = f"{here}: the namespace is {name.namespace} instead of {node.name.namespace}"
        else:
            cause = f"{here}: {name.local} came instead"
        self.faults.append(_Fault(depth, 0, cause))
        self._tree("- ", node, depth, outer)
        self._received_tree("+ ", actual, depth, outer)

    # --- attributes and text ------------------------------------------------------------------

    def _attribute_faults(
        self, node: Node, actual: "etree._Element", inherited: Strictness | None, depth: int, here: str
    ) -> list[Name]:
        causes: dict[Name, str] = {}
        for name, template in {**node.attributes, **node.optional_attributes}.items():
            value = actual.get(str(name))
            if value is None and name in node.attributes:
                causes[name] = f"attribute {shown_name(name)} is missing"
            elif value is not None and not self._is_match(template, value):
                causes[name] = _wrong_value(name, template, value, actual)
        for name in node.absent_attributes:
            if str(name) in actual.attrib:
                causes[name] = _unwanted(name, actual)
        if self.judge.strictness_of(node, inherited) is Strictness.EXACT:
            causes |= {name: _unwanted(name, actual) for name in extra_attributes(node, actual)}
        for name, cause in causes.items():
            self.faults.append(_Fault(depth, 0 if name.local == "type" else 1, f"{here}: {cause}"))
        return list(causes)

    def _is_match(self, template: Template, value: str) -> bool:
        found = self.judge.value(template, value, self.scope)
        self.scope |= found or {}
        return found is not None

    def _text_fault(
        self, node: Node, actual: "etree._Element", inherited: Strictness | None, depth: int, here: str
    ) -> bool:
        template = expected_text(node)
        received = received_text(actual)
        if template is None:
            cause = "there is text" if received and self.judge.demands_no_text(node, inherited) else ""
        elif self._is_match(template, received):
            cause = ""
        else:
            cause = (
                "the text is missing"
                if not received
                else f"the text is not {shorten(template.source)[:60]!r}"
            )
        if cause:
            self.faults.append(_Fault(depth, 2, f"{here}: {cause}"))
        return bool(cause)

    # --- children -----------------------------------------------------------------------------

    def _children(
        self, node: Node, actual: list["etree._Element"], inherited: Strictness | None, depth: int, here: str
    ) -> None:
        explicit = node.strictness or inherited
        alignment = align(node.children, actual, self.scope, self.judge, explicit)
        is_exact = self.judge.strictness_of(node, inherited) is Strictness.EXACT
        self._missing(node, actual, alignment, depth, here)
        self._forbidden(node, actual, explicit, depth, here)
        extras = 0
        for index, child in enumerate(actual):
            expected = alignment.expected_of.get(index)
            if expected is not None:
                self.element(node.children[expected], child, explicit, depth, here, node.name.namespace)
            elif is_exact:
                self.faults.append(
                    _Fault(depth, 3, f"{here}: unexpected child {Name.of(str(child.tag)).local}")
                )
                self._received_tree("+ ", child, depth, node.name.namespace)
            else:
                extras += 1
                self._extra(child, extras, depth, node.name.namespace)
        if extras > _MOST_EXTRAS:
            self._write("  ", (Piece(f"… and {extras - _MOST_EXTRAS} more that may be there"),), depth)
        if is_exact and not alignment.is_in_order:
            self.faults.append(_Fault(depth, 4, f"{here}: the children are in another order"))
            names = shorten(", ".join(child.name.local for child in node.children))
            self._write("? ", (Piece(f"expected in this order: {names}"),), depth)

    def _missing(
        self, node: Node, actual: list["etree._Element"], alignment: Alignment, depth: int, here: str
    ) -> None:
        left_over = [child for index, child in enumerate(actual) if index not in alignment.expected_of]
        for index in alignment.missing:
            child = node.children[index]
            rival = next((other for other in left_over if _namespace(other) == child.name.namespace), None)
            instead = f", {Name.of(str(rival.tag)).local} is there" if rival is not None else ""
            self.faults.append(_Fault(depth, 1, f"{here}: child {child.name.local} is missing{instead}"))
            self._tree("- ", child, depth, node.name.namespace)

    def _forbidden(
        self,
        node: Node,
        actual: list["etree._Element"],
        explicit: Strictness | None,
        depth: int,
        here: str,
    ) -> None:
        for forbidden in node.absent_children:
            if align((forbidden,), actual, self.scope, self.judge, explicit).is_perfect:
                cause = f"{here}: child {forbidden.name.local} must not be there"
                self.faults.append(_Fault(depth, 1, cause))
                self._write("? ", (Piece(f"{shown_name(forbidden.name)} must not be there"),), depth)

    def _extra(self, child: "etree._Element", count: int, depth: int, outer: str) -> None:
        if count <= _MOST_EXTRAS:
            end = "/>" if not len(child) and not child.text else ">…"
            self._write("  ", received_tag(child, outer, (), (), end=end), depth)

    # --- lines --------------------------------------------------------------------------------

    def _start(
        self,
        node: Node,
        actual: "etree._Element",
        faulty: list[Name],
        text_fault: bool,
        depth: int,
        outer: str,
        *,
        is_leaf: bool,
    ) -> None:
        received = _received_line(actual, outer, faulty, node.attributes, text_fault, is_leaf=is_leaf)
        if not faulty and not text_fault:
            self._write("  ", received, depth)
            return
        self._write("- ", _expected_line(node, outer, faulty, text_fault, is_leaf=is_leaf), depth)
        self._write("+ ", received, depth)

    def _tree(self, mark: str, node: Node, depth: int, outer: str) -> None:
        is_leaf = not node.children
        self._write(mark, _expected_line(node, outer, (), False, is_leaf=is_leaf), depth)
        for child in node.children:
            self._tree(mark, child, depth + 1, node.name.namespace)
        if not is_leaf:
            self._write(mark, (Piece(f"</{shown_name(node.name)}>"),), depth)

    def _received_tree(self, mark: str, actual: "etree._Element", depth: int, outer: str) -> None:
        children = element_children(actual)
        name = Name.of(str(actual.tag))
        self._write(mark, _received_line(actual, outer, (), {}, False, is_leaf=not children), depth)
        for child in children[:_MOST_EXTRAS]:
            self._received_tree(mark, child, depth + 1, name.namespace)
        if len(children) > _MOST_EXTRAS:
            self._write(mark, (Piece(f"… and {len(children) - _MOST_EXTRAS} more"),), depth + 1)
        if children:
            self._write(mark, (Piece(f"</{shown_name(name)}>"),), depth)

    def _write(self, mark: str, line: Line, depth: int) -> None:
        indent = "  " * depth
        self.lines.append(f"{mark}{indent}{text_of(line)}")
        under = carets(line)
        if under:
            self.lines.append(f"? {indent}{under}")


def _expected_line(
    node: Node, outer: str, faulty: "tuple[()] | list[Name]", text_fault: bool, *, is_leaf: bool
) -> Line:
    text = expected_text(node)
    source = shorten(text.source) if text else ""
    end = ">" if source or not is_leaf else "/>"
    return _with_text(expected_tag(node, outer, faulty, end=end), source, node.name, text_fault, is_leaf)


def _received_line(
    actual: "etree._Element",
    outer: str,
    faulty: "tuple[()] | list[Name]",
    first: Mapping[Name, Template],
    text_fault: bool,
    *,
    is_leaf: bool,
) -> Line:
    text = shorten(received_text(actual))
    end = ">" if text or not is_leaf else "/>"
    tag = received_tag(actual, outer, faulty, list(first), end=end)
    return _with_text(tag, text, Name.of(str(actual.tag)), text_fault, is_leaf)


def _with_text(tag: Line, text: str, name: Name, is_faulty: bool, is_leaf: bool) -> Line:
    if not text:
        return tag
    end = (Piece(f"</{shown_name(name)}>"),) if is_leaf else ()
    return (*tag, Piece(text, is_faulty), *end)


def _wrong_value(name: Name, template: Template, value: str, actual: "etree._Element") -> str:
    if name.local not in _WORDS or not re.fullmatch(r"[\w.-]{1,40}", value):
        return f"attribute {shown_name(name)} is not {template.source!r}"
    return (
        f"attribute {shown_name(name)} is {value!r} instead of {template.source!r}{_condition(name, actual)}"
    )


def _unwanted(name: Name, actual: "etree._Element") -> str:
    value = str(actual.get(str(name)))
    is_word = name.local in _WORDS and re.fullmatch(r"[\w.-]{1,40}", value)
    shown = f", and is {value!r}" if is_word else ""
    return f"attribute {shown_name(name)} must not be there{shown}{_condition(name, actual)}"


def _condition(name: Name, actual: "etree._Element") -> str:
    """The error's condition, when what came is an error stanza nobody expected."""
    if name != Name("", "type") or actual.get("type") != "error":
        return ""
    found = actual.find(f"{{*}}error/{{{STANZA_ERRORS}}}*")
    return f" ({Name.of(str(found.tag)).local})" if found is not None else ""


def _namespace(element: "etree._Element") -> str:
    return Name.of(str(element.tag)).namespace


def _only_context(lines: list[str]) -> list[str]:
    """Drop what is the same and far from any difference, and what is too much for a page."""
    marked = [index for index, line in enumerate(lines) if not line.startswith("  ")]
    near = {near for index in marked for near in range(index - _CONTEXT, index + _CONTEXT + 1)}
    near |= {0, len(lines) - 1}
    kept: list[str] = []
    for index, line in enumerate(lines):
        if index in near:
            kept.append(line)
        elif kept[-1] != "  …":
            kept.append("  …")
    if len(kept) > _MOST_LINES:
        return [*kept[:_MOST_LINES], f"  … and {len(kept) - _MOST_LINES} more lines"]
    return kept
