"""Elements with something else in one place."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from harness.strategies.sample import Element
from harness.xmpp.namespaces import CLIENT, Name

Path = tuple[int, ...]
Child = Element | str


def paths(element: Element, path: Path = ()) -> Iterator[tuple[Path, Element]]:
    """Every element below one, with the positions that lead to it."""
    for index, child in enumerate(element.children):
        if isinstance(child, Element):
            yield (*path, index), child
            yield from paths(child, (*path, index))


def changed(element: Element, path: Path, change: Callable[[Element], Sequence[Child]]) -> Element:
    """The element with others in the place of the one that the path leads to."""
    index, *rest = path
    child = element.children[index]
    assert isinstance(child, Element), path
    instead = [changed(child, tuple(rest), change)] if rest else list(change(child))
    return replace(element, children=(*element.children[:index], *instead, *element.children[index + 1 :]))


def with_child(element: Element, child: Child, *, first: bool = False) -> Element:
    """The element with one child more."""
    children = (child, *element.children) if first else (*element.children, child)
    return replace(element, children=children)


def with_attribute(element: Element, name: Name, value: str | None) -> Element:
    """The element with another value for an attribute, in its place; None takes it away."""
    kept = [(one, value if one == name else old) for one, old in element.attributes]
    if value is not None and all(one != name for one, _ in kept):
        kept.append((name, value))
    return replace(element, attributes=tuple((one, text) for one, text in kept if text is not None))


def leaf(namespace: str, local: str, text: str = "", **attributes: str) -> Element:
    """An element with text at most."""
    return Element(
        name=Name(namespace, local),
        attributes=tuple((Name("", key.rstrip("_")), value) for key, value in attributes.items()),
        children=(text,) if text else (),
    )


def stanza(kind: str, *children: Child, **attributes: str) -> Element:
    """A stanza; a trailing low line is taken off the names of attributes."""
    return replace(leaf(CLIENT, kind, **attributes), children=children)
