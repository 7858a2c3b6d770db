"""The shortest text that a regular expression accepts, for making what a `{regex:...}` would match.

Walks the parse tree of the standard library's own parser. What only narrows (look-around, anchors,
back references) is passed over; whoever uses the text checks it against the expression.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Python has no public way to the parse tree; the module has had this shape since 2.x, and under this
# name since 3.11. Its nodes are pairs of an opcode and operands of many shapes: hence Any.
_parser: Any = importlib.import_module("re._parser")

_CATEGORIES = {
    "CATEGORY_DIGIT": "0",
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_NOT_WORD": "-",
}
_PREFERRED = "aA0-_. " + "".join(map(chr, range(33, 127)))


def shortest_text(regex: str) -> str:
    """A short text for `regex`; it may fail to match if look-around or back references narrow it."""
    return _sequence(_parser.parse(regex))


def written_out(regex: str, most: int) -> int:
    """How many signs `regex` has when what it repeats stands there as often as it must, up to `most` + 1."""
    return min(_length(_parser.parse(regex), most), most + 1)


def _length(nodes: Sequence[Any], most: int) -> int:
    return sum(min(_node_length(str(opcode), operand, most), most + 1) for opcode, operand in nodes)


def _node_length(opcode: str, operand: Any, most: int) -> int:
    if opcode in _REPEATS:
        least, _most, body = operand
        return max(int(least), 1) * _length(body, most)
    inner = _BODIES.get(opcode)
    return sum(_length(body, most) for body in inner(operand)) if inner else 1


def _sequence(nodes: Sequence[Any]) -> str:
    return "".join([_node(str(opcode), operand) for opcode, operand in nodes])


def _node(opcode: str, operand: Any) -> str:
    reader = _READERS.get(opcode)
    return str(reader(operand)) if reader else ""


def _repeat(operand: Any) -> str:
    least, _most, body = operand
    return _sequence(body) * int(least)


def _branch(operand: Any) -> str:
    return min([_sequence(way) for way in operand[1]], key=len)


def _character_set(members: Sequence[Any]) -> str:
    if str(members[0][0]) == "NEGATE":
        return next((letter for letter in _PREFERRED if not _holds(members[1:], letter)), "")
    opcode, operand = members[0]
    if str(opcode) == "RANGE":
        return chr(operand[0])
    return _node(str(opcode), operand)


def _holds(members: Sequence[Any], letter: str) -> bool:
    return any(_is_member(str(opcode), operand, letter) for opcode, operand in members)


def _is_member(opcode: str, operand: Any, letter: str) -> bool:
    if opcode == "RANGE":
        return bool(operand[0] <= ord(letter) <= operand[1])
    if opcode == "LITERAL":
        return bool(operand == ord(letter))
    tests: Mapping[str, bool] = {
        "CATEGORY_DIGIT": letter.isdigit(),
        "CATEGORY_SPACE": letter.isspace(),
        "CATEGORY_WORD": letter.isalnum() or letter == "_",
    }
    name = str(operand)
    return tests[name] if name in tests else not tests[name.replace("NOT_", "")]


_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

#: The expressions inside of an expression.
_BODIES: Mapping[str, Callable[[Any], Sequence[Any]]] = {
    "BRANCH": lambda operand: operand[1],
    "SUBPATTERN": lambda operand: operand[-1:],
    "ATOMIC_GROUP": lambda operand: (operand,),
    "ASSERT": lambda operand: operand[-1:],
    "ASSERT_NOT": lambda operand: operand[-1:],
    "GROUPREF_EXISTS": lambda operand: [body for body in operand[1:] if body is not None],
}

_READERS: Mapping[str, Callable[[Any], str]] = {
    "LITERAL": chr,
    "NOT_LITERAL": lambda code: "a" if code != ord("a") else "b",
    "ANY": lambda _operand: "a",
    "IN": _character_set,
    "CATEGORY": lambda name: _CATEGORIES[str(name)],
    "BRANCH": _branch,
    "SUBPATTERN": lambda operand: _sequence(operand[-1]),
    "ATOMIC_GROUP": _sequence,
    **dict.fromkeys(_REPEATS, _repeat),
}
