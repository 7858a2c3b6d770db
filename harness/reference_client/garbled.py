"""What a client at fault reads out of elements that a strict one does not accept."""

import copy
import re

import msgspec

from harness.reference_client.session import Element, Session
from harness.wire.events import ElementReceived, Rule
from harness.xmpp.namespaces import CLIENT, Name

_COMMENT = re.compile(rb"<!--.*?-->[^<]*", re.DOTALL)
_BODY = re.compile(rb"<body>([^<]*)")
_SENDER = re.compile(rb"^\s*<message[^>]*\sfrom='([^']*)'")
_FAULTS = {Rule.BAD_NAMESPACE: "unbound-prefix-accepted", Rule.TRUNCATED: "cut-stanza-taken"}


def is_told(session: Session, rule: Rule, data: bytes) -> bool:
    """Whether a client that looks for a message by its bytes alone has found one, and told of it."""
    if rule not in _FAULTS or not session.has(_FAULTS[rule]):
        return False
    sender, body = _SENDER.search(data), _BODY.search(data)
    if sender is not None and body is not None:
        values = {"from": _text(sender[1]), "type": "chat", "body": _text(body[1])}
        session.report("message", values)
    return rule is not Rule.TRUNCATED


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def without_comments(event: ElementReceived) -> ElementReceived:
    """The element without comments, and without the text behind each."""
    return msgspec.structs.replace(event, raw=_COMMENT.sub(b"", event.raw))


def as_ours(stanza: Element) -> Element:
    """The stanza as it would be in jabber:client."""
    namespace, ours = Name.of(str(stanza.tag)).namespace, copy.deepcopy(stanza)
    for element in ours.iter():
        name = Name.of(str(element.tag))
        if name.namespace == namespace:
            element.tag = str(Name(CLIENT, name.local))
    return ours
