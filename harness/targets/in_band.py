"""Accounts by in-band registration (XEP-0077)."""

from collections.abc import Mapping

from lxml import etree

from harness.errors import TargetError
from harness.negotiation.client import (
    ClientState,
    Refusal,
    Stage,
    TlsPolicy,
    await_features,
    open_stream,
    start_tls,
)
from harness.negotiation.login import await_iq
from harness.negotiation.state import refusal
from harness.targets.access import Access
from harness.targets.logins import Login
from harness.targets.refusals import refused
from harness.transport.connection import drive
from harness.wire.effects import OpenConnection, Protocol, Send
from harness.wire.events import Connected, ElementReceived
from harness.wire.writer import serialize, stream_footer
from harness.xmpp.elements import build, first, name_of
from harness.xmpp.namespaces import CLIENT, DATA_FORMS, REGISTER, Name

_IQ = Name(CLIENT, "iq")
_QUERY = Name(REGISTER, "query")
_ADVICE = "switch registration on at the server, or choose another accounts.provider"
_MASK = "[masked]"
#: What a server may ask for besides name and password, with something harmless to say.
_FILLERS = {"email": "harness@localhost.invalid", "date": "1970-01-01", "url": "http://localhost.invalid/"}
_NOT_ASKED = frozenset({"instructions", "registered", "username", "password"})


class InBand:
    """Registers each account on a connection of its own, since a second one on the same may be refused.

    `registering` is the policy for registration alone; None for that of all logins.
    """

    def __init__(self, access: Access, *, registering: TlsPolicy | None = None) -> None:
        self._access = access
        self._policy = registering or access.policy
        self._known: Mapping[str, str] | None = None

    async def create(self, username: str, password: str) -> Login:
        """Register an account. What else the server asks for is looked up once."""
        login = Login(username=username, password=password)
        state = ClientState(domain=self._access.endpoint.domain)
        async with self._access.connection() as connection:
            protocol = _register(state, self._policy, login, self._known)
            result = await drive(protocol, connection)
        if isinstance(result, Refusal):
            raise refused(f"{username} cannot be registered", result, _ADVICE)
        self._known = None if "key" in result else result  # a key is good for one registration
        return login

    async def remove(self, login: Login) -> None:
        """Log in as the account and cancel its registration (XEP-0077, 3.2)."""
        state = ClientState(domain=self._access.endpoint.domain)
        async with self._access.connection() as connection:
            entered = await self._access.log_in(connection, state, login.username, login.password)
            if isinstance(entered, Refusal):
                raise refused(f"{login.username} cannot be removed", entered, _ADVICE)
            result = await drive(_cancel(state), connection)
        if isinstance(result, Refusal) and not _is_farewell(result):
            raise refused(f"{login.username} cannot be removed", result, _ADVICE)

    async def aclose(self) -> None:
        """Nothing is kept open."""


def _register(
    state: ClientState, policy: TlsPolicy, login: Login, known: Mapping[str, str] | None
) -> Protocol[Mapping[str, str] | Refusal]:
    """Register and return what else the server asked for, and our answers."""
    refusal_before = yield from _open(state, policy)
    if refusal_before is not None:
        return refusal_before
    others = known
    if others is None:
        yield _request("get", "register-1")
        asked = yield from await_iq(state, "register-1", Stage.SESSION)
        if isinstance(asked, Refusal):
            return asked
        others = _answers(asked.tree)
    yield _submission(login, others)
    answer = yield from await_iq(state, "register-2", Stage.SESSION)
    if isinstance(answer, Refusal):
        return answer
    yield Send(data=stream_footer())
    return others


def _open(state: ClientState, policy: TlsPolicy) -> Protocol[Refusal | None]:
    """Open the stream with TLS as the policy says, as far as one comes without logging in."""
    event = yield OpenConnection(direct_tls=policy is TlsPolicy.DIRECT)
    if not isinstance(event, Connected):
        assert event is not None, "OpenConnection is always answered"
        return refusal(Stage.CONNECT, event)
    state.tls = event.tls
    result = yield from _greet(state)
    if result is not None or state.tls is not None or policy is TlsPolicy.NEVER:
        return result
    if not state.offered.starttls and policy is TlsPolicy.IF_OFFERED:
        return None
    started = yield from start_tls(state)
    if isinstance(started, Refusal):
        return started
    return (yield from _greet(state))


def _greet(state: ClientState) -> Protocol[Refusal | None]:
    opened = yield from open_stream(state)
    if isinstance(opened, Refusal):
        return opened
    if not opened.attributes.get("version"):
        return None
    features = yield from await_features(state)
    return features if isinstance(features, Refusal) else None


def _answers(iq: "etree._Element") -> Mapping[str, str]:
    """What to answer to the fields that are asked for besides name and password (XEP-0077, 3.1).

    Raises TargetError when there is only a form, which may hold a riddle.
    """
    query = first(iq, _QUERY)
    fields = {} if query is None else {name_of(field): field.text or "" for field in query}
    asked = {name.local: text for name, text in fields.items() if name.namespace == REGISTER}
    if "username" not in asked and Name(DATA_FORMS, "x") in fields:
        raise TargetError("the target asks for a form to be filled in", advice=_ADVICE)
    return {
        name: text if name == "key" else _FILLERS.get(name, "harness")
        for name, text in asked.items()
        if name not in _NOT_ASKED
    }


def _submission(login: Login, others: Mapping[str, str]) -> Send:
    masked = Login(username=login.username, password=_MASK)
    return Send(data=_submitted(login, others), masked=_submitted(masked, others))


def _submitted(login: Login, others: Mapping[str, str]) -> bytes:
    values = {"username": login.username, "password": login.password, **others}
    fields = [build(Name(REGISTER, name), None, value) for name, value in values.items()]
    return serialize(build(_IQ, {"type": "set", "id": "register-2"}, build(_QUERY, None, *fields)))


def _request(type: str, id: str, *children: "etree._Element") -> Send:
    return Send(data=serialize(build(_IQ, {"type": type, "id": id}, build(_QUERY, None, *children))))


def _cancel(state: ClientState) -> Protocol[ElementReceived | Refusal]:
    yield _request("set", "remove-1", build(Name(REGISTER, "remove")))
    return (yield from await_iq(state, "remove-1", Stage.SESSION))


def _is_farewell(result: Refusal) -> bool:
    """Whether the server ended the session of the account that is gone, in one of the ways it may."""
    if isinstance(result.event, ElementReceived) and result.event.name == _IQ:
        return False
    return result.condition in ("not-authorized", "conflict", "reset", "stream-closed", "disconnected")
