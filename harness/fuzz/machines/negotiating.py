"""Ways through a login in every order, as a state machine of Hypothesis.

Rules are what a client may try: open a stream for one domain or another, ask for TLS and send more behind the
request, authenticate by what is offered and by what is not, go back, bind, send stanzas too early. Which rule
may come depends on what we did and how far that has come; what no longer makes sense on a stream that has
ended does nothing.
"""

import base64
import operator
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import trio
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from harness.engine.log import CaseLog
from harness.engine.secrets import Secrets
from harness.engine.session import Session
from harness.fuzz.machines import negotiation_script as script
from harness.fuzz.machines.machine import Machine, Setting, Tell, told
from harness.fuzz.property import Property
from harness.fuzz.servers.scripts import head_of
from harness.fuzz.servers.station import ROMEO, connection_to, ping
from harness.fuzz.trial import Reading, Trial, is_stream_error
from harness.fuzz.troubles import Trouble
from harness.monitors.addresses import bare
from harness.play.cast import Account
from harness.results.verdicts import Level
from harness.strategies.sample import Claim, Place, Sample
from harness.transport.connection import Connection
from harness.wire.effects import Effect, OpenConnection, Receive, RestartStream, Send, StartTls
from harness.wire.events import (
    Connected,
    Disconnected,
    ElementReceived,
    Event,
    Silence,
    StreamEnded,
    StreamOpened,
    TlsFailed,
    TlsStarted,
)
from harness.wire.writer import stream_header
from harness.xmpp.namespaces import BIND, CLIENT, SASL, STREAM, TLS, Name

_FEATURES = Name(STREAM, "features")
_SUCCESS = Name(SASL, "success")
_IQ = Name(CLIENT, "iq")
_LEAST_PATIENCE, _TIMES = 0.15, 8  # seconds; as often as long as the answer to a header takes
_BY_PASSWORD = ("PLAIN", "SCRAM-SHA-1")
#: The one that lets somebody in comes more often, for much lies behind it.
_MECHANISMS = ("PLAIN", "PLAIN", "PLAIN", "PLAIN", "ANONYMOUS", "EXTERNAL", "SCRAM-SHA-1", "LOGIN", "X-NONE")

_SELDOM = st.sampled_from((False, False, False, True))

#: The family of what is found here.
NEGOTIATION = "negotiation"


def _property(name: str, number: str, title: str, requirement: str, level: Level = Level.MUST) -> Property:
    return told(name, number, title, requirement, level, is_grave=True)


TLS_FIRST = _property(
    "tls-before-login", "P-16", "Where TLS is mandatory, nobody gets in without it", "rfc6120-tls-mtn"
)
CLEAR_IS_DROPPED = _property(
    "clear-text-is-dropped",
    "P-16b",
    "What is sent in the clear behind starttls has no effect within TLS",
    "rfc6120-5.4.3.3-insecure-info-discarded",
)
IDENTITY = _property(
    "identity-stays",
    "P-17",
    "The address that is bound is that of the one who has authenticated",
    "rfc6120-4.3.6-bare-jid-from-sasl",
)
OFFERED = _property(
    "only-what-is-offered",
    "P-18",
    "A mechanism that is not offered does not let anybody in",
    "sasl-error-invalid-mechanism",
    Level.SHOULD,  # derived: a mechanism may be known, and only not shown
)
TOO_EARLY = _property(
    "nothing-asked-before-login",
    "P-15c",
    "A request before the login is not carried out",
    "rfc6120-4.9.3.12-not-authorized-not-processed",
)
BY_NEGOTIATION = (TLS_FIRST, CLEAR_IS_DROPPED, IDENTITY, OFFERED, TOO_EARLY)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What was done, for people."""

    words: str
    data: bytes = b""


@dataclass(kw_only=True)
class Talk:
    """One connection, from the thread in which Hypothesis runs."""

    session: Session
    log: CaseLog
    connection: Connection
    is_over: bool = False
    patience: float = 0.0  # seconds for an answer that may never come
    steps: list[Step] = field(default_factory=list)
    notes: script.Notes = field(default_factory=script.Notes)

    def perform(self, effect: Effect) -> Event | None:
        """Carry something out in the loop."""
        return trio.from_thread.run(self.connection.perform, effect)

    def say(self, data: bytes, words: str) -> None:
        """Send bytes."""
        self.steps.append(Step(words=words, data=data))
        self.perform(Send(data=data))

    def hear(self, is_last: Callable[[Event], bool]) -> list[Event]:
        """Read until something is there, the stream ends or nothing comes."""
        events: list[Event] = []
        while not self.is_over:
            event = self.perform(Receive(patience=self.patience or None))
            assert event is not None, "Receive is always answered"
            if isinstance(event, Silence):
                break
            events.append(event)
            self.is_over = isinstance(event, Disconnected | StreamEnded) or is_stream_error(event)
            if is_last(event):
                break
        self.notes.hears(events)
        return events

    def close(self) -> None:
        """Let go of it."""
        trio.from_thread.run(self.connection.aclose)


def talk_on(session: Session, account: Account) -> Talk:
    """A connection that is not open yet, for somebody who may log in on it."""
    secrets = Secrets()
    secrets.add(account.password, public=account.jid)
    log = CaseLog(trio.current_time, secrets)
    return Talk(session=session, log=log, connection=connection_to(session, log, ROMEO))


class Negotiation(RuleBasedStateMachine):
    """One client that tries this and that; a subclass says where and who."""

    session: Session
    account: Account
    report: Tell
    check_time: Callable[[], None]

    def __init__(self) -> None:
        super().__init__()
        self.check_time()
        self.talk = trio.from_thread.run_sync(talk_on, self.session, self.account)
        connected = self.talk.perform(OpenConnection())
        self.talk.is_over = not isinstance(connected, Connected)
        self.offered: frozenset[str] = frozenset()
        self.opened = ""
        self.authenticated_at = ""
        self.may_secure = self.must_secure = False
        self.is_secured = False
        self.is_bound = False
        self.has_named_itself = False

    @rule(other=_SELDOM)
    def opens(self, other: bool) -> None:
        """Open a stream, or another one over it."""
        if self.talk.is_over:
            return
        domain = f"conference.{self.account.domain}" if other else self.account.domain
        self.talk.perform(RestartStream())
        header = stream_header(attributes={"to": domain, "version": "1.0"})
        begun = time.monotonic()
        self.talk.notes.opens(other)
        self.talk.say(header, f"opens a stream to {'another domain' if other else 'the domain'}")
        events = self.talk.hear(lambda event: _is(event, _FEATURES))
        if any(_is(event, _FEATURES) for event in events):  # so slow a server may be with the rest
            self.talk.patience = max(_LEAST_PATIENCE, _TIMES * (time.monotonic() - begun))
        self._take(events)
        self.opened = domain

    @precondition(lambda self: self.opened and not self.is_secured)
    @rule(injects=st.booleans())
    def secures(self, injects: bool) -> None:
        """Ask for TLS; perhaps with something in the clear behind it."""
        if self.talk.is_over:
            return
        request = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
        injected = b""
        if injects:
            injected = stream_header(attributes={"to": self.account.domain, "version": "1.0"})
        self.talk.notes.asks_for_tls(injects)
        self.talk.say(
            request + injected, "asks for TLS" + (" and opens a stream right behind it" if injects else "")
        )
        events = self.talk.hear(lambda event: isinstance(event, ElementReceived))
        if not any(_is(event, Name(TLS, "proceed")) for event in events):
            return
        self.talk.steps.append(Step(words="starts TLS"))
        self.talk.notes.does("starts TLS")
        event = self.talk.perform(StartTls())
        self.is_secured = isinstance(event, TlsStarted)
        self.talk.is_over |= isinstance(event, TlsFailed)
        self.opened, self.offered = "", frozenset()
        if injects and any(isinstance(one, StreamOpened) for one in self.talk.hear(_is_stream)):
            cause = "what was sent in the clear is answered within TLS"
            self._tell(CLEAR_IS_DROPPED, cause, script.NOTHING_AT_ALL)

    @precondition(lambda self: not self.opened and not self.is_secured)
    @rule()
    def comes_in(self) -> None:
        """Log in as everybody does, for much lies behind it that few other ways lead to."""
        self.opens(other=False)
        if not self.talk.is_over and self.may_secure:
            self.secures(injects=False)
            self.opens(other=False)
        self.authenticates(mechanism="PLAIN", rightly=True)

    @precondition(lambda self: self.opened)
    @rule(mechanism=st.sampled_from(_MECHANISMS), rightly=_SELDOM.map(operator.not_))
    def authenticates(self, mechanism: str, rightly: bool) -> None:
        """Authenticate, whether that is offered or not."""
        if self.talk.is_over:
            return
        message = _initial(mechanism, self.account, rightly)
        auth = f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{message}</auth>".encode()
        self.talk.notes.authenticates(mechanism, rightly)
        self.talk.say(auth, f"authenticates with {mechanism}{'' if rightly else ' and a wrong password'}")
        events = self.talk.hear(lambda event: isinstance(event, ElementReceived))
        if not any(_is(event, _SUCCESS) for event in events):
            return
        if mechanism not in self.offered:
            self._tell(OFFERED, f"{mechanism} succeeds though it is not offered", script.NOT_LET_IN)
        if self.must_secure and not self.is_secured:
            self._tell(TLS_FIRST, "a login succeeds without TLS, which is mandatory", script.NO_SUCCESS)
        if mechanism in _BY_PASSWORD and not rightly:
            self._tell(IDENTITY, "a wrong password lets somebody in", script.NO_SUCCESS)
        self.has_named_itself = mechanism in _BY_PASSWORD
        self.authenticated_at = self.opened
        self.opened = ""

    @precondition(lambda self: self.opened)
    @rule(word=st.sampled_from(("response", "abort", "challenge", "success")))
    def answers(self, word: str) -> None:
        """Go on with what has not begun."""
        if self.talk.is_over:
            return
        self.talk.notes.does(f"sends:\n\t<{word} xmlns='{SASL}'/>")
        self.talk.say(f"<{word} xmlns='{SASL}'/>".encode(), f"sends {word}")
        self.talk.hear(lambda event: isinstance(event, ElementReceived))

    @precondition(lambda self: self.opened)
    @rule()
    def asks_early(self) -> None:
        """Ask for something before a resource is bound."""
        if self.talk.is_over or self.is_bound:
            return
        identity = self.session.fresh("early")
        self.talk.notes.does(f"sends:\n\t{ping(identity, '${domain}').decode()}")
        self.talk.say(ping(identity, self.account.domain), "sends a request")
        events = self.talk.hear(lambda event: isinstance(event, ElementReceived))
        is_answered = any(_is_result(event, identity) for event in events)
        if (
            is_answered and not self.authenticated_at
        ):  # later on the server itself may be asked (RFC 6120, 7.1)
            self._tell(TOO_EARLY, "a request before the login is answered", script.NO_RESULT)

    @precondition(lambda self: self.opened and self.authenticated_at and not self.is_bound)
    @rule()
    def binds(self) -> None:
        """Bind a resource."""
        if self.talk.is_over:
            return
        identity = self.session.fresh("bind")
        request = f"<iq type='set' id='{identity}'><bind xmlns='{BIND}'/></iq>"
        self.talk.notes.does(f"sends:\n\t{request}")
        self.talk.say(request.encode(), "binds")
        events = self.talk.hear(lambda event: isinstance(event, ElementReceived))
        self.is_bound = any(_is_result(event, identity) for event in events)
        self._take(events)
        wanted = f"{self.account.username}@{self.authenticated_at}"
        for jid in (_bound(event) for event in events if _is_result(event, identity)):
            if self.has_named_itself and bare(jid).lower() != wanted.lower():
                cause = "the address that is bound is not that of the login"
                self._tell(IDENTITY, cause, script.OWN_ADDRESS)

    @precondition(lambda self: self.authenticated_at and not self.opened)
    @rule(other=st.booleans())
    def goes_on(self, other: bool) -> None:
        """Open the next stream after the login, and bind."""
        self.opens(other=other)
        self.binds()

    def _take(self, events: Sequence[Event]) -> None:
        """Take note of what is offered."""
        for event in events:
            if _is(event, _FEATURES) and isinstance(event, ElementReceived):
                self.offered = frozenset(
                    (one.text or "").strip() for one in event.tree.iter(f"{{{SASL}}}mechanism")
                )
                self.may_secure = event.tree.find(f"{{{TLS}}}starttls") is not None
                self.must_secure |= event.tree.find(f".//{{{TLS}}}required") is not None

    def _tell(self, broken: Property, cause: str, shown_by: Sequence[str]) -> None:
        self.report(trouble_of(broken, cause, self.talk, shown_by))

    def teardown(self) -> None:
        """Let go of the connection."""
        self.talk.close()


def _build(setting: Setting) -> type[Negotiation]:
    known = {"session": setting.session, "account": setting.account}
    called = {"report": staticmethod(setting.report), "check_time": staticmethod(setting.check_time)}
    return type("Negotiation", (Negotiation,), {**known, **called})


LOGIN_MACHINE = Machine(properties=BY_NEGOTIATION, build=_build, steps=8, runs=40)


def trouble_of(broken: Property, cause: str, talk: Talk, shown_by: Sequence[str]) -> Trouble:
    """What was found, with all that was sent as its sample, and a script where its steps can be said."""
    words = tuple(step.words for step in talk.steps)
    sent = b"".join(step.data for step in talk.steps)
    data = talk.log.secrets.mask(sent.decode()).encode()
    sample = Sample(
        family=NEGOTIATION, data=data, claim=Claim.LEGAL, place=Place.HEADER, labels=("; ".join(words),)
    )
    trial = Trial(sample=sample, token="", data=data, reading=Reading.UNFINISHED)
    trouble = Trouble(broken=broken, trial=trial, cause=cause, exchanges=tuple(talk.log.exchanges))
    if not talk.notes.is_complete:
        return trouble
    lines = [*head_of(trouble, (script.ACTOR,)), *talk.notes.until_then(), *shown_by, ""]
    return replace(trouble, script="\n".join(lines))


def _is(event: Event, name: Name) -> bool:
    return isinstance(event, ElementReceived) and event.name == name


def _is_result(event: Event, identity: str) -> bool:
    if not isinstance(event, ElementReceived) or event.name != _IQ:
        return False
    return event.attributes.get("id") == identity and event.attributes.get("type") == "result"


def _bound(event: Event) -> str:
    found = event.tree.findtext(f".//{{{BIND}}}jid") if isinstance(event, ElementReceived) else ""
    return found or ""


def _is_stream(event: Event) -> bool:
    return isinstance(event, StreamOpened)


def _initial(mechanism: str, account: Account, rightly: bool) -> str:
    password = account.password if rightly else f"not-{account.password}"
    match mechanism:
        case "PLAIN" | "X-NONE" | "LOGIN":
            message = f"\0{account.username}\0{password}"
        case "SCRAM-SHA-1":
            message = f"n,,n={account.username},r=a-beginning"
        case _:
            return "="
    return base64.b64encode(message.encode()).decode()
