"""What a pattern is made of.

A `Template` is a piece of text with holes; a `Node` is an element whose name is fixed and whose
attributes and text are templates. The same node matches a received element and makes one to send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from harness.xmpp.namespaces import Name


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """`${name}`: the value that the case's scope gives to the name."""

    name: str


class Kind(Enum):
    """What a placeholder accepts and what it makes."""

    ANY = "any"
    JID = "jid"
    FULL_JID = "full jid"
    BARE_JID = "bare jid"
    TIMESTAMP = "timestamp"
    INTEGER = "integer"
    BASE64 = "base64"
    UUID = "uuid"
    REGEX = "regex"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placeholder:
    """`{any}`, `{integer}`, `{regex:...}`, and with a `capture` name the value is kept under that name."""

    kind: Kind
    regex: str = ""
    capture: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """Text with holes. `source` is how it is written in the script."""

    parts: tuple[Literal | Variable | Placeholder, ...]
    source: str


class Strictness(Enum):
    """What an element may hold beyond what its pattern says.

    OPEN: anything more, in any order; the rule of our own dialect. EXACT: nothing more, children in
    order. BY_NAMESPACE: Scansion's rule, open in the stream's namespace and exact in any other.
    """

    OPEN = "open"
    EXACT = "exact"
    BY_NAMESPACE = "by namespace"


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One element of a pattern. `strictness` None: as the parent says; `text` None: text is not looked at.

    `absent` holds what must not be there: names of attributes and children written with the marker
    that the language reference describes. `line` and `column` point into the script, from 1.
    """

    name: Name
    attributes: Mapping[Name, Template]
    children: tuple["Node", ...] = ()
    text: Template | None = None
    strictness: Strictness | None = None
    absent_attributes: tuple[Name, ...] = ()
    absent_children: tuple[Name, ...] = ()
    line: int = 0
    column: int = 0
