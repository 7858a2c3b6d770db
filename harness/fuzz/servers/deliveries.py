"""What reaches somebody else: what was sent, from who sent it, and no harm."""

from collections.abc import Iterable

from harness.fuzz.property import Property
from harness.fuzz.servers.fidelity import difference_of
from harness.fuzz.servers.steps import ENDS, OTHER_STAYS, WATCHED, expected
from harness.fuzz.trial import Trial
from harness.monitors.addresses import bare, same_account
from harness.strategies.sample import Claim
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import CLIENT, Name

_MESSAGE = Name(CLIENT, "message")
_STANZA_ID = Name("urn:xmpp:sid:0", "stanza-id")


def _repairs_nothing(trial: Trial) -> Iterable[str]:
    if any(map(_holds_replacement, trial.arrivals)) and not any(map(_holds_replacement, trial.sent)):
        yield "U+FFFD in what arrives, which nobody sent"


def _holds_replacement(element: ElementReceived) -> bool:
    values = (str(value) for one in element.tree.iter() for value in one.attrib.values())
    return any("\N{REPLACEMENT CHARACTER}" in text for text in (*element.tree.itertext(), *values))


def _delivers_unchanged(trial: Trial) -> Iterable[str]:
    stanza = trial.stanza
    for arrival in trial.arrivals:
        if stanza is None or arrival.attributes.get("type") == "error" or arrival.name != stanza.name:
            continue
        found = difference_of(stanza.tree, arrival.tree)
        if found:
            yield f"a stanza arrives with {found}"


def _smuggles_nothing(trial: Trial) -> Iterable[str]:
    if any("-inner" in one.attributes.get("id", "") for one in (*trial.arrivals, *trial.answers)):
        yield "a stanza within a stanza is taken for one of its own"
    if trial.strays:
        yield "a stanza arrives that nobody sent"


def _stamps_the_origin(trial: Trial) -> Iterable[str]:
    for arrival in trial.arrivals:
        origin = arrival.attributes.get("from", "")
        if not same_account(origin, trial.sender) and bare(origin) not in (trial.domain, ""):
            yield "a stanza arrives with somebody else's from"


def _strips_forged_ids(trial: Trial) -> Iterable[str]:
    for arrival in trial.arrivals:
        if _owners(arrival).count(bare(trial.peer)) > 1:
            yield "two stanza ids in the name of one server"


def _owners(arrival: ElementReceived) -> list[str]:
    """In whose names a message has stanza ids; of other stanzas nothing is said (XEP-0313, 3.5)."""
    if arrival.name != _MESSAGE:
        return []
    return [one.get("by", "") for one in arrival.tree if Name.of(str(one.tag)) == _STANZA_ID]


def _peer_survives(trial: Trial) -> Iterable[str]:
    if not trial.is_peer_well:
        yield "the stream of the other user ends, or is not answered any more"


def _has_arrived(trial: Trial) -> bool:
    return bool(trial.arrivals)


def _has_arrived_legally(trial: Trial) -> bool:
    return _has_arrived(trial) and trial.stanza is not None and trial.sample.claim is Claim.LEGAL


def _has_stanza_ids(trial: Trial) -> bool:
    return any(map(_owners, trial.arrivals))


def _is_in_session(trial: Trial) -> bool:
    return trial.is_in_session


#: What may arrive under the sender's own name, or the server's.
_RIGHTLY = "Juliet may receive any number of:\n" + "\n".join(
    f'\t<{kind} from="${{{whose}}}"/>'
    for whose in ("Romeo's full JID", "Romeo's JID", "domain")
    for kind in ("message", "iq", "presence")
)


_ID = "<stanza-id xmlns='urn:xmpp:sid:0' by=\"${Juliet's JID}\"/>"


_ONE_OWNER = f"Juliet receives nothing like:\n\t<message id='${{token}}'>{_ID}{_ID}</message>"


DELIVERIES: tuple[Property, ...] = (
    Property(
        name="nothing-repaired",
        number="P-04",
        title="What cannot be read is not replaced by something that can",
        requirements=("rfc6120-11.3-not-well-formed-closes", "rfc6120-11.6-utf8-only"),
        judge=_repairs_nothing,
        concerns=_has_arrived,
        steps=ENDS,
        is_told=True,
    ),
    Property(
        name="delivered-unchanged",
        number="P-12",
        title="What is delivered is what was sent",
        requirements=("rfc6120-8.4-pass-through-unmodified",),
        judge=_delivers_unchanged,
        concerns=_has_arrived_legally,
        steps=expected,
        is_told=True,
    ),
    Property(
        name="nothing-smuggled",
        number="P-12c",
        title="Nobody receives a stanza that nobody sent",
        requirements=("rfc6120-xml-wellformed-xml",),
        judge=_smuggles_nothing,
        concerns=_is_in_session,
        is_grave=True,
        steps=("Juliet receives nothing like:\n\t<message id='${token}-inner'/>", *WATCHED),
        is_told=True,
    ),
    Property(
        name="origin-is-true",
        number="P-13",
        title="The from of what arrives is that of the session that sent it",
        requirements=("rfc6120-stanza-attribute-from-stamp",),
        judge=_stamps_the_origin,
        concerns=_has_arrived,
        is_grave=True,
        steps=(_RIGHTLY, WATCHED[1]),
        is_told=True,
    ),
    Property(
        name="forged-ids-are-stripped",
        needs="archive",
        number="P-13b",
        title="A stanza id in a server's name is that server's own",
        requirements=("xep0313-3.5-stanza-id-spoof",),
        judge=_strips_forged_ids,
        concerns=_has_stanza_ids,
        is_grave=True,
        steps=(_ONE_OWNER, *WATCHED),
        is_told=True,
    ),
    Property(
        name="victim-survives",
        number="P-15",
        title="Whatever one user sends another, the stream of that one stays open",
        requirements=("rfc6120-xml-wellformed-xml",),
        judge=_peer_survives,
        concerns=_is_in_session,
        is_grave=True,
        steps=OTHER_STAYS,
        is_told=True,
        is_certain=False,
    ),
)
