"""What has to hold of clients whatever they are sent: as in `properties`, a row each.

That certificates are checked (P-C9) is the matter of scenarios: there are as many cases as there are ways of
being wrong. That what a client sends is well-formed (P-C5) is judged by the monitors.
"""

from collections.abc import Callable, Iterable

import msgspec

from harness.fuzz.properties import fits
from harness.fuzz.property import Property
from harness.fuzz.trial import Reading, Trial
from harness.fuzz.troubles import BY_COMPARISON
from harness.results.verdicts import Level
from harness.strategies.hostile import BY_OWN
from harness.strategies.offers import (
    EXTENSION,
    NO_BASE64,
    NO_CHALLENGE,
    NO_SIGNATURE,
    OTHER_NONCE,
    WRONG_SIGNATURE,
)
from harness.strategies.sample import Claim, Harm, Moment, Place
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import CLIENT, SASL, Name

_IQ = Name(CLIENT, "iq")
_AUTH = Name(SASL, "auth")
_RESPONSE = Name(SASL, "response")
_OLD_LOGIN = "{jabber:iq:auth}query"
_AFTER_TLS = 2  # headers: one in the clear, one over TLS
_MOST_RETURNS = 3  # in a row; the first may be by chance at once, out of 60 seconds
#: Families of which what is legal is as valid as can be, odd as it looks.
_UNALTERED = ("valid", "style", "chunks", "size", "forgeries", "wf", "bytes", "restricted")

_ENDS = ("Romeo ends the stream or connection",)
_EXPLAINS = (
    "Romeo sends one of:",
    "\t<stream:error/>",
    "\tdeviates (the stream ends, but nobody is told why):",
    "\tthe stream's end",
)


def _survives(trial: Trial) -> Iterable[str]:
    if trial.conduct.crash:
        yield trial.conduct.crash


def _has_to_end(trial: Trial) -> Iterable[str]:
    what = "restricted XML" if trial.sample.claim is Claim.RESTRICTED else "ill-formed XML"
    if trial.is_settled:
        yield f"{what} is taken"
    elif trial.ending is None:
        yield f"nothing comes of {what}"


def _explains_the_end(trial: Trial) -> Iterable[str]:
    ending = trial.ending
    if ending is not None and not ending.is_error:
        yield "the stream ends without a stream error"


def _is_broken(trial: Trial, claim: Claim) -> bool:
    is_there = trial.sample.place in (Place.SESSION, Place.HEADER) and not trial.conduct.crash
    return is_there and trial.sample.claim is claim and trial.reading is Reading.BROKEN


def _is_any_broken(trial: Trial) -> bool:
    return any(_is_broken(trial, claim) for claim in (Claim.ILL_FORMED, Claim.RESTRICTED))


def _is_told_why(trial: Trial) -> bool:
    """Whether there is a stream error, and it is claimed which ones may be."""
    is_error = trial.ending is not None and trial.ending.is_error
    return _is_any_broken(trial) and is_error and bool(trial.sample.conditions)


def _goes_on(trial: Trial) -> Iterable[str]:
    ending = trial.ending
    if trial.is_settled or trial.conduct.crash:
        return
    if ending is None:
        yield "no answer to what follows a stanza"
    elif not (ending.is_error and set(ending.conditions) <= trial.sample.conditions):
        yield f"a stanza ends the stream: {', '.join(ending.conditions) or 'no stream error'}"


def _is_legal(trial: Trial) -> bool:
    sample = trial.sample
    is_there = sample.place is Place.SESSION and trial.reading is Reading.WHOLE
    return is_there and sample.claim is Claim.LEGAL and trial.conduct.can_tell and not _is_to_end(trial)


def _is_to_end(trial: Trial) -> bool:
    """Whether the sample itself ends the stream."""
    return Harm.LOOP in trial.sample.harms


def _is_valid(trial: Trial) -> bool:
    is_plain = trial.sample.family in _UNALTERED and not trial.sample.conditions
    return _is_legal(trial) and is_plain and not _is_within(trial)


def _is_odd(trial: Trial) -> bool:
    return _is_legal(trial) and not _is_valid(trial) and not _is_within(trial)


def _is_within(trial: Trial) -> bool:
    return Harm.END in trial.sample.harms and trial.conduct.can_tell


def _has(harm: Harm) -> Callable[[Trial], bool]:
    return lambda trial: harm in trial.sample.harms


def _coming(harm: Harm, *, is_own: bool) -> Callable[[Trial], bool]:
    """By whom something is forged: by strangers, or by others of the user's own."""
    return lambda trial: harm in trial.sample.harms and _is_by_own(trial) is is_own


def _is_by_own(trial: Trial) -> bool:
    return any(label.endswith(BY_OWN) for label in trial.sample.labels)


def _told(trial: Trial, *events: str) -> Iterable[str]:
    """The reports of these kinds that hold the token."""
    for report in trial.conduct.reports:
        if report.event in events and trial.token in msgspec.json.encode(dict(report.values)).decode():
            yield report.event


def _takes_push(trial: Trial) -> Iterable[str]:
    if any(_told(trial, "contact", "roster")):
        yield "a forged push changes the roster"
    elif any(one.name == _IQ and one.attributes.get("type") == "result" for one in trial.answers):
        yield "a forged push gets a result"


def _takes_roster(trial: Trial) -> Iterable[str]:
    if any(_told(trial, "contact", "roster")):
        yield "a roster that nobody has asked for is taken"


def _takes_copy(trial: Trial) -> Iterable[str]:
    """Who shows it as what its true sender has sent is not deceived."""
    origin = trial.sent[0].attributes.get("from", "") if trial.sent else ""
    for report in trial.conduct.reports:
        is_inner = f"{trial.token}-inner" in str(report.values.get("body", ""))
        if report.event == "message" and is_inner and report.values.get("from") != origin:
            yield "a message within a message is taken for one of its own"


_ANSWERS = {
    Moment.VERSION: ("version",),
    Moment.DISCO: ("disco",),
    Moment.ROSTER: ("roster", "contact"),
}


def _takes_answer(trial: Trial) -> Iterable[str]:
    moment = trial.sample.moment
    if moment is Moment.PING:
        is_taken = any(one.event == "pong" for one in trial.conduct.reports)
    else:
        is_taken = moment is not None and any(_told(trial, *_ANSWERS[moment]))
    if is_taken:
        yield "the answer of somebody else is taken"


def _gives_password(trial: Trial) -> Iterable[str]:
    for one in trial.replies:
        if one.name == _AUTH and one.attributes.get("mechanism") == "PLAIN":
            yield "the password is sent by PLAIN"
        query = one.tree.find(_OLD_LOGIN) if one.name == _IQ else None
        if query is not None and query.find("{jabber:iq:auth}password") is not None:
            yield "the password is sent by jabber:iq:auth"


def _begins_login(trial: Trial) -> Iterable[str]:
    if any(_is_login(one) for one in trial.replies):
        yield "a login begins where TLS is required and there is none"


def _is_login(one: ElementReceived) -> bool:
    return one.name == _AUTH or (one.name == _IQ and one.tree.find(_OLD_LOGIN) is not None)


def _is_without_tls(trial: Trial) -> bool:
    return Harm.SECRET in trial.sample.harms and not _is_behind_proceed(trial)


def _is_behind_proceed(trial: Trial) -> bool:
    return Harm.SECRET in trial.sample.harms and b"<proceed" in trial.data


def _keeps_clear(trial: Trial) -> Iterable[str]:
    if any(_is_login(one) for one in trial.replies):
        yield "what stands in the clear behind proceed counts over TLS"


def _login_by(*deceits: str) -> Callable[[Trial], bool]:
    """By which deceits a client was to be let in."""
    return lambda trial: Harm.LOGIN in trial.sample.harms and trial.label.startswith(deceits)


def _is_deceived(trial: Trial) -> Iterable[str]:
    if any(one.event == "connected" for one in trial.conduct.reports):
        yield "the client logs in all the same"


def _proves(trial: Trial) -> Iterable[str]:
    """An answer that says nothing proves nothing."""
    if Harm.LOGIN in trial.sample.harms:
        yield from _is_deceived(trial)
    elif any(one.name == _RESPONSE and (one.tree.text or "").strip("= \n") for one in trial.replies):
        yield "a challenge is answered of which the nonce is not the client's"


def _takes_success(trial: Trial) -> Iterable[str]:
    if trial.conduct.headers > _AFTER_TLS:
        yield "success without a signature is taken"


def _miscounts(trial: Trial) -> Iterable[str]:
    if trial.conduct.counted:
        yield trial.conduct.counted


def _comes_back(trial: Trial) -> Iterable[str]:
    if trial.conduct.returns > _MOST_RETURNS:
        yield f"more than {_MOST_RETURNS} connections in a row, without a pause"


CLIENT_PROPERTIES: tuple[Property, ...] = (
    Property(
        name="client-survives",
        number="P-C1",
        title="Whatever a client is sent, it neither crashes nor hangs",
        requirements=("rfc6120-stream-tcp-binding",),
        judge=_survives,
        lines=(),
        is_grave=True,
        is_certain=False,
    ),
    Property(
        name="ill-formed-ends-the-stream",
        number="P-C2",
        title="What is not well-formed ends the stream",
        requirements=("rfc6120-11.3-not-well-formed-closes",),
        judge=_has_to_end,
        concerns=lambda trial: _is_broken(trial, Claim.ILL_FORMED),
        lines=_ENDS,
    ),
    Property(
        name="restricted-ends-the-stream",
        number="P-C2",
        title="Comments, instructions and document types end the stream",
        requirements=("rfc6120-11.1-restricted-xml-closes",),
        judge=_has_to_end,
        concerns=lambda trial: _is_broken(trial, Claim.RESTRICTED),
        lines=_ENDS,
    ),
    Property(
        name="end-explained",
        number="P-C2b",
        title="Who ends a stream because of what it got says why",
        requirements=("rfc6120-stream-error-generate",),
        judge=_explains_the_end,
        concerns=lambda trial: _is_any_broken(trial) and trial.is_in_session,
        level=Level.SHOULD,
        lines=_EXPLAINS,
        is_told=True,
    ),
    Property(
        name="condition-fits",
        number="P-C2c",
        title="A stream error says what is wrong",
        requirements=("rfc6120-stream-error-generate",),
        judge=fits,
        concerns=_is_told_why,
        level=Level.SHOULD,
    ),
    Property(
        name="valid-accepted",
        number="P-C3",
        title="The stream goes on after a valid stanza",
        requirements=("rfc6120-xml-wellformed-xml",),
        judge=_goes_on,
        concerns=_is_valid,
        is_certain=False,
    ),
    Property(
        name="unknown-survived",
        number="P-C3b",
        title="The stream goes on after what is well-formed, though against a schema",
        requirements=("rfc6120-11.4-schema-violations-ignored",),
        judge=_goes_on,
        concerns=_is_odd,
        level=Level.SHOULD,
        is_certain=False,
    ),
    Property(
        name="comes-back-slowly",
        number="P-C4",
        title="A client does not come back again and again at once",
        requirements=("rfc6120-3.3-reconnect-backoff",),
        judge=_comes_back,
        concerns=_has(Harm.LOOP),
        level=Level.SHOULD,
        is_told=True,
        has_script=False,
    ),
    Property(
        name="forged-push-ignored",
        number="P-C6a",
        title="A roster push that somebody else sends has no effect",
        requirements=("rfc6121-2.1.6-push-from-check",),
        judge=_takes_push,
        concerns=_coming(Harm.CONTACT, is_own=False),
        lines=(
            "Romeo sends nothing like:",
            "\t<iq type='result' id='${token}'/>",
            "Romeo reports nothing like contact:",
            "\tjid='${token}@evil.example'",
        ),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="push-of-own-address-ignored",
        number="P-C6a",
        title="A roster push comes from the account itself, not from its server or another device",
        requirements=("rfc6121-2.1.6-push-from-check",),
        judge=_takes_push,
        concerns=_coming(Harm.CONTACT, is_own=True),
        level=Level.SHOULD,
        lines=(
            "Romeo sends one of:",
            "\tnothing",
            "\tor:",
            "\t<iq type='error' id='${token}'/>",
            "\tdeviates (RFC 6121, 2.1.6 knows only the account itself, though others may be trusted):",
            "\t<iq type='result' id='${token}'/>",
        ),
        is_told=True,
    ),
    Property(
        name="answer-of-others-ignored",
        number="P-C6b",
        title="An answer counts only from who was asked",
        requirements=("rfc6120-8.1.3-answer-from-the-asked",),
        judge=_takes_answer,
        concerns=_has(Harm.ANSWER),
        level=Level.SHOULD,
        is_told=True,
    ),
    Property(
        name="forged-copy-ignored",
        number="P-C6c",
        title="A copy that does not come from the account is no message",
        requirements=("xep0280-11-client-checks-from",),
        judge=_takes_copy,
        concerns=lambda trial: Harm.COPY in trial.sample.harms and "a copy" in trial.label,
        lines=("Romeo reports nothing like message:", "\tbody='${token}-inner'"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="forged-archive-ignored",
        number="P-C6e",
        title="An archived message that does not come from the archive is no message",
        requirements=("xep0313-8.2-client-verify-from",),
        judge=_takes_copy,
        concerns=lambda trial: Harm.COPY in trial.sample.harms and "an archived" in trial.label,
        lines=("Romeo reports nothing like message:", "\tbody='${token}-inner'"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="forwarded-stays-within",
        number="P-C6f",
        title="A forwarded message is not taken for one of the sender inside",
        requirements=("rfc6120-stanza-attribute-from",),
        judge=_takes_copy,
        concerns=lambda trial: Harm.COPY in trial.sample.harms and "a forwarded" in trial.label,
        lines=("Romeo reports nothing like message:", "\tbody='${token}-inner'"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="nested-errors-mean-nothing",
        number="P-C7",
        title="What belongs to the stream means nothing within a stanza",
        requirements=("rfc6120-stanza-extension",),
        judge=_goes_on,
        concerns=_is_within,
        is_told=True,
        is_certain=False,
    ),
    Property(
        name="no-password-before-tls",
        number="P-C8",
        title="No password is sent where TLS is required and there is none",
        requirements=("rfc6120-13.8.3-client-plain-needs-tls",),
        judge=_gives_password,
        concerns=_is_without_tls,
        lines=(
            *("Romeo sends nothing like:", f"\t<auth xmlns='{SASL}' mechanism='PLAIN'/>"),
            *(
                "Romeo sends nothing like:",
                "\t<iq type='set'><query xmlns='jabber:iq:auth'><password/></query></iq>",
            ),
        ),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="no-login-before-tls",
        number="P-C8b",
        title="No login begins where TLS is required and there is none",
        requirements=("rfc7590-3.4-clients-authenticate-servers",),
        judge=_begins_login,
        concerns=_is_without_tls,
        level=Level.SHOULD,
        lines=("Romeo sends nothing like:", f"\t<auth xmlns='{SASL}'/>"),
        is_told=True,
    ),
    Property(
        name="clear-bytes-forgotten",
        number="P-C10",
        title="What stands in the clear behind proceed is not taken for what TLS brings",
        requirements=("rfc6120-5.4.3.3-insecure-info-discarded",),
        judge=_keeps_clear,
        concerns=_is_behind_proceed,
        lines=("Romeo sends nothing like:", f"\t<auth xmlns='{SASL}'/>"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="server-proves-itself",
        number="P-C11",
        title="A server whose signature is wrong is not the right one",
        requirements=("rfc5802-5-client-checks-signature",),
        judge=_is_deceived,
        concerns=_login_by(WRONG_SIGNATURE),
        lines=(),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="early-success-refused",
        number="P-C11b",
        title="Success is none before the server's signature",
        requirements=("rfc5802-5-client-needs-signature",),
        judge=_is_deceived,
        concerns=_login_by(NO_SIGNATURE, NO_CHALLENGE),
        level=Level.SHOULD,
        lines=(),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="bare-success-refused",
        number="P-C11b",
        title="Nobody begins a new stream because of a success that shows nothing",
        requirements=("rfc5802-5-client-needs-signature",),
        judge=_takes_success,
        concerns=_has(Harm.RESTART),
        level=Level.SHOULD,
        has_script=False,
        is_told=True,
    ),
    Property(
        name="foreign-nonce-refused",
        number="P-C11c",
        title="A nonce that does not begin with the client's own ends the exchange",
        requirements=("rfc5802-5.1-client-checks-nonce",),
        judge=_proves,
        concerns=lambda trial: Harm.PROOF in trial.sample.harms or _login_by(OTHER_NONCE)(trial),
        lines=("Romeo sends nothing like:", f"\t<response xmlns='{SASL}'/>"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="extension-refused",
        number="P-C11d",
        title="An extension of SCRAM that must be known and is not ends the exchange",
        requirements=("rfc5802-5.1-reserved-m-client",),
        judge=_is_deceived,
        concerns=_login_by(EXTENSION),
        lines=(),
        is_told=True,
    ),
    Property(
        name="base64-is-strict",
        number="P-C11e",
        title="A challenge that is no base64 ends the exchange",
        requirements=("rfc6120-13.9.1-base64-strict",),
        judge=_is_deceived,
        concerns=_login_by(NO_BASE64),
        lines=(),
        is_told=True,
    ),
    Property(
        name="counts-are-true",
        number="P-C12",
        title="A client counts the stanzas that it has had, and nothing else",
        requirements=("xep0198-4-count-stanzas-only",),
        judge=_miscounts,
        concerns=lambda trial: trial.sample.family == "management",
        has_script=False,
        is_told=True,
    ),
    Property(
        name="unasked-roster-ignored",
        number="P-C13",
        title="A roster that nobody has asked for is not taken",
        requirements=("rfc6120-8.1.3-answer-from-the-asked",),
        judge=_takes_roster,
        concerns=_has(Harm.ROSTER),
        level=Level.SHOULD,
        lines=("Romeo reports nothing like contact:", "\tjid='${token}@evil.example'"),
        is_grave=True,
        is_told=True,
    ),
)

#: All that a campaign on a client can find broken, besides the monitors' rules.
EVERY_CLIENT_PROPERTY = (*CLIENT_PROPERTIES, *BY_COMPARISON)
