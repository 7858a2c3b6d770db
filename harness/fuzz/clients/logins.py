"""What a client gives away before it knows whom it talks to, and by what it is let in."""

from collections.abc import Callable, Iterable

from harness.fuzz.property import Property
from harness.fuzz.trial import Trial
from harness.results.verdicts import Level
from harness.strategies.offers import (
    EXTENSION,
    NO_BASE64,
    NO_CHALLENGE,
    NO_SIGNATURE,
    OTHER_NONCE,
    WRONG_SIGNATURE,
)
from harness.strategies.sample import Harm
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import CLIENT, SASL, Name

_IQ = Name(CLIENT, "iq")


_AUTH = Name(SASL, "auth")


_RESPONSE = Name(SASL, "response")


_OLD_LOGIN = "{jabber:iq:auth}query"


_AFTER_TLS = 2  # headers: one in the clear, one over TLS


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
    if trial.conduct.has_logged_in:
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


LOGINS: tuple[Property, ...] = (
    Property(
        name="no-password-before-tls",
        number="P-C8",
        title="No password is sent where TLS is required and there is none",
        requirements=("rfc6120-13.8.3-client-plain-needs-tls",),
        judge=_gives_password,
        concerns=_is_without_tls,
        steps=(
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
        steps=("Romeo sends nothing like:", f"\t<auth xmlns='{SASL}'/>"),
        is_told=True,
    ),
    Property(
        name="clear-bytes-forgotten",
        number="P-C10",
        title="What stands in the clear behind proceed is not taken for what TLS brings",
        requirements=("rfc6120-5.4.3.3-insecure-info-discarded",),
        judge=_keeps_clear,
        concerns=_is_behind_proceed,
        steps=("Romeo sends nothing like:", f"\t<auth xmlns='{SASL}'/>"),
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
        steps=(),
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
        steps=(),
        is_grave=True,
        is_told=True,
    ),
    Property(
        name="bare-success-refused",
        number="P-C11b",
        title="Nobody begins a new stream because of a success that shows nothing",
        requirements=("rfc5802-5-client-needs-signature",),
        judge=_takes_success,
        concerns=lambda trial: Harm.RESTART in trial.sample.harms,
        level=Level.SHOULD,
        steps=None,
        is_told=True,
    ),
    Property(
        name="foreign-nonce-refused",
        number="P-C11c",
        title="A nonce that does not begin with the client's own ends the exchange",
        requirements=("rfc5802-5.1-client-checks-nonce",),
        judge=_proves,
        concerns=lambda trial: Harm.PROOF in trial.sample.harms or _login_by(OTHER_NONCE)(trial),
        steps=("Romeo sends nothing like:", f"\t<response xmlns='{SASL}'/>"),
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
        steps=(),
        is_told=True,
    ),
    Property(
        name="base64-is-strict",
        number="P-C11e",
        title="A challenge that is no base64 ends the exchange",
        requirements=("rfc6120-13.9.1-base64-strict",),
        judge=_is_deceived,
        concerns=_login_by(NO_BASE64),
        steps=(),
        is_told=True,
    ),
)
