"""In-band registration of accounts (XEP-0077)."""

from collections.abc import Mapping

from harness.reference import subscriptions
from harness.reference.addresses import prepare_localpart
from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.requests import Handlers, Request, Scope, in_scopes
from harness.reference.settings import Feature
from harness.reference.stanzas import (
    IQ,
    Answer,
    Element,
    Refused,
    Result,
    child_elements,
    kind_of,
    type_of,
)
from harness.wire.writer import serialize
from harness.xmpp.elements import build, first
from harness.xmpp.namespaces import DATA_FORMS, REGISTER, Name

QUERY = Name(REGISTER, "query")
_REMOVE = Name(REGISTER, "remove")
_REQUIRED = ("username", "password")
_FIELDS = (*_REQUIRED, "email")
_INSTRUCTIONS = "Choose a user name and a password."
_OPTIONAL_KEY = "c5b1d7e0"


def before_login(host: Host, stanza: Element) -> bytes:
    """Answer a request that came before authentication (XEP-0077, 3.1)."""
    query = first(stanza, QUERY)
    if query is None:
        return b""
    given = {kind_of(child).local: child.text or "" for child in child_elements(query)}
    answer = _fields(host) if type_of(stanza) == "get" else _create(host, query, given)
    return serialize(_written(host, stanza, answer))


def get_form(host: Host, request: Request) -> Answer:
    """Somebody who is registered sees what is on file (XEP-0077, 3.1)."""
    if host.faults.has("register-refused-as-not-implemented"):
        return Refused(condition="feature-not-implemented")
    account = request.own
    shown = {"username": account.username, "password": "", **account.registration_fields}
    if host.faults.has("register-password-shown"):
        shown["password"] = account.password
    registered = (
        [] if host.faults.has("register-registered-missing") else [build(Name(REGISTER, "registered"))]
    )
    if host.faults.has("register-name-not-told"):
        del shown["username"]
    fields = [build(Name(REGISTER, name), {}, text) for name, text in shown.items()]
    return Result(payload=build(QUERY, {}, *registered, *fields))


def set_form(host: Host, request: Request) -> Answer:
    """A registered account changes its password or is removed (XEP-0077, 3.2 and 3.3)."""
    query = request.payload
    if first(query, _REMOVE) is not None:
        return _remove(host, request)
    given = {kind_of(child).local: child.text or "" for child in child_elements(query)}
    may_be_empty = host.faults.has("register-empty-password-set")
    if not given.get("password") and host.faults.has("register-change-incomplete-accepted"):
        return Result()
    if not given.get("username") or not (given.get("password") or may_be_empty):
        return Refused(condition="bad-request")
    named = host.accounts.get(prepare_localpart(given["username"]) or "")
    if named is not None and host.faults.has("password-of-anybody-set"):
        named.password = given.get("password", "")
        return Result()
    if prepare_localpart(given["username"]) != request.own.username:
        return Refused(condition="not-allowed", text="Nobody registers a second account here.")
    if not host.faults.has("register-password-unchanged"):
        request.own.password = given.get("password", "")
    return Result()


HANDLERS: Handlers = {
    **in_scopes((Scope.SERVER, Scope.OWN), "get", QUERY, while_on(Feature.REGISTRATION, get_form)),
    **in_scopes((Scope.SERVER, Scope.OWN), "set", QUERY, while_on(Feature.REGISTRATION, set_form)),
}


def remove_account(host: Host, username: str) -> None:
    """Delete an account: subscriptions are cancelled, sessions end (XEP-0077, 3.2)."""
    account = host.accounts[username]
    for contact in list(account.roster):
        if not host.faults.has("register-remove-keeps-subscriptions"):
            subscriptions.end_all(host, account, contact)
    for session in host.sessions.of(host.bare_jid(account)):
        if not host.faults.has("register-remove-keeps-sessions"):
            host.close(session, "not-authorized")
    host.accounts.remove(username)


def _remove(host: Host, request: Request) -> Answer:
    if len(child_elements(request.payload)) > 1 and not host.faults.has("register-remove-beside-others"):
        return Refused(condition="bad-request", text="Removal stands alone.")
    if host.faults.has("register-remove-ignored"):
        return Result()
    return Result(afterwards=lambda: remove_account(host, request.own.username))


def _fields(host: Host) -> Answer:
    names = ("password",) if host.faults.has("register-field-missing") else _FIELDS
    instructions = build(Name(REGISTER, "instructions"), {}, _INSTRUCTIONS)
    if host.faults.has("register-says-registered"):
        instructions = build(Name(REGISTER, "registered"))
    fields = [build(Name(REGISTER, name)) for name in names]
    return Result(payload=build(QUERY, {}, instructions, *fields, *_key(host)))


def _key(host: Host) -> list[Element]:
    """The opaque key of old: it must come back in the set (XEP-0077, 7)."""
    key = _key_given(host)
    return [build(Name(REGISTER, "key"), {}, key)] if key else []


def _key_given(host: Host) -> str:
    return host.settings.registration_key or (_OPTIONAL_KEY if host.settings.offers_key else "")


def _is_wrong_key(host: Host, given: Mapping[str, str]) -> bool:
    """A key that must come back is missing, or one that came is not ours."""
    missing = "" if host.settings.registration_key else _key_given(host)
    if host.faults.has("register-key-refused") and "key" in given:
        return True
    return given.get("key", missing) != _key_given(host) and not host.faults.has("register-key-unchecked")


def _create(host: Host, query: Element, given: Mapping[str, str]) -> Answer:
    if first(query, _REMOVE) is not None:
        done = host.faults.has("register-remove-before-login")
        return Result() if done else Refused(condition="unexpected-request")
    lacks = [name for name in _REQUIRED if not given.get(name)]
    if lacks and not host.faults.has("register-incomplete-accepted"):
        return Refused(condition="not-acceptable", text=f"Needed: {', '.join(lacks)}.")
    if _is_wrong_key(host, given):
        return Refused(condition="not-acceptable", text="The key is not the one that was given.")
    name = prepare_localpart(given.get("username", ""))
    if name is None:
        return Refused(condition="jid-malformed" if given.get("username") else "not-acceptable")
    if host.accounts.get(name) is not None:
        return _taken(host, name, given)
    if not host.faults.has("register-account-not-made"):
        account = host.accounts.add(name, given.get("password", ""))
        assert account is not None
        account.registration_fields = {"email": given["email"]} if given.get("email") else {}
    return Result()


def _taken(host: Host, name: str, given: Mapping[str, str]) -> Answer:
    if host.faults.has("register-overwrites-account"):
        host.accounts[name].password = given.get("password", "")
        return Result()
    condition = "not-acceptable" if host.faults.has("register-conflict-not-acceptable") else "conflict"
    return Refused(condition=condition)


def _written(host: Host, stanza: Element, answer: Answer) -> Element:
    if isinstance(answer, Refused):
        return host.error_for(stanza, answer)
    payload = answer.payload if isinstance(answer, Result) else None
    attributes = {"type": "result", "id": stanza.get("id", ""), "from": host.domain}
    content = [] if payload is None else [payload]
    if content and host.faults.has("register-form-beside-query"):
        content.append(build(Name(DATA_FORMS, "x"), {"type": "form"}))
    return build(IQ, attributes, *content)
