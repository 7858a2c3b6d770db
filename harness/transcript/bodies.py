"""What stands under a step: elements, alternatives, attributes of a stream header, error conditions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import unescape

from harness.pattern.nodes import Node, Template
from harness.pattern.reader import Place, Reading, read_nodes
from harness.pattern.template import parse_template
from harness.transcript.layout import Entry, Line
from harness.transcript.script import Alternative, Dialect, Standing
from harness.xmpp.namespaces import XML, Name

#: The namespace in which the attributes `xmlns` and `xmlns:prefix` are, by Namespaces in XML, 3.
XMLNS = "http://www.w3.org/2000/xmlns/"

_STANDINGS = {
    "or": Standing.REQUIRED,
    "required": Standing.REQUIRED,
    "permitted": Standing.PERMITTED,
    "deviates": Standing.DEVIATES,
    "fails": Standing.FAILS,
}
_WORDS = "|".join(_STANDINGS)
_LABEL = re.compile(rf"\t(?P<word>{_WORDS})(?P<all>, and that is all)?(?:\s+\((?P<note>.*)\))?:\s*")
_CONDITION = re.compile(
    rf"\s+(?:(?P<word>{_WORDS})(?:\s+\((?P<note>.*)\))?:\s*)?(?P<condition>[a-z][a-z-]*)\s*"
)
_ATTRIBUTE = re.compile(r"""\s*(?P<name>[\w.:-]+)\s*=\s*(?P<quote>['"])(?P<value>.*?)(?P=quote)\s*""")
_OPTIONAL = re.compile(r"\{optional:\s*(?P<text>.*)\}")
_ENDS = ("the stream's end", "the end of the stream or connection")
_ENTITIES = {"&apos;": "'", "&quot;": '"'}


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The body of one step, in its dialect."""

    entry: Entry
    dialect: Dialect
    is_for_clients: bool = False  # so what the actor sends is expected of it

    def nodes_to_send(self) -> tuple[Node, ...]:
        """The elements that go out as they are written, or that a client under test must send."""
        return self._nodes(self.entry.body, is_expected=self.is_for_clients)

    def expected_nodes(self) -> tuple[Node, ...]:
        """The elements that must come."""
        return self._nodes(self.entry.body, is_expected=True)

    def _nodes(self, lines: Sequence[Line], *, is_expected: bool) -> tuple[Node, ...]:
        is_ours = self.dialect is Dialect.HARNESS
        reading = Reading(strict_placeholders=is_ours, typeless_is_plain=is_ours and is_expected)
        place = Place(lines[0].path, lines[0].number)
        nodes = read_nodes("\n".join(line.text for line in lines), place, reading)
        if not nodes:
            raise lines[0].fault("there is no element here", column=2)
        return nodes

    # --- alternatives -------------------------------------------------------------------------

    def alternatives(self) -> tuple[Alternative, ...]:
        """What stands between the labels `or:`, `permitted (note):`, `deviates:` and `fails:`."""
        found: list[Alternative] = []
        for label, lines in self._labelled():
            first = next((line for line in lines if not line.is_blank), None)
            if first is None:
                where = label or self.entry.head
                raise where.fault("an alternative is empty", advice="write elements, or `nothing`")
            found.append(self._alternative(label, [line for line in lines if line.number >= first.number]))
        return tuple(found)

    def _labelled(self) -> Iterator[tuple[Line | None, list[Line]]]:
        label: Line | None = None
        lines: list[Line] = []
        for line in self.entry.body:
            if _LABEL.fullmatch(line.text):
                if label is not None or lines:
                    yield label, lines
                label, lines = line, []
            else:
                lines.append(line)
        yield label, lines

    def _alternative(self, label: Line | None, lines: list[Line]) -> Alternative:
        found = _LABEL.fullmatch(label.text) if label else None
        while lines[-1].is_blank:
            lines = lines[:-1]
        has_end = lines[-1].text.strip() in _ENDS
        elements = lines[:-1] if has_end else lines
        is_nothing = [line.text.strip() for line in elements] == ["nothing"]
        return Alternative(
            standing=_STANDINGS[found["word"]] if found else Standing.REQUIRED,
            note=(found["note"] or "").strip() if found else "",
            line=(label or lines[0]).number,
            nothing=is_nothing,
            stream_end=has_end,
            is_all=found is not None and found["all"] is not None,
            nodes=self._nodes(elements, is_expected=True) if elements and not is_nothing else (),
        )

    # --- the stream level ---------------------------------------------------------------------

    def header_attributes(self) -> dict[Name, Template | None]:
        """Attributes of a stream header, `name='value'`; None for `{absent}`."""
        found: dict[Name, Template | None] = {}
        for line in self.entry.body:
            position = 0
            while line.text[position:].strip():
                token = _ATTRIBUTE.match(line.text, position)
                if token is None:
                    advice = "write name='value', or name='{absent}' for one that is left out"
                    raise line.fault("expected an attribute", column=position + 1, advice=advice)
                if _OPTIONAL.fullmatch(token["value"].strip()) is None:
                    found[_header_name(token["name"], line, position)] = self._value(token, line)
                position = token.end()
        return found

    def optional_attributes(self) -> dict[Name, Template]:
        """Those attributes whose value is `{optional: TEXT}`, with the template of TEXT."""
        found = {}
        for line in self.entry.body:
            for token in _ATTRIBUTE.finditer(line.text):
                optional = _OPTIONAL.fullmatch(token["value"].strip())
                if optional is not None:
                    name = _header_name(token["name"], line, token.start())
                    found[name] = self._template(optional["text"], token, line)
        return found

    def values(self, known: Sequence[str]) -> dict[str, Template]:
        """Values by name, `name='value'`, for a command's fields or a report's."""
        found: dict[str, Template] = {}
        for name, value in self.header_attributes().items():
            if str(name) not in known or value is None:
                advice = f"there are: {', '.join(known)}" if known else "it has none"
                raise self.entry.body[0].fault(
                    f"there is no value {str(name)!r} here", column=2, advice=advice
                )
            found[str(name)] = value
        return found

    def _value(self, token: re.Match[str], line: Line) -> Template | None:
        if token["value"].strip() == "{absent}":
            return None
        return self._template(token["value"], token, line)

    def _template(self, text: str, token: re.Match[str], line: Line) -> Template:
        return parse_template(
            unescape(text, _ENTITIES),
            line=line.number,
            column=token.start("value") + 1,
            path=line.path,
            strict_placeholders=self.dialect is Dialect.HARNESS,
        )

    def conditions(self) -> tuple[tuple[tuple[str, Standing], ...], Mapping[str, str]]:
        """The conditions of a stream error, one a line, and the notes on them."""
        found: list[tuple[str, Standing]] = []
        notes: dict[str, str] = {}
        for line in self.entry.body:
            if line.is_blank:
                continue
            token = _CONDITION.fullmatch(line.text)
            if token is None:
                advice = "one name a line, such as `host-unknown` or `permitted (why): improper-addressing`"
                raise line.fault("expected the condition of a stream error", column=2, advice=advice)
            found.append((token["condition"], _STANDINGS[token["word"] or "required"]))
            if token["note"]:
                notes[token["condition"]] = token["note"].strip()
        return tuple(found), notes


def _header_name(written: str, line: Line, position: int) -> Name:
    prefix, _, local = written.rpartition(":")
    if written == "xmlns":
        return Name(XMLNS, "xmlns")
    namespaces = {"": "", "xml": XML, "xmlns": XMLNS}
    if prefix not in namespaces:
        raise line.fault(f"unknown prefix {prefix!r}", column=position + 1, advice="there are xml and xmlns")
    return Name(namespaces[prefix], local)
