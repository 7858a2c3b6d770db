"""Samples out of a stanza and a number, by family."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from harness.strategies.addresses import ODD_JIDS
from harness.strategies.choices import Choices
from harness.strategies.chunks import WAYS, cuts
from harness.strategies.encodings import ENCODINGS
from harness.strategies.frames import FORGED_WAYS
from harness.strategies.headers import HEADERS, header_sample
from harness.strategies.mutations import MUTATIONS
from harness.strategies.octet import Octets
from harness.strategies.openings import OPENINGS, opening_sample
from harness.strategies.payloads import PAYLOADS
from harness.strategies.prefixes import PREFIXES
from harness.strategies.reading import read
from harness.strategies.restrictions import RESTRICTIONS
from harness.strategies.sample import Claim, Element, Place, Sample
from harness.strategies.serializing import serialize
from harness.strategies.sizes import BOMBS, GROWTHS, within_floor
from harness.strategies.style import PLAIN, SINGLES, STYLES, Style
from harness.strategies.trees import leaf, stanza, with_attribute, with_child
from harness.strategies.wellformedness import WELLFORMEDNESS
from harness.xmpp.namespaces import CLIENT, STANZA_IDS, Name

Derive = Callable[[Element, int], Sample | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A kind of samples. `derive` makes one of a valid stanza and a number, plain for 0, or None.

    `numbers` give each thing that the family knows, in its plainest form and some others.
    `is_amplifying`: handling a sample may cost the target far more than sending it costs us.
    """

    name: str
    title: str
    place: Place
    derive: Derive
    numbers: Sequence[int]
    is_amplifying: bool = False


def _legal(family: str, element: Element, style: Style = PLAIN, *labels: str) -> Sample:
    return Sample(
        family=family, data=serialize(element, style), claim=Claim.LEGAL, labels=labels, element=element
    )


_DECLARED = (
    "<fuzz:mark fuzz:a='{0}'/>",
    "<a xmlns='urn:example:other' fuzz:b='{0}'/>",
    "<fuzz:m><fuzz:n>{0}</fuzz:n></fuzz:m>",
)


def _prefixes(element: Element, number: int) -> Sample | None:
    """A message that uses what the header of our streams declares (Namespaces in XML, 6.1)."""
    if element.name.local != "message":
        return None
    mark = _DECLARED[number % len(_DECLARED)].format(number)
    data = _plain(element).replace(b"</message>", f"{mark}</message>".encode())
    return Sample(family="prefixes", data=data, claim=Claim.LEGAL, labels=("a prefix of the header",))


_SPREAD = 0x9E3779B97F4A7C15  # odd, with digits everywhere: few numbers decide much


def _valid(element: Element, number: int) -> Sample:
    """Plain for the number 0; another purpose for each other number."""
    if number:
        choices = Choices(number - 1)
        payload = choices.among(PAYLOADS)
        return _legal(
            "valid", payload.make(choices.rest * _SPREAD % 2**64), PLAIN, f"{payload.kind}: {payload.name}"
        )
    return _legal("valid", element)


def _style(element: Element, number: int) -> Sample:
    style = Style.of(number % STYLES)
    return _legal("style", element, style, *style.oddities)


_MUTATIONS = tuple(MUTATIONS.values())
_DOUBLE = 4  # one of so many stanzas is changed twice
_VARIANTS = 6  # of each change
_LACKING = (
    "an element is missing",
    "an element is empty",
    "an attribute is missing",
    "an element has no attributes",
)


def _alone(names: Collection[str], variants: int) -> list[int]:
    """The numbers of stanzas with one of these mutations alone, all of a variant before those of the next."""
    step = len(_MUTATIONS) ** 2 * _DOUBLE  # what follows the choice of two mutations and of their number
    rows = [row for row, one in enumerate(_MUTATIONS) if one.name in names]
    return [row + step * variant for variant in range(variants) for row in rows]


#: The numbers of stanzas with one mutation, each in its first variant.
ONCE = _alone(MUTATIONS, 1)
#: The numbers of stanzas that lack what most handlers take for granted, and the first variants of them.
LACKING, LACKING_MUCH = _alone(_LACKING, 3), _alone(_LACKING, 1)
#: The numbers of stanzas in somebody else's name, of every kind.
FORGING = _alone(("another from",), FORGED_WAYS)


def _stanza(element: Element, number: int) -> Sample | None:
    """One mutation, or two for every fourth number."""
    choices = Choices(number)
    first, second, is_double = (
        choices.below(len(_MUTATIONS)),
        choices.below(len(_MUTATIONS)),
        choices.once_in(_DOUBLE),
    )
    mutated, one = _mutated(element, first, choices.rest)
    labels, conditions = [_MUTATIONS[one].name], _MUTATIONS[one].conditions
    if is_double:
        mutated, other = _mutated(mutated, second, choices.rest // 2)
        labels.append(_MUTATIONS[other].name)
        conditions |= _MUTATIONS[other].conditions
    sample = _legal("stanza", _with_token(mutated), PLAIN, *labels)
    return replace(sample, conditions=conditions, element=_if_stanza(sample.element, conditions))


def _with_token(element: Element) -> Element:
    """A message can be told from others even when its id is gone."""
    if element.name != Name(CLIENT, "message") or any("${token}" in text for text in _texts(element)):
        return element
    return with_child(element, leaf(STANZA_IDS, "origin-id", id="${token}"))


def _texts(element: Element) -> Iterator[str]:
    yield from (value for _, value in element.attributes)
    for child in element.children:
        yield from (child,) if isinstance(child, str) else _texts(child)


def _if_stanza(element: Element | None, conditions: frozenset[str]) -> Element | None:
    """What servers need not take for a stanza is none (RFC 6120, 4.8.4 and 4.8.5)."""
    return None if "unsupported-stanza-type" in conditions else element


def _mutated(element: Element, index: int, number: int) -> tuple[Element, int]:
    """The element with the first change from `index` on that applies, and which one that is."""
    for step in range(len(_MUTATIONS)):
        at = (index + step) % len(_MUTATIONS)
        found = _MUTATIONS[at].apply(element, number)
        if found is not None:
            return found, at
    raise AssertionError("some change applies to any stanza")


_plain = lru_cache(maxsize=64)(serialize)


def _octets(family: str, table: Sequence[Octets]) -> Derive:
    def derive(element: Element, number: int) -> Sample | None:
        choices = Choices(number)
        first = choices.below(len(table))
        data = _plain(element)
        for step in range(len(table)):
            row = table[(first + step) % len(table)]
            changed = row.apply(data, choices.rest)
            if changed is not None:
                return _changed(family, row, element, data, changed)
        return None

    return derive


def _changed(family: str, row: Octets, element: Element, data: bytes, changed: bytes) -> Sample:
    is_whole = changed.startswith(data)  # before what is wrong
    if row.claim is Claim.LEGAL:
        meant = _if_stanza(read(changed), row.conditions)
    else:
        meant = element if is_whole else None
    return Sample(
        family=family,
        data=changed,
        claim=row.claim,
        labels=(row.name,),
        conditions=row.conditions,
        element=meant,
    )


def _chunks(element: Element, number: int) -> Sample:
    """One way of cutting for each of the first numbers; then with odd styles as well."""
    choices = Choices(number)
    way = choices.below(WAYS)
    style = choices.rest % STYLES if choices.below(2) else 0
    odd = _style(element, style)
    found = cuts(odd.data, way + WAYS * (choices.rest + 1)) if number else ()
    labels = (f"{len(found)} cuts", *odd.labels) if number else odd.labels
    return replace(odd, family="chunks", cuts=found, labels=labels)


def _jids(element: Element, number: int) -> Sample:
    jid = Choices(number).among(ODD_JIDS)
    return _legal("jids", with_attribute(element, Name("", "to"), jid), PLAIN, f"address {_shown(jid)}")


def _shown(text: str) -> str:
    return ascii(text) if len(text) < 40 else f"{text[:20]!a}... of {len(text.encode())} octets"


_GROWTHS = tuple(GROWTHS)
_MOST_DOUBLINGS = 14


def _size(_: Element, number: int) -> Sample:
    choices = Choices(number)
    name, exponent = choices.among(_GROWTHS), choices.below(_MOST_DOUBLINGS)
    data, meant = _grown(name, exponent)
    return Sample(family="size", data=data, claim=Claim.LEGAL, labels=(name, f"2**{exponent}"), element=meant)


@lru_cache(maxsize=1024)
def _grown(name: str, exponent: int) -> tuple[bytes, Element | None]:
    data = within_floor(GROWTHS[name], exponent)
    return data, read(data)


#: What any header may have besides (RFC 6120, 4.7.4; Namespaces in XML, 3).
_BESIDES = (
    b"xml:lang='en'",
    b"xml:lang='de-CH-1996'",
    b"xmlns:x='urn:example:x'",
    b"xmlns:x='urn:example:x' x:y='1'",
    b"xmlns:stream2='http://etherx.jabber.org/streams'",
    b"xmlns:db='jabber:server:dialback'",
    b"unknown='1'",
    b"a='&#x41;&amp;&gt;'",
    b'b="\n\t"',
)


def _header(element: Element, number: int) -> Sample:
    """Each header alone for the first numbers; then with something besides, with a stanza behind, or both."""
    choices = Choices(number)
    sample = header_sample(choices.below(len(HEADERS)))
    is_longer, is_followed = choices.below(2), choices.below(2)
    if is_longer and sample.claim is Claim.LEGAL and b"xml:lang" not in sample.data:
        besides = b" " + choices.among(_BESIDES) + b" xmlns"
        sample = _altered(sample, sample.data.replace(b" xmlns", besides, 1), "more in it")
    return _altered(sample, sample.data + _plain(element), "a stanza behind") if is_followed else sample


def _state(element: Element, number: int) -> Sample:
    """Each opening alone for the first numbers; then with a stanza before it or behind it."""
    choices = Choices(number)
    sample = opening_sample(choices.below(len(OPENINGS)))
    match choices.below(3):
        case 1:
            return _altered(sample, _plain(element) + sample.data, "a stanza before")
        case 2:
            return _altered(sample, sample.data + _plain(element), "a stanza behind")
    return sample


def _altered(sample: Sample, data: bytes, label: str) -> Sample:
    return replace(sample, data=data, labels=(*sample.labels, label))


_BOMBS = tuple(BOMBS.items())


def _bombs(_: Element, number: int) -> Sample:
    choices = Choices(number)
    (name, bomb), exponent = choices.among(_BOMBS), choices.below(16)
    return Sample(
        family="bombs",
        data=bomb.make(exponent),
        claim=bomb.claim,
        labels=(name, f"2**{exponent}"),
        conditions=bomb.conditions,
    )


def _family(
    name: str,
    title: str,
    derive: Derive,
    rows: int,
    place: Place = Place.SESSION,
    numbers: Sequence[int] | None = None,
) -> Family:
    return Family(
        name=name,
        title=title,
        place=place,
        derive=derive,
        numbers=range(rows) if numbers is None else numbers,
        is_amplifying=name == "bombs",
    )


def _style_numbers() -> list[int]:
    """Each way of writing alone, and those that follow first."""
    return [*dict.fromkeys((*SINGLES, *range(_MOST_ROWS)))]


_MOST_ROWS = 64  # of those that know no end of forms

#: The plainest stanza of each kind, and a request to the server itself.
MESSAGE = PAYLOADS[0]
PLAINEST = (
    *(next(one for one in PAYLOADS if one.kind == kind).make(0) for kind in ("message", "iq", "presence")),
    stanza("iq", leaf("urn:xmpp:ping", "ping"), to="${domain}", type="get", id="${token}"),
)
_SIGNS = "<>&'\"]]> \u00e9\U0001f600"
#: A message with everything in it that can be written in several ways.
RICH = stanza(
    "message",
    leaf(CLIENT, "body", _SIGNS),
    leaf("urn:example:rich", "signs", "]]>", first=_SIGNS, second="> "),
    leaf("urn:example:rich", "empty"),
    to="${peer's JID}",
    type="chat",
    id="${token}",
)

#: What there is to send, by name; what is quickly through comes first.
FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            _family("valid", "valid stanzas of every purpose", _valid, len(PAYLOADS) + 1),
            _family(
                "style", "valid stanzas, written in odd but legal ways", _style, 0, numbers=_style_numbers()
            ),
            _family("prefixes", "stanzas with a prefix of the stream header", _prefixes, len(_DECLARED)),
            _family(
                "header",
                "stream headers",
                _header,
                len(HEADERS),
                Place.HEADER,
            ),
            _family(
                "state",
                "what comes before the login",
                _state,
                len(OPENINGS),
                Place.OPEN,
            ),
            _family("size", "large stanzas that have to be taken", _size, len(GROWTHS)),
            _family("jids", "stanzas to odd addresses", _jids, len(ODD_JIDS)),
            _family(
                "stanza",
                "stanzas with something missing, wrong or forged",
                _stanza,
                0,
                numbers=_alone(MUTATIONS, _VARIANTS),
            ),
            _family(
                "bytes",
                "what is no UTF-8 or no character of XML, and odd characters",
                _octets("bytes", ENCODINGS),
                len(ENCODINGS),
            ),
            _family(
                "wf",
                "what is not well-formed, and what looks like it",
                _octets("wf", WELLFORMEDNESS),
                len(WELLFORMEDNESS),
            ),
            _family(
                "restricted",
                "comments, instructions, document types",
                _octets("restricted", RESTRICTIONS),
                len(RESTRICTIONS),
            ),
            _family("ns", "prefixes and namespaces, right and wrong", _octets("ns", PREFIXES), len(PREFIXES)),
            _family("chunks", "valid stanzas, cut into segments", _chunks, _MOST_ROWS),
            _family("bombs", "expansion of entities, and stanzas that are too large", _bombs, len(BOMBS)),
        )
    }
)


def derived(family: Family, element: Element, number: int) -> Sample:
    """A sample of the family in any case: the plainest, or the stanza itself, where the number gives none."""
    found = family.derive(element, number) or family.derive(element, 0)
    return found or _legal(family.name, element)
