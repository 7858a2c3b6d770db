"""Whether a client goes on or ends, as it should, and how it does."""

from collections.abc import Iterable

from harness.fuzz.clients.steps import ENDS, EXPLAINS, fitting_condition, still_there
from harness.fuzz.conditions import misfits
from harness.fuzz.property import Property
from harness.fuzz.trial import Reading, Trial
from harness.results.verdicts import Level
from harness.strategies.client_families import REQUEST
from harness.strategies.sample import Claim, Harm, Place

_MOST_RETURNS = 3  # in a row; the first may be by chance at once, out of 60 seconds
#: Families of which what is legal is as valid as can be, odd as it looks.
_UNALTERED = ("valid", "style", "chunks", "size", "forgeries", "wf", "bytes", "restricted")


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
    elif ending.is_illegible or _is_misuse(trial):
        return  # a monitor tells what nobody can read; misuse may end the stream (XEP-0198, 6)
    elif not (ending.is_error and set(ending.conditions) <= trial.sample.conditions):
        yield f"a stanza ends the stream: {', '.join(ending.conditions) or 'no stream error'}"


def _is_misuse(trial: Trial) -> bool:
    """Whether stream management is misused."""
    return trial.sample.family == "management" and not trial.label.startswith(REQUEST)


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


def _miscounts(trial: Trial) -> Iterable[str]:
    if trial.conduct.counted:
        yield trial.conduct.counted


def _comes_back(trial: Trial) -> Iterable[str]:
    if trial.conduct.returns > _MOST_RETURNS:
        yield f"more than {_MOST_RETURNS} connections in a row, without a pause"


ENDINGS: tuple[Property, ...] = (
    Property(
        name="client-survives",
        number="P-C1",
        title="Whatever a client is sent, it neither crashes nor hangs",
        judge=_survives,
        level=Level.SHOULD,  # no text asks for it, but whoever falls over can be brought down
        steps=(),
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
        steps=ENDS,
    ),
    Property(
        name="restricted-ends-the-stream",
        number="P-C2",
        title="Comments, instructions and document types end the stream",
        requirements=("rfc6120-11.1-restricted-xml-closes",),
        judge=_has_to_end,
        concerns=lambda trial: _is_broken(trial, Claim.RESTRICTED),
        steps=ENDS,
    ),
    Property(
        name="end-explained",
        number="P-C2b",
        title="Who ends a stream because of what it got says why",
        requirements=("rfc6120-stream-error-generate",),
        judge=_explains_the_end,
        concerns=lambda trial: _is_any_broken(trial) and trial.is_in_session,
        level=Level.SHOULD,
        steps=EXPLAINS,
        is_told=True,
    ),
    Property(
        name="condition-fits",
        number="P-C2c",
        title="A stream error says what is wrong",
        requirements=("rfc6120-stream-error-generate",),
        judge=misfits,
        concerns=_is_told_why,
        level=Level.SHOULD,
        steps=fitting_condition,
    ),
    Property(
        name="valid-accepted",
        number="P-C3",
        title="The stream goes on after a valid stanza",
        requirements=("rfc6120-xml-wellformed-xml",),
        judge=_goes_on,
        concerns=_is_valid,
        steps=still_there,
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
        steps=still_there,
        is_certain=False,
    ),
    Property(
        name="nested-errors-mean-nothing",
        number="P-C7",
        title="What belongs to the stream means nothing within a stanza",
        requirements=("rfc6120-stanza-extension",),
        judge=_goes_on,
        concerns=_is_within,
        is_told=True,
        steps=still_there,
        is_certain=False,
    ),
    Property(
        name="comes-back-slowly",
        number="P-C4",
        title="A client does not come back again and again at once",
        requirements=("rfc6120-3.3-reconnect-backoff",),
        judge=_comes_back,
        concerns=_is_to_end,
        level=Level.SHOULD,
        is_told=True,
        steps=None,
    ),
    Property(
        name="counts-are-true",
        number="P-C12",
        title="A client counts the stanzas that it has had, and nothing else",
        requirements=("xep0198-4-count-stanzas-only",),
        judge=_miscounts,
        concerns=lambda trial: trial.sample.family == "management",
        steps=None,
        is_told=True,
    ),
)
