"""A session as all its parts see it: who we are, what we wait for, and how something is sent or told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from harness.faults.planted import PlantedFaults
from harness.reference_client.settings import Settings
from harness.wire.driver import Report
from harness.wire.effects import Effect, Send
from harness.wire.writer import serialize
from harness.xmpp.elements import build
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import CLIENT, Name

Element = etree._Element

IQ = Name(CLIENT, "iq")
MESSAGE = Name(CLIENT, "message")
PRESENCE = Name(CLIENT, "presence")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A request of ours that waits for its answer; `to` is empty when it went to our own account."""

    to: str
    command: str
    then: Callable[[Element], None]


@dataclass(kw_only=True, slots=True)
class Contact:
    """What we know of a contact."""

    jid: str
    name: str = ""
    subscription: str = "none"
    groups: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class Roster:
    """The contacts by bare JID, and the version that the server gave them; kept from login to login."""

    version: str = ""
    contacts: dict[str, Contact] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Room:
    """A room that we are in, or on our way into; `new_nick` while a change of name is asked for."""

    address: str
    nick: str
    is_joined: bool = False
    new_nick: str = ""


@dataclass(kw_only=True, slots=True)
class Session:
    """One login. `out` takes effects and reports in order."""

    settings: Settings
    faults: PlantedFaults
    fresh: Callable[[], str]
    out: list[Effect | Report]
    roster: Roster
    jid: Jid
    is_secure: bool = False
    has_roster_versions: bool = False
    is_available: bool = False
    is_closing: bool = False
    rooms: dict[str, Room] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)  # ids of requests for subscriptions, by sender

    def has(self, fault: str) -> bool:
        """Whether a fault is planted here."""
        return self.faults.has(fault)

    def write(self, element: Element) -> None:
        """Send an element; nothing is sent after our closing tag (RFC 6120, 4.4)."""
        if not self.is_closing or self.has("talks-after-closing"):
            data = serialize(element)
            if self.has("unescaped-text-sent"):
                data = data.replace(b"&lt;", b"<").replace(b"&gt;", b">").replace(b"&amp;", b"&")
            self.out.append(Send(data=data))

    def report(self, event: str, values: Mapping[str, Any] | None = None) -> None:  # values are JSON's
        """Tell the user; what is empty is left out."""
        kept = {key: value for key, value in (values or {}).items() if value not in ("", None)}
        self.out.append(Report(event=event, values=kept))

    def ask(
        self,
        type: str,
        payload: Element,
        command: str,
        then: Callable[[Element], None],
        to: str = "",
    ) -> None:
        """Send an iq request. `then` gets the result; an error is reported for the command."""
        if self.questions and self.has("one-request-at-a-time"):
            return
        id = "same" if self.has("ids-repeated") else self.fresh()
        self.questions[id] = Question(to=to, command=command, then=then)
        attributes = {"type": type, "id": id}
        if to:
            attributes["to"] = to
        self.write(build(IQ, attributes, payload))

    def is_account(self, sender: str | None) -> bool:
        """Whether a stanza comes from our own account: no sender, or our bare JID (RFC 6120, 8.1.2.1)."""
        if sender and sender.startswith(self.jid.bare) and self.has("lookalike-trusted"):
            return True
        return not sender or same(sender, self.jid.bare)

    def is_home(self, sender: str | None) -> bool:
        """Whether it comes from the account, from its server or from ourselves."""
        return self.is_account(sender) or any(
            same(sender or "", one) for one in (self.jid.domain, self.jid.full)
        )


def same(one: str, other: str) -> bool:
    """Whether two texts are spellings of one address."""
    if one == other:
        return True
    try:
        return Jid.parse(one).same_as(Jid.parse(other))
    except ValueError:
        return False


def bare(address: str) -> str:
    """An address without its resourcepart, as written."""
    return address.partition("/")[0]


def text_of(element: Element, name: Name) -> str:
    """The text of the first child of that name; empty if there is none."""
    return element.findtext(str(name)) or ""
