"""Commands that need a session: each is done at once, or it is told why not."""

import re
from collections.abc import Callable, Mapping

from harness.reference_client import account, messages, presence, rooms, roster
from harness.reference_client.session import Session
from harness.wire.driver import Command
from harness.xmpp.jid import Jid

#: What XML 1.0 does not let stand anywhere (2.2).
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ADDRESSES = ("to", "jid", "room")
_MESSAGE_TYPES = ("", "chat", "normal", "groupchat", "headline")

Values = dict[str, str]


def fault_of(command: Command) -> str:
    """Why a command cannot be carried out by anybody; empty if it can."""
    values = command.values
    if any(map(_NOT_XML.search, values.values())):
        return "this text cannot stand in XML"
    for name in _ADDRESSES:
        try:
            if name in values:
                Jid.parse(values[name])
        except ValueError as error:
            return f"this is no address: {error}"
    if command.name == "send-message" and values["type"] not in _MESSAGE_TYPES:
        return f"there is no type {values['type']!r} of messages"
    return ""


def carry_out(session: Session, command: Command) -> str:
    """Do it; the answer is why it was not done, if so."""
    return _TABLE[command.name](session, command.values) or ""


def is_known(name: str) -> bool:
    """Whether there is such a command that needs a session."""
    return name in _TABLE


def _fetch(session: Session, _values: Values) -> None:
    roster.fetch(session)


_TABLE: Mapping[str, Callable[[Session, Values], str | None]] = {
    "send-message": messages.send,
    "set-presence": presence.publish,
    "send-presence": presence.send,
    "get-roster": _fetch,
    "add-contact": roster.add,
    "remove-contact": roster.remove,
    "join-room": rooms.join,
    "leave-room": rooms.leave,
    "change-nickname": rooms.change_nickname,
    "set-subject": messages.set_subject,
    "change-password": account.change_password,
    "unregister": account.unregister,
    "query-disco": account.query_disco,
    "query-version": account.query_version,
    "ping": account.ping,
}
