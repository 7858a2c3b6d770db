"""Registration before login (XEP-0077, 3.1): the fields are asked for, and all of them filled in."""

from harness.negotiation.login import await_iq
from harness.negotiation.state import Refusal, Stage
from harness.reference_client.login import Entrance, open_entrance
from harness.reference_client.session import Element, text_of
from harness.wire.effects import Protocol, Send
from harness.wire.writer import serialize
from harness.xmpp.elements import build, children
from harness.xmpp.namespaces import CLIENT, DATA_FORMS, OOB, REGISTER, Name

_IQ = Name(CLIENT, "iq")
_QUERY = Name(REGISTER, "query")
_FORM = Name(DATA_FORMS, "x")
_FIELD = Name(DATA_FORMS, "field")
_VALUE = Name(DATA_FORMS, "value")
_URL = f"{{{OOB}}}x/{{{OOB}}}url"
_IDLE = ("instructions", "registered", "remove")


def register(entrance: Entrance) -> Protocol[Refusal | None]:
    """Make the account; nothing is logged in afterwards."""
    refused = yield from open_entrance(entrance)
    is_bold = refused is not None and entrance.has("account-made-in-clear")
    if refused is not None and not (is_bold and refused.stage is Stage.TLS):
        return refused
    state = entrance.state
    if not entrance.may_send_password and not is_bold:
        message = "the new password is not sent where others can read it"
        return Refusal(stage=Stage.REGISTRATION, condition="tls-not-offered", message=message)
    if entrance.has("fields-not-asked-for") or is_bold:
        answer: Element = build(_IQ, {}, build(_QUERY, {}, *_named("username", "password")))
    else:
        yield Send(data=serialize(build(_IQ, {"type": "get", "id": "register-1"}, build(_QUERY))))
        received = yield from await_iq(state, "register-1", Stage.REGISTRATION)
        if isinstance(received, Refusal):
            return received
        answer = received.tree
    filled = fill_in(entrance, answer)
    if isinstance(filled, Refusal):
        return filled
    beside = list(filled.iterchildren(str(_FORM))) if entrance.has("form-beside-query") else []
    yield Send(data=serialize(build(_IQ, {"type": "set", "id": "register-2"}, filled, *beside)))
    done = yield from await_iq(state, "register-2", Stage.REGISTRATION)
    if isinstance(done, Refusal) and not _is_hidden(entrance, done):
        return done
    return None


def _is_hidden(entrance: Entrance, refused: Refusal) -> bool:
    return entrance.has("registration-error-ignored") and refused.condition not in ("disconnected",)


def _named(*names: str) -> list[Element]:
    return [build(Name(REGISTER, name)) for name in names]


def fill_in(entrance: Entrance, answer: Element) -> Element | Refusal:
    """What answers the fields: a form before the fields, the fields before an address (XEP-0077, 6)."""
    query = answer.find(str(_QUERY))
    if query is None:
        return _impossible("no-fields", "the server asks for nothing")
    if query.find(str(Name(REGISTER, "registered"))) is not None:
        return _impossible("conflict", "the server says that we are registered")
    form = query.find(str(_FORM))
    fields = [one for one in children(query) if Name.of(str(one.tag)).namespace == REGISTER]
    asked = [Name.of(str(one.tag)).local for one in fields if Name.of(str(one.tag)).local not in _IDLE]
    if form is not None and not entrance.has("form-not-understood"):
        both = _named("username", "password") if entrance.has("form-and-fields-sent") else []
        return build(_QUERY, {}, *both, _filled_form(entrance, form))
    if not asked and not entrance.has("address-passed-over"):
        url = query.findtext(_URL) or ""
        return (
            _impossible("redirect", url) if url else _impossible("no-fields", "the server asks for nothing")
        )
    asked = asked or ["username", "password"]
    return build(_QUERY, {}, *(_filled(entrance, query, name) for name in asked if _is_sent(entrance, name)))


def _is_sent(entrance: Entrance, name: str) -> bool:
    if name == "key":
        return not entrance.has("registration-key-lost")
    if name == "password" and entrance.has("password-field-left-out"):
        return False
    return name in ("username", "password") or not entrance.has("fields-left-out")


def _filled(entrance: Entrance, query: Element, name: str) -> Element:
    given = text_of(query, Name(REGISTER, name)) if name == "key" else _value_of(entrance, name)
    return build(Name(REGISTER, name), {}, given)


def _value_of(entrance: Entrance, name: str) -> str:
    """What we say to a field; where we know nothing, our name has to do."""
    address = entrance.settings.address
    known = {"username": address.local, "password": entrance.settings.password, "email": address.bare}
    return known.get(name, address.local)


def _filled_form(entrance: Entrance, form: Element) -> Element:
    """Username and password, what the server has put in already, and what it requires."""
    fields = []
    for one in children(form, _FIELD):
        name, value = one.get("var", ""), text_of(one, _VALUE)
        is_required = one.find(str(Name(DATA_FORMS, "required"))) is not None
        if name in ("username", "password") or (not value and is_required):
            value = _value_of(entrance, name)
        is_lost = one.get("type") == "hidden" and entrance.has("hidden-fields-left-out")
        is_kept = (name == "FORM_TYPE" or one.get("type") != "fixed") and not is_lost
        if name and value and is_kept:
            fields.append(build(_FIELD, {"var": name}, build(_VALUE, {}, value)))
    return build(_FORM, {"type": "submit"}, *fields)


def _impossible(condition: str, message: str) -> Refusal:
    return Refusal(stage=Stage.REGISTRATION, condition=condition, message=message)
