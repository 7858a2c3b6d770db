"""Stanzas that are large in one way, within what every server has to take, and beyond it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from harness.strategies.answers import RESTRICTED_AND_ILL, TOO_LARGE
from harness.strategies.sample import Claim

#: What no server may refuse for its size, in bytes (RFC 6120, 13.12).
FLOOR = 10_000
_NS = b"urn:example:size"
_OPEN = b"<message to='${peer}' id='${token}'>"
_CLOSE = b"</message>"
_DEPTH = 200  # elements, which parsers take with their usual limits
_SPARE = 3100  # bytes, for addresses in the place of placeholders: three parts of 1023 octets


def _body(content: bytes) -> bytes:
    return _OPEN + b"<body>" + content + b"</body>" + _CLOSE


def _extension(content: bytes) -> bytes:
    return _OPEN + b"<body>size</body>" + content + _CLOSE


@dataclass(frozen=True, kw_only=True, slots=True)
class Growth:
    """A way of being large. `unit` is what one step costs in bytes, `most` bounds them within the floor."""

    make: Callable[[int], bytes]
    unit: int
    most: int = FLOOR


#: Each makes a message out of a count.
GROWTHS: Mapping[str, Growth] = {
    "a long text": Growth(make=lambda count: _body(b"x" * count), unit=1),
    "a long text of Unicode": Growth(make=lambda count: _body("é".encode() * count), unit=2),
    "a long text of four bytes each": Growth(make=lambda count: _body("\U0001f600".encode() * count), unit=4),
    "a long text of references": Growth(make=lambda count: _body(b"&#65;" * count), unit=5),
    "a long text of entities": Growth(make=lambda count: _body(b"&amp;" * count), unit=5),
    "a long text of sections": Growth(make=lambda count: _body(b"<![CDATA[x]]>" * count), unit=13),
    "a long section": Growth(make=lambda count: _body(b"<![CDATA[" + b"<" * count + b"]]>"), unit=1),
    "a long text of lines": Growth(make=lambda count: _body(b"\n" * count), unit=1),
    "a long text of brackets": Growth(make=lambda count: _body(b"] " * count), unit=2),
    "many combining characters": Growth(make=lambda count: _body(b"o" + "\u0301".encode() * count), unit=2),
    "deep elements": Growth(
        make=lambda count: _extension(b"<a xmlns='%s'>" % _NS + b"<a>" * count + b"</a>" * count + b"</a>"),
        unit=7,
        most=_DEPTH,
    ),
    "deep elements with namespaces": Growth(
        make=lambda count: _extension(b"<a xmlns='urn:a'><a xmlns='urn:b'>" * count + b"</a></a>" * count),
        unit=42,
        most=_DEPTH // 2,
    ),
    "many elements": Growth(
        make=lambda count: _extension(b"<a xmlns='%s'>" % _NS + b"<b/>" * count + b"</a>"), unit=4
    ),
    "many children": Growth(make=lambda count: _extension(b"<a xmlns='urn:a'/>" * count), unit=18),
    "many attributes": Growth(
        make=lambda count: _extension(
            b"<a xmlns='%s'" % _NS + b"".join([b" a%d=''" % one for one in range(count)]) + b"/>"
        ),
        unit=9,
    ),
    "many prefixes": Growth(
        make=lambda count: _extension(
            b"<a xmlns='%s'" % _NS
            + b"".join([b" xmlns:p%d='urn:p%d'" % (one, one) for one in range(count)])
            + b"/>"
        ),
        unit=24,
    ),
    "many names": Growth(
        make=lambda count: _extension(
            b"<a xmlns='%s'>" % _NS + b"".join([b"<b%d/>" % one for one in range(count)]) + b"</a>"
        ),
        unit=9,
    ),
    "a long name": Growth(make=lambda count: _extension(b"<" + b"a" * count + b" xmlns='urn:a'/>"), unit=1),
    "a long name of an attribute": Growth(
        make=lambda count: _extension(b"<a xmlns='urn:a' " + b"b" * count + b"=''/>"), unit=1
    ),
    "a long value": Growth(
        make=lambda count: _extension(b"<a xmlns='urn:a' b='" + b"c" * count + b"'/>"), unit=1
    ),
    "a long namespace": Growth(
        make=lambda count: _extension(b"<a xmlns='urn:" + b"a" * count + b"'/>"), unit=1
    ),
    "a long prefix": Growth(
        make=lambda count: _extension(b"<%s:a xmlns:%s='urn:a'/>" % (b"p" * count, b"p" * count)), unit=2
    ),
    "a long id": Growth(
        make=lambda count: (
            b"<message to='${peer}' id='${token}-" + b"x" * count + b"'><body>size</body></message>"
        ),
        unit=1,
    ),
    "long blanks in a tag": Growth(
        make=lambda count: _extension(b"<a xmlns='urn:a'" + b" " * count + b"/>"), unit=1
    ),
    "long blanks behind": Growth(make=lambda count: _body(b"size") + b" " * count, unit=1),
    "long blanks before": Growth(make=lambda count: b"\n" * count + _body(b"size"), unit=1),
    "many groups": Growth(
        make=lambda count: (
            b"<iq type='set' id='${token}'><query xmlns='jabber:iq:roster'>"
            b"<item jid='contact-${token}@${domain}'>"
            + b"".join([b"<group>g%d</group>" % one for one in range(count)])
            + b"</item></query></iq>"
        ),
        unit=21,
    ),
}


def within_floor(growth: Growth, exponent: int) -> bytes:
    """A message grown by a power of two, and no larger than what every server takes."""
    return growth.make(min(2**exponent, growth.most, (FLOOR - _SPARE) // growth.unit))


def _entities(depth: int, breadth: int, use: str) -> bytes:
    declared = ["<!ENTITY e0 'x'>"]
    declared += [f"<!ENTITY e{one} '{f'&e{one - 1};' * breadth}'>" for one in range(1, depth + 1)]
    return f"<!DOCTYPE message [{''.join(declared)}]>{use.replace('&e;', f'&e{depth};')}".encode()


_IN_TEXT = "<message to='${peer}' id='${token}'><body>&e;</body></message>"
_IN_VALUE = "<message to='${peer}' id='${token}'><x xmlns='urn:x' a='&e;'/></message>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bomb:
    """Few bytes that cost much; `make` takes an exponent from 0 to 15."""

    make: Callable[[int], bytes]
    claim: Claim
    conditions: frozenset[str]


def _bomb(make: Callable[[int], bytes]) -> Bomb:
    return Bomb(make=make, claim=Claim.RESTRICTED, conditions=RESTRICTED_AND_ILL)


def _beyond(growth: Growth, exponent: int) -> bytes:
    """So many times the floor, and a mebibyte at most."""
    return growth.make(max(1, (FLOOR << min(exponent, 7)) // growth.unit))


#: Expansion of entities, and stanzas of up to about a mebibyte.
BOMBS: Mapping[str, Bomb] = {
    "nested entities in text": _bomb(lambda exponent: _entities(1 + exponent, 4, _IN_TEXT)),
    "nested entities in a value": _bomb(lambda exponent: _entities(1 + exponent, 4, _IN_VALUE)),
    "a chain of entities": _bomb(lambda exponent: _entities(2 ** min(exponent, 11), 1, _IN_TEXT)),
    "a broad entity": _bomb(lambda exponent: _entities(1, 2**exponent, _IN_TEXT)),
    **{
        f"{name}, beyond the limit": Bomb(
            make=partial(_beyond, growth),
            claim=Claim.LEGAL,
            conditions=TOO_LARGE,
        )
        for name, growth in GROWTHS.items()
    },
}
