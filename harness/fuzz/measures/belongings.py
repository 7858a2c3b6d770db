"""What an account keeps with its server, and the requests that would change it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from harness.fuzz.measures.asking import is_result, request
from harness.fuzz.servers.station import Station
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Element, filled
from harness.strategies.serializing import serialize
from harness.xmpp.elements import children, first
from harness.xmpp.namespaces import AUTH, BLOCKING, PRIVATE, PUBSUB, PUBSUB_OWNER, REGISTER, ROSTER, VCARD

_PLACE = "http://jabber.org/protocol/geoloc"
_NOTES = "storage:rosternotes"
_ITS_OWN = ("", "${peer}")  # whom requests about an account are for


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """Something that an account may set and read: the payloads of the two requests.

    `expected` is what scripts expect to read, where it is not what was set; `requirements` say that nobody
    else may set it.
    """

    name: str
    set: str
    get: str
    expected: str = ""
    requirements: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What scripts expect to read."""
        return self.expected or self.set


BELONGINGS = (
    Belonging(
        name="roster",
        set=f"<query xmlns='{ROSTER}'><item jid='nurse@${{domain}}' name='Nurse'/></query>",
        get=f"<query xmlns='{ROSTER}'/>",
        expected=f"<query xmlns='{ROSTER}' ver='{{optional}}' harness:strict='true'>"
        "<item jid='nurse@${domain}' name='Nurse' harness:strict='false'/></query>",
        requirements=("rfc6121-2-roster-access-restricted",),
    ),
    Belonging(
        name="vCard",
        set=f"<vCard xmlns='{VCARD}'><FN>Juliet Capulet</FN></vCard>",
        get=f"<vCard xmlns='{VCARD}'/>",
        requirements=("xep0054-3.2-set-other",),
    ),
    Belonging(
        name="private data",
        set=f"<query xmlns='{PRIVATE}'><storage xmlns='{_NOTES}'>"
        "<note jid='nurse@${domain}'>trustworthy</note></storage></query>",
        get=f"<query xmlns='{PRIVATE}'><storage xmlns='{_NOTES}'/></query>",
        requirements=("xep0049-4-others-write",),
    ),
    Belonging(
        name="block list",
        set=f"<block xmlns='{BLOCKING}'><item jid='tybalt@${{domain}}'/></block>",
        get=f"<blocklist xmlns='{BLOCKING}'/>",
        expected=f"<blocklist xmlns='{BLOCKING}' harness:strict='true'>"
        "<item jid='tybalt@${domain}' harness:strict='false'/></blocklist>",
    ),
    Belonging(
        name="published place",
        set=f"<pubsub xmlns='{PUBSUB}'><publish node='{_PLACE}'><item id='current'>"
        f"<geoloc xmlns='{_PLACE}'><lat>45.44</lat></geoloc></item></publish></pubsub>",
        get=f"<pubsub xmlns='{PUBSUB}'><items node='{_PLACE}'/></pubsub>",
        expected=f"<pubsub xmlns='{PUBSUB}'><items node='{_PLACE}'><item id='current'>"
        f"<geoloc xmlns='{_PLACE}'><lat>45.44</lat></geoloc></item></items></pubsub>",
        requirements=("xep0060-7.1.3.1-publish-forbidden",),
    ),
)

#: Requests about an account's own, besides those that the grammar knows: they fit what was set.
_FITTING: Mapping[str, str] = {
    "a contact renamed": f"<query xmlns='{ROSTER}'><item jid='nurse@${{domain}}' name='Tybalt'/></query>",
    "a contact removed": f"<query xmlns='{ROSTER}'>"
    "<item jid='nurse@${domain}' subscription='remove'/></query>",
    "a card without content": f"<vCard xmlns='{VCARD}'/>",
    "notes without content": f"<query xmlns='{PRIVATE}'><storage xmlns='{_NOTES}'/></query>",
    "all unblocked": f"<unblock xmlns='{BLOCKING}'/>",
    "another owner of a node": f"<pubsub xmlns='{PUBSUB_OWNER}'><affiliations node='{_PLACE}'>"
    "<affiliation jid='${me}' affiliation='owner'/></affiliations></pubsub>",
    "an item published": f"<pubsub xmlns='{PUBSUB}'><publish node='{_PLACE}'><item id='current'>"
    f"<geoloc xmlns='{_PLACE}'><lat>0</lat></geoloc></item></publish></pubsub>",
    "an item retracted": f"<pubsub xmlns='{PUBSUB}'><retract node='{_PLACE}' notify='true'>"
    "<item id='current'/></retract></pubsub>",
    "a node purged": f"<pubsub xmlns='{PUBSUB_OWNER}'><purge node='{_PLACE}'/></pubsub>",
    "a node deleted": f"<pubsub xmlns='{PUBSUB_OWNER}'><delete node='{_PLACE}'/></pubsub>",
}

#: Those by which somebody may lose an account; the last of them also whoever sends it.
_SEIZING: Mapping[str, str] = {
    "a login of old": f"<query xmlns='{AUTH}'><username>${{peer's username}}</username>"
    "<password>${token}</password><resource>x</resource></query>",
    "another password": f"<query xmlns='{REGISTER}'><username>${{peer's username}}</username>"
    "<password>${token}</password></query>",
    "a name and its removal": f"<query xmlns='{REGISTER}'><username>${{peer's username}}</username>"
    "<remove/></query>",
    "the removal of the account": f"<query xmlns='{REGISTER}'><remove/></query>",
}


@dataclass(frozen=True, kw_only=True)
class Addressing:
    """How a request that is another user's is addressed; `sender` is a forged `from`."""

    name: str
    to: str = ""
    sender: str = ""

    def stanza(self, payload: str, identity: str) -> bytes:
        """The whole request."""
        given = (("to", self.to), ("from", self.sender))
        attributes = "".join(f' {key}="{value}"' for key, value in given if value)
        return f"<iq type='set' id='{identity}'{attributes}>{payload}</iq>".encode()


TO_THE_SERVER = Addressing(name="to the server", to="${domain}")
ADDRESSINGS = (
    Addressing(name="to that account", to="${peer}"),
    Addressing(name="to that resource", to="${peer's JID}"),
    TO_THE_SERVER,
    Addressing(name="in that account's name", sender="${peer}"),
    Addressing(name="in that resource's name", sender="${peer's JID}"),
    Addressing(name="in that account's name to the server", to="${domain}", sender="${peer}"),
    Addressing(name="in that resource's name to the server", to="${domain}", sender="${peer's JID}"),
    Addressing(name="in that account's name to that account", to="${peer}", sender="${peer}"),
)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """A request that would change what belongs to another user, with placeholders.

    One that `is_seizing` may cost an account, which is the sender's where a server takes it for its own.
    """

    name: str
    addressing: Addressing
    data: bytes
    is_seizing: bool

    @property
    def words(self) -> str:
        """What it is, and how it is addressed."""
        return f"{self.name}, {self.addressing.name}"


def demands(addressing: Addressing) -> Iterator[Demand]:
    """All that is tried in one way of addressing; what takes an account away comes last.

    Of what goes to the server in the sender's own name only what names the other user is another's.
    """
    if addressing is TO_THE_SERVER:
        payloads = {name: text for name, text in _SEIZING.items() if "username" in text}
    else:
        payloads = {**_known(), **_FITTING, **_SEIZING}
    for number, (name, payload) in enumerate(payloads.items()):
        data = addressing.stanza(payload, f"${{token}}-{number}")
        yield Demand(name=name, addressing=addressing, data=data, is_seizing=name in _SEIZING)


def _known() -> Mapping[str, str]:
    """The payloads of the grammar by which an account changes what is its own."""
    return {
        one.name: serialize(child).decode()
        for one in PAYLOADS
        if one.kind == "iq" and one.types == ("set",) and set(one.to) & set(_ITS_OWN)
        for child in one.make(0).children
        if isinstance(child, Element)
    }


async def put(station: Station, names: Mapping[str, str]) -> dict[str, object]:
    """Set everything; what is then there, by its name, as far as the server lets the user have it."""
    there = {}
    for one in BELONGINGS:
        if is_result(await request(station, "set", _written(one.set, names))):
            content = await look(station, one, names)
            if content is not None:
                there[one.name] = content
    return there


async def look(station: Station, belonging: Belonging, names: Mapping[str, str]) -> object | None:
    """What is there, so that it can be compared; None where the server does not tell."""
    answer = await request(station, "get", _written(belonging.get, names))
    if answer is None or not is_result(answer):
        return None
    payload = first(answer.tree)
    return "" if payload is None else sorted(map(_content, children(payload)))


def _content(element: "etree._Element") -> str:
    """An element as text, the same for any order of its attributes and children.

    >>> _content(etree.fromstring("<a y='1' x='2'> <c/><b/></a>"))
    "a [('x', '2'), ('y', '1')]  ['b []  []', 'c []  []']"
    """
    inside = sorted(_content(child) for child in children(element))
    return f"{element.tag} {sorted(element.attrib.items())} {(element.text or '').strip()} {inside}"


def _written(payload: str, names: Mapping[str, str]) -> str:
    return filled(payload.encode(), names).decode()
