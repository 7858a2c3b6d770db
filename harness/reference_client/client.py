"""The reference client as a pure object: commands and events in, effects and reports out."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from harness.errors import UsageError
from harness.faults.planted import PlantedFaults
from harness.negotiation.scram import SaltedPasswords
from harness.negotiation.state import STREAM_ERROR, Refusal, condition_in
from harness.negotiation.stream import CONDITIONS, stream_error
from harness.reference_client import commands, garbled, presence
from harness.reference_client.acknowledgements import MistakenCount
from harness.reference_client.deaths import is_deadly
from harness.reference_client.dialogue import Dialogue
from harness.reference_client.faults import FAULTS
from harness.reference_client.intolerance import error_within, is_refused, parts_characters
from harness.reference_client.login import Entrance, log_in
from harness.reference_client.markup import fault_of, has_prefix, is_disliked
from harness.reference_client.messages import take_message
from harness.reference_client.presence import take_presence
from harness.reference_client.registration import register
from harness.reference_client.requests import take_iq
from harness.reference_client.session import IQ, MESSAGE, PRESENCE, Element, Roster, Session
from harness.reference_client.settings import Settings
from harness.reference_client.stanza_errors import error_answer
from harness.wire.driver import Command, Report
from harness.wire.effects import CloseConnection, Effect, Send
from harness.wire.events import (
    ConnectFailed,
    Disconnected,
    ElementReceived,
    Event,
    Rule,
    StreamEnded,
    StreamOpened,
    TlsFailed,
    Violation,
    Whitespace,
)
from harness.wire.writer import stream_footer
from harness.xmpp.conditions import SASL_CONDITIONS, STREAM_CONDITIONS
from harness.xmpp.elements import build
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import (
    CLIENT,
    ROSTER_VERSIONING,
    SASL,
    SERVER,
    STREAM_ERRORS,
    STREAM_MANAGEMENT,
    Name,
)

_ROSTER_VERSIONS = f"{{{ROSTER_VERSIONING}}}ver"
_MANAGEMENT = f"{{{STREAM_MANAGEMENT}}}sm"
_TEXT = Name(STREAM_ERRORS, "text")
_MOST_RETURNS = 20

#: The parts that take stanzas.
_STANZAS: Mapping[Name, Callable[[Session, Element], None]] = {
    IQ: take_iq,
    MESSAGE: take_message,
    PRESENCE: take_presence,
}


class _Phase(Enum):
    OFFLINE = "offline"
    ENTERING = "entering"
    ONLINE = "online"
    CLOSING = "closing"


class ReferenceClient:
    """One client with one connection at a time.

    `fresh` gives a text that it never gave before: printable ASCII without spaces and commas. Raises
    `UsageError` for an unknown fault or a JID that is none. After the command `quit` it `is_over` as soon
    as the connection is closed.
    """

    def __init__(self, settings: Settings, *, fresh: Callable[[], str]) -> None:
        for name in sorted(settings.faults - FAULTS.keys()):
            raise UsageError(f"there is no fault named {name!r}", where="reference client")
        try:
            self._address = settings.address
        except ValueError as error:
            raise UsageError(str(error), where="reference client") from error
        self._settings = settings
        self._fresh = fresh
        self._faults = PlantedFaults(settings.faults, FAULTS)
        self._salted = SaltedPasswords()
        self._roster = Roster()
        self._out: list[Effect | Report] = []
        self._phase = _Phase.OFFLINE
        self._dialogue: Dialogue | None = None
        self._session: Session | None = None
        self._count: MistakenCount | None = None  # only with a fault
        self._is_quitting = False
        self._returns = 0
        self._has_said_end = False
        self._has_heard_error = False
        self.is_over = False
        self.has_crashed = False  # a fault: the program is to end as if it had

    # --- commands ---------------------------------------------------------------------------------

    def command(self, command: Command) -> list[Effect | Report]:
        """Do what the user wants, or refuse to."""
        refused = self._obey(command)
        values = {"command": command.name.encode("utf-8", "replace").decode()}
        if refused:
            self._out.append(Report(event="refused", values=values | {"reason": refused}))
        else:
            self._out.append(Report(event="done", values=values))
        return self._drain()

    def _obey(self, command: Command) -> str:
        match command.name:
            case "connect" | "register":
                return self._connect(command.name)
            case "disconnect":
                return self._disconnect()
            case "quit":
                return self._quit()
        if not commands.is_known(command.name):
            return "there is no such command"
        if self._phase is not _Phase.ONLINE or self._session is None:
            return "we are not connected"
        return commands.fault_of(command) or commands.carry_out(self._session, command)

    def _connect(self, name: str) -> str:
        if self._phase is _Phase.CLOSING:
            self._hang_up("")
        if self._phase is not _Phase.OFFLINE:
            return "we are connected already"
        self._phase = _Phase.ENTERING
        self._has_said_end = self._has_heard_error = False
        entrance = Entrance(
            settings=self._settings, has=self._faults.has, fresh=self._fresh, salted=self._salted
        )
        protocol = register(entrance) if name == "register" else log_in(entrance)
        self._dialogue = Dialogue(
            protocol=protocol,
            state=entrance.state,
            emit=self._out.append,
            keeps_clear=self._faults.has("clear-bytes-kept"),
        )
        self._dialogue.start()
        return ""

    def _disconnect(self) -> str:
        if self._phase is _Phase.OFFLINE:
            return "we are not connected"
        if self._phase is not _Phase.CLOSING:
            self._close_stream()
        return ""

    def _quit(self) -> str:
        self._is_quitting = True
        if self._phase is _Phase.OFFLINE:
            self.is_over = True
        elif self._phase is not _Phase.CLOSING:
            self._close_stream()
        return ""

    # --- events -----------------------------------------------------------------------------------

    def received(self, event: Event, segments: Sequence[bytes] = ()) -> list[Effect | Report]:
        """Take an event of the connection; some faults need to know in what segments its bytes came."""
        if self._phase is not _Phase.OFFLINE and not self._is_passed_over(event, segments):
            if isinstance(event, ElementReceived) and self._is_torn(segments):
                self._fail("not-well-formed")
            else:
                self._take(event)
        return self._drain()

    def _is_passed_over(self, event: Event, segments: Sequence[bytes]) -> bool:
        """Whether a fault lets an event change nothing, or something else than it should."""
        has = self._faults.has
        if isinstance(event, ElementReceived) and event.name == STREAM_ERROR:
            self._has_heard_error = True
            return has("stream-error-ignored")
        if isinstance(event, StreamEnded):
            return has("close-tag-ignored") or (self._has_heard_error and has("stream-error-ignored"))
        if isinstance(event, StreamOpened):
            return len(segments) > 1 and has("header-in-one-piece")
        if isinstance(event, Violation) and self._session is not None:
            return garbled.is_told(self._session, event.rule, b"".join(segments))
        return False

    def _is_torn(self, segments: Sequence[bytes]) -> bool:
        return parts_characters(segments) and self._faults.has("split-characters-refused")

    def _take(self, event: Event) -> None:
        if is_deadly(event, self._faults.has):
            self._crash()
            return
        is_waiting = self._dialogue is not None and self._dialogue.is_deaf
        if isinstance(event, Violation) and not is_waiting:
            self._take_violation(event)
        elif isinstance(event, StreamOpened) and not is_waiting and fault_of(event, self._faults.has):
            self._fail(fault_of(event, self._faults.has))
        elif is_disliked(event, self._faults.has):
            self._fail("not-well-formed")
        elif self._dialogue is not None:
            self._take_in_dialogue(self._dialogue, event)
        elif isinstance(event, ElementReceived):
            self._take_element(event)
        elif isinstance(event, StreamEnded):
            self._take_end()
        elif isinstance(event, Whitespace) and self._faults.has("white-space-refused"):
            self._fail("policy-violation")
        elif isinstance(event, Disconnected):
            self._lose(event.reason or "the server closed the connection")

    def _take_in_dialogue(self, dialogue: Dialogue, event: Event) -> None:
        outcome = dialogue.take(event)
        if not outcome:
            return
        self._dialogue = None
        if isinstance(outcome[0], Refusal):
            self._take_refusal(outcome[0], dialogue)
        elif outcome[0] is None:
            self._out.append(Report(event="registered"))
            self._close_stream()
        else:
            self._begin(dialogue, outcome[0])

    def _begin(self, dialogue: Dialogue, jid: str) -> None:
        """A session begins, with what came before it was there."""
        state = dialogue.state
        self._phase = _Phase.ONLINE
        self._session = Session(
            settings=self._settings,
            faults=self._faults,
            fresh=self._fresh,
            out=self._out,
            roster=self._roster,
            jid=_parsed(jid) or self._address,
            is_secure=state.tls is not None,
            has_roster_versions=state.features is not None
            and state.features.find(_ROSTER_VERSIONS) is not None,
        )
        self._session.report("connected", {"jid": jid})
        is_counted = state.features is not None and state.features.find(_MANAGEMENT) is not None
        if is_counted and self._faults.has("login-counted"):
            self._count = MistakenCount(session=self._session)
            self._count.ask()
        waiting = list(state.pushed_back)
        for event in waiting:
            self._take(event)

    def _take_refusal(self, refused: Refusal, dialogue: Dialogue) -> None:
        """Tell why, and end what there is to be ended."""
        event = refused.event
        values = {"condition": self._condition_of(refused), "text": refused.message}
        is_hidden = self._has_heard_error and self._faults.has("stream-error-hidden")
        if not isinstance(event, Disconnected | StreamEnded) and not is_hidden:
            self._out.append(Report(event="error", values=values))
        if isinstance(event, Disconnected | ConnectFailed):
            self._lose(refused.message)
        elif isinstance(event, TlsFailed) or not dialogue.has_spoken:
            self._hang_up(refused.message)
        else:
            self._end_stream(refused.message)

    def _condition_of(self, refused: Refusal) -> str:
        """The peer's condition; one that nobody knows counts as the general one (RFC 6120, 4.9.2 and 6.5)."""
        event = refused.event
        if not isinstance(event, ElementReceived) or self._faults.has("unknown-condition-told"):
            return refused.condition
        if event.name == STREAM_ERROR and refused.condition not in STREAM_CONDITIONS:
            return "undefined-condition"
        if event.name == Name(SASL, "failure") and refused.condition not in SASL_CONDITIONS:
            return "not-authorized"
        return refused.condition

    # --- elements ---------------------------------------------------------------------------------

    def _take_element(self, event: ElementReceived) -> None:
        session, name = self._session, event.name
        if name == STREAM_ERROR:
            self._take_stream_error(event.tree)
        elif session is None:
            return
        elif name.namespace == SERVER and not self._faults.has("foreign-namespace-accepted"):
            self._fail("invalid-namespace")  # RFC 6120, 4.8.3
        elif name.namespace == CLIENT and has_prefix(event.raw) and not self._faults.has("prefix-accepted"):
            self._fail("bad-namespace-prefix")  # RFC 6120, 4.8.5
        elif is_refused(event, self._faults.has):
            self._fail("policy-violation")
        else:
            self._take_stanza(session, event)

    def _take_stanza(self, session: Session, event: ElementReceived) -> None:
        has = self._faults.has
        within = error_within(event, has)
        if within is not None:
            self._take_stream_error(within)
            return
        if self._count is not None:
            self._count.take(event)
        tree = event.tree if not has("text-ends-at-comment") else garbled.without_comments(event).tree
        if event.name.namespace == SERVER or has("namespace-of-stanzas-ignored"):
            tree = garbled.as_ours(tree)
        take = _STANZAS.get(Name.of(str(tree.tag)))
        if take is not None:
            take(session, tree)
        elif has("unknown-stream-element-answered"):
            session.write(error_answer(session, build(IQ, {"id": session.fresh()}), "service-unavailable"))

    def _take_stream_error(self, error: Element) -> None:
        """It is the end of the stream, whatever the condition (RFC 6120, 4.9.1.1)."""
        condition = condition_in(error, STREAM_ERRORS) or "undefined-condition"
        if condition not in STREAM_CONDITIONS and not self._faults.has("unknown-condition-told"):
            condition = "undefined-condition"
        if not self._faults.has("stream-error-hidden"):
            values = {"condition": condition, "text": error.findtext(str(_TEXT)) or ""}
            self._out.append(Report(event="error", values={key: one for key, one in values.items() if one}))
        if not self._faults.has("stream-error-ignored"):
            self._end_stream(f"stream error {condition}")

    def _take_violation(self, violation: Violation) -> None:
        """What cannot be read ends the stream with an error (RFC 6120, 11.1 and 11.3)."""
        has, condition = self._faults.has, CONDITIONS[violation.rule]
        if violation.rule in (Rule.TRUNCATED, Rule.DATA_AFTER_END) or self._has_said_end:
            return  # nobody is left to be told
        if has("crashes-at-bad-xml"):
            self._crash()
        elif has("bad-xml-swallowed") or (not violation.fatal and self._takes_restricted_xml()):
            return
        elif condition is not None:
            self._fail(condition)

    def _takes_restricted_xml(self) -> bool:
        return self._faults.has("restricted-xml-tolerated") or self._faults.has("text-ends-at-comment")

    # --- ends -------------------------------------------------------------------------------------

    def _take_end(self) -> None:
        """The server's closing tag: the answer to ours, or to be answered (RFC 6120, 4.4)."""
        if self._faults.has("close-tag-unanswered"):
            self._hang_up("the server closed the stream")
        else:
            self._end_stream("the server closed the stream")

    def _fail(self, condition: str) -> None:
        """Send a stream error and close."""
        has = self._faults.has
        sent = "undefined-condition" if has("stream-error-wrong-condition") else condition
        if not has("bad-stream-left-unexplained") and not self._has_said_end:
            data = stream_error(sent)
            self._send(data.removesuffix(stream_footer()) if has("stream-error-without-closing") else data)
            self._has_said_end = True
        self._out.append(Report(event="error", values={"condition": condition}))
        self._hang_up(f"stream error {condition}")

    def _close_stream(self) -> None:
        """Say goodbye and wait for the server to do so too (RFC 6120, 4.4)."""
        dialogue, session = self._dialogue, self._session
        if session is not None:
            presence.leave(session)
        if dialogue is not None and (dialogue.is_deaf or not dialogue.has_spoken):
            self._hang_up("")
            return
        if self._faults.has("stream-not-closed"):
            self._hang_up("")
            return
        self._say_end()
        self._dialogue = None
        self._phase = _Phase.CLOSING
        if self._faults.has("hangs-up-without-waiting"):
            self._hang_up("")

    def _end_stream(self, reason: str) -> None:
        """The server has ended it already."""
        self._say_end()
        self._hang_up(reason)

    def _say_end(self) -> None:
        if not self._has_said_end and not self._faults.has("closing-tag-never-sent"):
            self._send(stream_footer())
        self._has_said_end = True
        if self._session is not None:
            self._session.is_closing = True

    def _hang_up(self, reason: str) -> None:
        self._out.append(CloseConnection())
        self._over(reason)

    def _crash(self) -> None:
        self._out.append(CloseConnection(reset=True))
        self._phase = _Phase.OFFLINE
        self.is_over = self.has_crashed = True

    def _lose(self, reason: str) -> None:
        """The connection is gone, as it should be only after both closing tags."""
        is_due = self._phase is _Phase.CLOSING
        self._over(reason, is_told=is_due or not self._faults.has("lost-connection-hidden"))

    def _over(self, reason: str, *, is_told: bool = True) -> None:
        if is_told:
            values = {"reason": reason} if reason else {}
            self._out.append(Report(event="disconnected", values=values))
        is_wanted = self._phase is not _Phase.CLOSING and not self._is_quitting
        has_spoken = self._dialogue is None or self._dialogue.has_spoken
        self._phase = _Phase.OFFLINE
        self._dialogue = self._session = self._count = None
        self.is_over = self._is_quitting
        if (
            is_wanted
            and has_spoken
            and self._returns < _MOST_RETURNS
            and self._faults.has("comes-back-at-once")
        ):
            self._returns += 1
            self._connect("connect")

    # --- effects ----------------------------------------------------------------------------------

    def _send(self, data: bytes) -> None:
        self._out.append(Send(data=data))

    def _drain(self) -> list[Effect | Report]:
        taken = list(self._out)
        self._out.clear()
        return taken


def _parsed(jid: str) -> Jid | None:
    try:
        return Jid.parse(jid)
    except ValueError:
        return None
