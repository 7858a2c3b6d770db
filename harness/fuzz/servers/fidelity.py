"""What is delivered against what was sent, as XML means it.

Servers may set `from`, `to` and `xml:lang` (RFC 6120, 8.1), and may add and remove what is theirs to tell:
delays (XEP-0203), stanza and occupant ids (XEP-0359, XEP-0421), presence in rooms (XEP-0045), copies
(XEP-0280) and capabilities (XEP-0115, 8.4).
"""

from collections.abc import Iterable

from lxml import etree

from harness.xmpp.namespaces import CLIENT, XML, Name

_OWNED = frozenset(
    {
        "urn:xmpp:delay",
        "jabber:x:delay",
        "urn:xmpp:sid:0",
        "urn:xmpp:occupant-id:0",
        "http://jabber.org/protocol/muc#user",
        "urn:xmpp:carbons:2",
        "urn:xmpp:hints",
        "urn:xmpp:mam:tmp",
        "http://jabber.org/protocol/caps",
        "http://jabber.org/protocol/address",
        "vcard-temp:x:update",
        "jabber:x:event",
    }
)


_NEVER_EMPTY = frozenset({"show", "priority"})  # RFC 6121, 4.7.2.1 and 4.7.2.3
_MESSAGES = frozenset({"chat", "error", "groupchat", "headline", "normal"})


def difference_of(sent: "etree._Element", came: "etree._Element") -> str:
    """Name the first difference that no text permits; empty if there is none."""
    if _kind(sent) != _kind(came):
        return "another type"
    for name in dict.fromkeys(_names(sent)):
        ours, theirs = _named(sent, name), _named(came, name)
        is_regular = len(ours) == 1 and _is_regular(ours[0])
        if name.namespace == CLIENT and not is_regular and (theirs or name.local in _NEVER_EMPTY):
            continue  # what the schema does not have there may be put right (RFC 6120, 11.4)
        if len(ours) > len(theirs):
            is_moved = len(_locally(sent, name)) <= len(_locally(came, name))
            return "a child in another namespace" if is_moved else "a child less"
        if len(ours) < len(theirs):
            return "a child more"
        for one, other in zip(ours, theirs, strict=True):
            if found := _inside(one, other):
                return found
    return ""


def _kind(stanza: "etree._Element") -> str:
    if Name.of(str(stanza.tag)).local != "message":
        return stanza.get("type", "")
    kind = stanza.get("type", "normal")
    return kind if kind in _MESSAGES else "normal"  # RFC 6121, 5.2.2


def _names(stanza: "etree._Element") -> Iterable[Name]:
    for child in stanza:
        name = Name.of(str(child.tag))
        if name.namespace not in _OWNED:
            yield name


def _named(stanza: "etree._Element", name: Name) -> list["etree._Element"]:
    return [child for child in stanza if Name.of(str(child.tag)) == name]


def _is_regular(child: "etree._Element") -> bool:
    """Whether it has nothing but a text, a right one, and a language."""
    is_empty = not (child.text or "").strip()
    if is_empty and Name.of(str(child.tag)).local in _NEVER_EMPTY:
        return False
    return len(child) == 0 and set(child.attrib) <= {f"{{{XML}}}lang"}


def _locally(stanza: "etree._Element", name: Name) -> list["etree._Element"]:
    """Those of the same local name, in whatever namespace."""
    return [child for child in stanza if Name.of(str(child.tag)).local == name.local]


def _inside(one: "etree._Element", other: "etree._Element") -> str:
    """Compare two elements down to the last text."""
    if one.tag != other.tag:
        return "another element"
    if _attributes(one) != _attributes(other):
        return "other attributes"
    if _text(one.text) != _text(other.text):
        return "another text"
    if len(one) != len(other):
        return "other children"
    for first, second in zip(one, other, strict=True):
        if _text(first.tail) != _text(second.tail):
            return "another text"
        if found := _inside(first, second):
            return found
    return ""


def _text(text: str | None) -> str:
    """White space at the ends is left out, as scripts leave it out when they compare."""
    return (text or "").strip()


def _attributes(element: "etree._Element") -> dict[str, str]:
    return {str(key): str(value) for key, value in element.attrib.items()}
