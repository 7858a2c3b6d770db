"""What is against the grammar of XML 1.0, and what merely looks like it."""

import re

from harness.strategies.answers import NO_ELEMENT, NOT_WELL_FORMED, RESTRICTED_AND_ILL
from harness.strategies.choices import Choices
from harness.strategies.octet import Octets, Topic, attribute, child, put, table
from harness.strategies.sample import Claim
from harness.strategies.spots import Role, placeholders_in, spots_in

_END_OF_STREAM = b"</stream:stream>"


def _without_last_end_tag(data: bytes, _: int) -> bytes | None:
    tags = spots_in(data)[Role.END_TAG]
    return data[: tags[-1].start] + _END_OF_STREAM if tags else None


def _without_end_tag(data: bytes, number: int) -> bytes | None:
    tags = spots_in(data)[Role.END_TAG][:-1]
    if not tags:
        return None
    start, end = Choices(number).among(tags)
    return data[:start] + data[end:]


def _without_start_tag(data: bytes, number: int) -> bytes | None:
    tags = [one for one in spots_in(data)[Role.START_TAG] if not data[: one.end].endswith(b"/>")]
    if not tags:
        return None
    start, end = Choices(number).among(tags)
    return data[:start] + data[end:]


def _end_tag_twice(data: bytes, number: int) -> bytes | None:
    tags = spots_in(data)[Role.END_TAG]
    if not tags:
        return None
    start, end = Choices(number).among(tags)
    return data[:end] + data[start:end] + data[end:]


def _crossed(data: bytes, number: int) -> bytes | None:
    found = list(re.finditer(rb"(</[^<>]*>)(</[^<>]*>)", data))
    found = [one for one in found if one[1] != one[2]]
    if not found:
        return None
    match = Choices(number).among(found)
    return data[: match.start()] + match[2] + match[1] + data[match.end() :]


def _other_case(data: bytes, number: int) -> bytes | None:
    tags = [one for one in spots_in(data)[Role.END_TAG] if data[slice(*one)].swapcase() != data[slice(*one)]]
    if not tags:
        return None
    start, end = Choices(number).among(tags)
    return data[:start] + data[start:end].swapcase() + data[end:]


def _attribute_twice(data: bytes, number: int) -> bytes | None:
    pairs = spots_in(data)[Role.PAIR]
    if not pairs:
        return None
    start, end = Choices(number).among(pairs)
    return data[:end] + b" " + data[start:end] + data[end:]


def _without_quotes(data: bytes, number: int) -> bytes | None:
    return _without(data, number, first=True, last=True)


def _without_closing_quote(data: bytes, number: int) -> bytes | None:
    return _without(data, number, first=False, last=True)


def _without_opening_quote(data: bytes, number: int) -> bytes | None:
    return _without(data, number, first=True, last=False)


def _without(data: bytes, number: int, *, first: bool, last: bool) -> bytes | None:
    values = spots_in(data)[Role.VALUE]
    if not values:
        return None
    start, end = Choices(number).among(values)
    return data[: start - first] + data[start:end] + data[end + last :]


def _without_equals_sign(data: bytes, number: int) -> bytes | None:
    values = spots_in(data)[Role.VALUE]
    if not values:
        return None
    start, _ = Choices(number).among(values)
    at = data.rindex(b"=", 0, start)
    return data[:at] + data[at + 1 :]


def _without_blank(data: bytes, number: int) -> bytes | None:
    """No blank between two attributes, or between name and attribute."""
    names = spots_in(data)[Role.PAIR]
    if len(names) < 2:
        return None
    start, _ = Choices(number).among(names)
    before = data[:start].rstrip()
    return before + data[start:] if before.endswith((b"'", b'"')) else None


def _truncated(data: bytes, number: int) -> bytes | None:
    """The end of the stream in the midst of a tag."""
    at = Choices(number).among(range(1, len(data)))
    at = next((spot.start for spot in placeholders_in(data) if spot.start < at < spot.end), at)
    is_in_tag = data.rfind(b"<", 0, at) > data.rfind(b">", 0, at)
    return data[:at] + _END_OF_STREAM if is_in_tag else None


_CHILDREN: tuple[bytes, ...] = (
    *(
        b"</>",
        b"<>",
        b"< a/>",
        b"<a>",
        b"</a>",
        b"<a></b>",
        b"<a></A>",
        b"<a><b></a></b>",
        b"<a/ >",
        b"<a//>",
    ),
    *(
        b"<a></ a>",
        b"<a></a b='1'>",
        b"<a></a/>",
        b"</a/>",
        b"<a b/>",
        b"<a b=/>",
        b"<a b=c/>",
        b"<a b='1'c='2'/>",
    ),
    *(
        b"<a b='<'/>",
        b"<a b='1' b='2'/>",
        b"<a b=\"1'/>",
        b"<a b==''/>",
        b"<a ='1'/>",
        b"<a '1'/>",
        b"<a b='1''/>",
    ),
    *(b"<a b='&'/>", b"<a b='&x'/>", b"<a, b='1'/>", b"<a;b/>", b"<a=b/>", b"<a<b/>", b"<a/b/>", b"<a\x00/>"),
    *(
        b"<1a/>",
        b"<-a/>",
        b"<.a/>",
        b"<$a/>",
        b"<\xc3\x97a/>",
        b"<\xcd\xbe/>",
        b"<a\xc3\xb7/>",
        b"<'a'/>",
        b'<"a"/>',
    ),
    *(b"&", b"& ", b"&;", b"&amp", b"& amp;", b"&am p;", b"&-;", b"&1;", b"&amp\n;", b"&&amp;", b"&lt&gt;"),
    *(b"]]>", b"a]]>b", b"]]]>", b"<", b"<<", b"<a", b"<a/", b"<!", b"<!>", b"<![", b"<!-", b"<!-x-->"),
    *(b"<![cdata[x]]>", b"<![CDATA [x]]>", b"<! [CDATA[x]]>", b"<![CDATA[x]]]]]>]]>", b"<![CDATA[a]]>]]>"),
    *(b"<![INCLUDE[x]]>", b"<![IGNORE[x]]>", b"<![TEMP[x]]>"),
)
_DECLARATIONS: tuple[bytes, ...] = (
    *(b"<!ELEMENT a ANY>", b"<!ENTITY a 'b'>", b"<!ATTLIST a b CDATA 'c'>", b"<!NOTATION a SYSTEM 'b'>"),
    *(
        b"&unknown;",
        b"&nbsp;",
        b"&AMP;",
        b"&Lt;",
        b"&x:y;",
        b"<a b='&unknown;'/>",
        b"<a xmlns='&unknown;'/>",
        b"%a;<",
    ),
)
_ATTRIBUTES: tuple[bytes, ...] = (
    *(b"a", b"a=", b"a=b", b"a=1", b"='1'", b"a==''", b"a='1'b='2'", b"a='1' a='1'", b"a='<'", b"a='<b/>'"),
    *(
        b"a='&'",
        b"a='&lt'",
        b"1='1'",
        b"-a='1'",
        b".a='1'",
        b"a;b='1'",
        b"'a'='1'",
        b"a=`1`",
        b"a='1\"",
    ),
    *(b"<", b"&amp;", b"&#97;='1'", b"/", b",", b"a='\x01'", b"\xc3\x97='1'"),
)
_SECTIONS: dict[str, bytes] = {
    "an empty section": b"<![CDATA[]]>",
    "a section that ends in a bracket": b"<![CDATA[]]]>",
    "a section of brackets": b"<![CDATA[]]]]>",
    "a section with tags": b"<![CDATA[</body></message><message/>]]>",
    "a section with its own beginning": b"<![CDATA[<![CDATA[]]>",
    "sections that share an end": b"<![CDATA[]]]]><![CDATA[>]]>",
    "a section with an entity": b"<![CDATA[&amp;&unknown;]]>",
    "a section with what is restricted": b"<![CDATA[<!--x--><?x?><!DOCTYPE x>]]>",
    "sections side by side": b"<![CDATA[a]]><![CDATA[b]]>c<![CDATA[d]]>",
    "a section of white space": b"<![CDATA[ \n\t ]]>",
    "an escaped end of a section": b"]]&gt;",
    "brackets": b"]] ]>",
    "a literal >": b">",
    "quotes": b"'\"",
}
_LOOKALIKES: dict[str, bytes] = {
    "> in values": b"<a xmlns='urn:example' b='>' c=\"/>\" d=']]>' e='-->' f='?>'/>",
    "the other quotes in values": b"<a xmlns='urn:example' b='\"' c=\"'\" d='\"\">' e=\"'/>\"/>",
    "slashes in values": b"<a xmlns='urn:example/' b='/' c='//'/>",
    "odd names": "<a.b-c_d·e xmlns='urn:example' _='1' é='2' a.='3' b-='4'/>".encode(),
    "names of Unicode": "<名前 xmlns='urn:example' ñ='1'><Ωμέγα/></名前>".encode(),
    "blanks in tags": b"<a\n\txmlns = 'urn:example'\r\n b\t=\t'1' ></a\n>",
    "an empty element in two tags": b"<a xmlns='urn:example'></a>",
    "white space": b" \n\t ",
    "names that differ in case": b"<a xmlns='urn:example' b='1' B='2'><A/></a>",
    "names that begin alike": b"<a xmlns='urn:example'><ab><abc/></ab></a>",
    "a long name": b"<" + b"a" * 1024 + b" xmlns='urn:example'/>",
    "a long value": b"<a xmlns='urn:example' b='" + b"b" * 2048 + b"'/>",
    "elements within elements": b"<a xmlns='urn:example'>" * 24 + b"</a>" * 24,
    "many elements": b"<a xmlns='urn:example'>" + b"<b/>" * 200 + b"</a>",
    "many attributes": b"<a xmlns='urn:example'" + b"".join(b" a%d=''" % one for one in range(100)) + b"/>",
}
_DEEDS = (
    ("the stanza's end tag is missing", _without_last_end_tag),
    ("an end tag is missing", _without_end_tag),
    ("a start tag is missing", _without_start_tag),
    ("an end tag twice", _end_tag_twice),
    ("crossed end tags", _crossed),
    ("an end tag in another case", _other_case),
    ("an attribute twice", _attribute_twice),
    ("a value without quotes", _without_quotes),
    ("a value without its closing quote", _without_closing_quote),
    ("a value without its opening quote", _without_opening_quote),
    ("an attribute without =", _without_equals_sign),
    ("no blank before an attribute", _without_blank),
    ("the end of the stream in a tag", _truncated),
    ("a < in a value", put(Role.VALUE, b"<")),
    ("a & in a value", put(Role.VALUE, b"&")),
    ("a < in text", put(Role.TEXT, b"<")),
    ("a & in text", put(Role.TEXT, b"&")),
    ("]]> in text", put(Role.TEXT, b"]]>")),
    ("an end tag too many", put(Role.AFTER, b"</message>")),
    ("an end tag before the stanza", put(Role.BEFORE, b"</iq>")),
    ("</> before the stanza", put(Role.BEFORE, b"</>")),
)

WELLFORMEDNESS: tuple[Octets, ...] = (
    *table(Topic.FORM, Claim.ILL_FORMED, NOT_WELL_FORMED, _DEEDS),
    *table(
        Topic.FORM, Claim.ILL_FORMED, NOT_WELL_FORMED, [(repr(one)[2:-1], child(one)) for one in _CHILDREN]
    ),
    *table(
        Topic.FORM,
        Claim.ILL_FORMED,
        NOT_WELL_FORMED,
        [(f"{repr(one)[2:-1]} in a start tag", attribute(one)) for one in _ATTRIBUTES],
    ),
    *table(
        Topic.FORM,
        Claim.ILL_FORMED,
        RESTRICTED_AND_ILL,
        [(repr(one)[2:-1], child(one)) for one in _DECLARATIONS],
    ),
    *table(
        Topic.FORM,
        Claim.LEGAL,
        rows=[(f"{name} in text", put(Role.TEXT, one)) for name, one in _SECTIONS.items()],
    ),
    *table(
        Topic.FORM,
        Claim.LEGAL,
        rows=[
            (f"{name} in a child's text", child(b"<a xmlns='urn:example'>" + one + b"</a>"))
            for name, one in _SECTIONS.items()
        ],
    ),
    *table(Topic.FORM, Claim.LEGAL, rows=[(name, child(one)) for name, one in _LOOKALIKES.items()]),
    *table(
        Topic.FORM,
        Claim.LEGAL,
        rows=[
            ("white space before the stanza", put(Role.BEFORE, b"\n \t\r\n")),  # RFC 6120, 11.7
            ("white space behind the stanza", put(Role.AFTER, b"\n \t\r\n")),
            ("much white space behind the stanza", put(Role.AFTER, b" " * 2048)),
        ],
    ),
    *table(
        Topic.FORM,
        Claim.LEGAL,
        NO_ELEMENT,
        [
            ("text before the stanza", put(Role.BEFORE, b"text")),
            ("text behind the stanza", put(Role.AFTER, b"text")),
            ("a > behind the stanza", put(Role.AFTER, b">")),
            ("a reference behind the stanza", put(Role.AFTER, b"&#65;")),
            ("a section behind the stanza", put(Role.AFTER, b"<![CDATA[<message/>]]>")),
            ("an empty section behind the stanza", put(Role.AFTER, b"<![CDATA[]]>")),
        ],
    ),
)
