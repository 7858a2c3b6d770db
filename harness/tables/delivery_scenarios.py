"""A scenario for each row of table 1 of RFC 6121, 8.5.4: what becomes of a message.

Nothing is written of the rows that leave it to the server who is most available, for whom that is no
transcript can know, nor of those that RFC 6120, 10.5.4 contradicts by treating an address like the bare JID,
so that whatever a server does is right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

TYPES = ("normal", "chat", "groupchat", "headline")


class Situation(Enum):
    """Who is there of the account that is addressed; the value is what requirements call it."""

    NO_ACCOUNT = "no-account"
    NOBODY = "no-resources"
    NEGATIVE = "only-negative"
    ONE = "one-non-negative"
    SEVERAL = "several-non-negative"


class Address(Enum):
    """How the account is addressed."""

    BARE = "bare"
    MATCH = "full-match"
    NO_MATCH = "full-no-match"


class Fate(Enum):
    """What has to become of the message, in the letters of the table."""

    DROPPED = "S"
    REFUSED = "E"
    EITHER = "S/E"
    STORED_OR_REFUSED = "O/E"
    DELIVERED = "D"
    TO_ALL = "A"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of the table, for one type of messages."""

    situation: Situation
    address: Address
    type: str
    fate: Fate

    @property
    def requirement(self) -> str:
        """The id of the requirement that it is."""
        address = self.address.value
        if self.situation is Situation.NO_ACCOUNT:
            address = address.partition("-")[0]
        return f"rfc6121-8.5.4-table1-{self.situation.value}-{address}-{self.type}"


_S, _E, _SE, _OE = Fate.DROPPED, Fate.REFUSED, Fate.EITHER, Fate.STORED_OR_REFUSED
_D, _A = Fate.DELIVERED, Fate.TO_ALL
#: By the columns: normal, chat, groupchat, headline; None where nothing can be said. 8.5.1 leaves both open
#: where there is no account, though the table does not.
_TABLE: Mapping[tuple[Situation, Address], tuple[Fate | None, ...]] = MappingProxyType(
    {
        (Situation.NO_ACCOUNT, Address.BARE): (_SE, _SE, _SE, _SE),
        (Situation.NO_ACCOUNT, Address.NO_MATCH): (_SE, _SE, _SE, _SE),
        (Situation.NOBODY, Address.BARE): (_OE, _OE, _E, _S),
        (Situation.NOBODY, Address.NO_MATCH): (None, _OE, _SE, _SE),
        (Situation.NEGATIVE, Address.BARE): (_OE, _OE, _E, _S),
        (Situation.NEGATIVE, Address.MATCH): (_D, _D, _D, _D),
        (Situation.NEGATIVE, Address.NO_MATCH): (_SE, _OE, _SE, _SE),
        (Situation.ONE, Address.BARE): (_D, _D, _E, _D),
        (Situation.ONE, Address.MATCH): (_D, _D, _D, _D),
        (Situation.ONE, Address.NO_MATCH): (None, _D, _SE, None),
        (Situation.SEVERAL, Address.BARE): (None, None, _E, _A),
        (Situation.SEVERAL, Address.MATCH): (_D, _D, _D, _D),
        (Situation.SEVERAL, Address.NO_MATCH): (None, None, _SE, None),
    }
)
_THERE = {
    Situation.NO_ACCOUNT: "an account that does not exist",
    Situation.NOBODY: "an account of which nobody is there",
    Situation.NEGATIVE: "an account with a resource of negative priority",
    Situation.ONE: "an account with one resource",
    Situation.SEVERAL: "an account with several resources",
}
_ADDRESSED = {
    Address.BARE: "its bare JID",
    Address.MATCH: "the full JID of a resource",
    Address.NO_MATCH: "a full JID that no resource has",
}
_TOLD = {
    _S: "is dropped",
    _E: "is refused",
    _SE: "is dropped or refused",
    _OE: "is kept or refused",
    _D: "is delivered",
    _A: "is delivered to all",
}


def rows() -> Iterator[Row]:
    """Those of which a scenario is written."""
    for (situation, address), fates in _TABLE.items():
        for type, fate in zip(TYPES, fates, strict=True):
            if fate is not None:
                yield Row(situation=situation, address=address, type=type, fate=fate)


def delivery_scenarios() -> Iterator[tuple[str, str]]:
    """Names of files, and what stands in them."""
    for row in rows():
        name = "_".join((row.type, row.situation.value, row.address.value)).replace("-", "_")
        yield name, "\n".join([*_head(row), *_entrances(row), *_message(row), *_outcome(row), ""])


def _head(row: Row) -> Iterator[str]:
    yield f"# A {row.type} message to {_ADDRESSED[row.address]} of {_THERE[row.situation]} {_TOLD[row.fate]}"
    yield "# A row of table 1 of RFC 6121, 8.5.4."
    yield "# Written by `make tables`: to change it, change the table in harness/tables."
    yield f"## covers: {row.requirement}"
    yield "## tags: message, delivery, table"
    yield ""
    yield "[Client] Romeo"
    yield from (f"[Client] {name}" for name in _named(row))
    yield from ("", "---------", "", "Romeo connects")


def _named(row: Row) -> tuple[str, ...]:
    """The actors of the account that is addressed."""
    if row.situation is Situation.NO_ACCOUNT:
        return ()
    return ("Juliet", "Juliet's phone") if row.situation is Situation.SEVERAL else ("Juliet",)


def _entrances(row: Row) -> Iterator[str]:
    if row.situation is not Situation.NOBODY:
        for name in _named(row):
            yield from _entrance(name, -1 if row.situation is Situation.NEGATIVE else 0)


def _entrance(name: str, priority: int) -> Iterator[str]:
    inside = (
        f"\t<presence>\n\t\t<priority>{priority}</priority>\n\t</presence>" if priority else "\t<presence/>"
    )
    yield f"{name} connects"
    yield f"{name} sends:\n{inside}"
    yield from _settled(name)
    yield f"{name} receives nothing"


def _settled(name: str) -> Iterator[str]:
    """Whether resources of one account see each other is the matter of other scenarios."""
    yield f'{name} may receive any number of:\n\t<presence from="${{Juliet\'s JID}}{{any}}"/>'


def _message(row: Row) -> Iterator[str]:
    yield ""
    yield f"Romeo sends:\n{_stanza(row.type, 'to', _to(row))}"


def _to(row: Row) -> str:
    account = "${token nobody}@${domain}" if row.situation is Situation.NO_ACCOUNT else "${Juliet's JID}"
    match row.address:
        case Address.BARE:
            return account
        case Address.MATCH:
            return "${Juliet's full JID}"
        case Address.NO_MATCH:
            return f"{account}/${{token elsewhere}}"


def _stanza(type: str, key: str, address: str) -> str:
    kind = "" if type == "normal" else f" type='{type}'"
    return f"\t<message{kind} id='row' {key}=\"{address}\">\n\t\t<body>Art thou there?</body>\n\t</message>"


def _outcome(row: Row) -> Iterator[str]:
    error = f"\t<message type='error' id='row' from=\"{_to(row)}\"/>"
    delivered = _stanza(row.type, "from", "${Romeo's full JID}")
    if row.fate is _E:
        yield f"Romeo receives:\n{error}"
    elif row.fate is _SE:
        yield f"Romeo receives one of:\n{error}\n\tor:\n\tnothing"
    elif row.fate is _OE:
        yield f"Romeo receives one of:\n\tnothing\n\tor, and that is all:\n{error}"
    else:
        yield "Romeo receives nothing"
    if row.fate is _OE and row.situation is Situation.NEGATIVE:
        yield "Juliet disconnects"  # when what was kept is delivered, no sentence says
    if row.fate is _OE or row.situation is Situation.NOBODY:
        yield from ("Juliet connects", "Juliet sends:\n\t<presence/>")
    for name in _named(row):
        yield from _settled(name)
        is_meant = row.fate in (_A, _OE) or (row.fate is _D and name == "Juliet")
        yield f"{name} receives:\n{delivered}" if is_meant else f"{name} receives nothing"
        if is_meant:
            yield from _settled(name)
            yield f"{name} receives nothing"
