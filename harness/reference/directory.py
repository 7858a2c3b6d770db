"""A directory of users, made of their vCards (XEP-0055)."""

from collections.abc import Mapping

from harness.reference.accounts import Account
from harness.reference.answers import answer
from harness.reference.discovery import INFO, ITEMS, description, listing
from harness.reference.host import Host
from harness.reference.stanzas import (
    Answer,
    Element,
    Refused,
    Result,
    child_elements,
    is_request,
    kind_of,
    payload_of,
    type_of,
)
from harness.xmpp.elements import build
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import DISCO_INFO, DISCO_ITEMS, SEARCH, VCARD, Name

_QUERY = Name(SEARCH, "query")

#: The fields of a search, and where a vCard has them.
_FIELDS: Mapping[str, str] = {
    "first": f"{{{VCARD}}}N/{{{VCARD}}}GIVEN",
    "last": f"{{{VCARD}}}N/{{{VCARD}}}FAMILY",
    "nick": f"{{{VCARD}}}NICKNAME",
    "email": f"{{{VCARD}}}EMAIL/{{{VCARD}}}USERID",
}


def receive(host: Host, stanza: Element, to: Jid) -> None:
    """Take a stanza for the directory; only requests are answered."""
    if is_request(stanza):
        answer(host, stanza, _answer(host, stanza, to))


def _answer(host: Host, stanza: Element, to: Jid) -> Answer:
    payload = payload_of(stanza)
    if to.local or to.resource or payload is None:
        return Refused(condition="service-unavailable")
    match (type_of(stanza), kind_of(payload)):
        case ("get", name) if name == INFO:
            return Result(payload=description(None, [("directory", "user", "Users")], _FEATURES))
        case ("get", name) if name == ITEMS:
            return Result(payload=listing(None, []))
        case ("get", name) if name == _QUERY:
            return _form(host)
        case ("set", name) if name == _QUERY:
            return _search(host, payload)
    return Refused(condition="service-unavailable")


_FEATURES = (DISCO_INFO, DISCO_ITEMS, SEARCH)


def _form(host: Host) -> Answer:
    """The fields by which one can search (XEP-0055, 2.1)."""
    names = () if host.faults.has("search-without-fields") else tuple(_FIELDS)
    names += ("city",) if host.faults.has("search-field-made-up") else ()
    instructions = build(Name(SEARCH, "instructions"), {}, "Fill in what you know.")
    return Result(payload=build(_QUERY, {}, instructions, *(build(Name(SEARCH, name)) for name in names)))


def _search(host: Host, query: Element) -> Answer:
    wanted = {kind_of(child).local: child.text or "" for child in child_elements(query)}
    asked = {name: text.casefold() for name, text in wanted.items() if name in _FIELDS and text}
    if not asked:
        return Refused(condition="bad-request")
    found = [_item(host, one) for one in host.accounts.all() if _matches(_entry(one), asked)]
    if not found and host.faults.has("search-without-match-refused"):
        return Refused(condition="item-not-found")
    return Result(payload=build(_QUERY, {}, *found))


def _entry(account: Account) -> dict[str, str]:
    if account.vcard is None:
        return {}
    return {name: (account.vcard.findtext(path) or "").strip() for name, path in _FIELDS.items()}


def _matches(entry: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    return bool(entry) and all(entry[name].casefold() == text for name, text in asked.items())


def _item(host: Host, account: Account) -> Element:
    address = {} if host.faults.has("search-item-without-jid") else {"jid": host.bare_jid(account)}
    fields = [build(Name(SEARCH, name), {}, text) for name, text in _entry(account).items()]
    return build(Name(SEARCH, "item"), address, *fields)
