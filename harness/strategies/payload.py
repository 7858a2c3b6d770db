"""A payload: what a whole stanza of one purpose looks like."""

from dataclasses import dataclass

from harness.strategies.choices import Choices
from harness.strategies.grammar import (
    XML_LANG,
    Attribute,
    Children,
    check_attributes,
    check_children,
    make_all,
    may,
)
from harness.strategies.sample import Element
from harness.strategies.values import JID, LANG, Value, filled, is_jid, words
from harness.xmpp.namespaces import CLIENT, Name

#: Whom a stanza is for; the empty text stands for no `to`. The first is the plainest.
PEER = ("${peer's JID}", "${peer}")
PEER_ACCOUNT = ("${peer}",)
OWN_ACCOUNT = ("", "${me}")
SERVER = ("${domain}",)
ROOMS = ("${muc}",)
ROOM = ("room-${token}@${muc}",)
OCCUPANT = ("room-${token}@${muc}/nick", "room-${token}@${muc}/ñick", "room-${token}@${muc}/a b/c@d")
EVERYBODY = ("",)
NOBODY = ("nobody-${token}@${domain}", "${peer}/nowhere", "nowhere-${token}@${muc}")
ANYONE = ("${peer's JID}", "${domain}", "${peer}", "${me}", "${muc}", "${my JID}")

_LANG_SELDOM = 8
_ADDRESS = Value(name="jid", make=JID.make, is_valid=is_jid)
_ID = Value(name="token", make=lambda _: "${token}", is_valid=lambda text: bool(text))
_LANG = Attribute(name=XML_LANG, value=LANG, is_needed=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """Whole stanzas of one purpose; `document` defines what they hold. In `types` an empty one means none."""

    name: str
    kind: str
    types: tuple[str, ...]
    to: tuple[str, ...]
    content: tuple[Children, ...]
    document: str

    def make(self, number: int) -> Element:
        """A valid stanza; for 0 with what is needed only."""
        choices = Choices(number)
        attributes = [
            (Name("", "to"), choices.among(self.to)),
            (Name("", "type"), choices.among(self.types)),
            (Name("", "id"), "${token}"),
        ]
        content = make_all(self.content, choices)
        if choices.once_in(_LANG_SELDOM):
            attributes.append((XML_LANG, LANG.make(choices)))
        given = tuple(pair for pair in attributes if pair[1])
        return Element(name=Name(CLIENT, self.kind), attributes=given, children=content)

    def check(self, stanza: Element) -> list[str]:
        """What is wrong with a stanza that should be of this purpose; empty if nothing is."""
        if stanza.name != Name(CLIENT, self.kind):
            return [f"{stanza.name} instead of {self.kind}"]
        type_there = Attribute(
            name=Name("", "type"), value=words(*filter(None, self.types)), is_needed="" not in self.types
        )
        described = (may("to", _ADDRESS), may("from", _ADDRESS), may("id", _ID), type_there, _LANG)
        faults = check_attributes(described, stanza)
        if self.kind == "iq" and stanza.get("id") is None:  # RFC 6120, 8.1.3
            faults.append("an iq without id")
        if not self._is_for(stanza.get("to") or ""):
            faults.append(f"{self.name} is not for {stanza.get('to')}")
        if any(isinstance(child, str) and child.strip() for child in stanza.children):
            faults.append("text in a stanza")
        return faults + check_children(self.content, stanza)

    def _is_for(self, address: str) -> bool:
        return filled(address) in {filled(one) for one in self.to}


def message(
    name: str, document: str, *content: Children, types: str = " chat normal", to: tuple[str, ...] = PEER
) -> Payload:
    """A payload of messages; `types` are parted by blanks, and a leading blank stands for none."""
    return Payload(
        name=name, kind="message", types=tuple(types.split(" ")), to=to, content=content, document=document
    )


def presence(
    name: str, document: str, *content: Children, types: str = "", to: tuple[str, ...] = EVERYBODY
) -> Payload:
    """A payload of presence."""
    return Payload(
        name=name, kind="presence", types=tuple(types.split(" ")), to=to, content=content, document=document
    )


def iq(
    name: str, document: str, *content: Children, types: str = "get", to: tuple[str, ...] = OWN_ACCOUNT
) -> Payload:
    """A payload of requests or answers."""
    return Payload(
        name=name, kind="iq", types=tuple(types.split(" ")), to=to, content=content, document=document
    )
