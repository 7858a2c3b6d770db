"""What a pattern is made of.

A `Template` is a piece of text with holes; a `Node` is an element whose name is fixed and whose
attributes and text are templates. The same node matches a received element and makes one to send.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    ONE_OF = "one of"
    OTHER_THAN = "other than"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placeholder:
    """`{any}`, `{integer}`, `{regex:...}`, and with a `capture` name the value is kept under that name.

    `choices` are the words of `{one of: a, b}`; the first is the one that is made. `excluded` is what
    `{other than: ...}` refuses.
    """

    kind: Kind
    regex: str = ""
    capture: str = ""
    choices: tuple[str, ...] = ()
    excluded: tuple[Literal | Variable, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """Text with holes. `source` is how it is written in the script, `place` is its file:line:column."""

    parts: tuple[Literal | Variable | Placeholder, ...]
    source: str
    place: str = field(default="", compare=False)


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

    `text` stands before the first child, each child's `tail` behind that child (mixed content).
    `optional_attributes` may be missing, and if there must match; they are never made. What
    `absent_attributes` and `absent_children` name must not be there. The reader of our own dialect
    says by these two that a presence without `type` is an available one and that a message without
    `type` is a normal one (RFC 6121, 4.7.1 and 5.2.2). `line` and `column` point into the script, from 1.
    """

    name: Name
    attributes: Mapping[Name, Template]
    children: tuple["Node", ...] = ()
    text: Template | None = None
    tail: Template | None = None
    strictness: Strictness | None = None
    optional_attributes: Mapping[Name, Template] = field(default_factory=dict)
    absent_attributes: tuple[Name, ...] = ()
    absent_children: tuple["Node", ...] = ()
    line: int = 0
    column: int = 0
