"""Accounts by service administration (XEP-0133), with ad-hoc commands over one administrator's session."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import trio
from lxml import etree

from harness.errors import TargetError
from harness.negotiation.client import ClientState, Refusal, Stage
from harness.negotiation.login import await_iq
from harness.targets.access import Access
from harness.targets.logins import Login
from harness.targets.refusals import refused
from harness.transport.connection import Connection, drive
from harness.wire.effects import Protocol, Send
from harness.wire.events import ElementReceived
from harness.wire.writer import serialize, stream_footer
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, COMMANDS, DATA_FORMS, Name

_ADMIN = "http://jabber.org/protocol/admin"
_IQ = Name(CLIENT, "iq")
_COMMAND = Name(COMMANDS, "command")
_ADVICE = "check accounts.admin and accounts.password, and that the server lets this account administrate"
_MASK = "[masked]"

_Fields = Mapping[str, Sequence[str]]


class Administration:
    """Adds and deletes users in an administrator's name; logs in when first needed."""

    def __init__(self, access: Access, admin: str, password: str) -> None:
        self._access = access
        self._admin = admin.partition("@")[0]
        self._password = password
        self._lock = trio.Lock()
        self._open = AsyncExitStack()
        self._connection: Connection | None = None
        self._state = ClientState(domain=access.endpoint.domain)
        self._count = 0

    async def create(self, username: str, password: str) -> Login:
        """Command add-user (XEP-0133, 4.1)."""
        fields = {
            "accountjid": [self._jid(username)],
            "password": [password],
            "password-verify": [password],
        }
        await self._command("add-user", fields, f"{username} cannot be added")
        return Login(username=username, password=password)

    async def remove(self, login: Login) -> None:
        """Command delete-user (XEP-0133, 4.2)."""
        fields = {"accountjids": [self._jid(login.username)]}
        await self._command("delete-user", fields, f"{login.username} cannot be deleted")

    async def aclose(self) -> None:
        """Log out."""
        if self._connection is not None:
            await self._connection.perform(Send(data=stream_footer()))
        await self._let_go()

    def _jid(self, username: str) -> str:
        return f"{username}@{self._access.endpoint.domain}"

    async def _command(self, command: str, fields: _Fields, failing: str) -> None:
        async with self._lock:
            connection = self._connection or await self._log_in()
            self._count += 1
            protocol = _execute(self._state, f"{_ADMIN}#{command}", fields, f"admin-{self._count}")
            result = await drive(protocol, connection)
            if isinstance(result, Refusal):
                if not isinstance(result.event, ElementReceived):
                    await self._let_go()  # the session is gone; the next command begins another
                raise refused(failing, result, _ADVICE)
        _check_note(result, failing)

    async def _log_in(self) -> Connection:
        connection = await self._open.enter_async_context(self._access.connection())
        result = await self._access.log_in(connection, self._state, self._admin, self._password)
        if isinstance(result, Refusal):
            await self._let_go()
            raise refused(f"the administrator {self._admin} cannot log in", result, _ADVICE)
        self._connection = connection
        return connection

    async def _let_go(self) -> None:
        self._connection = None
        await self._open.aclose()
        self._open = AsyncExitStack()


def _execute(state: ClientState, node: str, fields: _Fields, id: str) -> Protocol["etree._Element | Refusal"]:
    """Run a command of one form (XEP-0050, 2.4) and return its last answer."""
    yield Send(data=_request(state, id, {"node": node, "action": "execute"}))
    form = yield from await_iq(state, id, Stage.SESSION)
    if isinstance(form, Refusal):
        return form
    command = form.tree.find(f"{{{COMMANDS}}}command")
    session = "" if command is None else command.get("sessionid", "")
    attributes = {"node": node, "sessionid": session}
    masked = {name: [_MASK] if name.startswith("password") else values for name, values in fields.items()}
    yield Send(
        data=_request(state, f"{id}-form", attributes, _form(fields)),
        masked=_request(state, f"{id}-form", attributes, _form(masked)),
    )
    done = yield from await_iq(state, f"{id}-form", Stage.SESSION)
    return done if isinstance(done, Refusal) else done.tree


def _request(
    state: ClientState, id: str, attributes: Mapping[str, str], *children: "etree._Element"
) -> bytes:
    command = build(_COMMAND, attributes, *children)
    return serialize(build(_IQ, {"type": "set", "id": id, "to": state.domain}, command))


def _form(fields: _Fields) -> "etree._Element":
    typed: _Fields = {"FORM_TYPE": [_ADMIN], **fields}
    return build(
        Name(DATA_FORMS, "x"),
        {"type": "submit"},
        *(
            build(
                Name(DATA_FORMS, "field"),
                {"var": name} | ({"type": "hidden"} if name == "FORM_TYPE" else {}),
                *(build(Name(DATA_FORMS, "value"), None, value) for value in values),
            )
            for name, values in typed.items()
        ),
    )


def _check_note(iq: "etree._Element", failing: str) -> None:
    """Raise TargetError for a command that ended with a note of type error (XEP-0050, 4.3)."""
    notes = iq.iterfind(f"{{{COMMANDS}}}command/{{{COMMANDS}}}note")
    said = next((note.text or "no reason" for note in notes if note.get("type") == "error"), "")
    if said:
        raise TargetError(f"{failing}: {said.strip()}", advice=_ADVICE)
