"""Samples for clients, by family: what servers are sent as well, and what is for clients only.

`${peer}` and `${peer's JID}` are the client under test here; `${me}` and `${my JID}` are somebody else, from
whom a stanza comes unless it says otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from harness.strategies.choices import Choices
from harness.strategies.families import FAMILIES, Derive, Family
from harness.strategies.hostile import FORGERIES_FOR_CLIENTS, forged
from harness.strategies.offers import NEGOTIATIONS, negotiated
from harness.strategies.payloads import PAYLOADS
from harness.strategies.sample import Claim, Element, Harm, Place, Sample
from harness.strategies.serializing import serialize
from harness.xmpp.namespaces import STREAM_ERRORS, STREAM_MANAGEMENT


def received(element: Element) -> Element:
    """A stanza as it reaches the client."""
    sender = element.get("from") or "${my JID}"
    return element.having("from", sender).having("to", "${peer's JID}")


def _received(family: Family) -> Derive:
    """The same samples, made of stanzas as the client gets them."""

    def derive(element: Element, number: int) -> Sample | None:
        return family.derive(received(element), number)

    return derive


def _turned(family: Family, turn: Callable[[Element], Element]) -> Derive:
    """The same samples, with what they mean turned into what reaches a client."""

    def derive(element: Element, number: int) -> Sample | None:
        sample = family.derive(element, number)
        if sample is None or sample.element is None:
            return sample
        meant = turn(sample.element)
        return replace(sample, data=serialize(meant), element=meant)

    return derive


def _returned(element: Element) -> Element:
    """A stanza from where another one goes."""
    return received(element.having("from", element.get("to")))


def _header(element: Element, number: int) -> Sample | None:
    """A server's headers say `from` where those of clients say `to`."""
    sample = FAMILIES["header"].derive(element, number)
    if sample is None:
        return None
    turned = {b" to='${domain}'": b" from='${domain}'", b" to=${domain}": b" from=${domain}"}
    data = sample.data
    for ours, theirs in turned.items():
        data = data.replace(ours, theirs)
    return replace(sample, data=data)


_SM = f"xmlns='{STREAM_MANAGEMENT}'"
_COUNTS = (
    "0",
    "1",
    "5",
    "-1",
    "4294967295",
    "4294967296",
    "99999999999999999999",
    "",
    "x",
    "1.5",
    " 1 ",
    "0x1",
)
#: How labels call what asks for a count; all other rows of the family are misuse.
REQUEST = "a request"
_MANAGEMENT = (
    (REQUEST, f"<r {_SM}/>"),
    (f"{REQUEST}, twenty times", f"<r {_SM}/>" * 20),
    (f"{REQUEST} with more", f"<r {_SM} h='1'><x xmlns='urn:x'/></r>"),
    (f"{REQUEST} of version 2", "<r xmlns='urn:xmpp:sm:2'/>"),
    *((f"a count of {count!r}", f"<a {_SM} h='{count}'/>") for count in _COUNTS),
    ("no count", f"<a {_SM}/>"),
    ("counts that go back", f"<a {_SM} h='1'/><a {_SM} h='0'/>"),
    ("enabled unasked for", f"<enabled {_SM} id='x' resume='true'/>"),
    ("enabled twice", f"<enabled {_SM}/><enabled {_SM}/>"),
    ("a place to resume at", f"<enabled {_SM} id='x' resume='true' location='127.0.0.1:1' max='-1'/>"),
    ("resumed unasked for", f"<resumed {_SM} previd='x' h='0'/>"),
    ("a failure unasked for", f"<failed {_SM} h='4294967296'/>"),
    (
        "a failure with a condition",
        f"<failed {_SM}><x xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    ),
    ("a client's part", f"<enable {_SM} resume='true'/><resume {_SM} previd='x' h='0'/>"),
    ("an unknown element", f"<y {_SM}/>"),
)
_MESSAGE = "<message from='${my JID}' to=\"${peer's JID}\" id='${token}'><body>${token}</body></message>"


def _management(_: Element, number: int) -> Sample:
    choices = Choices(number)
    name, data = choices.among(_MANAGEMENT)
    around = choices.below(3)
    data = (_MESSAGE if around == 1 else "") + data + (_MESSAGE if around == 2 else "")
    return Sample(
        family="management",
        data=data.encode(),
        claim=Claim.LEGAL,
        labels=(name,),
        conditions=frozenset({"unsupported-stanza-type", "undefined-condition", "bad-format", "invalid-xml"}),
    )


_POISON = (
    ("a wrong tag", "<message from='${my JID}'><body>x</message>", Claim.ILL_FORMED),
    ("a comment", "<message from='${my JID}'><!-- --></message>", Claim.RESTRICTED),
    ("a wrong prefix", "<message from='${my JID}'><a:b/></message>", Claim.ILL_FORMED),
    ("a wrong character", "<message from='${my JID}'><body>&#1;</body></message>", Claim.ILL_FORMED),
    *(
        (
            f"the stream error {name}",
            f"<stream:error><{name} xmlns='{STREAM_ERRORS}'/></stream:error></stream:stream>",
            Claim.LEGAL,
        )
        for name in ("conflict", "policy-violation", "system-shutdown", "not-well-formed", "reset")
    ),
)


def _reconnection(_: Element, number: int) -> Sample:
    name, data, claim = Choices(number).among(_POISON)
    return Sample(
        family="reconnection",
        data=data.encode(),
        claim=claim,
        labels=(name,),
        conditions=frozenset({"see-other-host"}) if claim is Claim.LEGAL else frozenset(),
        harms=frozenset({Harm.LOOP}),
    )


def _family(
    name: str,
    title: str,
    derive: Derive,
    numbers: Sequence[int],
    *,
    place: Place = Place.SESSION,
    is_amplifying: bool = False,
) -> Family:
    return Family(
        name=name, title=title, place=place, derive=derive, numbers=numbers, is_amplifying=is_amplifying
    )


def _shared(name: str) -> Family:
    family = FAMILIES[name]
    return replace(family, derive=_received(family))


#: What there is to send to clients, by name. What shows most comes first.
CLIENT_FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            _family(
                "forgeries",
                "stanzas from others than they may come from",
                forged,
                range(3 * FORGERIES_FOR_CLIENTS),
            ),
            _family(
                "negotiation",
                "offers and answers that lead astray before the login",
                negotiated,
                range(2 * NEGOTIATIONS),  # in one piece, and cut
                place=Place.OPEN,
            ),
            _family("reconnection", "what a client comes back from", _reconnection, range(len(_POISON))),
            replace(
                FAMILIES["valid"],
                derive=_turned(FAMILIES["valid"], received),
                numbers=range(2 * len(PAYLOADS) + 1),
            ),
            *map(_shared, ("wf", "restricted", "bytes", "stanza", "style", "chunks", "ns")),
            _family(
                "management", "stream management, wanted or not", _management, range(3 * len(_MANAGEMENT))
            ),
            replace(
                FAMILIES["jids"],
                title="stanzas from odd addresses",
                derive=_turned(FAMILIES["jids"], _returned),
            ),
            _family(
                "header",
                "stream headers of a server",
                _header,
                FAMILIES["header"].numbers,
                place=Place.HEADER,
            ),
            _shared("size"),
            _shared("bombs"),
        )
    }
)
