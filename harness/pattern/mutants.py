"""Mutants of a made element, and variants of it that any receiver has to accept.

A mutant differs from what a pattern made in one place that the pattern speaks of. A check that cannot
tell it from the real thing does not check that place. What a pattern leaves open on purpose, a
placeholder that takes any value, is marked `is_free`: such a mutant may go unnoticed.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from lxml import etree

from harness.pattern.nodes import Kind, Node, Placeholder, Strictness, Template
from harness.xmpp.namespaces import CLIENT, STANZA_ERRORS, XML, Name

_FOREIGN = "urn:example:foreign"
_OTHER_TYPE = {
    "result": "error",
    "error": "result",
    "get": "set",
    "set": "get",
    "chat": "groupchat",
    "groupchat": "chat",
    "unavailable": "subscribe",
    "subscribe": "subscribed",
    "subscribed": "unsubscribed",
    "cancel": "wait",
    "modify": "auth",
    "auth": "cancel",
    "wait": "modify",
}


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One altered element. `label` says what was done, such as "iq/query: attribute ver removed"."""

    label: str
    element: "etree._Element"
    is_free: bool = False


def mutants(node: Node, element: "etree._Element") -> Iterator[Mutant]:
    """Give every mutant of an element that was made from the pattern."""
    yield from _of_element(node, element, element, local(element))


def _of_element(node: Node, root: "etree._Element", element: "etree._Element", path: str) -> Iterator[Mutant]:
    yield from _of_attributes(node, root, element, path)
    yield from _of_text(node, root, element, path)
    yield from _of_absences(node, root, element, path)
    for child_node, child in zip(node.children, _elements(element), strict=False):
        child_path = f"{path}/{local(child)}"
        yield _mutant(f"{child_path}: removed", root, child, _remove)
        yield _mutant(f"{child_path}: renamed", root, child, _rename)
        yield _mutant(f"{child_path}: in another namespace", root, child, _move)
        yield from _of_element(child_node, root, child, child_path)


def _of_attributes(
    node: Node, root: "etree._Element", element: "etree._Element", path: str
) -> Iterator[Mutant]:
    for name, template in node.attributes.items():
        key = str(name)
        yield _mutant(f"{path}: attribute {name.local} removed", root, element, partial(_drop, key))
        value = _refused_value(template, name.local, element.get(key, ""))
        yield _mutant(
            f"{path}: attribute {name.local} changed",
            root,
            element,
            partial(_put, key, value),
            is_free=takes_anything(template),
        )


def _of_text(node: Node, root: "etree._Element", element: "etree._Element", path: str) -> Iterator[Mutant]:
    if node.text is None or not node.text.source.strip():
        return
    is_free = takes_anything(node.text)
    yield _mutant(f"{path}: text changed", root, element, _change_text, is_free=is_free)
    yield _mutant(f"{path}: text removed", root, element, _remove_text, is_free=is_free)


def _of_absences(
    node: Node, root: "etree._Element", element: "etree._Element", path: str
) -> Iterator[Mutant]:
    """What must not be there is put in: a presence or message that must have no type gets one."""
    for name in node.absent_attributes:
        value = "unavailable" if node.name == Name(CLIENT, "presence") else "error"
        yield _mutant(
            f"{path}: attribute {name.local} added",
            root,
            element,
            partial(_put, str(name), value),
        )
    for child in node.absent_children:
        yield _mutant(
            f"{path}: {child.name.local} added",
            root,
            element,
            partial(_add, str(child.name)),
            is_free=bool(child.attributes or child.absent_attributes or child.text or child.children),
        )


def _mutant(
    label: str,
    root: "etree._Element",
    place: "etree._Element",
    change: "Callable[[etree._Element], object]",
    *,
    is_free: bool = False,
) -> Mutant:
    """Copy the whole element and change the copy at the same place."""
    path = _path(root, place)
    changed = copy.deepcopy(root)
    target = changed
    for index in path:
        target = target[index]
    change(target)
    return Mutant(label=label, element=changed, is_free=is_free)


def _path(root: "etree._Element", place: "etree._Element") -> list[int]:
    path: list[int] = []
    while place is not root:
        parent = place.getparent()
        assert parent is not None, "the place is inside the root"
        path.insert(0, parent.index(place))
        place = parent
    return path


def _drop(key: str, element: "etree._Element") -> None:
    del element.attrib[key]


def _put(key: str, value: str, element: "etree._Element") -> None:
    element.set(key, value)


def _add(tag: str, element: "etree._Element") -> None:
    etree.SubElement(element, tag)


def _remove(element: "etree._Element") -> None:
    parent = element.getparent()
    assert parent is not None, "the root itself is not removed here"
    parent.remove(element)


def _rename(element: "etree._Element") -> None:
    """Give another name: an error condition becomes another condition, which is what servers confuse."""
    name = Name.of(str(element.tag))
    other = f"other-{name.local}"
    if name.namespace == STANZA_ERRORS and name.local != "text":
        other = "undefined-condition" if name.local != "undefined-condition" else "bad-request"
    element.tag = str(Name(name.namespace, other))


def _move(element: "etree._Element") -> None:
    element.tag = str(Name(_FOREIGN, Name.of(str(element.tag)).local))


def _change_text(element: "etree._Element") -> None:
    element.text = other_value("", element.text or "")


def _remove_text(element: "etree._Element") -> None:
    element.text = None


def _refused_value(template: Template, attribute: str, value: str) -> str:
    """Return a value that is not one of those between which a template lets choose."""
    choices = {choice for part in template.parts if isinstance(part, Placeholder) for choice in part.choices}
    other = other_value(attribute, value)
    return other if other not in choices else "other"


def other_value(attribute: str, value: str) -> str:
    """Return a value that is not this one and not of its kind either, but for `type`, which stays legal."""
    if attribute == "type":
        return _OTHER_TYPE.get(value, "error")
    if attribute in ("from", "to", "jid"):
        return "somebody-else@elsewhere.example/other"
    return f"other {value}!" if value else "other!"


def takes_anything(template: Template) -> bool:
    """Whether a template has a hole that any text fits in."""
    holes = [part for part in template.parts if isinstance(part, Placeholder)]
    return any(hole.kind in (Kind.ANY, Kind.REGEX, Kind.OTHER_THAN) for hole in holes)


def variants(node: Node, element: "etree._Element") -> Iterator[Mutant]:
    """Give forms of the element that say the same, which a fair check accepts (RFC 6120, 8.1.5, 8.4)."""
    if node.name.namespace != CLIENT:
        return
    if not any(child.strictness is Strictness.EXACT for child in node.children):
        extended = copy.deepcopy(element)
        # An iq has one child at most, so what is added stands in that child.
        inside = extended[0] if local(extended) == "iq" and len(extended) else extended
        _add(str(Name(_FOREIGN, "extra")), inside)
        yield Mutant(label=f"{local(element)}: extra child in a foreign namespace", element=extended)
    if f"{{{XML}}}lang" not in element.attrib:
        tagged = copy.deepcopy(element)
        tagged.set(f"{{{XML}}}lang", "en")
        yield Mutant(label=f"{local(element)}: xml:lang", element=tagged)
    turned = copy.deepcopy(element)
    attributes = list(turned.attrib.items())
    turned.attrib.clear()
    for key, value in reversed(attributes):
        turned.set(key, value)
    yield Mutant(label=f"{local(element)}: attributes in another order", element=turned)


def local(element: "etree._Element") -> str:
    """The local name of an element."""
    return etree.QName(element).localname


def _elements(element: "etree._Element") -> "list[etree._Element]":
    return [child for child in element if isinstance(child.tag, str)]
