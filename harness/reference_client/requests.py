"""Requests to us: exactly one answer to each, and none to what is no request (RFC 6120, 8.2.3)."""

from collections.abc import Callable, Mapping

from harness.reference_client import roster
from harness.reference_client.session import Element, Session, bare, same
from harness.reference_client.stanza_errors import error_answer, read_error, result_of, without_sender
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import CONFERENCE, DISCO_INFO, DISCO_ITEMS, MUC, PING, ROSTER, VERSION, Name

NAME, VERSION_TEXT = "xmpp-harness reference client", "1"

_ROOMS_NODE = MUC + "#rooms"
_FEATURES = (DISCO_INFO, DISCO_ITEMS, MUC, CONFERENCE, PING, VERSION)
#: The features that a fault leaves out.
_HIDDEN = {
    "disco-feature-missing": DISCO_INFO,
    "disco-ping-not-listed": PING,
    "disco-version-not-listed": VERSION,
    "disco-muc-not-listed": MUC,
}
_PUSH = ("set", Name(ROSTER, "query"))

#: The commands of which there is nothing but the result to tell.
_TOLD = ("query-disco", "query-version", "ping", "change-password", "unregister")

#: What a request is answered with: a payload, nothing, or the condition of an error.
Reply = Element | str | None


def take_iq(session: Session, stanza: Element) -> None:
    """Answer a request, or take an answer to one of ours."""
    type = stanza.get("type")
    if type in ("result", "error"):
        _take_answer(session, stanza)
    elif type not in ("get", "set"):
        _send(session, stanza, None if session.has("iq-bad-type-accepted") else "bad-request")
    else:
        _take_request(session, stanza)


# --- answers to us --------------------------------------------------------------------------------


def _take_answer(session: Session, stanza: Element) -> None:
    """An answer counts once, and only from whom we have asked; anything else is passed over."""
    id = stanza.get("id", "")
    if session.has("result-answered" if stanza.get("type") == "result" else "error-answered"):
        session.write(without_sender(error_answer(session, stanza, "service-unavailable")))
    if session.has("answer-by-type-alone"):
        id = next(iter(session.questions), id)
    question = session.questions.get(id)
    if question is None or not _is_from(session, stanza.get("from"), question.to):
        _take_unasked(session, stanza)
        return
    if not session.has("second-answer-taken"):
        del session.questions[id]
    if stanza.get("type") == "result":
        if not (question.command in _TOLD and session.has("results-hidden")):
            question.then(stanza)
    elif not session.has("error-answer-hidden"):
        condition, text = read_error(session, stanza)
        session.report("error", {"condition": condition, "text": text, "command": question.command})


def _is_from(session: Session, sender: str | None, asked: str) -> bool:
    if session.has("answer-from-anybody-taken"):
        return True
    if not asked or session.is_home(asked):
        return session.is_home(sender)
    return same(sender or "", asked)


def _take_unasked(session: Session, stanza: Element) -> None:
    query = stanza.find(str(_PUSH[1]))
    if query is not None and stanza.get("type") == "result" and session.has("unasked-roster-taken"):
        roster.take_roster(session, stanza)


# --- requests to us -------------------------------------------------------------------------------


def _take_request(session: Session, stanza: Element) -> None:
    payloads = list(children(stanza))
    if len(payloads) != 1 and not (payloads and session.has("iq-two-children-accepted")):
        _send(session, stanza, None if session.has("iq-without-child-accepted") else "bad-request")
        return
    key = (stanza.get("type", ""), Name.of(str(payloads[0].tag)))
    if key == _PUSH:
        _take_push(session, stanza, payloads[0])
        return
    handler = _HANDLERS.get(key)
    if payloads[0].prefix is not None and session.has("prefixed-payload-unknown"):
        handler = None
    if key[1].namespace == PING and session.has("ping-of-others-refused") and not _is_served(session, stanza):
        handler = None
    if handler is not None:
        _send(session, stanza, handler(session, payloads[0]))
    elif not session.has("unknown-request-unanswered"):
        _send(
            session,
            stanza,
            None if session.has("unknown-request-answered-by-result") else "service-unavailable",
        )


def _is_served(session: Session, stanza: Element) -> bool:
    return session.is_home(stanza.get("from"))


def _take_push(session: Session, stanza: Element, query: Element) -> None:
    """A push is the account's word: from anybody else it is ignored (RFC 6121, 2.1.6)."""
    if not _may_push(session, stanza.get("from")):
        if session.has("forged-push-answered"):
            _send(session, stanza, None)
        return
    condition = roster.take_push(session, query)
    if session.has("push-answered-by-error"):
        condition = "service-unavailable"
    if not session.has("push-unanswered"):
        _send(session, stanza, condition)


def _may_push(session: Session, sender: str | None) -> bool:
    if session.has("push-of-others-at-home-taken") and session.is_home(bare(sender or "")):
        return True
    return session.is_account(sender) or session.has("forged-push-accepted")


def _send(session: Session, stanza: Element, reply: Reply) -> None:
    if session.has("requests-unanswered"):
        return
    if isinstance(reply, str):
        answer = without_sender(error_answer(session, stanza, reply))
    else:
        answer = result_of(stanza, reply)
    _spoil(session, answer)
    session.write(answer)
    if session.has("requests-answered-twice"):
        session.write(answer)


def _spoil(session: Session, answer: Element) -> None:
    if session.has("answer-id-changed"):
        answer.set("id", "x" + answer.get("id", ""))
    if session.has("answer-id-missing"):
        answer.attrib.pop("id", "")
    if session.has("answer-to-wrong-address"):
        answer.set("to", "nobody@" + session.jid.domain)
    if session.has("answer-typed-set") and answer.get("type") == "result":
        answer.set("type", "set")


def _ping(session: Session, _payload: Element) -> Reply:
    return "service-unavailable" if session.has("ping-refused") else None


def _version(session: Session, _payload: Element) -> Reply:
    fields = {"name": NAME, "version": VERSION_TEXT}
    if session.has("version-without-name"):
        del fields["name"]
    if session.has("version-without-version"):
        del fields["version"]
    return build(
        Name(VERSION, "query"), {}, *(build(Name(VERSION, key), {}, text) for key, text in fields.items())
    )


def _disco_info(session: Session, payload: Element) -> Reply:
    node = payload.get("node")
    if node is not None and not session.has("disco-unknown-node-answered"):
        return "item-not-found"
    identity = build(Name(DISCO_INFO, "identity"), {"category": "client", "type": "bot", "name": NAME})
    hidden = {feature for fault, feature in _HIDDEN.items() if session.has(fault)}
    features = [build(Name(DISCO_INFO, "feature"), {"var": one}) for one in _FEATURES if one not in hidden]
    identities = [] if session.has("disco-identity-missing") else [identity]
    return build(Name(DISCO_INFO, "query"), {}, *identities, *features)


def _disco_items(session: Session, payload: Element) -> Reply:
    """No items; the rooms that we are in are nobody's business (XEP-0045, 6.7)."""
    node = payload.get("node")
    if node not in (None, _ROOMS_NODE):
        return "item-not-found"
    if session.has("disco-items-refused"):
        return "service-unavailable"
    shown = session.rooms if node == _ROOMS_NODE and session.has("rooms-shown-to-anybody") else {}
    items = [build(Name(DISCO_ITEMS, "item"), {"jid": room}) for room in shown]
    return build(Name(DISCO_ITEMS, "query"), {} if node is None else {"node": node}, *items)


_HANDLERS: Mapping[tuple[str, Name], Callable[[Session, Element], Reply]] = {
    ("get", Name(PING, "ping")): _ping,
    ("get", Name(VERSION, "query")): _version,
    ("get", Name(DISCO_INFO, "query")): _disco_info,
    ("get", Name(DISCO_ITEMS, "query")): _disco_items,
}
