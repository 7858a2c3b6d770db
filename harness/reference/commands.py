"""Administration by commands: add and delete accounts (XEP-0050, XEP-0133, 4.1 and 4.2)."""

from collections.abc import Callable, Mapping

from harness.reference.addresses import parse
from harness.reference.discovery import ADMIN
from harness.reference.forms import Field, form, form_in, submitted
from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.registration import remove_account
from harness.reference.requests import Handlers, Request, Scope
from harness.reference.settings import Feature
from harness.reference.stanzas import Answer, Element, Refused, Result
from harness.xmpp.elements import build
from harness.xmpp.namespaces import COMMANDS, Name

_COMMAND = Name(COMMANDS, "command")
Values = Mapping[str, tuple[str, ...]]

_FORMS: Mapping[str, tuple[str, tuple[Field, ...]]] = {
    f"{ADMIN}#add-user": (
        "Adding a user",
        (
            Field(var="accountjid", type="jid-single", label="JID of the account", required=True),
            Field(var="password", type="text-private", label="Password"),
            Field(var="password-verify", type="text-private", label="Password again"),
            Field(var="email", type="text-single", label="Address for mail"),
        ),
    ),
    f"{ADMIN}#delete-user": (
        "Deleting users",
        (Field(var="accountjids", type="jid-multi", label="JIDs of the accounts", required=True),),
    ),
}


def run(host: Host, request: Request) -> Answer:
    """One stage of a command: without a form it is shown, with one it is carried out."""
    command = request.payload
    node, action = command.get("node", ""), command.get("action", "execute")
    if node not in _FORMS:
        return Refused(condition="item-not-found")
    if not host.is_admin(request.sender):
        return Refused(condition="forbidden")
    if action == "cancel":
        return Result(payload=_reply(host, command, "canceled"))
    if action not in ("execute", "next", "complete"):
        return _bad(host, "malformed-action")
    given = form_in(command)
    if given is None:
        return Result(payload=_shown(host, command, node))
    problem = _CARRIED_OUT[node](host, submitted(given))
    return _bad(host, "bad-payload") if problem else Result(payload=_reply(host, command, "completed"))


HANDLERS: Handlers = {(Scope.SERVER, "set", _COMMAND): while_on(Feature.COMMANDS, run)}


def _shown(host: Host, command: Element, node: str) -> Element:
    title, fields = _FORMS[node]
    actions = build(Name(COMMANDS, "actions"), {"execute": "complete"}, build(Name(COMMANDS, "complete")))
    return _reply(host, command, "executing", actions, form(ADMIN, fields, title=title))


def _reply(host: Host, command: Element, status: str, *content: Element) -> Element:
    attributes = {
        "node": command.get("node", ""),
        "sessionid": command.get("sessionid") or host.fresh(),
        "status": status,
    }
    return build(_COMMAND, attributes, *content)


def _bad(_host: Host, application: str) -> Refused:
    return Refused(condition="bad-request", application=build(Name(COMMANDS, application)))


def _add(host: Host, values: Values) -> bool:
    """Add an account; tell whether that went wrong."""
    address = parse(_one(values, "accountjid"))
    password = _one(values, "password")
    if address is None or address.domain != host.domain or not address.local:
        return True
    if password != (_one(values, "password-verify") or password):
        return True
    return host.accounts.add(address.local, password) is None


def _delete(host: Host, values: Values) -> bool:
    """Delete accounts, all or none; tell whether that went wrong."""
    addresses = [parse(jid) for jid in values.get("accountjids", ())]
    names = [address.local for address in addresses if address is not None and host.account_at(address)]
    if not names or len(names) != len(addresses):
        return True
    for name in names:
        remove_account(host, name)
    return False


def _one(values: Values, name: str) -> str:
    return values[name][0] if values.get(name) else ""


_CARRIED_OUT: Mapping[str, Callable[[Host, Values], bool]] = {
    f"{ADMIN}#add-user": _add,
    f"{ADMIN}#delete-user": _delete,
}
