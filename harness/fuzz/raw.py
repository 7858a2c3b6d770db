"""Bytes as scripts write them."""

from collections.abc import Mapping, Sequence

from harness.strategies.sample import Sample

_PLAIN = frozenset(range(0x20, 0x7F)) - set(b"\\$")
_ESCAPED = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x5C: "\\\\", 0x24: "\\$"}
_LONGEST = 100  # characters of a line


def raw_lines(sample: Sample, names: Mapping[str, str], behind: str = "") -> list[str]:
    """The body of a step, in lines that can be read; `names` says what stands for placeholders.

    What stands `behind` is in the language already.
    """
    pieces: list[str] = []
    written = {b"${%s}" % name.encode(): text for name, text in names.items()}
    position = 0
    while position < len(sample.data):
        if position in sample.cuts:
            pieces.append("\\|")
        named = next((one for one in written if sample.data.startswith(one, position)), b"")
        if named:
            pieces.append(written[named])
            position += len(named)
            continue
        pieces.append(_written(sample.data[position]))
        position += 1
    return _lines([*pieces, *([behind] if behind else [])])


def _written(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else _ESCAPED.get(byte, f"\\x{byte:02x}")


def _lines(pieces: Sequence[str]) -> list[str]:
    lines, line = [], ""
    for piece in pieces:
        if len(line) + len(piece) > _LONGEST:
            lines.append(line)
            line = ""
        line += "\\x20" if piece == " " and not line else piece
    lines.append(line)
    return [f"\t{one}\\" for one in lines[:-1]] + [f"\t{lines[-1]}"]
