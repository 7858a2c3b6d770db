"""Reads the elements of a script's body into nodes, with the place of each.

The prefixes `stream`, `xml`, `scansion` and `harness` need no declaration, and elements without a prefix
are in `jabber:client`. Marks: `scansion:strict` and `harness:strict` (`true`, `false`) say how strict an
element is; `harness:absent='true'` on a child, and the value `{absent}` of an attribute, say that it must
not be there; the value `{optional}` or `{optional: TEMPLATE}` says that an attribute may be missing.
"""

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from xml.parsers import expat

from harness.errors import ScriptError
from harness.pattern.nodes import Node, Strictness, Template
from harness.pattern.template import literal, parse_template
from harness.xmpp.namespaces import CLIENT, WELL_KNOWN_PREFIXES, Name

_MARK_PREFIXES = ("scansion", "harness")
_SEPARATOR = "\n"  # cannot stand in a namespace name: attribute values are normalised
_ABSENT = "{absent}"
_OPTIONAL = "{optional"

#: Elements in one another. Matching and explaining go into a pattern by several calls for each.
MOST_LEVELS = 64

_BRACE = re.compile("[{}]")

TYPE = Name("", "type")


class Place(NamedTuple):
    """A file, and the line (from 1) at which a text of whole lines begins in it."""

    path: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a body is to be understood.

    `strict_placeholders`: an unknown `{...}` is an error (our dialect). `typeless_is_plain`: a presence
    without `type` means an available one, a message without `type` a normal one (our dialect, where
    something is expected).
    """

    strict_placeholders: bool = True
    typeless_is_plain: bool = True


@dataclass(kw_only=True, slots=True)
class _Draft:
    """An element while it is being read."""

    node: Node
    text: list[str] = field(default_factory=list)
    children: list["_Draft"] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    text_place: tuple[int, int] = (0, 0)
    tail_place: tuple[int, int] = (0, 0)
    is_absent: bool = False


def read_nodes(text: str, place: Place, reading: Reading) -> tuple[Node, ...]:
    """The elements in `text`, which begins at `place`; every fault is a `ScriptError`."""
    return _NodeReader(text, place, reading).read()


class _NodeReader:
    def __init__(self, text: str, place: Place, reading: Reading) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.place = place
        self.reading = reading
        self.stack: list[_Draft] = []
        self.drafts: list[_Draft] = []
        self.is_ending = False
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.namespace_prefixes = True
        self.parser.ordered_attributes = True
        self.parser.StartNamespaceDeclHandler = self._declare
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def read(self) -> tuple[Node, ...]:
        try:
            # The root stands on a line of its own, so that only line numbers need correcting.
            self.parser.Parse(_root() + "\n", False)
            self.parser.Parse(self.text, False)
            self.is_ending = True
            self.parser.Parse("\n</stream:stream>", True)
        except expat.ExpatError as error:
            raise self._not_xml(error) from error
        return tuple(self._finish(draft) for draft in self.drafts)

    # --- what expat tells ---------------------------------------------------------------------

    def _declare(self, _prefix: str | None, namespace: str | None) -> None:
        """Refuse a namespace with a hole: names are compared and made as they stand in the script."""
        if namespace and _BRACE.search(namespace):
            place = self._locate(namespace, *self._here())
            raise self._error(*place, "no variable or placeholder can be in a namespace", "write it out")

    def _start(self, tag: str, attributes: list[str]) -> None:
        line, column = self._here()
        if line == 0:
            return  # the root of our own
        if len(self.stack) == MOST_LEVELS:
            message = f"elements are nested more than {MOST_LEVELS} deep"
            raise self._error(line, column, message, "use `sends raw:` to send more")
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        draft = self._draft(_expand(tag)[0], pairs, line, column)
        (self.stack[-1].children if self.stack else self.drafts).append(draft)
        self.stack.append(draft)

    def _end(self, _tag: str) -> None:
        if self.stack:
            self.stack.pop()
        elif not self.is_ending:
            raise self._error(*self._here(), "no element is open", "end the stream by `X closes the stream`")

    def _characters(self, text: str) -> None:
        if not self.stack:
            if text.strip():
                line, column = self._here()
                column += len(text) - len(text.lstrip())
                raise self._error(line, column, f"text outside of elements: {text.strip()[:40]!r}", "")
            return
        parent = self.stack[-1]
        if parent.children:
            owner = parent.children[-1]
            owner.tail_place = owner.tail_place if owner.tail else self._here()
            owner.tail.append(text)
        else:
            parent.text_place = parent.text_place if parent.text else self._here()
            parent.text.append(text)

    # --- building -----------------------------------------------------------------------------

    def _draft(self, name: Name, pairs: list[tuple[str, str]], line: int, column: int) -> _Draft:
        plain: dict[Name, Template] = {}
        optional: dict[Name, Template] = {}
        absent: list[Name] = []
        marks: dict[str, str] = {}
        for key, value in pairs:
            attribute, prefix = _expand(key)
            if prefix in _MARK_PREFIXES:
                marks[attribute.local] = value
            elif self.reading.strict_placeholders and value.strip() == _ABSENT:
                absent.append(attribute)
            elif self.reading.strict_placeholders and value.startswith(_OPTIONAL) and value.endswith("}"):
                optional[attribute] = self._optional(value, line, column)
            else:
                plain[attribute] = self._template(value, line, column)
        node = Node(
            name=name,
            attributes=plain,
            optional_attributes=optional,
            absent_attributes=tuple(absent),
            strictness=self._strictness(marks, line, column),
            line=line,
            column=column,
        )
        return _Draft(node=self._typeless(node), is_absent=marks.get("absent") == "true")

    def _strictness(self, marks: dict[str, str], line: int, column: int) -> Strictness | None:
        unknown = marks.keys() - {"strict", "absent"}
        words = {"true": Strictness.EXACT, "false": Strictness.OPEN}
        wrong = [key for key, value in marks.items() if value not in words]
        if unknown or wrong:
            mark = min(unknown or wrong)
            advice = "there are strict and absent, each true or false"
            raise self._error(line, column, f"unknown mark {mark!r}", advice)
        return words[marks["strict"]] if "strict" in marks else None

    def _optional(self, value: str, line: int, column: int) -> Template:
        inner = value.removeprefix(_OPTIONAL)[:-1]  # after a colon, nothing means the empty value
        return self._template(inner.removeprefix(":").strip() if inner else "{any}", line, column)

    def _typeless(self, node: Node) -> Node:
        """Say what a stanza without `type` means (RFC 6121, 4.7.1 for presence, 5.2.2 for messages)."""
        mentioned = TYPE in {**node.attributes, **node.optional_attributes} or TYPE in node.absent_attributes
        if mentioned or not self.reading.typeless_is_plain:
            return node
        if node.name == Name(CLIENT, "presence"):
            return replace(node, absent_attributes=(*node.absent_attributes, TYPE))
        if node.name == Name(CLIENT, "message"):
            return replace(node, optional_attributes={**node.optional_attributes, TYPE: literal("normal")})
        return node

    def _finish(self, draft: _Draft) -> Node:
        """The node with its content; drafts become nodes from the leaves up."""
        return replace(
            draft.node,
            text=self._content(draft.text, draft.text_place, is_leaf=not draft.children),
            tail=self._content(draft.tail, draft.tail_place, is_leaf=False),
            children=tuple(self._finish(child) for child in draft.children if not child.is_absent),
            absent_children=tuple(self._finish(child) for child in draft.children if child.is_absent),
        )

    def _content(self, pieces: list[str], place: tuple[int, int], *, is_leaf: bool) -> Template | None:
        """Text as a template; None for no text, and for the white space between elements.

        A line of text begins after the tab with which every line of a body begins.
        """
        text = "".join(pieces).replace("\n\t", "\n")
        is_layout = not text.strip() and ("\n" in text or not is_leaf)
        return None if not text or is_layout else self._template(text, *place)

    def _template(self, value: str, line: int, column: int) -> Template:
        line, column = self._locate(value, line, column)
        try:
            return parse_template(
                value,
                line=line,
                column=column,
                path=self.place.path,
                strict_placeholders=self.reading.strict_placeholders,
            )
        except ScriptError as error:  # told again with the whole line of the script
            line, column = map(int, error.where.rsplit(":", 2)[1:])
            raise self._error(line, column, error.message, error.advice) from error

    # --- places -------------------------------------------------------------------------------

    def _here(self) -> tuple[int, int]:
        """Line and column in the script; line 0 for the root that we put around the body."""
        line = self.parser.CurrentLineNumber - 1
        if line < 1:
            return 0, 0
        return self._in_script(line, self.parser.CurrentColumnNumber)

    def _in_script(self, line: int, column: int) -> tuple[int, int]:
        return self.place.line + line - 1, column + 1

    def _locate(self, value: str, line: int, column: int) -> tuple[int, int]:
        """Where a value stands, searched from the start of its element; the element if it has entities."""
        first = line - self.place.line
        for number in range(max(first, 0), min(first + 20, len(self.lines))):
            found = self.lines[number].find(value, column - 1 if number == first and first else 0)
            if value and found >= 0:
                return self._in_script(number + 1, found)
        return line, column

    def _not_xml(self, error: expat.ExpatError) -> ScriptError:
        message = expat.ErrorString(error.code)
        line, column = self._in_script(max(error.lineno - 1, 1), error.offset)
        if error.lineno - 1 > len(self.lines):
            line, column = self._in_script(len(self.lines), len(self.lines[-1]))
            message = "an element is not closed"
        return self._error(line, column, f"this is not well-formed XML: {message}", "")

    def _error(self, line: int, column: int, message: str, advice: str) -> ScriptError:
        where = f"{self.place.path}:{line}:{column}"
        text_line = self.lines[min(max(line - self.place.line, 0), len(self.lines) - 1)]
        pad = "".join("\t" if letter == "\t" else " " for letter in text_line[: max(column - 1, 0)])
        return ScriptError(message, where=where, advice=advice, excerpt=f"{text_line}\n{pad}^")


def _root() -> str:
    prefixes = {**WELL_KNOWN_PREFIXES, **{prefix: f"urn:mark:{prefix}" for prefix in _MARK_PREFIXES}}
    declared = "".join(f" xmlns:{key}='{value}'" for key, value in prefixes.items() if key != "xml")
    return f"<stream:stream xmlns='{CLIENT}'{declared}>"


def _expand(tag: str) -> tuple[Name, str]:
    """The name and the prefix of what expat calls `namespace<separator>local<separator>prefix`."""
    parts = tag.split(_SEPARATOR)
    if len(parts) == 1:
        return Name("", parts[0]), ""
    return Name(parts[0], parts[1]), parts[2] if len(parts) > 2 else ""
