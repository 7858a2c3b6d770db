"""The server's state, and the ways out of it. Every module of the room works on a `Host`."""

from collections.abc import Callable
from copy import deepcopy

from harness.faults.planted import PlantedFaults
from harness.reference.accounts import Account, Accounts
from harness.reference.addresses import parse_unstably
from harness.reference.misreadings import misread
from harness.reference.nodes import Nodes
from harness.reference.sessions import Session, Sessions
from harness.reference.settings import Settings
from harness.reference.spoilers import spoilers
from harness.reference.stanzas import (
    ERROR,
    IQ,
    PRESENCE,
    Element,
    Refused,
    error_type_of,
    kind_of,
    may_be_refused,
)
from harness.wire.effects import CloseConnection, Directed, Send
from harness.wire.writer import serialize, stream_footer
from harness.xmpp.conditions import STANZA_CONDITIONS
from harness.xmpp.elements import build, first, stanza_error
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import STANZA_ERRORS, STREAM, STREAM_ERRORS, XML, Name

_FIFTY = 50
_REPEATED = 30


class Host:
    """One domain: its accounts, its sessions, and the effects that wait to be carried out.

    `route` takes a stanza with `from` and `to` to wherever it belongs; the server sets it. `clock`
    gives POSIX seconds, `fresh` a text that was never given before. `complain` takes what the server would
    write into its log.
    """

    route: Callable[[Element], None]
    end: Callable[[Session], None]
    complain: Callable[[str], None]

    def __init__(
        self, settings: Settings, faults: PlantedFaults, clock: Callable[[], float], fresh: Callable[[], str]
    ) -> None:
        self.settings = settings
        self.faults = faults
        self.clock = clock
        self.fresh = fresh
        self.accounts = Accounts(settings.accounts)
        self.sessions = Sessions()
        self.started = clock()
        self.resumable: dict[str, Session] = {}
        self.nodes: Nodes = {}
        self.outbox: list[Directed] = []
        self._answers = 0
        self._spoilers = spoilers(faults)

    @property
    def domain(self) -> str:
        """The domain that the accounts live on."""
        return self.settings.domain

    @property
    def domains(self) -> tuple[str, ...]:
        """Where contacts can be: with the accounts, and behind the gateway."""
        return (self.domain, self.settings.gateway_domain)

    def address(self, text: str) -> Jid | None:
        """An address as it is compared; None when it is malformed."""
        if self.faults.has("muc-addresses-unprepared") and self._is_in_rooms(text):
            return Jid.parse(text)
        if self.faults.has("address-prepared-unstably"):
            return parse_unstably(text)
        return misread(text, self.faults)

    def _is_in_rooms(self, text: str) -> bool:
        try:
            return Jid.parse(text).domain == self.settings.muc_domain
        except ValueError:
            return False

    def account_at(self, address: Jid) -> Account | None:
        """The local account of an address, if there is one."""
        return self.accounts.get(address.local) if address.local and address.domain == self.domain else None

    def bare_jid(self, account: Account) -> str:
        """The bare JID of an account."""
        return f"{account.username}@{self.domain}"

    def is_admin(self, address: Jid) -> bool:
        """Tell whether an address is that of an administrator."""
        return address.domain == self.domain and address.local in self.settings.admins

    def send(self, session: Session, stanza: Element) -> None:
        """Put a stanza on a session's stream."""
        if session.managed:
            session.sent += 1
            session.unacknowledged.append(stanza)
        data = serialize(stanza)
        for spoil in self._spoilers:
            data = spoil(data)
        self.write(session, data)

    def write(self, session: Session, data: bytes) -> None:
        """Put bytes on a session's stream, if it has one."""
        if session.is_away:
            return
        self.outbox.append(Directed(connection=session.connection, effect=Send(data=data)))

    def deliver(self, stanza: Element) -> bool:
        """Give a stanza to the session of its full `to`; tell whether there was one."""
        session = self.sessions.at(stanza.get("to", ""))
        if session is None:
            return False
        self.send(session, stanza)
        return True

    def refuse(self, stanza: Element, refused: Refused) -> None:
        """Answer a stanza by an error, unless it is one that must not be answered (RFC 6120, 8.3.1)."""
        is_nameless = kind_of(stanza) == IQ and stanza.get("id") is None
        if is_nameless and self.faults.has("iq-without-id-unanswered"):
            return
        if may_be_refused(stanza) or self.faults.has("error-answered-by-error"):
            self.give_back(self.error_for(stanza, refused))

    def give_back(self, answer: Element) -> None:
        """Bring an answer to who asked; no block list stands in its way."""
        self._answers += 1
        if self._answers % _FIFTY == 0 and self.faults.has("fiftieth-answer-lost"):
            return
        if not self.deliver(answer) and answer.get("to"):
            self.route(answer)

    def error_for(self, stanza: Element, refused: Refused) -> Element:
        """The error stanza that refuses another."""
        condition = refused.condition
        type, code = error_type_of(condition), STANZA_CONDITIONS[condition].code
        if self.faults.has("error-wrong-condition"):
            condition = "undefined-condition"
        if self.faults.has("error-wrong-code") and code is not None:
            code += 1
        error = stanza_error(
            stanza,
            condition,
            "continue" if self.faults.has("error-wrong-type") else refused.type or type,
            text=refused.text,
            code=code if self.settings.legacy_codes else None,
        )
        return self._finished(error, stanza, refused)

    def _finished(self, error: Element, stanza: Element, refused: Refused) -> Element:
        child = first(error, ERROR)
        assert child is not None
        text = first(child, Name(STANZA_ERRORS, "text"))
        if text is not None:
            text.set(str(Name(XML, "lang")), "en")  # RFC 6120, 8.3.2
        if refused.application is not None:
            child.append(refused.application)
        if kind_of(stanza) == IQ and "id" not in error.attrib:
            # RFC 6120, 8.3.1: an error for a stanza without id has an empty one.
            error.set("id", self.fresh() if self.faults.has("iq-id-made-up") else "")
        if self.faults.has("error-repeats-request"):
            error.extend(deepcopy(one) for one in stanza if isinstance(one.tag, str))
        if self.faults.has("errors-repeat-themselves"):
            for _ in range(_REPEATED):
                error.extend(deepcopy(one) for one in stanza if isinstance(one.tag, str))
        if kind_of(stanza) == PRESENCE and self.faults.has("presence-error-empty"):
            error.remove(child)
        if self.faults.has("error-without-condition"):
            for element in list(child):
                child.remove(element)
        if self.faults.has("error-addresses-not-swapped"):
            error.set("from", stanza.get("from", self.domain))
        return error

    def close(self, session: Session, condition: str, application: Element | None = None) -> None:
        """End a session's stream with a stream error (RFC 6120, 4.9) and its connection with it."""
        if session.is_away:
            self.end(session)
            return
        error = serialize(self._stream_error(condition, application))
        if self.faults.has("bound-stream-ends-unexplained"):
            self.outbox.append(Directed(connection=session.connection, effect=CloseConnection()))
            self.end(session)
            return
        if self.faults.has("bound-error-keeps-stream"):
            self.write(session, error)
            return
        ending = error + stream_footer()
        self.write(session, ending * 2 if self.faults.has("bound-two-stream-errors") else ending)
        self.outbox.append(Directed(connection=session.connection, effect=CloseConnection()))
        self.end(session)

    def _stream_error(self, condition: str, application: Element | None) -> Element:
        if self.faults.has("bound-error-without-condition"):
            return build(Name(STREAM, "error"))
        sent = "undefined-condition" if self.faults.has("bound-error-wrong-condition") else condition
        content = [build(Name(STREAM_ERRORS, sent))]
        if application is not None:
            content.append(application)
        return build(Name(STREAM, "error"), {}, *content)
