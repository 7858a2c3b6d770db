"""Lines with `##` that mean nothing, or not what they seem to."""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from harness.transcript.header import read_directives
from harness.transcript.layout import Line, lay_out
from harness.transcript.remarks.remark import Remark
from harness.transcript.script import Dialect, Transcript

_LISTS = ("covers", "needs", "tags")
_KNOWN = (*_LISTS, "dialect", "tests", "server", "client")
_DIALECTS = tuple(one.value for one in Dialect)

# RFC 4422, 3.1; whatever namespace a server may announce has a colon.
_MECHANISM_OR_NAMESPACE = re.compile(r"[A-Z0-9_-]{1,20}|\S*:\S*")


def directives(transcript: Transcript) -> Iterator[Remark]:
    """Remark on directives that nobody knows, that lack a colon, and that stand where nobody looks."""
    in_header = {line.number for line in lay_out(transcript.source, transcript.path).comments}
    is_ours = transcript.dialect is Dialect.HARNESS
    last = max((step.line for step in transcript.steps), default=0)
    for line in _lines(transcript):
        key, colon, value = (part.strip() for part in line.text[2:].partition(":"))
        if not colon:
            yield from _without_colon(line, key)
        elif key.lower() not in _KNOWN:
            yield from _unknown(line, key.lower(), is_ours=is_ours)
        elif line.number not in in_header:
            yield from _misplaced(line, key.lower(), is_last=line.number > last)
        elif key.lower() == "dialect" and value not in _DIALECTS:
            advice = _perhaps(value, _DIALECTS) or f"there are: {', '.join(_DIALECTS)}"
            yield _at(line, value, "unknown-directive", f"there is no dialect {value!r}; {advice}")


def unknown_features(transcript: Transcript, known: Collection[str]) -> Iterator[Remark]:
    """Remark on needs that no target can meet, unless its file says that it does."""
    for word in dict.fromkeys(transcript.needs):
        if word in known or _MECHANISM_OR_NAMESPACE.fullmatch(word):
            continue
        line = next((one for one in _lines(transcript) if word in read_directives([one]).needs), None)
        perhaps = _perhaps(word, known)
        message = f"nothing that a server offers is called {word!r}{f'; {perhaps}' if perhaps else ''}"
        if line is not None:
            yield _at(line, word, "unknown-feature", message)


def _lines(transcript: Transcript) -> Iterator[Line]:
    text = transcript.source.removeprefix("\ufeff").replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("##"):
            yield Line(path=transcript.path, number=number, text=line)


def _without_colon(line: Line, words: str) -> Iterator[Remark]:
    first = words.split()[0].lower() if words else ""
    if first in _KNOWN:
        yield _at(line, first, "unknown-directive", f"a directive has a colon: write `## {first}: ...`")


def _unknown(line: Line, key: str, *, is_ours: bool) -> Iterator[Remark]:
    """In a Scansion script any comment may begin so: there only what looks like a slip is told."""
    perhaps = _perhaps(key, _KNOWN)
    if perhaps or (is_ours and read_directives([line]).others):
        message = f"there is no directive {key!r}; {perhaps or 'there are: ' + ', '.join(_KNOWN)}"
        yield _at(line, key, "unknown-directive", message)


def _misplaced(line: Line, key: str, *, is_last: bool) -> Iterator[Remark]:
    if key != "covers":
        message = f"{key!r} means something in the header only"
        yield _at(line, key, "misplaced-directive", message)
    elif is_last:
        yield _at(line, key, "misplaced-directive", "no step follows that this could be about")


def _perhaps(word: str, known: Collection[str]) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.65)
    return f"perhaps {near[0]} is meant" if near else ""


def _at(line: Line, word: str, code: str, message: str) -> Remark:
    column = line.text.lower().find(word.lower()) + 1
    return Remark(line=line.number, column=max(column, 1), code=code, message=message)
