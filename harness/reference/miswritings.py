"""Stanzas on their way out, written otherwise than the documents have it: faults that show in everything."""

import re
from collections.abc import Callable, Mapping

#: How a stanza is written that has a fault.
Miswriting = Callable[[bytes], bytes]

_ERROR_STANZA = re.compile(rb"<(?:iq|message|presence)\b[^>]*\btype='error'")
_RESULT = re.compile(rb"(<iq\b[^>]*\btype='result'[^>]*?)(/?)>")
_ERROR = re.compile(rb"<error\b.*</error>|<error\b[^>]*/>", re.DOTALL)
_ID = re.compile(rb" id='[^']*'")
_TYPE_OF_ERROR = re.compile(rb"(<error\b[^>]* type=)'[^']*'")
_KIND = re.compile(rb"^<(iq|presence)\b(.*)</\1>$", re.DOTALL)
_LANGUAGE = re.compile(rb"(<message\b[^>]*) xml:lang='[^']*'")
_MESSAGE_END = re.compile(rb"</message>$")
_ANSWER_TO = re.compile(rb"(<iq\b[^>]*\btype='(?:result|error)'[^>]*\bto=|<iq\b[^>]*\bto=)'[^']*'")
_FROM_DOMAIN = re.compile(rb"(<(?:iq|message|presence)\b[^>]*\bfrom='[^'@/]+)'")
_STAMP = re.compile(rb"(<delay\b[^>]* stamp=')(\d{4})-(\d\d)-(\d\d)T([\d:]+)(?:\.\d+)?Z'")
_WHOLE_STAMP = re.compile(rb"(<delay\b[^>]*) stamp='[^']*'")
_IDENTITY = re.compile(rb"<identity\b[^>]*/>")
_IDENTITY_TYPE = re.compile(rb"(<identity\b[^>]*) type='[^']*'")
_NAME = re.compile(rb" name='[^']*'")
_REGISTRATION = re.compile(rb"(<query xmlns='jabber:iq:register'>)")
_VAR = re.compile(rb"<feature var='[^']*'/>")
_ITEM = re.compile(rb"(<item jid='[^']*'(?: name='[^']*')?)/>")
_ITEMS = b"http://jabber.org/protocol/disco#items"


def _with_error(stanza: bytes) -> bytes:
    """The error comes first, and what was an empty element is one no more."""
    found = _RESULT.match(stanza)
    if found is None:
        return stanza
    tail = b"</iq>" if found[2] else b""
    return found[1] + b"><error type='cancel'/>" + tail + stanza[found.end() :]


def _of_errors(change: Miswriting) -> Miswriting:
    return lambda stanza: change(stanza) if _ERROR_STANZA.match(stanza) else stanza


def _with_misplaced_text(stanza: bytes) -> bytes:
    return stanza.replace(b"</error>", b"<text xmlns='urn:example:text'>No</text></error>")


def _as_message(stanza: bytes) -> bytes:
    return _KIND.sub(rb"<message\2</message>", stanza)


def _under_two_names(found: "re.Match[bytes]") -> bytes:
    return found[0] + _NAME.sub(b"", found[0]).replace(b"<identity", b"<identity name='Other'")


def _of_items(change: bytes) -> Miswriting:
    return lambda stanza: _ITEM.sub(change, stanza) if _ITEMS in stanza else stanza


#: What each fault does to a stanza.
MISWRITINGS: Mapping[str, Miswriting] = {
    "error-in-a-result": _with_error,
    "error-element-missing": _of_errors(lambda one: _ERROR.sub(b"", one)),
    "error-id-missing": _of_errors(lambda one: _ID.sub(b"", one, count=1)),
    "error-type-made-up": _of_errors(lambda one: _TYPE_OF_ERROR.sub(rb"\1'fatal'", one)),
    "error-of-another-kind": _of_errors(_as_message),
    "error-text-misplaced": _of_errors(_with_misplaced_text),
    "message-language-lost": lambda one: _LANGUAGE.sub(rb"\1", one),
    "answer-to-another-address": lambda one: _ANSWER_TO.sub(rb"\1'nobody@nowhere.example/x'", one, count=1),
    "answer-from-a-resource-of-the-domain": lambda one: _FROM_DOMAIN.sub(rb"\1/server'", one, count=1),
    "extension-without-namespace": lambda one: _MESSAGE_END.sub(b"<mood/></message>", one),
    "stamp-of-another-zone": lambda one: _STAMP.sub(rb"\1\2-\3-\4T\5+02:00'", one),
    "stamp-in-old-form": lambda one: _STAMP.sub(rb"\1\2\3\4T\5'", one),
    "registration-field-made-up": lambda one: _REGISTRATION.sub(rb"\1<shoesize/>", one),
    "stamp-missing": lambda one: _WHOLE_STAMP.sub(rb"\1", one),
    "identity-with-two-names": lambda one: _IDENTITY.sub(_under_two_names, one),
    "identity-without-type": lambda one: _IDENTITY_TYPE.sub(rb"\1", one),
    "feature-without-var": lambda one: _VAR.sub(b"<feature/>", one, count=1),
    "item-with-text": _of_items(rb"\1>here</item>"),
    "item-with-empty-node": _of_items(rb"\1 node=''/>"),
}
