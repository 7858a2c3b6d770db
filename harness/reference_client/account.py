"""The account itself, and questions to others: XEP-0077 after login, disco#info, version, ping."""

from harness.reference_client.session import Element, Session, text_of
from harness.xmpp.elements import build
from harness.xmpp.namespaces import DISCO_INFO, PING, REGISTER, VERSION, Name

_REGISTER = Name(REGISTER, "query")
_DISCO = Name(DISCO_INFO, "query")
_VERSION = Name(VERSION, "query")


def change_password(session: Session, values: dict[str, str]) -> str:
    """Change the password; not where others can read it (XEP-0077, 3.3)."""
    if not session.is_secure and not session.has("password-changed-in-clear"):
        return "the connection is not encrypted"
    fields = {"username": session.jid.local, "password": values["password"]}
    payload = build(_REGISTER, {}, *(build(Name(REGISTER, key), {}, one) for key, one in fields.items()))
    session.ask(
        "set", payload, "change-password", lambda _: session.report("password-changed"), _server(session)
    )
    return ""


def unregister(session: Session, _values: dict[str, str]) -> None:
    """Remove the account: a request without addresses (XEP-0077, 3.2)."""
    payload = build(_REGISTER, {}, build(Name(REGISTER, "remove")))
    to = _server(session) if session.has("removal-with-to") else ""
    session.ask("set", payload, "unregister", lambda _: session.report("unregistered"), to)


def query_disco(session: Session, values: dict[str, str]) -> None:
    """Ask for disco#info."""
    jid = values["jid"]

    def tell(stanza: Element) -> None:
        found = stanza.iterfind(f"{_DISCO}/{{{DISCO_INFO}}}feature")
        session.report("disco", {"jid": jid, "features": [one.get("var", "") for one in found]})

    session.ask("get", build(_DISCO), "query-disco", tell, jid)


def query_version(session: Session, values: dict[str, str]) -> None:
    """Ask for the software's version."""
    jid = values["jid"]

    def tell(stanza: Element) -> None:
        query = stanza.find(str(_VERSION))
        name = "" if query is None else text_of(query, Name(VERSION, "name"))
        session.report("version", {"jid": jid, "name": name})

    session.ask("get", build(_VERSION), "query-version", tell, jid)


def ping(session: Session, values: dict[str, str]) -> None:
    """Ping somebody."""
    jid = values["jid"]
    session.ask("get", build(Name(PING, "ping")), "ping", lambda _: session.report("pong", {"jid": jid}), jid)


def _server(session: Session) -> str:
    return session.jid.domain
