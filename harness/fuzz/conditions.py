"""Which stream errors may answer what."""

from collections.abc import Iterable

from harness.fuzz.trial import Trial
from harness.strategies.sample import Claim, Place
from harness.xmpp.conditions import STREAM_CONDITIONS
from harness.xmpp.namespaces import CLIENT, Name

_INTERNAL = "internal-server-error"


_NO_XML = frozenset(
    {"bad-format", "bad-namespace-prefix", "invalid-namespace", "invalid-xml", "not-well-formed"}
    | {"restricted-xml", "unsupported-encoding"}
)


_STANZAS = frozenset(Name(CLIENT, kind) for kind in ("iq", "message", "presence"))


_NO_STANZA = frozenset({"unsupported-stanza-type", "invalid-namespace"})


_BEFORE_LOGIN = frozenset({"not-authorized", "policy-violation", "unsupported-stanza-type", "invalid-xml"})


def today(condition: str) -> str:
    """What RFC 6120 calls a condition of RFC 3920 (4.9.3.13); some still send the old name."""
    return "not-well-formed" if condition == "xml-not-well-formed" else condition


def misfits(trial: Trial) -> Iterable[str]:
    """Name the conditions of stream errors that say something else than what is wrong."""
    allowed, ending = allowed_conditions(trial), trial.ending
    assert ending is not None, "of others it does not judge"
    for condition in map(today, ending.conditions):
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
