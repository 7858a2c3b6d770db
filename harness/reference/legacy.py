"""What clients asked before service discovery: browse and agents (XEP-0011, XEP-0094)."""

from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.requests import Handlers, Request, Scope
from harness.reference.settings import Feature
from harness.reference.stanzas import Answer, Element, Result
from harness.xmpp.elements import build
from harness.xmpp.namespaces import AGENTS, BROWSE, IQ_CONFERENCE, REGISTER, Name

BROWSE_NAMES = tuple(Name(BROWSE, local) for local in ("query", "item", "service", "conference", "user"))


def entry(category: str, jid: str, name: str, type: str, *children: Element) -> Element:
    """One entity as browsing shows it: the element is named after its category."""
    return build(Name(BROWSE, category), {"jid": jid, "name": name, "type": type}, *children)


def namespaces(*names: str) -> list[Element]:
    """The namespaces that an entity knows."""
    return [build(Name(BROWSE, "ns"), {}, name) for name in names]


def browse_server(host: Host, _request: Request) -> Answer:
    """The server with its services."""
    known = namespaces(REGISTER) if host.settings.has(Feature.REGISTRATION) else []
    services = []
    if host.settings.has(Feature.MUC):
        rooms = host.settings.muc_domain
        services.append(entry("conference", rooms, "Chat rooms", "public", *namespaces(IQ_CONFERENCE)))
    if host.faults.has("browse-item-without-jid"):
        for service in services:
            del service.attrib["jid"]
    return Result(
        payload=entry("service", host.domain, "xmpp-harness reference", "jabber", *services, *known)
    )


def agents(host: Host, _request: Request) -> Answer:
    """The services in the oldest form."""
    shown = []
    if host.settings.has(Feature.MUC):
        children = [build(Name(AGENTS, "name"), {}, "Chat rooms"), build(Name(AGENTS, "groupchat"))]
        address = {} if host.faults.has("agents-without-jid") else {"jid": host.settings.muc_domain}
        shown.append(build(Name(AGENTS, "agent"), address, *children))
    return Result(payload=build(Name(AGENTS, "query"), {}, *shown))


HANDLERS: Handlers = {
    **{(Scope.SERVER, "get", name): while_on(Feature.LEGACY, browse_server) for name in BROWSE_NAMES},
    (Scope.SERVER, "get", Name(AGENTS, "query")): while_on(Feature.LEGACY, agents),
}
