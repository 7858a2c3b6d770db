"""A tiny gateway to a pigeon post, where one friar lives (XEP-0100)."""

from harness.reference.answers import answer
from harness.reference.discovery import INFO, ITEMS, description, listing
from harness.reference.host import Host
from harness.reference.registration import QUERY
from harness.reference.stanzas import (
    IQ,
    MESSAGE,
    Answer,
    Element,
    Refused,
    Result,
    child_elements,
    is_request,
    kind_of,
    payload_of,
    presence,
    text_of,
    type_of,
)
from harness.xmpp.elements import build, first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import DISCO_INFO, DISCO_ITEMS, IQ_GATEWAY, REGISTER, Name

_PROMPT = Name(IQ_GATEWAY, "query")
_FRIAR = "friar"
_NEEDED = ("username", "password")


class Gateway:
    """One gateway; who is registered is known by bare JID, with what was given."""

    def __init__(self) -> None:
        self._registered: dict[str, dict[str, str]] = {}

    def __call__(self, host: Host, stanza: Element, to: Jid) -> None:
        """Take a stanza for the gateway or for somebody behind it."""
        if kind_of(stanza) == IQ:
            if is_request(stanza):
                answer(host, stanza, self._answer(host, stanza, to))
        elif kind_of(stanza) == MESSAGE:
            self._message(host, stanza, to)
        elif not to.local:
            self._presence(host, stanza)

    def _answer(self, host: Host, stanza: Element, to: Jid) -> Answer:
        payload = payload_of(stanza)
        if to.local or to.resource or payload is None:
            return Refused(condition="service-unavailable")
        match (type_of(stanza), kind_of(payload)):
            case ("get", name) if name == INFO:
                return _info(host)
            case ("get", name) if name == ITEMS:
                return Result(payload=listing(None, []))
            case ("get", name) if name == QUERY:
                return self._form(host, _user(stanza))
            case ("set", name) if name == QUERY:
                return self._register(host, _user(stanza), payload)
            case (type, name) if name == _PROMPT:
                return _translate(host, payload) if type == "set" else _ask_for_name(host)
        return Refused(condition="service-unavailable")

    def _form(self, host: Host, user: str) -> Answer:
        given = self._registered.get(user)
        if given is None:
            children = [build(Name(REGISTER, "instructions"), {}, "Name your pigeon loft.")]
            names = _NEEDED[1:] if host.faults.has("gateway-field-missing") else _NEEDED
            children += [build(Name(REGISTER, name)) for name in names]
        else:
            children = [] if host.faults.has("gateway-registered-missing") else [_registered()]
            children += [build(Name(REGISTER, "username"), {}, given["username"])]
            children += [build(Name(REGISTER, "password"))]
        return Result(payload=build(QUERY, {}, *children))

    def _register(self, host: Host, user: str, query: Element) -> Answer:
        if first(query, Name(REGISTER, "remove")) is not None:
            return self._remove(host, user)
        given = {kind_of(child).local: child.text or "" for child in child_elements(query)}
        if not all(given.get(name) for name in _NEEDED) and not host.faults.has("gateway-takes-anything"):
            return Refused(condition="not-acceptable")
        is_new = user not in self._registered
        self._registered[user] = given
        if not is_new or host.faults.has("gateway-does-not-subscribe"):
            return Result()
        return Result(afterwards=lambda: _say(host, user, "subscribe"))

    def _remove(self, host: Host, user: str) -> Answer:
        if user not in self._registered:
            return Refused(condition="registration-required")
        if not host.faults.has("gateway-remove-ignored"):
            del self._registered[user]
        return Result(afterwards=lambda: _say_goodbye(host, user))

    def _presence(self, host: Host, stanza: Element) -> None:
        user = _user(stanza)
        if user not in self._registered:
            return
        if type_of(stanza) == "subscribe":
            if not host.faults.has("gateway-does-not-approve"):
                _say(host, user, "subscribed")
            _say(host, user, None)
        elif type_of(stanza) in ("", "probe") and not host.faults.has("gateway-login-silent"):
            _say(host, user, None)
        elif type_of(stanza) == "unavailable" and not host.faults.has("gateway-logout-silent"):
            _say(host, stanza.get("from", ""), "unavailable")

    def _message(self, host: Host, stanza: Element, to: Jid) -> None:
        if host.faults.has("gateway-messages-vanish") or not to.local:
            return
        if _user(stanza) not in self._registered:
            host.refuse(stanza, Refused(condition="registration-required"))
        elif to.local != _FRIAR:
            host.refuse(stanza, Refused(condition="item-not-found"))


def _user(stanza: Element) -> str:
    return stanza.get("from", "").partition("/")[0]


def _registered() -> Element:
    return build(Name(REGISTER, "registered"))


def _say(host: Host, to: str, type: str | None) -> None:
    host.route(presence(host.settings.gateway_domain, to, type))


def _say_goodbye(host: Host, user: str) -> None:
    """Both subscriptions end, and the session behind the gateway (XEP-0100, 4.3.1)."""
    if not host.faults.has("gateway-remove-silent"):
        for type in ("unsubscribe", "unsubscribed", "unavailable"):
            _say(host, user, type)


def _info(host: Host) -> Answer:
    kind = "" if host.faults.has("gateway-without-type") else "x-pigeon"
    features = [DISCO_INFO, DISCO_ITEMS, REGISTER, IQ_GATEWAY]
    return Result(payload=description(None, [("gateway", kind, "Pigeon post")], features))


def _ask_for_name(host: Host) -> Answer:
    """What to ask the user for (XEP-0100, 6.3)."""
    children = [build(Name(IQ_GATEWAY, "desc"), {}, "Who shall get the letter?")]
    if not host.faults.has("gateway-without-prompt"):
        children.append(build(Name(IQ_GATEWAY, "prompt"), {}, "Name"))
    return Result(payload=build(_PROMPT, {}, *children))


def _translate(host: Host, query: Element) -> Answer:
    """The address of a foreign name (XEP-0100, 6.3)."""
    name = text_of(query, Name(IQ_GATEWAY, "prompt"))
    address = host.address(f"{name}@{host.settings.gateway_domain}")
    if address is None or not name:
        return Refused(condition="not-acceptable")
    shown = name if host.faults.has("gateway-jid-without-domain") else str(address)
    tag = "prompt" if host.faults.has("gateway-jid-as-prompt") else "jid"
    return Result(payload=build(_PROMPT, {}, build(Name(IQ_GATEWAY, tag), {}, shown)))
