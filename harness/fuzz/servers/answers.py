"""What comes back to who sends: one answer, and the right one."""

from collections.abc import Iterable

from harness.fuzz.property import Property
from harness.fuzz.servers.steps import ENDS, STAYS, WATCHED
from harness.fuzz.trial import Trial, has_condition
from harness.monitors.addresses import bare, same_account
from harness.results.verdicts import Level
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import CLIENT, STANZA_ERRORS, STREAM, STREAM_ERRORS, TLS, Name

_IQ = Name(CLIENT, "iq")


_INTERNAL = "internal-server-error"


_MANY = 2  # children of a request


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
    if any(has_condition(answer, _INTERNAL) for answer in trial.answers):
        yield f"the stanza error internal-server-error to {_purpose(trial)}"


def _purpose(trial: Trial) -> str:
    """What a stanza is about, as far as its first child tells."""
    child = next(iter(trial.stanza.tree), None) if trial.stanza is not None else None
    return Name.of(str(child.tag)).namespace if child is not None else "nothing"


def _no_error_for_an_error(trial: Trial) -> Iterable[str]:
    if any(answer.attributes.get("type") == "error" for answer in trial.answers):
        yield "an error is answered by an error"


def _is_an_error(trial: Trial) -> bool:
    """Whether an error was sent, and not to oneself, for then it comes back as it is."""
    attributes = trial.stanza.attributes if trial.stanza is not None else {}
    is_to_oneself = same_account(attributes.get("to", trial.sender), trial.sender)
    return attributes.get("type") == "error" and not is_to_oneself


def _minds_namespaces(trial: Trial) -> Iterable[str]:
    if any(one.name == Name(TLS, "proceed") for one in trial.replies):
        yield "TLS is begun though nobody has asked for it"


def _looks_like_starttls(trial: Trial) -> bool:
    return any(one.name.local == "starttls" for one in trial.sent) and not trial.begins_tls


def _is_before_session(trial: Trial) -> bool:
    return not trial.is_in_session


def _has_answers(trial: Trial) -> bool:
    return trial.ending is not None or bool(trial.answers)


_NO_ERROR = "".join(f"\n\t<{kind} type='error' id='${{token}}'/>" for kind in ("iq", "message", "presence"))


_NO_INTERNAL = "Romeo receives nothing like:" + "".join(
    f"\n\t<{kind} type='error'><error><{_INTERNAL} xmlns='{STANZA_ERRORS}'/></error></{kind}>"
    for kind in ("iq", "message", "presence")
)
_NO_INTERNAL += (
    f"\n\t<stream:error xmlns:stream='{STREAM}'><{_INTERNAL} xmlns='{STREAM_ERRORS}'/></stream:error>"
)
_REFUSED = (
    "Romeo receives one of:\n\t<iq type='error'/>\n"
    "\tdeviates (no sentence obliges a server to look for a second child):\n\t<iq type='result'/>"
)


ANSWERS: tuple[Property, ...] = (
    Property(
        name="one-answer",
        number="P-11",
        title="A request to the server is answered once",
        requirements=("rfc6120-stanza-iq-reply",),
        judge=_answers_once,
        concerns=_is_asked_by_name,
        steps=("Romeo receives one of:\n\t<iq type='result'/>\n\tor:\n\t<iq type='error'/>", *STAYS),
    ),
    Property(
        name="answer-without-id",
        number="P-11b",
        title="A request without id is answered as well",
        requirements=("rfc6120-stanza-iq-reply",),
        judge=_answers_without_id,
        concerns=_is_asked_without_name,
        level=Level.SHOULD,
        steps=(WATCHED[0], "Romeo receives one of:\n\t<iq type='result'/>\n\tor:\n\t<iq type='error'/>"),
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
        steps=(_REFUSED, *WATCHED),
        is_told=True,
    ),
    Property(
        name="nothing-before-login",
        number="P-15b",
        title="What is sent before the login has no effect",
        requirements=("rfc6120-4.9.3.12-not-authorized-not-processed",),
        judge=_nothing_before_login,
        concerns=_is_before_session,
        is_grave=True,
        steps=("Juliet receives nothing", "Romeo receives nothing like:\n\t<iq type='result'/>"),
    ),
    Property(
        name="namespaces-count",
        number="P-37",
        title="An element of another namespace is not taken for one of the negotiation",
        requirements=("rfc6120-4.8.4-foreign-first-level",),
        judge=_minds_namespaces,
        concerns=_looks_like_starttls,
        steps=ENDS,
        is_told=True,
    ),
    Property(
        name="no-internal-error",
        number="P-27",
        title="Nothing that a client sends is an internal error",
        requirements=("rfc6120-stream-error-generate",),
        judge=_no_internal_error,
        concerns=_has_answers,
        level=Level.SHOULD,
        steps=(_NO_INTERNAL,),
        is_told=True,
    ),
    Property(
        name="no-error-for-an-error",
        number="P-40",
        title="An error is not answered",
        requirements=("rfc6120-stanza-error-reply",),
        judge=_no_error_for_an_error,
        concerns=_is_an_error,
        steps=(f"Romeo receives nothing like:{_NO_ERROR}", *WATCHED),
    ),
)
