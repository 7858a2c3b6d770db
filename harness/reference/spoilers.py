"""Stanzas that leave the server in another form than they should: faults of the kinds that fuzzing finds."""

import re
from collections.abc import Callable
from dataclasses import replace

from harness.faults.planted import PlantedFaults
from harness.reference.miswritings import MISWRITINGS
from harness.reference.stanzas import Element
from harness.wire.events import ElementReceived

_LOST = b"urn:lost:"
_MARK = "\ufeff".encode()
_LANGUAGE = re.compile(rb" xml:lang='[^']*'")
_DECLARATION = re.compile(rb"(\sxmlns:(?!stream\b)([^\s=]+)\s*=\s*)(?:'[^']*'|\"[^\"]*\")")


def spoilers(faults: PlantedFaults) -> tuple[Callable[[bytes], bytes], ...]:
    """What is done to stanzas on their way out."""
    miswritten = [change for name, change in MISWRITINGS.items() if faults.has(name)]
    chosen = (
        (faults.has("attributes-not-escaped"), _with_bare_values),
        (faults.has("control-reference-accepted"), with_control_references),
        (faults.has("header-prefix-lost"), _without_lost_declarations),
        (faults.has("zwnbsp-taken-for-bom"), _without_marks),
        (faults.has("stanza-lang-replaced"), _in_english),
        (faults.has("content-prefixed"), _prefixed),
        (faults.has("sent-in-latin-1"), _in_latin_1),
    )
    return (*miswritten, *(spoil for is_planted, spoil in chosen if is_planted))


_TAG = re.compile(rb"<[^<>]*>")
_ESCAPES = {b"&lt;": b"<", b"&quot;": b'"', b"&apos;": b"'", b"&amp;": b"&"}
_ESCAPE = re.compile(b"|".join(_ESCAPES))


def _with_bare_values(stanza: bytes) -> bytes:
    return _TAG.sub(lambda tag: _ESCAPE.sub(lambda found: _ESCAPES[found[0]], tag[0]), stanza)


_LOST_DECLARATION = re.compile(rb" xmlns:[^\s='<>]+='" + _LOST + rb"[^']*'")


def _without_lost_declarations(stanza: bytes) -> bytes:
    return _LOST_DECLARATION.sub(b"", stanza)


def _without_marks(stanza: bytes) -> bytes:
    return stanza.replace(_MARK, b"")


def _prefixed(stanza: bytes) -> bytes:
    """A message with a prefix; what is in it keeps the default namespace."""
    if not stanza.startswith(b"<message") or not stanza.endswith(b"</message>"):
        return stanza
    inner = stanza.removeprefix(b"<message").removesuffix(b"</message>")
    return b"<c:message xmlns:c='jabber:client'" + inner + b"</c:message>"


def _in_latin_1(stanza: bytes) -> bytes:
    return stanza.decode().encode("latin-1", "replace")


def _in_english(stanza: bytes) -> bytes:
    return _LANGUAGE.sub(b" xml:lang='en'", stanza, count=1)


# A tree cannot hold control characters, so inside the server they are characters for private use.
_REFERENCE = re.compile(rb"&#(x[0-9a-fA-F]{1,6}|[0-9]{1,7});")
_FIRST_STANDING_IN = 0xF0000
_STANDING_IN = re.compile(rb"\xf3\xb0\x80[\x80-\x9f]")  # U+F0000 to U+F001F in UTF-8


def without_control_references(piece: bytes) -> bytes:
    """Text or a tag with stand-ins where references to control characters stand."""
    return _REFERENCE.sub(_stand_in, piece)


def _stand_in(found: "re.Match[bytes]") -> bytes:
    digits = found[1].decode()
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    is_control = code < 0x20 and code not in (0x9, 0xA, 0xD)
    return chr(_FIRST_STANDING_IN + code).encode() if is_control else found[0]


def with_control_references(stanza: bytes) -> bytes:
    """The references again, as they came."""
    return _STANDING_IN.sub(lambda found: b"&#%d;" % (ord(found[0].decode()) - _FIRST_STANDING_IN), stanza)


def with_lost_prefixes(event: ElementReceived) -> Element:
    """The element with the prefixes of its stream's header in namespaces that are never declared."""
    header = _DECLARATION.sub(rb"\1'" + _LOST + rb"\2'", event.stream.raw)
    stream = replace(event.stream, raw=header)
    return ElementReceived(name=event.name, attributes=event.attributes, raw=event.raw, stream=stream).tree
