"""Iq stanzas: the rules of RFC 6120, 8.2.3 and RFC 6121, 8.5, and who answers."""

from dataclasses import replace

from harness.reference import (
    archive,
    blocking,
    carbons,
    commands,
    discovery,
    information,
    legacy,
    privacy,
    publishing,
    registration,
    roster,
    storage,
)
from harness.reference.accounts import Account
from harness.reference.answers import answer
from harness.reference.blocklists import is_blocked
from harness.reference.host import Host
from harness.reference.presence import shares_presence
from harness.reference.privacy_rules import is_denied
from harness.reference.requests import Handlers, Request, Scope, handle
from harness.reference.sessions import Session
from harness.reference.stanzas import (
    ERROR,
    Answer,
    Element,
    Refused,
    Result,
    child_elements,
    copied,
    is_request,
    payload_of,
    type_of,
)
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import SESSION, Name

_TYPES = ("get", "set", "result", "error")


def _session_opened(host: Host, _request: Request) -> Answer:
    """The old session request changes nothing (RFC 6121, appendix E)."""
    if host.faults.has("session-refused"):
        return Refused(condition="service-unavailable")
    return Result()


HANDLERS: Handlers = {
    (Scope.OWN, "set", Name(SESSION, "session")): _session_opened,
    (Scope.SERVER, "set", Name(SESSION, "session")): _session_opened,
    **roster.HANDLERS,
    **discovery.HANDLERS,
    **information.HANDLERS,
    **registration.HANDLERS,
    **storage.HANDLERS,
    **carbons.HANDLERS,
    **blocking.HANDLERS,
    **privacy.HANDLERS,
    **archive.HANDLERS,
    **commands.HANDLERS,
    **legacy.HANDLERS,
    **publishing.HANDLERS,
}


def fault_of(host: Host, stanza: Element) -> Refused | None:
    """What is wrong with an iq as such, whoever it is for (RFC 6120, 8.2.3)."""
    if type_of(stanza) not in _TYPES:
        wrong = Refused(condition="bad-request", text="The type is none of get, set, result and error.")
        return None if host.faults.has("iq-type-accepted") else wrong
    if not is_request(stanza):
        return None
    if stanza.get("id") is None and not host.faults.has("iq-without-id-accepted"):
        return Refused(condition="bad-request", text="An iq has an id.")
    is_second_taken = host.faults.has("second-payload-carried-out") and len(child_elements(stanza)) == 2
    if payload_of(stanza) is None and not (is_second_taken or host.faults.has("iq-two-children-accepted")):
        return Refused(condition="bad-request", text="An iq request has exactly one child element.")
    return None


def to_server(host: Host, session: Session, stanza: Element) -> None:
    """An iq for the domain itself."""
    _respond(host, session, stanza, Scope.SERVER, None)


def to_account(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    """An iq for a bare JID: the server answers on behalf of the account (RFC 6121, 8.5.2.1.3)."""
    own = to.bare == session.address.bare
    if not own and host.faults.has("bare-iq-delivered"):
        for target in host.sessions.of(to.bare)[:1]:
            host.send(target, stanza)
            return
    scope = Scope.OWN if own else Scope.OTHER
    _respond(host, session, stanza, scope, host.account_at(to))


def to_resource(host: Host, stanza: Element, to: Jid) -> None:
    """An iq for a full JID (RFC 6121, 8.5.3): only those who share presence get requests through."""
    target = host.sessions.at(str(to))
    sender = stanza.get("from", "")
    if not is_request(stanza) and host.faults.has("iq-response-answered"):
        host.give_back(host.error_for(stanza, Refused(condition="service-unavailable")))
        return
    if (
        target is not None
        and not host.faults.has("matched-iq-refused")
        and not _is_kept_off(host, stanza, target, sender)
        and not is_denied(host, target.account, str(to), stanza, "iq")
        and _may_pass(host, stanza, target)
    ):
        host.send(target, _cut(stanza) if host.faults.has("error-of-a-client-cut") else stanza)
    elif is_request(stanza) and not host.faults.has("unmatched-iq-unanswered"):
        if (
            target is not None
            and is_blocked(host, target.account, sender)
            and host.faults.has("blocked-request-unanswered")
        ):
            return
        host.refuse(stanza, Refused(condition=_condition_for_nobody(host, to)))


def _condition_for_nobody(host: Host, to: Jid) -> str:
    """It tells nothing of who is there (RFC 6120, 8.3.3.19)."""
    is_there = host.account_at(to) is not None
    if is_there and not host.sessions.of(to.bare) and host.faults.has("absence-told"):
        return "recipient-unavailable"
    if is_there and host.sessions.of(to.bare) and host.faults.has("presence-told"):
        return "item-not-found"
    return "service-unavailable"


def _cut(stanza: Element) -> Element:
    """An error with its condition and nothing besides."""
    copy = copied(stanza)
    for error in copy.iterfind(str(ERROR)):
        for child in child_elements(error)[1:]:
            error.remove(child)
    return copy


def _is_kept_off(host: Host, stanza: Element, target: Session, sender: str) -> bool:
    if not is_request(stanza) and host.faults.has("blocked-answer-passes"):
        return False
    return is_blocked(host, target.account, sender)


def _may_pass(host: Host, stanza: Element, target: Session) -> bool:
    if not is_request(stanza) or host.faults.has("iq-to-stranger-delivered"):
        return True
    return shares_presence(host, target, stanza.get("from", ""))


def _respond(host: Host, session: Session, stanza: Element, scope: Scope, account: Account | None) -> None:
    if not is_request(stanza) and host.faults.has("iq-response-answered"):
        host.give_back(host.error_for(stanza, Refused(condition="service-unavailable")))
    if not is_request(stanza):
        return  # an answer to nothing is ignored (RFC 6120, 10.3.3)
    payloads = child_elements(stanza)
    if not payloads and host.faults.has("iq-two-children-accepted"):
        answer(host, stanza, Result())
        return
    if not payloads:
        host.refuse(stanza, Refused(condition="bad-request"))
        return
    if payloads[0].prefix and host.faults.has("prefixed-payload-unknown"):
        host.refuse(stanza, Refused(condition="service-unavailable"))
        return
    request = Request(stanza=stanza, payload=payloads[0], scope=scope, session=session, account=account)
    answer(host, stanza, handle(HANDLERS, host, request))
    if len(payloads) == 2 and host.faults.has("second-payload-carried-out"):
        second = handle(HANDLERS, host, replace(request, payload=payloads[1]))
        if isinstance(second, Result) and second.afterwards is not None:
            second.afterwards()
