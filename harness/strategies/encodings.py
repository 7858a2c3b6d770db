"""What is no UTF-8, or no character of XML; and odd ones that are."""

from collections.abc import Iterator

from harness.strategies.answers import BAD_ENCODING, NO_ELEMENT, NOT_WELL_FORMED, RESTRICTED_AND_ILL
from harness.strategies.octet import Octets, Row, Topic, attribute, child, put, table
from harness.strategies.sample import Claim
from harness.strategies.spots import Role

_NO_UTF8: dict[str, bytes] = {
    "lone continuation": b"\x80",
    "two continuations": b"\xbf\xbf",
    "overlong slash": b"\xc0\xaf",
    "overlong NUL": b"\xc0\x80",
    "overlong <": b"\xc0\xbc",
    "overlong apostrophe": b"\xc0\xa7",
    "overlong in three": b"\xe0\x80\xaf",
    "overlong in four": b"\xf0\x80\x80\xaf",
    "overlong beyond ASCII": b"\xe0\x83\xa9",
    "surrogate": b"\xed\xa0\x80",
    "low surrogate": b"\xed\xbf\xbf",
    "pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "one of two": b"\xc3",
    "one of three": b"\xe2",
    "two of three": b"\xe2\x82",
    "three of four": b"\xf0\x9f\x98",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "far beyond Unicode": b"\xf7\xbf\xbf\xbf",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "FE": b"\xfe",
    "FF": b"\xff",
    "byte order mark of UTF-16": b"\xff\xfe",
    "Latin-1": b"\xe9",
}
_NO_CHARACTER: dict[str, bytes] = {
    **{f"U+{code:04X}": bytes([code]) for code in (0, 1, 2, 8, 0x0B, 0x0C, 0x0E, 0x1A, 0x1B, 0x1C, 0x1F)},
    "U+FFFE": "\ufffe".encode(),
    "U+FFFF": "\uffff".encode(),
}
_BAD_REFERENCES = (
    *(
        b"&#0;",
        b"&#x0;",
        b"&#1;",
        b"&#8;",
        b"&#11;",
        b"&#12;",
        b"&#x1F;",
        b"&#x1B;",
        b"&#0000;",
        b"&#x00000001;",
    ),
    *(b"&#xD800;", b"&#xDFFF;", b"&#55357;&#56832;", b"&#xFFFE;", b"&#65535;", b"&#x110000;", b"&#1114112;"),
    *(b"&#4294967361;", b"&#x100000041;", b"&#18446744073709551681;", b"&#x10000000000000041;"),
    *(b"&#99999999999999999999;", b"&#" + b"0" * 20 + b";", b"&#-65;", b"&#+65;", b"&#;", b"&#x;", b"&#xG;"),
    *(b"&#X41;", b"&# 65;", b"&#65 ;", b"&#x;41;", b"&#6A;", b"&#0x41;", b"&#1.0;", b"&#65"),
)
_ODD: dict[str, bytes] = {
    "DEL": b"\x7f",
    "C1 controls": "\x80\x85\x9f".encode(),
    "line separators": "\u2028\u2029".encode(),
    "U+FEFF": "\ufeff".encode(),
    "U+FFFD": "\ufffd".encode(),
    "private use": "\ue000\U0010fffd".encode(),
    "no characters that XML permits": "\ufdd0\U0001fffe\U0010ffff".encode(),
    "not assigned": "\u0378\U000e0fff".encode(),
    "four bytes": "\U00010000\U0001f600".encode(),
    "ends of the lengths": "\x7f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\U00010000\U0010ffff".encode(),
    "combining": ("o" + "\u0301" * 40).encode(),
    "right to left": "\u202eabc\u202c".encode(),
    "tags": "\U000e0041\U000e007f".encode(),
    "references": b"&#9;&#10;&#13;&#x20;&#xD7FF;&#xE000;&#xFFFD;&#x10000;&#x10ffff;&#x10FFFF;",
    "leading zeros": b"&#00000000000000000065;&#x00000000000000000041;",
    "predefined entities": b"&lt;&gt;&amp;&apos;&quot;",
    "escaped escapes": b"&amp;lt;&amp;#0;&#38;amp;&#38;#60;",
}


def _everywhere(name: str, bad: bytes) -> Iterator[Row]:
    yield f"{name} in text", put(Role.TEXT, bad)
    yield f"{name} in a value", put(Role.VALUE, bad)
    yield f"{name} in a child's text", child(b"<a>" + bad + b"</a>")
    yield f"{name} in the name of an element", child(b"<a" + bad + b"/>")
    yield f"{name} in the name of an attribute", attribute(b"a" + bad + b"='1'")
    yield f"{name} in a namespace", child(b"<a xmlns='urn:a" + bad + b"'/>")
    yield f"{name} in a prefix", child(b"<a xmlns:b" + bad + b"='urn:a'/>")
    yield f"{name} in CDATA", child(b"<![CDATA[" + bad + b"]]>")
    yield f"{name} between stanzas", put(Role.BEFORE, bad)
    yield f"{name} behind a stanza", put(Role.AFTER, bad)


def _in_content(name: str, construct: bytes) -> Iterator[Row]:
    yield f"{name} in text", put(Role.TEXT, construct)
    yield f"{name} in a value", put(Role.VALUE, construct)
    yield f"{name} in a child's text", child(b"<a xmlns='urn:example'>" + construct + b"</a>")
    yield f"{name} in a child's attribute", child(b"<a xmlns='urn:example' b='" + construct + b"'/>")


def _without_id(rows: Iterator[Row]) -> Iterator[Row]:
    """For what is legal: addresses and ids stay what they are, and so does what the stanza is for."""
    return (row for row in rows if " in a value" not in row[0])


ENCODINGS: tuple[Octets, ...] = (
    *table(
        Topic.BYTES,
        Claim.ILL_FORMED,
        BAD_ENCODING,
        [row for name, bad in _NO_UTF8.items() for row in _everywhere(name, bad)],
    ),
    *table(
        Topic.BYTES,
        Claim.ILL_FORMED,
        BAD_ENCODING | RESTRICTED_AND_ILL,
        [(f"{name} in a comment", child(b"<!--" + bad + b"-->")) for name, bad in _NO_UTF8.items()],
    ),
    *table(
        Topic.BYTES,
        Claim.ILL_FORMED,
        NOT_WELL_FORMED,
        [row for name, bad in _NO_CHARACTER.items() for row in _everywhere(name, bad)],
    ),
    *table(
        Topic.BYTES,
        Claim.ILL_FORMED,
        NOT_WELL_FORMED,
        [row for bad in _BAD_REFERENCES for row in _in_content(bad.decode(), bad)],
    ),
    *table(
        Topic.BYTES,
        Claim.LEGAL,
        rows=[row for name, odd in _ODD.items() for row in _without_id(_in_content(name, odd))],
    ),
    *table(
        Topic.BYTES,
        Claim.LEGAL,
        rows=[
            ("references that are none in CDATA", put(Role.TEXT, b"<![CDATA[&#0;&unknown;&]]>")),
            ("carriage returns in text", put(Role.TEXT, b"\r\n\r \r\r\n")),
            ("line ends in a value", child(b"<a xmlns='urn:example' b='\r\n\t\r'/>")),
            ("line ends in CDATA", put(Role.TEXT, b"<![CDATA[\r\n\r]]>")),
        ],
    ),
    *table(
        Topic.BYTES,
        Claim.LEGAL,
        NO_ELEMENT,  # RFC 6120, 11.6: in a stream it is no byte order mark
        [
            ("byte order mark between stanzas", put(Role.BEFORE, "\ufeff".encode())),
            ("byte order mark behind a stanza", put(Role.AFTER, "\ufeff".encode())),
        ],
    ),
)
