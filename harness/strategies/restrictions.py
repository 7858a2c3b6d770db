"""What XML permits and XMPP does not (RFC 6120, 11.1)."""

from harness.strategies.answers import RESTRICTED, RESTRICTED_AND_ILL
from harness.strategies.octet import Change, Octets, Row, Topic, child, put, table
from harness.strategies.sample import Claim
from harness.strategies.spots import Role

_COMMENTS: dict[str, bytes] = {
    "an empty comment": b"<!---->",
    "a comment": b"<!-- comment -->",
    "a comment with tags": b"<!--</body></message><message>-->",
    "a comment with quotes": b"<!-- it's \" -->",
    "a comment with a section": b"<!--<![CDATA[-->",
    "a comment with a reference": b"<!--&unknown;&#0;-->",
    "a comment of lines": b"<!--\r\n\n-->",
    "a comment of Unicode": "<!--é\U0001f600-->".encode(),
    "a comment with >": b"<!-->-- >-->".replace(b"--->", b"- ->").replace(b"<!-->--", b"<!--> -"),
    "two comments": b"<!--a--><!--b-->",
    "a long comment": b"<!--" + b"x" * 2048 + b"-->",
}
_INSTRUCTIONS: dict[str, bytes] = {
    "an instruction": b"<?x?>",
    "an instruction with data": b"<?x y z='1'?>",
    "a style sheet": b"<?xml-stylesheet href='a.css'?>",
    "an instruction with tags": b"<?x </body></message>?>",
    "an instruction with >": b"<?x > ? > ?>",
    "an instruction in PHP": b"<?php echo 1 ?>",
    "an instruction with quotes": b"<?x ' \" ?>",
}
_ILL: dict[str, bytes] = {
    "a comment with --": b"<!-- -- -->",
    "a comment that ends in ---": b"<!-- --->",
    "half a comment": b"<!--->",
    "a comment with a NUL": b"<!--\x00-->",
    "a declaration": b"<?xml version='1.0'?>",
    "a declaration with an encoding": b"<?xml version='1.0' encoding='UTF-8'?>",
    "a declaration in upper case": b"<?XML version='1.0'?>",
    "a declaration in mixed case": b"<?Xml?>",
    "an instruction without a name": b"<??>",
    "an instruction with a blank first": b"<? x?>",
    "an instruction named by a digit": b"<?1?>",
    "a document type within": b"<!DOCTYPE message>",
    "a document type with entities within": b"<!DOCTYPE message [<!ENTITY a 'b'>]>",
    "a document type in lower case": b"<!doctype message>",
}
_TYPES: dict[str, bytes] = {
    "a document type": b"<!DOCTYPE message>",
    "an empty subset": b"<!DOCTYPE message []>",
    "an external subset": b"<!DOCTYPE message SYSTEM 'http://127.0.0.1:9/a.dtd'>",
    "a public subset": b"<!DOCTYPE message PUBLIC '-//example//a' 'http://127.0.0.1:9/a.dtd'>",
    "an entity that is not used": b"<!DOCTYPE message [<!ENTITY a 'b'>]>",
    "an external entity that is not used": b"<!DOCTYPE message [<!ENTITY a SYSTEM 'file:///dev/null'>]>",
    "a parameter entity": b"<!DOCTYPE message [<!ENTITY % a 'b'>]>",
    "an element type": b"<!DOCTYPE message [<!ELEMENT message ANY>]>",
    "a default value": b"<!DOCTYPE message [<!ATTLIST message from CDATA 'a@example.org'>]>",
    "a notation": b"<!DOCTYPE message [<!NOTATION a SYSTEM 'b'>]>",
    "a comment in a document type": b"<!DOCTYPE message [<!-- a -->]>",
}
_ENTITY = b"<!DOCTYPE message [<!ENTITY e '%s'>]>"
_ENTITIES: dict[str, bytes] = {
    "an entity": _ENTITY % b"x",
    "an empty entity": _ENTITY % b"",
    "an entity with a reference": _ENTITY % b"&#38;lt;",
    "an entity of an entity": b"<!DOCTYPE message [<!ENTITY a 'x'><!ENTITY e '&a;&a;'>]>",
    "an entity that is declared twice": b"<!DOCTYPE message [<!ENTITY e 'x'><!ENTITY e 'y'>]>",
}


def _with_entity(declaration: bytes, role: Role) -> Change:
    place = put(role, b"&e;")

    def apply(data: bytes, number: int) -> bytes | None:
        changed = place(data, number)
        return None if changed is None else declaration + changed

    return apply


def _between(found: dict[str, bytes]) -> list[Row]:
    return [
        row
        for name, construct in found.items()
        for row in (
            (f"{name} in the stanza", child(construct)),
            (f"{name} in text", put(Role.TEXT, construct)),
            (f"{name} before the stanza", put(Role.BEFORE, construct)),
            (f"{name} behind the stanza", put(Role.AFTER, construct)),
        )
    ]


RESTRICTIONS: tuple[Octets, ...] = (
    *table(Topic.RESTRICTION, Claim.RESTRICTED, RESTRICTED, _between({**_COMMENTS, **_INSTRUCTIONS})),
    # A document type behind a stream header is ill-formed in the stream, and legal without it.
    *table(
        Topic.RESTRICTION,
        Claim.RESTRICTED,
        RESTRICTED_AND_ILL,
        [(name, put(Role.BEFORE, construct)) for name, construct in _TYPES.items()],
    ),
    *table(
        Topic.RESTRICTION,
        Claim.RESTRICTED,
        RESTRICTED_AND_ILL,
        [
            (f"{name} in {role.value}", _with_entity(declaration, role))
            for name, declaration in _ENTITIES.items()
            for role in (Role.TEXT, Role.VALUE)
        ],
    ),
    *table(Topic.RESTRICTION, Claim.ILL_FORMED, RESTRICTED_AND_ILL, _between(_ILL)),
)
