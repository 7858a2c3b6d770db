"""What clients and their server have said to each other once the clients were logged in."""

import base64
import binascii
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from lxml import etree

from harness.engine.secrets import Secrets
from harness.play.background import background
from harness.recording.middle import Source
from harness.wire.events import ElementReceived, Event, StreamEnded, StreamOpened, Violation
from harness.xmpp.elements import first
from harness.xmpp.namespaces import AUTH, BIND, CLIENT, SASL, SESSION, Name

_PLAIN_SEPARATORS = 2
_IQ = Name(CLIENT, "iq")
_BIND, _AUTH, _SESSION = Name(BIND, "bind"), Name(AUTH, "query"), Name(SESSION, "session")


class Kind(Enum):
    """What happened."""

    CONNECTED = "connected"
    SAID = "said"
    ENDED = "ended"  # the stream was closed
    DROPPED = "dropped"  # the connection has gone without that


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One thing that somebody did in a session; `tree` is what was said."""

    session: int
    source: Source
    kind: Kind
    tree: etree._Element | None = None


@dataclass(kw_only=True)
class Session:
    """One connection; `jid` is the full JID, empty until it is logged in. `resource` was asked for."""

    number: int
    jid: str = ""
    resource: str = ""


@dataclass(kw_only=True)
class Recording:
    """All sessions, and what happened in them in the order in which it came by us."""

    domain: str = ""
    sessions: list[Session] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # what a person has to know of it
    secrets: Secrets = field(default_factory=Secrets)

    def logged_in(self) -> Iterator[Session]:
        """Those in which there is something to tell."""
        return (one for one in self.sessions if one.jid)

    def session(self) -> "Listening":
        """A further connection."""
        session = Session(number=len(self.sessions))
        self.sessions.append(session)
        return Listening(recording=self, session=session)


@dataclass(kw_only=True)
class Listening:
    """Hears one connection, and notes what belongs into a script."""

    recording: Recording
    session: Session
    _login: tuple[str, str] = ("", "")  # id of the request that ends the login, and the JID that it asks for
    _passed_over: set[str] = field(default_factory=set)  # ids of requests that are no part of a script
    _has_ended: bool = False

    def hear(self, source: Source, event: Event) -> None:
        """Take note of what one of the two has said."""
        match event:
            case StreamOpened() if source is Source.CLIENT:
                self.recording.domain = event.attributes.get("to", "") or self.recording.domain
            case ElementReceived():
                if source is Source.CLIENT and not self.session.jid:
                    self._learn(event)
                self._element(source, event)
            case StreamEnded() if not self._has_ended:
                self._has_ended = True
                self._note(source, Kind.ENDED)
            case Violation():
                who = self.session.jid or "a client"
                self.recording.remarks.append(
                    f"{who}: what the {source.value} sent could no longer be read: {event.message}"
                )

    def dropped(self, source: Source) -> None:
        """One of the two has closed the connection."""
        if not self._has_ended:
            self._has_ended = True
            self._note(source, Kind.DROPPED)

    def connected(self, jid: str) -> None:
        """The login is over."""
        self.session.jid = jid
        self._note(Source.CLIENT, Kind.CONNECTED)

    def _element(self, source: Source, event: ElementReceived) -> None:
        if self._has_ended:  # what crosses the end of a stream may come or not
            return
        if self.session.jid:
            if not self._is_passed_over(source, event):
                self._note(source, Kind.SAID, event.tree)
        elif event.name == _IQ:
            self._log_in(source, event)

    def _log_in(self, source: Source, event: ElementReceived) -> None:
        """Watch for the answer with which a session begins (RFC 6120, 7.6; XEP-0078, 3)."""
        id = event.attributes.get("id", "")
        if source is Source.CLIENT:
            self._ask(id, event.tree)
        elif id and id == self._login[0] and event.attributes.get("type") == "result":
            bound = event.tree.findtext(f"{_BIND}/{Name(BIND, 'jid')}")
            self.connected((bound or self._login[1]).strip())

    def _learn(self, event: ElementReceived) -> None:
        """Note passwords of logins: what PLAIN says (RFC 4616, 2), and elements that are called so."""
        for password in event.tree.iter("{*}password"):
            self.recording.secrets.add((password.text or "").strip())
        if event.name.namespace == SASL:
            with contextlib.suppress(binascii.Error, ValueError):
                said = base64.b64decode((event.tree.text or "").strip())
                if said.count(b"\0") == _PLAIN_SEPARATORS:
                    self.recording.secrets.add(said.rpartition(b"\0")[2].decode("utf-8", "replace"))

    def _ask(self, id: str, iq: etree._Element) -> None:
        bind, auth = first(iq, _BIND), first(iq, _AUTH)
        if bind is not None:
            self.session.resource = (bind.findtext(str(Name(BIND, "resource"))) or "").strip()
            self._login = (id, "")
        elif auth is not None and iq.get("type") == "set":
            name, resource = (auth.findtext(str(Name(AUTH, one))) or "" for one in ("username", "resource"))
            self.session.resource = resource.strip()
            self._login = (id, f"{name.strip()}@{self.recording.domain}/{resource.strip()}")

    def _is_passed_over(self, source: Source, event: ElementReceived) -> bool:
        """Whether it belongs to the login, or to what a server may do at any time."""
        id = event.attributes.get("id", "")
        if source is Source.CLIENT:
            if event.name == _IQ and first(event.tree, _SESSION) is not None:
                self._passed_over.add(id)
                return True
            is_answer = event.attributes.get("type") in ("result", "error")
            return event.name == _IQ and is_answer and id in self._passed_over
        if event.name == _IQ and event.attributes.get("type") in ("result", "error"):
            return id in self._passed_over
        scope = {"domain": self.recording.domain}
        if background(event, scope, self.session.jid.partition("/")[0]) is None:
            return False
        if event.name == _IQ:
            self._passed_over.add(id)
        return event.name == _IQ or event.attributes.get("from") == self.recording.domain

    def _note(self, source: Source, kind: Kind, tree: etree._Element | None = None) -> None:
        if self.session.jid:
            number = self.session.number
            self.recording.happenings.append(Happening(session=number, source=source, kind=kind, tree=tree))
