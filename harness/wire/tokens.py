"""Where the tokens of an XML stream end, without understanding them.

Expat is given whole tokens only: some builds of it put off looking at an incomplete one until much
more data has come, and all of them look again at its beginning with every piece. So this module finds
the ends. It is exact for well-formed input and cuts anything else where expat is sure to refuse it.

Every search resumes where the last one stopped, so that a byte is looked at once, however the bytes
are cut.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

Buffer = bytes | bytearray


class Mode(StrEnum):
    """Where a scan stands: first the places inside a token, then the ways in which one can end."""

    TEXT = "text"
    OPEN = "just before a <"
    TAG = "tag"
    SINGLE = "value in single quotes"
    DOUBLE = "value in double quotes"
    COMMENT = "comment"
    CDATA = "CDATA section"
    INSTRUCTION = "processing instruction"

    COMPLETE = "complete"
    BROKEN = "a < inside a tag"
    DOCTYPE = "document type declaration"
    UNKNOWN = "unknown declaration"


# No possessive groups: Python before 3.11.5 goes wrong when one fails half-way. Nothing here can
# match in two ways, so going back costs no more than going forth did.
_TAG_REST = rb"""[^<>"']*+(?:(?:'[^'<]*+'|"[^"<]*+")[^<>"']*+)*>"""

#: One start tag, empty or not; group 1 is its name.
START_TAG = re.compile(rb"""<([^\s<>"'/!?=&]+)""" + _TAG_REST)

#: One whole element that holds no tag whose name begins like its own, and nothing but tags and text.
PLAIN_ELEMENT = re.compile(
    rb"""<([^\s<>"'/!?=&]++)""" + _TAG_REST + rb"""(?:(?<=/>)|[^<]*+(?:<(?!/?\1)[^!?<][^<]*+)*</\1>)"""
)
LONGEST_PLAIN = 1 << 16  # bytes; a match remembers every tag

#: What may be the beginning of a start tag and holds neither a `<` nor a `>`, to the end of the buffer.
CUT_TAG = re.compile(rb"<(?:[^<>!?/][^<>]*)?\Z")

_RUN = re.compile(rb"""(?:[^<]*+<[^<>"'!?]""" + _TAG_REST + rb""")*""")
_LONGEST_RUN = 1 << 16  # bytes; a match remembers every tag

_BLANKS = re.compile(rb"[ \t\r\n]*")

_ATTRIBUTE = re.compile(rb"""([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(rb"<([^\s/>]*)")
_TAG_STOP = re.compile(rb"""[<>"']""")
_DOUBLE_STOP = re.compile(rb'[<"]')
_SINGLE_STOP = re.compile(rb"[<']")
_ANY_TOKEN = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(/?)" + _TAG_REST,
    re.DOTALL,
)

_DECLARATIONS = {b"<!--": Mode.COMMENT, b"<![CDATA[": Mode.CDATA, b"<!DOCTYPE": Mode.DOCTYPE}
_LONGEST_DECLARATION = max(map(len, _DECLARATIONS))
_TERMINATORS = {Mode.COMMENT: b"-->", Mode.CDATA: b"]]>", Mode.INSTRUCTION: b"?>"}
_QUOTES = {Mode.SINGLE: _SINGLE_STOP, Mode.DOUBLE: _DOUBLE_STOP}
_AFTER_STOP = {
    ord(">"): Mode.COMPLETE,
    ord("<"): Mode.BROKEN,
    ord('"'): Mode.DOUBLE,
    ord("'"): Mode.SINGLE,
}
_MARKED_BY_START = frozenset({Mode.DOCTYPE, Mode.UNKNOWN})
_AFTER_NAME = frozenset(b" \t\r\n/>")
_SLASH = ord("/")

Place = tuple[Mode, int]


def scan(mode: Mode, buffer: Buffer, position: int, end: int) -> Place:
    """Go on from a place as far as the bytes before `end` allow.

    The position that comes with COMPLETE is that after the token, with BROKEN that after the
    offending `<`, with DOCTYPE and UNKNOWN that of the `<`; with the others, where to go on.
    """
    while True:
        before = mode
        mode, position = _step(mode, buffer, position, end)
        if mode is before or mode in _VERDICTS:
            return mode, position


_VERDICTS = frozenset({Mode.COMPLETE, Mode.BROKEN, Mode.DOCTYPE, Mode.UNKNOWN})


def _step(mode: Mode, buffer: Buffer, position: int, end: int) -> Place:
    if mode is Mode.TEXT:
        found = buffer.find(b"<", position, end)
        return (Mode.TEXT, end) if found < 0 else (Mode.OPEN, found)
    if mode is Mode.OPEN:
        return _classify(buffer, position, end)
    if mode is Mode.TAG:
        stop = _TAG_STOP.search(buffer, position, end)
        return (mode, end) if stop is None else (_AFTER_STOP[buffer[stop.start()]], stop.end())
    if mode in _QUOTES:
        stop = _QUOTES[mode].search(buffer, position, end)
        if stop is None:
            return mode, end
        return (Mode.BROKEN if stop[0] == b"<" else Mode.TAG), stop.end()
    return _seek(mode, buffer, position, end)


def _classify(buffer: Buffer, position: int, end: int) -> Place:
    head = bytes(buffer[position : min(end, position + _LONGEST_DECLARATION)])
    if len(head) < 2:
        return Mode.OPEN, position
    if head[1:2] == b"?":
        return Mode.INSTRUCTION, position + 2
    if head[1:2] != b"!":
        return Mode.TAG, position + 1
    for opening, mode in _DECLARATIONS.items():
        if head.startswith(opening):
            return mode, position if mode is Mode.DOCTYPE else position + len(opening)
        if opening.startswith(head):
            return Mode.OPEN, position
    return Mode.UNKNOWN, position


def _seek(mode: Mode, buffer: Buffer, position: int, end: int) -> Place:
    terminator = _TERMINATORS[mode]
    found = buffer.find(terminator, position, end)
    if found < 0:
        return mode, max(position, end - len(terminator) + 1)
    return Mode.COMPLETE, found + len(terminator)


def end_of_blanks(buffer: Buffer, position: int, end: int) -> int:
    """The position after the white space at `position`."""
    match = _BLANKS.match(buffer, position, end)
    return match.end() if match else position


def end_of_run(buffer: Buffer, position: int, end: int) -> int:
    """The position after many whole tags with the text before each; the tags that are there, or some."""
    match = _RUN.match(buffer, position, min(end, position + _LONGEST_RUN))
    return match.end() if match else position


def tag_name(buffer: Buffer, position: int) -> bytes:
    """The name in the tag at `position`, with its prefix, as written."""
    match = _NAME.match(buffer, position)
    return match[1] if match else b""


def token_end(buffer: Buffer, start: int, position: int) -> int:
    """The end of the tag, text or other token that `position` lies in; `start` is the end of one before it.

    Never more than what a reader that is given a byte at a time has seen when it hands the token on.
    """
    while True:
        markup = buffer.find(b"<", start)
        if markup < 0:
            return len(buffer)
        if position < markup:
            return markup
        mode, end = scan(Mode.OPEN, buffer, markup, len(buffer))
        if mode in _MARKED_BY_START:
            return end + len(b"<!")
        if mode is not Mode.COMPLETE:
            return end if mode is Mode.BROKEN else len(buffer)
        if end > position:
            return end
        start = end


def find_closing(buffer: Buffer, name: bytes, is_open: int, start: int, end: int) -> tuple[int, int]:
    """Where the element ends whose tags have this name and of which `is_open` are open at `start`.

    Between `start` and `end` there are only whole tags and text. Answers the position after the
    closing tag, or -1, and how many are open then. Only tags of the same name can confuse the
    count, so the others are not looked at.
    """
    while True:
        closing = _find_tag(buffer, b"</" + name, start, end)
        is_open += _count_open(buffer, b"<" + name, start, end if closing < 0 else closing)
        if closing < 0:
            return -1, is_open
        is_open -= 1
        start = buffer.find(b">", closing, end) + 1
        if is_open == 0:
            return start, 0


def _find_tag(buffer: Buffer, opening: bytes, start: int, end: int) -> int:
    length = len(opening)
    while True:
        found = buffer.find(opening, start, end)
        if found < 0 or found + length >= end:
            return -1
        if buffer[found + length] in _AFTER_NAME:
            return found
        start = found + length


def _count_open(buffer: Buffer, opening: bytes, start: int, end: int) -> int:
    count = 0
    while (found := _find_tag(buffer, opening, start, end)) >= 0:
        _, start = scan(Mode.TAG, buffer, found + 1, end)
        count += buffer[start - 2] != _SLASH
    return count


def depth_changes(buffer: Buffer, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The position of each tag that opens or closes an element, with +1 or -1."""
    for match in _ANY_TOKEN.finditer(buffer, start, end):
        if match[1] is None:
            continue
        if match[1]:
            yield match.start(), -1
        elif buffer[match.end() - 2] != _SLASH:
            yield match.start(), 1
        else:
            yield match.start(), 1
            yield match.end(), -1


def in_scope(header: bytes, element: bytes) -> bytes:
    """The element with the namespace declarations of the stream header that it lives by.

    So it can be parsed on its own, and its prefixes stay those that were sent. Both are well-formed.
    """
    own = _declared_names(element)
    name = _NAME.match(element)
    name_end = name.end() if name else 1
    added = b""
    for attribute, prefix, declaration in _declarations(header):
        if attribute not in own and (not prefix or prefix in element):
            added += declaration
    return element[:name_end] + added + element[name_end:]


def _declared_names(element: bytes) -> frozenset[bytes]:
    """The attributes in an element's own tag, if there is a namespace declaration among them."""
    at = element.find(b"xmlns")
    if at < 0 or 0 < element.find(b"<", 1) < at:
        return frozenset()
    tag = START_TAG.match(element)
    return frozenset(name for name, _ in _ATTRIBUTE.findall(tag[0])) if tag else frozenset()


@lru_cache(maxsize=256)
def _declarations(header: bytes) -> tuple[tuple[bytes, bytes, bytes], ...]:
    """The namespace declarations in the start tag that a stream header ends with.

    Each as the attribute's name, what names with that prefix begin with, and as it is written.
    """
    return tuple(
        (name, name[6:] + b":" if name != b"xmlns" else b"", b" " + name + b"=" + value)
        for name, value in _ATTRIBUTE.findall(header, header.rindex(b"<"))
        if name == b"xmlns" or name.startswith(b"xmlns:")
    )
