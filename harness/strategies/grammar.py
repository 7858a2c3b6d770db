"""What an element may hold, as data: from one description come elements and the judgement of elements."""

from dataclasses import dataclass

from harness.strategies.choices import Choices
from harness.strategies.sample import Element
from harness.strategies.values import Value
from harness.xmpp.namespaces import XML, Name

XML_LANG = Name(XML, "lang")
_SELDOM = 3  # an optional thing is there for one number in so many
_MANY = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """An attribute of an element, and the values that it takes."""

    name: Name
    value: Value
    is_needed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Children:
    """One of `nodes`, so many times. `most` bounds what is made as well as what is right."""

    nodes: "tuple[Node, ...]"
    least: int = 1
    most: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """An element: its attributes, its text if it may hold any, and its children, in the order of making."""

    name: Name
    attributes: tuple[Attribute, ...] = ()
    text: Value | None = None
    children: tuple[Children, ...] = ()


Part = Attribute | Children | Value


def node(namespace: str, local: str, *parts: Part) -> Node:
    """An element of a name with what it holds; a `Value` is its text."""
    return Node(
        name=Name(namespace, local),
        attributes=tuple(part for part in parts if isinstance(part, Attribute)),
        text=next((part for part in parts if isinstance(part, Value)), None),
        children=tuple(part for part in parts if isinstance(part, Children)),
    )


def needs(local: str, value: Value) -> Attribute:
    """An attribute that must be there."""
    return Attribute(name=Name("", local), value=value)


def may(local: str, value: Value) -> Attribute:
    """An attribute that may be there."""
    return Attribute(name=Name("", local), value=value, is_needed=False)


def one(*nodes: Node) -> Children:
    """Exactly one of these."""
    return Children(nodes=nodes)


def maybe(*nodes: Node) -> Children:
    """One of these, or none."""
    return Children(nodes=nodes, least=0)


def many(*nodes: Node, least: int = 0) -> Children:
    """A few of these."""
    return Children(nodes=nodes, least=least, most=_MANY)


def make(described: Node, choices: Choices) -> Element:
    """An element as described; for the number 0 with what is needed only."""
    attributes = tuple(
        (attribute.name, attribute.value.make(choices))
        for attribute in described.attributes
        if attribute.is_needed or choices.once_in(_SELDOM)
    )
    children: tuple[Element | str, ...] = make_all(described.children, choices)
    if described.text is not None and (text := described.text.make(choices)):
        children = (text, *children)
    return Element(name=described.name, attributes=attributes, children=children)


def make_all(described: tuple[Children, ...], choices: Choices) -> tuple[Element, ...]:
    """Elements as described, in that order."""
    return tuple(
        make(choices.among(children.nodes), choices)
        for children in described
        for _ in range(_how_many(children, choices))
    )


def _how_many(children: Children, choices: Choices) -> int:
    if children.least == children.most:
        return children.least
    if children.least == 0 and not choices.once_in(_SELDOM):
        return 0
    least = max(1, children.least)
    return least + choices.below(children.most - least + 1)


def check(described: Node, element: Element) -> list[str]:
    """What is wrong with an element, compared with its description; empty if nothing is."""
    place = element.name.local
    if element.name != described.name:
        return [f"{element.name} instead of {described.name}"]
    faults = check_attributes(described.attributes, element)
    texts = "".join(child for child in element.children if isinstance(child, str))
    if described.text is None and texts:
        faults.append(f"{place} holds text")
    if described.text is not None and not described.text.is_valid(texts):
        faults.append(f"{place}: {texts!r} is no {described.text.name}")
    return faults + check_children(described.children, element)


def check_attributes(described: tuple[Attribute, ...], element: Element) -> list[str]:
    """What is wrong with the attributes of an element."""
    place = element.name.local
    given = dict(element.attributes)
    faults = [f"{place} lacks {one.name}" for one in described if one.is_needed and one.name not in given]
    if len(given) < len(element.attributes):
        faults.append(f"{place} has an attribute twice")
    for name, value in given.items():
        known = next((one for one in described if one.name == name), None)
        if known is None:
            faults.append(f"{place} has an unknown attribute {name}")
        elif not known.value.is_valid(value):
            faults.append(f"{place}: {name}={value!r} is no {known.value.name}")
    return faults


def check_children(described: tuple[Children, ...], element: Element) -> list[str]:
    """What is wrong with the child elements of an element; their order is free."""
    counts = [0] * len(described)
    faults: list[str] = []
    for child in element.elements:
        wrong: list[str] = [f"{element.name.local} has an unexpected child {child.name}"]
        for index, children in enumerate(described):
            nodes = [one for one in children.nodes if one.name == child.name]
            if not nodes or counts[index] == children.most:
                continue
            wrong = min((check(one, child) for one in nodes), key=len)
            if not wrong:
                counts[index] += 1
                break
        faults += wrong
    for count, children in zip(counts, described, strict=True):
        if count < children.least and not faults:
            faults.append(f"{element.name.local} lacks {children.nodes[0].name}")
    return faults
