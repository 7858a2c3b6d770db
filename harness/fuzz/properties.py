"""What has to hold whatever is sent. Each property judges one trial, and names causes that can be compared.

To add one: write a function that yields causes, and add a row to `PROPERTIES`. A cause is one line without
anything that changes from run to run. `lines` are the steps that show the breach when the finding's script is
played.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.fuzz.fidelity import difference_of
from harness.fuzz.trial import Ending, Reading, Trial
from harness.monitors.addresses import bare, same_account
from harness.results.verdicts import Level
from harness.strategies.sample import Claim, Place
from harness.wire.events import ElementReceived
from harness.xmpp.conditions import STREAM_CONDITIONS
from harness.xmpp.namespaces import CLIENT, STANZA_ERRORS, TLS, Name

_IQ = Name(CLIENT, "iq")
_STARTTLS = Name(TLS, "starttls")
_STANZA_ID = Name("urn:xmpp:sid:0", "stanza-id")
_INTERNAL = "internal-server-error"

_ANYTHING = "{} may receive any number of:\n\t<iq/>\n\t<message/>\n\t<presence/>"
#: Whoever watches has to say that it waits for nothing in particular.
WATCHED = (_ANYTHING.format("Juliet"), _ANYTHING.format("Romeo"))
_STAYS = (
    _ANYTHING.format("Juliet"),
    _ANYTHING.format("Romeo"),
    "Romeo sends:\n\t<iq type='get' id='still-there' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>",
    "Romeo receives one of:\n\t<iq type='result' id='still-there'/>\n\tor:\n"
    "\t<iq type='error' id='still-there'/>",
)
_ENDS = (
    _ANYTHING.format("Juliet"),
    _ANYTHING.format("Romeo"),
    "Romeo receives a stream error:\n\tany",
)
#: What the other user still has to be able to.
_OTHER_STAYS = (
    *WATCHED,
    "Juliet sends:\n\t<iq type='get' id='still-there' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>",
    "Juliet receives one of:\n\t<iq type='result' id='still-there'/>\n\tor:\n"
    "\t<iq type='error' id='still-there'/>",
)


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property. What `judge` yields breaks a demand of the `level`; SHOULD also where there is latitude."""

    name: str
    number: str
    title: str
    requirements: tuple[str, ...]
    judge: Callable[[Trial], Iterable[str]]
    level: Level = Level.MUST
    lines: Sequence[str] = WATCHED
    is_grave: bool = False  # whoever breaks it endangers users


def _accepts_valid(trial: Trial) -> Iterable[str]:
    if trial.sample.claim is not Claim.LEGAL or not trial.is_in_session or trial.is_settled:
        return
    if trial.ending is None:
        yield "no answer to what follows a valid stanza"
    elif trial.ending.is_illegible:
        return  # what it sent then is another property's matter
    elif not (_is_policy(trial) or _is_own_end(trial) or _is_permitted(trial.ending, trial)):
        shown = ", ".join(trial.ending.conditions) or "the end of the connection"
        yield f"a valid stanza ends the stream: {shown}"


def _is_permitted(ending: Ending, trial: Trial) -> bool:
    """Whether the sample says itself that it may be answered so, right as its XML is."""
    return ending.is_error and set(map(_today, ending.conditions)) <= trial.sample.conditions


def _today(condition: str) -> str:
    """What RFC 6120 calls a condition of RFC 3920 (4.9.3.13); some still send the old name."""
    return "not-well-formed" if condition == "xml-not-well-formed" else condition


def _is_own_end(trial: Trial) -> bool:
    """Whether the sender asked for the end, or a forged address may end it (RFC 6120, 8.1.2.1)."""
    return trial.stanza is None or "from" in trial.stanza.attributes


def _is_policy(trial: Trial) -> bool:
    limits = {"policy-violation", "resource-constraint"}
    is_small = len(trial.data) <= _FLOOR
    return not is_small and trial.ending is not None and bool(limits & set(trial.ending.conditions))


_MANY = 2  # children of a request
_FLOOR = 10_000  # bytes that any stanza may have (RFC 6120, 13.12)


def _ends_on_ill_formed(trial: Trial) -> Iterable[str]:
    if trial.sample.claim is not Claim.ILL_FORMED or trial.reading is not Reading.BROKEN:
        return
    if not _is_refused(trial):
        yield from _has_to_end(trial, "ill-formed XML")
    if trial.arrivals and not _was_complete(trial):
        yield "ill-formed XML reaches the other user"


def _is_refused(trial: Trial) -> bool:
    """Whether a stanza error answers what is against Namespaces in XML (RFC 6120, 11.3, rule 4)."""
    is_of_namespaces = "bad-namespace-prefix" in trial.sample.conditions
    return is_of_namespaces and any(_has_condition(one, "not-acceptable") for one in trial.answers)


def _ends_on_restricted(trial: Trial) -> Iterable[str]:
    if trial.sample.claim is Claim.RESTRICTED and trial.reading is Reading.BROKEN:
        yield from _has_to_end(trial, "restricted XML")


def _has_to_end(trial: Trial, what: str) -> Iterable[str]:
    if trial.is_settled:
        yield f"{what} is taken"
    elif trial.ending is None:
        yield f"nothing comes of {what}"
    elif trial.ending.closing_tags and not trial.ending.is_error:
        yield f"{what} is taken"


def _was_complete(trial: Trial) -> bool:
    """Whether a whole stanza stood before what is wrong: that may arrive."""
    return any(one.attributes.get("id") == trial.token for one in trial.sent)


def _repairs_nothing(trial: Trial) -> Iterable[str]:
    if any(map(_holds_replacement, trial.arrivals)) and not any(map(_holds_replacement, trial.sent)):
        yield "U+FFFD in what arrives, which nobody sent"


def _holds_replacement(element: ElementReceived) -> bool:
    values = (str(value) for one in element.tree.iter() for value in one.attrib.values())
    return any("\N{REPLACEMENT CHARACTER}" in text for text in (*element.tree.itertext(), *values))


def _ends_once(trial: Trial) -> Iterable[str]:
    ending = trial.ending
    if ending is None:
        return
    if ending.errors > 1:
        yield "more than one stream error"
    if ending.after:
        yield "something else follows a stream error"
    if ending.closing_tags > 1:
        yield "more than one closing tag"
    if ending.is_error and not ending.closing_tags:
        yield "no closing tag follows a stream error"
    if ending.is_error and not ending.is_gone:
        yield "the connection stays after a stream error"


def _explains_the_end(trial: Trial) -> Iterable[str]:
    ending = trial.ending
    if ending is None or trial.reading is not Reading.BROKEN:
        return
    if not ending.is_error and not ending.closing_tags:
        yield "the connection ends without a stream error"


def fits(trial: Trial) -> Iterable[str]:
    """Name the conditions of stream errors that say something else than what is wrong."""
    allowed, ending = allowed_conditions(trial), trial.ending
    if not allowed or ending is None or not ending.is_error:
        return
    for condition in map(_today, ending.conditions):
        if condition not in STREAM_CONDITIONS:
            yield f"the stream error {condition}, which is not defined"
        elif condition not in allowed and not _is_early(trial, condition):
            yield f"the stream error {condition}"
    if not ending.conditions:
        yield "a stream error without a condition"


def allowed_conditions(trial: Trial) -> frozenset[str]:
    """The stream errors that may answer it, if any is due.

    What is no XML may be told in any of the ways for that (RFC 6120, 4.9.3), and so may a header.
    """
    named = trial.sample.conditions
    is_broad = trial.sample.claim is Claim.ILL_FORMED or trial.sample.place is Place.HEADER
    return named | _NO_XML if named and is_broad else named


def _is_early(trial: Trial, condition: str) -> bool:
    """A server may be through with an element before it has come to what is wrong behind or in it."""
    if trial.sample.place is not Place.SESSION:
        return condition in _BEFORE_LOGIN
    return condition in _NO_STANZA and any(one.name not in _STANZAS for one in trial.sent)


_NO_XML = frozenset(
    {"bad-format", "bad-namespace-prefix", "invalid-namespace", "invalid-xml", "not-well-formed"}
    | {"restricted-xml", "unsupported-encoding"}
)
_STANZAS = frozenset(Name(CLIENT, kind) for kind in ("iq", "message", "presence"))
_NO_STANZA = frozenset({"unsupported-stanza-type", "invalid-namespace"})
_BEFORE_LOGIN = frozenset({"not-authorized", "policy-violation", "unsupported-stanza-type", "invalid-xml"})


def _answers_once(trial: Trial) -> Iterable[str]:
    stanza = trial.stanza
    if stanza is None or not _is_request_to_server(stanza, trial) or not trial.is_settled:
        return
    count = sum(answer.name == _IQ for answer in trial.answers)
    if count == 0:
        yield "a request to the server is not answered"
    elif count > 1:
        yield "a request to the server is answered more than once"


def _is_request_to_server(stanza: ElementReceived, trial: Trial) -> bool:
    attributes = stanza.attributes
    is_request = stanza.name == _IQ and attributes.get("type") in ("get", "set")
    is_ours = attributes.get("from") in (None, trial.sender)
    return is_request and is_ours and attributes.get("id") == trial.token and _is_for_server(trial, stanza)


def _is_for_server(trial: Trial, stanza: ElementReceived) -> bool:
    return stanza.attributes.get("to") in (None, trial.domain, bare(trial.sender))


def _answers_without_id(trial: Trial) -> Iterable[str]:
    """What comes may have an empty id or none (RFC 6120, 8.2.3); it is looked for where nothing else is."""
    stanza = trial.stanza
    if stanza is None or stanza.name != _IQ or not trial.is_settled or not trial.replies:
        return
    attributes = stanza.attributes
    is_request = attributes.get("type") in ("get", "set") and not attributes.get("id")
    if not is_request or "from" in attributes or not _is_for_server(trial, stanza):
        return
    if not any(one.name == _IQ and not one.attributes.get("id") for one in trial.replies):
        yield "a request without id is not answered"


def _refuses_two(trial: Trial) -> Iterable[str]:
    stanza = trial.stanza
    if stanza is None or not _is_request_to_server(stanza, trial) or len(stanza.tree) < _MANY:
        return
    if any(_is_result(answer) for answer in trial.answers):
        yield "a request with more than one child is carried out"


def _delivers_unchanged(trial: Trial) -> Iterable[str]:
    stanza = trial.stanza
    if stanza is None or trial.sample.claim is not Claim.LEGAL:
        return
    for arrival in trial.arrivals:
        if arrival.attributes.get("type") == "error" or arrival.name != stanza.name:
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


def _nothing_before_login(trial: Trial) -> Iterable[str]:
    if trial.sample.place is Place.SESSION:
        return
    if trial.arrivals:
        yield "a stanza from before the login arrives"
    is_login = any(_is_before_login(one) for one in trial.sent)
    if not is_login and any(_is_result(answer) for answer in trial.answers):
        yield "a request from before the login is answered"


def _is_result(answer: ElementReceived) -> bool:
    return answer.name == _IQ and answer.attributes.get("type") == "result"


def _is_before_login(element: ElementReceived) -> bool:
    """Whether it belongs there: registration (XEP-0077, 3.1), and the login of old (XEP-0078, 3)."""
    namespaces = {Name.of(str(child.tag)).namespace for child in element.tree}
    return bool(namespaces & {"jabber:iq:register", "jabber:iq:auth"})


def _no_internal_error(trial: Trial) -> Iterable[str]:
    if trial.ending is not None and _INTERNAL in trial.ending.conditions:
        yield "the stream error internal-server-error"
    if any(_has_condition(answer, _INTERNAL) for answer in trial.answers):
        yield f"the stanza error internal-server-error to {_purpose(trial)}"


def _purpose(trial: Trial) -> str:
    """What a stanza is about, as far as its first child tells."""
    child = next(iter(trial.stanza.tree), None) if trial.stanza is not None else None
    return Name.of(str(child.tag)).namespace if child is not None else "nothing"


def _has_condition(answer: ElementReceived, condition: str) -> bool:
    return any(Name.of(str(child.tag)) == Name(STANZA_ERRORS, condition) for child in answer.tree.iter())


def _no_error_for_an_error(trial: Trial) -> Iterable[str]:
    stanza = trial.stanza
    if stanza is None or same_account(stanza.attributes.get("to", trial.sender), trial.sender):
        return  # it comes back as it was sent
    if stanza.attributes.get("type") == "error" and trial.answers:
        yield "an error is answered"


def _peer_survives(trial: Trial) -> Iterable[str]:
    if not trial.is_peer_well:
        yield "the stream of the other user ends, or is not answered any more"


def _strips_forged_ids(trial: Trial) -> Iterable[str]:
    for arrival in trial.arrivals:
        owners = [one.get("by", "") for one in arrival.tree if Name.of(str(one.tag)) == _STANZA_ID]
        if owners.count(bare(trial.peer)) > 1:
            yield "two stanza ids in the name of one server"


def _minds_namespaces(trial: Trial) -> Iterable[str]:
    is_asked = any(one.name == _STARTTLS for one in trial.sent)
    if not is_asked and any(one.name == Name(TLS, "proceed") for one in trial.replies):
        yield "TLS is begun though nobody has asked for it"


def _is_prompt(trial: Trial) -> Iterable[str]:
    is_silent = trial.ending is None and not trial.is_settled
    if any(one.name == _STARTTLS for one in trial.sent):
        return  # from there on it waits for a handshake
    is_told_otherwise = trial.sample.claim is Claim.LEGAL and trial.is_in_session
    if is_silent and not is_told_otherwise and trial.reading is not Reading.UNFINISHED:
        yield "no reaction at all"


PROPERTIES: tuple[Property, ...] = (
    Property(
        name="valid-accepted",
        number="P-01",
        title="A valid stanza does not end the stream, and what follows it is answered",
        requirements=("rfc6120-xml-wellformed-xml", "rfc6120-13.12-min-max-stanza-size"),
        judge=_accepts_valid,
        lines=_STAYS,
    ),
    Property(
        name="ill-formed-ends-the-stream",
        number="P-03",
        title="Ill-formed XML ends the stream, and nothing of it reaches anybody",
        requirements=("rfc6120-11.3-not-well-formed-closes",),
        judge=_ends_on_ill_formed,
        lines=_ENDS,
    ),
    Property(
        name="nothing-repaired",
        number="P-04",
        title="What cannot be read is not replaced by something that can",
        requirements=("rfc6120-11.3-not-well-formed-closes", "rfc6120-11.6-utf8-only"),
        judge=_repairs_nothing,
        lines=_ENDS,
    ),
    Property(
        name="restricted-ends-the-stream",
        number="P-05",
        title="Comments, processing instructions, DTDs and entities end the stream",
        requirements=("rfc6120-11.1-restricted-xml-closes",),
        judge=_ends_on_restricted,
        lines=_ENDS,
    ),
    Property(
        name="ends-once",
        number="P-06",
        title="A stream ends by one error at most, one closing tag, and the end of the connection",
        requirements=("rfc6120-4.4-no-data-after-close", "rfc6120-stream-error-generate"),
        judge=_ends_once,
        lines=(*_ENDS, "Romeo receives the end of the stream or connection"),
    ),
    Property(
        name="end-explained",
        number="P-06b",
        title="What cannot be read is answered by a stream error, and not by the end of the connection alone",
        requirements=("rfc6120-stream-error-generate",),
        judge=_explains_the_end,
        level=Level.SHOULD,
        lines=_ENDS,
    ),
    Property(
        name="condition-fits",
        number="P-07",
        title="The condition of a stream error is one of those that fit",
        requirements=("rfc6120-4.9.2-one-defined-condition",),
        judge=fits,
        level=Level.SHOULD,
        lines=_ENDS,
    ),
    Property(
        name="one-answer",
        number="P-11",
        title="A request to the server is answered once",
        requirements=("rfc6120-stanza-iq-reply",),
        judge=_answers_once,
        lines=("Romeo receives one of:\n\t<iq type='result'/>\n\tor:\n\t<iq type='error'/>", *_STAYS),
    ),
    Property(
        name="answer-without-id",
        number="P-11b",
        title="A request without id is answered as well",
        requirements=("rfc6120-stanza-iq-reply",),
        judge=_answers_without_id,
        level=Level.SHOULD,
        lines=(WATCHED[0], "Romeo receives one of:\n\t<iq type='result'/>\n\tor:\n\t<iq type='error'/>"),
    ),
    Property(
        name="one-child",
        number="P-31",
        title="A request with more than one child is refused",
        requirements=("rfc6120-8.2.3-iq-two-children",),
        judge=_refuses_two,
        level=Level.SHOULD,  # no sentence obliges the server to look for a second one
        lines=("Romeo receives:\n\t<iq type='error'/>",),
    ),
    Property(
        name="delivered-unchanged",
        number="P-12",
        title="What is delivered is what was sent",
        requirements=("rfc6120-8.4-pass-through-unmodified",),
        judge=_delivers_unchanged,
    ),
    Property(
        name="nothing-smuggled",
        number="P-12c",
        title="Nobody receives a stanza that nobody sent",
        requirements=("rfc6120-xml-wellformed-xml",),
        judge=_smuggles_nothing,
        is_grave=True,
        lines=("Juliet receives nothing like:\n\t<message/>",),
    ),
    Property(
        name="origin-is-true",
        number="P-13",
        title="The from of what arrives is that of the session that sent it",
        requirements=("rfc6120-stanza-attribute-from-stamp",),
        judge=_stamps_the_origin,
        is_grave=True,
        lines=("Juliet receives nothing",),
    ),
    Property(
        name="forged-ids-are-stripped",
        number="P-13b",
        title="A stanza id in a server's name is that server's own",
        requirements=("xep0313-3.5-stanza-id-spoof",),
        judge=_strips_forged_ids,
        is_grave=True,
    ),
    Property(
        name="victim-survives",
        number="P-15",
        title="Whatever one user sends another, the stream of that one stays open",
        requirements=("rfc6120-xml-wellformed-xml",),
        judge=_peer_survives,
        is_grave=True,
        lines=_OTHER_STAYS,
    ),
    Property(
        name="nothing-before-login",
        number="P-15b",
        title="What is sent before the login has no effect",
        requirements=("rfc6120-4.9.3.12-not-authorized-not-processed",),
        judge=_nothing_before_login,
        is_grave=True,
        lines=("Juliet receives nothing",),
    ),
    Property(
        name="prompt",
        number="P-19",
        title="Something comes of everything that is complete",
        requirements=("rfc6120-10.1-in-order-processing",),
        judge=_is_prompt,
        lines=_ENDS,
    ),
    Property(
        name="no-internal-error",
        number="P-27",
        title="Nothing that a client sends is an internal error",
        requirements=("rfc6120-stream-error-generate",),
        judge=_no_internal_error,
        level=Level.SHOULD,
        lines=_STAYS,
    ),
    Property(
        name="namespaces-count",
        number="P-37",
        title="An element of another namespace is not taken for one of the negotiation",
        requirements=("rfc6120-4.8.4-foreign-first-level",),
        judge=_minds_namespaces,
        lines=_ENDS,
    ),
    Property(
        name="no-error-for-an-error",
        number="P-40",
        title="An error is not answered",
        requirements=("rfc6120-stanza-error-reply",),
        judge=_no_error_for_an_error,
        lines=("Romeo receives nothing",),
    ),
)
