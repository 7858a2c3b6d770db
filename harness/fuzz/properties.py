"""What has to hold whatever is sent. Each property judges the trials that it concerns, and names causes.

To add one: write a function that yields causes and one that says which trials have to do with it, and add a
row to `PROPERTIES`. A cause is one line without anything that changes from run to run. `lines` are the steps
that show the breach when the finding's script is played, and that pass where there is none.
"""

from collections.abc import Iterable

from harness.fuzz.fidelity import difference_of
from harness.fuzz.property import ENDS, OTHER_STAYS, STAYS, WATCHED, Property
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


def _accepts_valid(trial: Trial) -> Iterable[str]:
    if trial.is_settled:
        return
    if trial.ending is None:
        yield "no answer to what follows a valid stanza"
    elif trial.ending.is_illegible or (trial.sample.conditions and not trial.ending.is_error):
        return  # what it sent then, and that it does not say why it ended, are other properties' matters
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
    if not _is_refused(trial):
        yield from _has_to_end(trial, "ill-formed XML")
    if trial.arrivals and not _was_complete(trial):
        yield "ill-formed XML reaches the other user"


def _is_refused(trial: Trial) -> bool:
    """Whether a stanza error answers what is against Namespaces in XML (RFC 6120, 11.3, rule 4)."""
    is_of_namespaces = "bad-namespace-prefix" in trial.sample.conditions
    return is_of_namespaces and any(_has_condition(one, "not-acceptable") for one in trial.answers)


def _ends_on_restricted(trial: Trial) -> Iterable[str]:
    return _has_to_end(trial, "restricted XML")


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
    assert ending is not None, "of others it does not judge"
    if ending.errors > 1:
        yield "more than one stream error"
    if ending.after:
        yield "something else follows a stream error"
    if ending.closing_tags > 1:
        yield "more than one closing tag"
    if ending.is_error and not ending.closing_tags:
        yield "no closing tag follows a stream error"
    if ending.is_error and not ending.is_gone and not _is_legal(trial):  # there we have not closed ours
        yield "the connection stays after a stream error"


def _explains_the_end(trial: Trial) -> Iterable[str]:
    ending = trial.ending
    if ending is not None and not ending.is_error and not ending.closing_tags:
        yield "the connection ends without a stream error"


def fits(trial: Trial) -> Iterable[str]:
    """Name the conditions of stream errors that say something else than what is wrong."""
    allowed, ending = allowed_conditions(trial), trial.ending
    assert ending is not None, "of others it does not judge"
    for condition in map(_today, ending.conditions):
        if condition == _INTERNAL:
            continue  # another property's matter
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
    count = sum(answer.name == _IQ for answer in trial.answers)
    if count == 0:
        yield "a request to the server is not answered"
    elif count > 1:
        yield "a request to the server is answered more than once"


def _is_asked(trial: Trial) -> bool:
    """Whether the server itself is asked for something, and has dealt with it."""
    stanza = trial.stanza
    if stanza is None or stanza.name != _IQ or not trial.is_settled:
        return False
    attributes = stanza.attributes
    is_for_server = attributes.get("to") in (None, trial.domain, bare(trial.sender))
    is_ours = attributes.get("from") in (None, trial.sender)
    return attributes.get("type") in ("get", "set") and is_for_server and is_ours


def _is_asked_by_name(trial: Trial) -> bool:
    return _is_asked(trial) and _id_of(trial) == trial.token


def _id_of(trial: Trial) -> str:
    return trial.stanza.attributes.get("id", "") if trial.stanza is not None else ""


def _is_asked_without_name(trial: Trial) -> bool:
    is_alone = bool(trial.replies)  # otherwise its answer cannot be told from others
    return is_alone and _is_asked(trial) and not _id_of(trial)


def _is_asked_for_two(trial: Trial) -> bool:
    return _is_asked_by_name(trial) and trial.stanza is not None and len(trial.stanza.tree) >= _MANY


def _answers_without_id(trial: Trial) -> Iterable[str]:
    """What comes may have an empty id or none (RFC 6120, 8.2.3)."""
    if not any(one.name == _IQ and not one.attributes.get("id") for one in trial.replies):
        yield "a request without id is not answered"


def _refuses_two(trial: Trial) -> Iterable[str]:
    if any(_is_result(answer) for answer in trial.answers):
        yield "a request with more than one child is carried out"


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


def _nothing_before_login(trial: Trial) -> Iterable[str]:
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
    if any(answer.attributes.get("type") == "error" for answer in trial.answers):
        yield "an error is answered by an error"


def _is_an_error(trial: Trial) -> bool:
    """Whether an error was sent, and not to oneself, for then it comes back as it is."""
    attributes = trial.stanza.attributes if trial.stanza is not None else {}
    is_to_oneself = same_account(attributes.get("to", trial.sender), trial.sender)
    return attributes.get("type") == "error" and not is_to_oneself


def _peer_survives(trial: Trial) -> Iterable[str]:
    if not trial.is_peer_well:
        yield "the stream of the other user ends, or is not answered any more"


def _strips_forged_ids(trial: Trial) -> Iterable[str]:
    for arrival in trial.arrivals:
        if _owners(arrival).count(bare(trial.peer)) > 1:
            yield "two stanza ids in the name of one server"


def _owners(arrival: ElementReceived) -> list[str]:
    """In whose names there are stanza ids."""
    return [one.get("by", "") for one in arrival.tree if Name.of(str(one.tag)) == _STANZA_ID]


def _minds_namespaces(trial: Trial) -> Iterable[str]:
    if any(one.name == Name(TLS, "proceed") for one in trial.replies):
        yield "TLS is begun though nobody has asked for it"


def _looks_like_starttls(trial: Trial) -> bool:
    return any(one.name.local == "starttls" for one in trial.sent) and not _begins_tls(trial)


def _begins_tls(trial: Trial) -> bool:
    """From there on a server waits for a handshake."""
    return any(one.name == _STARTTLS for one in trial.sent)


def _is_prompt(trial: Trial) -> Iterable[str]:
    if trial.ending is None and not trial.is_settled:
        yield "no reaction at all"


# --- which trials they concern --------------------------------------------------------------------


def _is_legal(trial: Trial) -> bool:
    """Whether it can be taken, and what follows be answered: behind starttls comes a handshake."""
    return trial.sample.claim is Claim.LEGAL and trial.is_in_session and not _begins_tls(trial)


def _is_complete_elsewhere(trial: Trial) -> bool:
    is_judged = _is_legal(trial) or _is_ill_formed(trial) or _is_restricted(trial)
    return not is_judged and not _begins_tls(trial) and trial.reading is not Reading.UNFINISHED


def _is_ill_formed(trial: Trial) -> bool:
    return trial.sample.claim is Claim.ILL_FORMED and trial.reading is Reading.BROKEN


def _is_restricted(trial: Trial) -> bool:
    return trial.sample.claim is Claim.RESTRICTED and trial.reading is Reading.BROKEN


def _has_ended(trial: Trial) -> bool:
    return trial.ending is not None


def _has_ended_unread(trial: Trial) -> bool:
    is_due = trial.reading is Reading.BROKEN or bool(trial.sample.conditions)
    return trial.ending is not None and is_due


def _has_error(trial: Trial) -> bool:
    return trial.ending is not None and trial.ending.is_error and bool(allowed_conditions(trial))


def _has_arrived(trial: Trial) -> bool:
    return bool(trial.arrivals)


def _has_arrived_legally(trial: Trial) -> bool:
    return _has_arrived(trial) and trial.stanza is not None and trial.sample.claim is Claim.LEGAL


def _has_stanza_ids(trial: Trial) -> bool:
    return any(map(_owners, trial.arrivals))


def _is_in_session(trial: Trial) -> bool:
    return trial.is_in_session


def _is_before_session(trial: Trial) -> bool:
    return not trial.is_in_session


def _has_answers(trial: Trial) -> bool:
    return trial.ending is not None or bool(trial.answers)


#: What may arrive under the sender's own name, or the server's.
_RIGHTLY = "Juliet may receive any number of:\n" + "\n".join(
    f'\t<{kind} from="${{{whose}}}"/>'
    for whose in ("Romeo's full JID", "Romeo's JID", "domain")
    for kind in ("message", "iq", "presence")
)
_NO_ERROR = "".join(f"\n\t<{kind} type='error' id='${{token}}'/>" for kind in ("iq", "message", "presence"))
_ID = "<stanza-id xmlns='urn:xmpp:sid:0' by=\"${Juliet's JID}\"/>"
_ONE_OWNER = f"Juliet receives nothing like:\n\t<message id='${{token}}'>{_ID}{_ID}</message>"
_REFUSED = (
    "Romeo receives one of:\n\t<iq type='error'/>\n"
    "\tdeviates (no sentence obliges a server to look for a second child):\n\t<iq type='result'/>"
)

PROPERTIES: tuple[Property, ...] = (
    Property(
        name="valid-accepted",
        number="P-01",
        title="A valid stanza does not end the stream, and what follows it is answered",
        requirements=("rfc6120-xml-wellformed-xml", "rfc6120-13.12-min-max-stanza-size"),
        judge=_accepts_valid,
        concerns=_is_legal,
        lines=STAYS,
    ),
    Property(
        name="ill-formed-ends-the-stream",
        number="P-03",
        title="Ill-formed XML ends the stream, and nothing of it reaches anybody",
        requirements=("rfc6120-11.3-not-well-formed-closes",),
        judge=_ends_on_ill_formed,
        concerns=_is_ill_formed,
        lines=ENDS,
    ),
    Property(
        name="nothing-repaired",
        number="P-04",
        title="What cannot be read is not replaced by something that can",
        requirements=("rfc6120-11.3-not-well-formed-closes", "rfc6120-11.6-utf8-only"),
        judge=_repairs_nothing,
        concerns=_has_arrived,
        lines=ENDS,
        is_told=True,
    ),
    Property(
        name="restricted-ends-the-stream",
        number="P-05",
        title="Comments, processing instructions, DTDs and entities end the stream",
        requirements=("rfc6120-11.1-restricted-xml-closes",),
        judge=_ends_on_restricted,
        concerns=_is_restricted,
        lines=ENDS,
    ),
    Property(
        name="ends-once",
        number="P-06",
        title="A stream ends by one error at most, one closing tag, and the end of the connection",
        requirements=("rfc6120-4.4-no-data-after-close", "rfc6120-stream-error-generate"),
        judge=_ends_once,
        concerns=_has_ended,
        lines=(*ENDS, "Romeo receives the end of the stream or connection"),
        is_told=True,
    ),
    Property(
        name="end-explained",
        number="P-06b",
        title="What cannot be read is answered by a stream error, and not by the end of the connection alone",
        requirements=("rfc6120-stream-error-generate",),
        judge=_explains_the_end,
        concerns=_has_ended_unread,
        level=Level.SHOULD,
        lines=ENDS,
        is_told=True,
    ),
    Property(
        name="condition-fits",
        number="P-07",
        title="The condition of a stream error is one of those that fit",
        requirements=("rfc6120-4.9.2-one-defined-condition",),
        judge=fits,
        concerns=_has_error,
        level=Level.SHOULD,
        lines=ENDS,
    ),
    Property(
        name="one-answer",
        number="P-11",
        title="A request to the server is answered once",
        requirements=("rfc6120-stanza-iq-reply",),
        judge=_answers_once,
        concerns=_is_asked_by_name,
        lines=("Romeo receives one of:\n\t<iq type='result'/>\n\tor:\n\t<iq type='error'/>", *STAYS),
    ),
    Property(
        name="answer-without-id",
        number="P-11b",
        title="A request without id is answered as well",
        requirements=("rfc6120-stanza-iq-reply",),
        judge=_answers_without_id,
        concerns=_is_asked_without_name,
        level=Level.SHOULD,
        lines=(WATCHED[0], "Romeo receives one of:\n\t<iq type='result'/>\n\tor:\n\t<iq type='error'/>"),
        is_told=True,
    ),
    Property(
        name="one-child",
        number="P-31",
        title="A request with more than one child is refused",
        requirements=("rfc6120-8.2.3-iq-two-children",),
        judge=_refuses_two,
        concerns=_is_asked_for_two,
        level=Level.SHOULD,  # no sentence obliges the server to look for a second one
        lines=(_REFUSED, *WATCHED),
        is_told=True,
    ),
    Property(
        name="delivered-unchanged",
        number="P-12",
        title="What is delivered is what was sent",
        requirements=("rfc6120-8.4-pass-through-unmodified",),
        judge=_delivers_unchanged,
        concerns=_has_arrived_legally,
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
        lines=("Juliet receives nothing like:\n\t<message id='${token}-inner'/>", *WATCHED),
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
        lines=(_RIGHTLY, WATCHED[1]),
        is_told=True,
    ),
    Property(
        name="forged-ids-are-stripped",
        number="P-13b",
        title="A stanza id in a server's name is that server's own",
        requirements=("xep0313-3.5-stanza-id-spoof",),
        judge=_strips_forged_ids,
        concerns=_has_stanza_ids,
        is_grave=True,
        lines=(_ONE_OWNER, *WATCHED),
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
        lines=OTHER_STAYS,
        is_told=True,
        is_certain=False,
    ),
    Property(
        name="nothing-before-login",
        number="P-15b",
        title="What is sent before the login has no effect",
        requirements=("rfc6120-4.9.3.12-not-authorized-not-processed",),
        judge=_nothing_before_login,
        concerns=_is_before_session,
        is_grave=True,
        lines=("Juliet receives nothing",),
    ),
    Property(
        name="prompt",
        number="P-19",
        title="Something comes of everything that is complete",
        requirements=("rfc6120-10.1-in-order-processing",),
        judge=_is_prompt,
        concerns=_is_complete_elsewhere,
        lines=ENDS,
    ),
    Property(
        name="no-internal-error",
        number="P-27",
        title="Nothing that a client sends is an internal error",
        requirements=("rfc6120-stream-error-generate",),
        judge=_no_internal_error,
        concerns=_has_answers,
        level=Level.SHOULD,
        lines=STAYS,
        is_told=True,
    ),
    Property(
        name="namespaces-count",
        number="P-37",
        title="An element of another namespace is not taken for one of the negotiation",
        requirements=("rfc6120-4.8.4-foreign-first-level",),
        judge=_minds_namespaces,
        concerns=_looks_like_starttls,
        lines=ENDS,
        is_told=True,
    ),
    Property(
        name="no-error-for-an-error",
        number="P-40",
        title="An error is not answered",
        requirements=("rfc6120-stanza-error-reply",),
        judge=_no_error_for_an_error,
        concerns=_is_an_error,
        lines=(f"Romeo receives nothing like:{_NO_ERROR}", *WATCHED),
    ),
)
