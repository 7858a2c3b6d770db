"""Whether a stream goes on or ends, as it should, and how it does."""

from collections.abc import Iterable

from harness.fuzz.conditions import allowed_conditions, misfits, today
from harness.fuzz.property import Property
from harness.fuzz.servers.steps import ENDS, STAYS, fitting_condition
from harness.fuzz.trial import Ending, Reading, Trial, has_condition
from harness.results.verdicts import Level
from harness.strategies.sample import Claim

_FLOOR = 10_000  # bytes that any stanza may have (RFC 6120, 13.12)


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
    return ending.is_error and set(map(today, ending.conditions)) <= trial.sample.conditions


def _is_own_end(trial: Trial) -> bool:
    """Whether the sender asked for the end, or a forged address may end it (RFC 6120, 8.1.2.1)."""
    return trial.stanza is None or "from" in trial.stanza.attributes


def _is_policy(trial: Trial) -> bool:
    limits = {"policy-violation", "resource-constraint"}
    is_small = len(trial.data) <= _FLOOR
    return not is_small and trial.ending is not None and bool(limits & set(trial.ending.conditions))


def _ends_on_ill_formed(trial: Trial) -> Iterable[str]:
    if not _is_refused(trial):
        yield from _has_to_end(trial, "ill-formed XML")
    if trial.arrivals and not _was_complete(trial):
        yield "ill-formed XML reaches the other user"


def _is_refused(trial: Trial) -> bool:
    """Whether a stanza error answers what is against Namespaces in XML (RFC 6120, 11.3, rule 4)."""
    is_of_namespaces = "bad-namespace-prefix" in trial.sample.conditions
    return is_of_namespaces and any(has_condition(one, "not-acceptable") for one in trial.answers)


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


def _is_prompt(trial: Trial) -> Iterable[str]:
    if trial.ending is None and not trial.is_settled:
        yield "no reaction at all"


def _is_legal(trial: Trial) -> bool:
    """Whether it can be taken, and what follows be answered: behind starttls comes a handshake."""
    return trial.sample.claim is Claim.LEGAL and trial.is_in_session and not trial.begins_tls


def _is_complete_elsewhere(trial: Trial) -> bool:
    is_judged = _is_legal(trial) or _is_ill_formed(trial) or _is_restricted(trial)
    return not is_judged and not trial.begins_tls and trial.reading is not Reading.UNFINISHED


def _is_ill_formed(trial: Trial) -> bool:
    return trial.sample.claim is Claim.ILL_FORMED and trial.reading is Reading.BROKEN


def _is_restricted(trial: Trial) -> bool:
    return trial.sample.claim is Claim.RESTRICTED and trial.reading is Reading.BROKEN


def _has_ended(trial: Trial) -> bool:
    return trial.ending is not None


def _has_ended_unread(trial: Trial) -> bool:
    is_due = trial.reading is Reading.BROKEN or bool(trial.sample.conditions)
    # A handshake that fails ends the connection without a word (RFC 6120, 5.4.3.2).
    return trial.ending is not None and is_due and not trial.begins_tls


def _has_error(trial: Trial) -> bool:
    return trial.ending is not None and trial.ending.is_error and bool(allowed_conditions(trial))


ENDINGS: tuple[Property, ...] = (
    Property(
        name="valid-accepted",
        number="P-01",
        title="A valid stanza does not end the stream, and what follows it is answered",
        requirements=("rfc6120-xml-wellformed-xml", "rfc6120-13.12-min-max-stanza-size"),
        judge=_accepts_valid,
        concerns=_is_legal,
        steps=STAYS,
    ),
    Property(
        name="ill-formed-ends-the-stream",
        number="P-03",
        title="Ill-formed XML ends the stream, and nothing of it reaches anybody",
        requirements=("rfc6120-11.3-not-well-formed-closes",),
        judge=_ends_on_ill_formed,
        concerns=_is_ill_formed,
        steps=ENDS,
    ),
    Property(
        name="restricted-ends-the-stream",
        number="P-05",
        title="Comments, processing instructions, DTDs and entities end the stream",
        requirements=("rfc6120-11.1-restricted-xml-closes",),
        judge=_ends_on_restricted,
        concerns=_is_restricted,
        steps=ENDS,
    ),
    Property(
        name="ends-once",
        number="P-06",
        title="A stream ends by one error at most, one closing tag, and the end of the connection",
        requirements=("rfc6120-4.4-no-data-after-close", "rfc6120-stream-error-generate"),
        judge=_ends_once,
        concerns=_has_ended,
        steps=(*ENDS, "Romeo receives the end of the stream or connection"),
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
        steps=ENDS,
        is_told=True,
    ),
    Property(
        name="condition-fits",
        number="P-07",
        title="The condition of a stream error is one of those that fit",
        requirements=("rfc6120-4.9.2-one-defined-condition",),
        judge=misfits,
        concerns=_has_error,
        level=Level.SHOULD,
        steps=fitting_condition,
    ),
    Property(
        name="prompt",
        number="P-19",
        title="Something comes of everything that is complete",
        requirements=("rfc6120-4.4-close-tag-answered",),
        level=Level.SHOULD,
        judge=_is_prompt,
        concerns=_is_complete_elsewhere,
        steps=ENDS,
    ),
)
