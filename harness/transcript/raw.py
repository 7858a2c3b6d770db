r"""The body of `sends raw:`: lines of text with escapes and cuts, read into chunks.

The first tab of each line is removed and lines are joined by a line feed; a backslash at the end of a
line joins without one. Escapes: `\n`, `\r`, `\t`, `\\`, `\$`, `\xNN` (one byte), `\uNNNN` (a character).
`\*N(TEXT)` is the text N times. `\|` is a cut between two segments, `\|200ms|` a cut with a pause.
"""

import re
from collections.abc import Iterator, Sequence

from harness.pattern.nodes import Literal, Template, Variable
from harness.transcript.layout import Line

Chunk = tuple[Template, float]

_TOKEN = re.compile(
    r"\\\|(?:(?P<pause>\d+(?:\.\d+)?)(?P<unit>ms|s)\|)?"
    r"|\\x(?P<byte>[0-9A-Fa-f]{2})"
    r"|\\u(?P<character>[0-9A-Fa-f]{4})"
    r"|\\U(?P<wide>[0-9A-Fa-f]{8})"
    r"|\\\*(?P<times>\d{1,8})\((?P<again>[^()\\$]*)\)"
    r"|\\(?P<simple>[nrt\\$])"
    r"|(?P<wrong>\\.?)"
    r"|\$\{(?P<variable>[^}]+)\}"
    r"|(?P<text>[^\\$]+|\$)",
    re.DOTALL,
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "$": "$"}
_LONGEST = 64 << 20  # characters that a repetition makes at most
_UNITS = {"ms": 0.001, "s": 1.0}


def read_raw(body: Sequence[Line]) -> tuple[Chunk, ...]:
    """The chunks of a raw body. Raises `ScriptError` for an unknown escape."""
    chunks: list[Chunk] = []
    parts: list[Literal | Variable] = []
    source = ""
    place = f"{body[0].path}:{body[0].number}:2" if body else ""
    for token in _tokens(body):
        if token.group().startswith("\\|"):
            chunks.append((_template(parts, source, place), _pause(token)))
            parts, source = [], ""
        else:
            parts.append(_part(token))
            source += token.group()
    if parts or not chunks:
        chunks.append((_template(parts, source, place), 0.0))
    return tuple(chunks)


def _tokens(body: Sequence[Line]) -> Iterator[re.Match[str]]:
    lines = [line for line in body if not line.is_comment]
    for index, line in enumerate(lines):
        is_last = index == len(lines) - 1
        text = line.text.removeprefix("\t")
        is_joined = _ends_with_join(text)
        for token in _TOKEN.finditer(text[:-1] if is_joined else text):
            if token["wrong"]:
                column = token.start() + 1 + len(line.text) - len(text)
                advice = r"there are \n \r \t \\ \$ \xNN \uNNNN \UNNNNNNNN \*N(TEXT) \| \|200ms|"
                raise line.fault(f"unknown escape {token['wrong']!r}", column=column, advice=advice)
            yield token
        if not is_last and not is_joined:
            yield from _TOKEN.finditer("\n")


def _ends_with_join(text: str) -> bool:
    """Whether the last backslash is one of its own, and not the second of a pair."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _pause(token: re.Match[str]) -> float:
    return float(token["pause"]) * _UNITS[token["unit"]] if token["pause"] else 0.0


def _part(token: re.Match[str]) -> Literal | Variable:
    if token["variable"]:
        return Variable(name=token["variable"].strip())
    if token["times"]:
        most = _LONGEST // max(len(token["again"]), 1)
        return Literal(text=token["again"] * min(int(token["times"]), most))
    if token["simple"]:
        return Literal(text=_SIMPLE[token["simple"]])
    if token["byte"]:
        return Literal(text=_as_text(bytes.fromhex(token["byte"])))
    code = token["character"] or token["wide"]
    if code:
        return Literal(text=_as_text(chr(int(code, 16)).encode("utf-8", "surrogatepass")))
    return Literal(text=token["text"])


def _as_text(data: bytes) -> str:
    """Bytes as text from which `surrogateescape` makes the same bytes again, even where they are no UTF-8."""
    return data.decode("utf-8", "surrogateescape")


def _template(parts: Sequence[Literal | Variable], source: str, place: str) -> Template:
    merged: list[Literal | Variable] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(last, Literal):
            merged[-1] = Literal(text=last.text + part.text)
        else:
            merged.append(part)
    return Template(parts=tuple(merged), source=source, place=place)
