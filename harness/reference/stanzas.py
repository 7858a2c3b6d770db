"""Stanzas as the server handles them: requests, answers, errors, copies."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from harness.xmpp.conditions import STANZA_CONDITIONS
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import CLIENT, DELAY, LEGACY_DELAY, Name

Element = etree._Element

IQ = Name(CLIENT, "iq")
MESSAGE = Name(CLIENT, "message")
PRESENCE = Name(CLIENT, "presence")
ERROR = Name(CLIENT, "error")
BODY = Name(CLIENT, "body")
SUBJECT = Name(CLIENT, "subject")
STATUS = Name(CLIENT, "status")

#: The error type that goes with a condition where RFC 6120, 8.3.3 leaves a choice.
_CHOSEN_TYPES: Mapping[str, str] = {
    "feature-not-implemented": "cancel",
    "policy-violation": "modify",
    "undefined-condition": "cancel",
    "unexpected-request": "wait",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """An iq request was carried out; `payload` is what the result holds.

    `afterwards` is done once the result is on its way.
    """

    payload: Element | None = None
    afterwards: Callable[[], object] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A stanza is answered by an error. `type` None: the one that RFC 6120 names with the condition.

    `application` is an application-specific condition (RFC 6120, 8.3.2).
    """

    condition: str
    type: str | None = None
    text: str | None = None
    application: Element | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deferred:
    """The answer has been sent already, or comes from somebody else."""


Answer = Result | Refused | Deferred


def error_type_of(condition: str) -> str:
    """The error type that the server sends with a condition (RFC 6120, 8.3.3)."""
    return _CHOSEN_TYPES.get(condition) or next(iter(STANZA_CONDITIONS[condition].types))


def kind_of(stanza: Element) -> Name:
    """The expanded name of an element."""
    return Name.of(str(stanza.tag))


def type_of(stanza: Element, default: str = "") -> str:
    """The `type` attribute."""
    return stanza.get("type", default)


def child_elements(stanza: Element) -> list[Element]:
    """The child elements, without comments and the like."""
    return [child for child in stanza if isinstance(child.tag, str)]


def payload_of(iq: Element) -> Element | None:
    """The child element of an iq request, or None when there is not exactly one."""
    found = child_elements(iq)
    return found[0] if len(found) == 1 else None


def text_of(element: Element | None, name: Name) -> str:
    """The text of the first child of that name, without white space around it; empty if there is none."""
    child = first(element, name) if element is not None else None
    return (child.text or "").strip() if child is not None else ""


def copied(stanza: Element, **attributes: str | None) -> Element:
    """A deep copy with some attributes set, or removed where the value is None; `sender` means `from`."""
    copy = deepcopy(stanza)
    copy.tail = None
    for key, value in attributes.items():
        name = "from" if key == "sender" else key
        if value is not None:
            copy.set(name, value)
        elif name in copy.attrib:
            del copy.attrib[name]
    return copy


def presence(
    sender: str, to: str, type: str | None = None, *content: Element, id: str | None = None
) -> Element:
    """A presence stanza of the server's own making."""
    attributes = {"from": sender, "to": to}
    if type is not None:
        attributes["type"] = type
    if id is not None:
        attributes["id"] = id
    return build(PRESENCE, attributes, *content)


def delay(sender: str, stamp: str) -> Element:
    """Delayed delivery (XEP-0203); `stamp` as `timestamp` writes it."""
    return build(Name(DELAY, "delay"), {"from": sender, "stamp": stamp})


def legacy_delay(sender: str, stamp: str) -> Element:
    """Delayed delivery as before XEP-0203 (XEP-0091): CCYYMMDDThh:mm:ss."""
    return build(Name(LEGACY_DELAY, "x"), {"from": sender, "stamp": stamp})


def is_request(stanza: Element) -> bool:
    """Tell whether this is an iq that has to be answered."""
    return kind_of(stanza) == IQ and type_of(stanza) in ("get", "set")


def may_be_refused(stanza: Element) -> bool:
    """Tell whether an error may answer the stanza (RFC 6120, 8.3.1 and 8.2.3)."""
    if kind_of(stanza) == IQ:
        return type_of(stanza) not in ("result", "error")
    return type_of(stanza) != "error"
