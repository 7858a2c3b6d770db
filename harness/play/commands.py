"""Which command makes a client send what a transcript wants to see: from an element to the command."""

from collections.abc import Callable, Mapping

from lxml import etree

from harness.pattern.nodes import Node
from harness.wire.driver import Command
from harness.xmpp.namespaces import CLIENT, DISCO_INFO, MUC, PING, REGISTER, ROSTER, VERSION, Name

_MESSAGE_TYPES = ("chat", "normal", "groupchat", "headline")
_SUBSCRIPTIONS = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")


def command_for(element: "etree._Element") -> Command | None:
    """Return the command, None where no command makes a client send such an element."""
    maker = _MAKERS.get(Name.of(str(element.tag)))
    return maker(element) if maker else None


def _message(element: "etree._Element") -> Command | None:
    kind, to = element.get("type", "normal"), element.get("to", "")
    body, subject = _text(element, "body"), _text(element, "subject")
    if subject is not None and body is None and kind == "groupchat":
        return Command(name="set-subject", fields=(to, subject))
    if body is None or subject is not None or kind not in _MESSAGE_TYPES:
        return None
    return Command(name="send-message", fields=(to, kind, body))


def _presence(element: "etree._Element") -> Command | None:
    kind, to = element.get("type", ""), element.get("to", "")
    if kind in _SUBSCRIPTIONS:
        return Command(name="send-presence", fields=(to, kind))
    if to:
        return _directed(element, kind, to)
    if kind not in ("", "unavailable"):
        return None
    show = kind or _text(element, "show") or "available"
    fields = (show, _text(element, "status") or "", _text(element, "priority") or "")
    return Command(name="set-presence", fields=fields)


def _directed(element: "etree._Element", kind: str, to: str) -> Command | None:
    """Presence to an occupant's address is about a room."""
    room, _, nick = to.partition("/")
    entering = element.find(f"{{{MUC}}}x")
    if not nick:
        return None
    if kind == "unavailable":
        return Command(name="leave-room", fields=(room, nick))
    if entering is None:
        return Command(name="change-nickname", fields=(room, nick))
    password = entering.findtext(f"{{{MUC}}}password") or ""
    return Command(name="join-room", fields=(room, nick, password))


def _iq(element: "etree._Element") -> Command | None:
    if element.get("type") not in ("get", "set") or len(element) != 1:
        return None
    maker = _REQUESTS.get((element.get("type", ""), Name.of(str(element[0].tag))))
    return maker(element) if maker else None


def _roster_set(element: "etree._Element") -> Command | None:
    item = element.find(f"{{{ROSTER}}}query/{{{ROSTER}}}item")
    if item is None:
        return None
    if item.get("subscription") == "remove":
        return Command(name="remove-contact", fields=(item.get("jid", ""),))
    fields = (item.get("jid", ""), item.get("name", ""), item.findtext(f"{{{ROSTER}}}group") or "")
    return Command(name="add-contact", fields=fields)


def _registration(element: "etree._Element") -> Command | None:
    query = element[0]
    if query.find(f"{{{REGISTER}}}remove") is not None:
        return Command(name="unregister")
    password = query.findtext(f"{{{REGISTER}}}password")
    return None if password is None else Command(name="change-password", fields=(password,))


def _asking(name: str) -> Callable[["etree._Element"], Command | None]:
    return lambda element: Command(name=name, fields=(element.get("to", ""),))


_Maker = Callable[["etree._Element"], Command | None]
_MAKERS: Mapping[Name, _Maker] = {
    Name(CLIENT, "message"): _message,
    Name(CLIENT, "presence"): _presence,
    Name(CLIENT, "iq"): _iq,
}
_REQUESTS: Mapping[tuple[str, Name], _Maker] = {
    ("get", Name(ROSTER, "query")): lambda _: Command(name="get-roster"),
    ("set", Name(ROSTER, "query")): _roster_set,
    ("set", Name(REGISTER, "query")): _registration,
    ("get", Name(DISCO_INFO, "query")): _asking("query-disco"),
    ("get", Name(VERSION, "query")): _asking("query-version"),
    ("get", Name(PING, "ping")): _asking("ping"),
}


def _text(element: "etree._Element", local: str) -> str | None:
    return element.findtext(f"{{{CLIENT}}}{local}")


def command_for_pattern(node: Node) -> str:
    """The name of the command that will be needed for a pattern; empty where none is."""
    command = command_for(_as_written(node))
    return command.name if command else ""


def _as_written(node: Node) -> "etree._Element":
    """The pattern as an element, with its holes as they stand in the script."""
    element = etree.Element(str(node.name))
    for name, template in node.attributes.items():
        element.set(str(name), template.source)
    element.text = node.text.source if node.text is not None else None
    element.extend(_as_written(child) for child in node.children)
    return element
