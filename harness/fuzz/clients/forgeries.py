"""What others than a client's own server say in its name, and what the client makes of it."""

from collections.abc import Callable, Iterable

import msgspec

from harness.fuzz.clients.steps import not_told, without_effect
from harness.fuzz.property import Property
from harness.fuzz.trial import Trial
from harness.results.verdicts import Level
from harness.strategies.sample import Harm, Moment
from harness.xmpp.namespaces import CLIENT, Name

_IQ = Name(CLIENT, "iq")


def _has(harm: Harm) -> Callable[[Trial], bool]:
    return lambda trial: harm in trial.sample.harms


def _could_be_told(harm: Harm) -> Callable[[Trial], bool]:
    """What only a driver shows: what its user is told."""
    return lambda trial: harm in trial.sample.harms and trial.conduct.tells


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


FORGERIES: tuple[Property, ...] = (
    Property(
        name="forged-push-ignored",
        number="P-C6a",
        title="A roster push that somebody else sends has no effect",
        requirements=("rfc6121-2.1.6-push-from-check",),
        judge=_takes_push,
        concerns=_has(Harm.CONTACT),
        steps=without_effect,
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="push-of-own-address-ignored",
        number="P-C6a",
        title="A roster push comes from the account itself, not from its server or another device",
        requirements=("rfc6121-2.1.6-push-from-check",),
        judge=_takes_push,
        concerns=_has(Harm.OWN_CONTACT),
        level=Level.SHOULD,
        steps=(
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
        concerns=_could_be_told(Harm.ANSWER),
        level=Level.SHOULD,
        steps=not_told,
        is_told=True,
    ),
    Property(
        name="forged-copy-ignored",
        number="P-C6c",
        title="A copy that does not come from the account is no message",
        requirements=("xep0280-11-client-checks-from",),
        judge=_takes_copy,
        concerns=_could_be_told(Harm.COPY),
        steps=("Romeo reports nothing like message:", "\tbody='${token}-inner'"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="forged-archive-ignored",
        number="P-C6e",
        title="An archived message that does not come from the archive is no message",
        requirements=("xep0313-8.2-client-verify-from",),
        judge=_takes_copy,
        concerns=_could_be_told(Harm.ARCHIVED),
        steps=("Romeo reports nothing like message:", "\tbody='${token}-inner'"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="forwarded-stays-within",
        number="P-C6f",
        title="A forwarded message is not taken for one of the sender inside",
        requirements=("xep0297-7.1-not-as-non-forwarded",),
        judge=_takes_copy,
        concerns=_could_be_told(Harm.FORWARDED),
        steps=("Romeo reports nothing like message:", "\tbody='${token}-inner'"),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="unasked-roster-ignored",
        number="P-C13",
        title="A roster that nobody has asked for is not taken",
        requirements=("rfc6120-8.1.3-answer-from-the-asked",),
        judge=_takes_roster,
        concerns=_could_be_told(Harm.ROSTER),
        level=Level.SHOULD,
        steps=("Romeo reports nothing like contact:", "\tjid='${token}@evil.example'"),
        is_grave=True,
        is_told=True,
    ),
)
