"""Errors: what one that comes means, and how one is made."""

from harness.negotiation.login import condition_of_code
from harness.negotiation.state import condition_in
from harness.reference_client.session import Element, Session
from harness.xmpp.conditions import STANZA_CONDITIONS
from harness.xmpp.elements import build, stanza_error
from harness.xmpp.namespaces import CLIENT, STANZA_ERRORS, Name

_ERROR = Name(CLIENT, "error")
_TEXT = Name(STANZA_ERRORS, "text")
_TYPES = {"bad-request": "modify", "service-unavailable": "cancel", "item-not-found": "cancel"}


def read_error(session: Session, stanza: Element) -> tuple[str, str]:
    """Condition and text of an error stanza.

    An unknown condition counts as undefined (RFC 6120, 8.3.2). Where there is none the numeric code
    tells it (XEP-0086), and the text stands in the error itself.
    """
    error = stanza.find(str(_ERROR))
    if error is None:
        return "undefined-condition", ""
    condition = condition_in(error, STANZA_ERRORS)
    if session.has("application-condition-told"):
        names = [Name.of(str(child.tag)) for child in error]
        condition = next((one.local for one in names if one.namespace != STANZA_ERRORS), condition)
        return condition, ""
    if not condition:
        code = "" if session.has("numeric-codes-unknown") else error.get("code", "")
        return condition_of_code(code), (error.text or "").strip()
    if condition not in STANZA_CONDITIONS and not session.has("unknown-condition-told"):
        condition = "undefined-condition"
    return condition, error.findtext(str(_TEXT)) or ""


def error_answer(session: Session, stanza: Element, condition: str) -> Element:
    """The error that answers a request."""
    if session.has("error-wrong-condition"):
        condition = "item-not-found"
    type = "fatal" if session.has("error-wrong-type") else _TYPES[condition]
    answer = stanza_error(stanza, condition, type)
    if session.has("error-without-condition"):
        for child in list(answer[0]):
            answer[0].remove(child)
    if session.has("error-without-error-child"):
        answer.remove(answer[0])
    if session.has("error-of-other-kind"):
        answer.tag = str(Name(CLIENT, "message"))
    return answer


def without_sender(answer: Element) -> Element:
    """The answer without from, which the server puts on (RFC 6120, 8.1.2.1)."""
    if "from" in answer.attrib:
        del answer.attrib["from"]
    return answer


def result_of(stanza: Element, payload: Element | None = None) -> Element:
    """The result that answers a request."""
    attributes = {"type": "result"}
    for key, source in (("id", "id"), ("to", "from")):
        if stanza.get(source) is not None:
            attributes[key] = stanza.get(source, "")
    return build(Name(CLIENT, "iq"), attributes, *([] if payload is None else [payload]))
