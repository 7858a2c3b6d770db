"""A case from the server's perspective against a client under test: the transcript laid over a real server.

How it works. As in `served`, the script is a generator that is pushed on by every event. What the client
sends and the script speaks of waits in the line's inbox; all else goes to `usual`, a server that behaves
as servers do, and its answers go out as they are. What the script has the client receive is made from the
same patterns and sent past that server.

A client acts when its driver is told a command (`told` collects them) and tells what it makes of things
by reports. `silence` is for whoever knows that nothing more will come for now; only then is something
that was awaited given up, and only after a fence: a request, or a message that the driver reports and
answers, which shows that the client has dealt with all that it was sent before.
"""

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from enum import Enum, auto
from typing import Any, Protocol

from lxml import etree

from harness.pattern.nodes import Node
from harness.play.acts import Outcome, Problem, at_step
from harness.play.cast import Cast, owner_of
from harness.play.ids import give_id
from harness.play.party import Party, crashed, last_words, missing
from harness.play.scene import told
from harness.play.served import Line, Script, ServedPlay
from harness.transcript.script import Connects, Sends, SendsOneOf, Step, Transcript
from harness.wire.driver import Command, Report
from harness.wire.effects import CloseConnection, Directed, Effect, Send, StartTls
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
    Violation,
    Whitespace,
)
from harness.wire.writer import serialize, stream_footer
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, PING, STREAM, TLS, Name

_IQ, _MESSAGE = Name(CLIENT, "iq"), Name(CLIENT, "message")
_STREAM_ERROR = Name(STREAM, "error")
_PROCEED = Name(TLS, "proceed")
_FENCE = "fence-"
_ENDS = (Disconnected, StreamEnded, TlsFailed)
_LAST_REPORTS = ("error", "disconnected")


class UsualServer(Protocol):
    """What answers wherever the script says nothing."""

    def connected(self, connection: int, event: Connected) -> list[Directed]:
        """A connection has been accepted."""
        ...

    def received(self, connection: int, event: Event) -> list[Directed]:
        """Something happened on a connection."""
        ...

    def bind_directly(self, connection: int, username: str, resource: str) -> str:
        """Bind a resource for a client that was let in past this server."""
        ...

    def bound_jid(self, connection: int) -> str:
        """The full JID that a connection has bound; empty before."""
        ...

    def counted(self, connection: int, number: int) -> None:
        """The script has taken stanzas, or given them back when negative; they count as handled."""
        ...


class Fence(Enum):
    """How a client shows that it has dealt with what it was sent."""

    PING = auto()  # it answers a request
    MARKER = auto()  # its driver reports a message, and sends one
    NONE = auto()  # only by being silent for long


class HaltError(Exception):
    """A step cannot go on; the case ends here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class RefusedError(HaltError):
    """The client has refused the handshake of direct TLS."""


_HANDSHAKE = "the TLS handshake failed"


class HostedPlay(ServedPlay):
    """A `Peer` that plays a transcript's server to real clients.

    `commands` are those of each actor's driver; `usual` is made for this case alone.
    """

    mechanisms = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")

    def __init__(
        self,
        transcript: Transcript,
        cast: Cast,
        usual: UsualServer,
        *,
        scope: Mapping[str, str],
        fresh: Callable[[str], str],
        identify: Callable[[int], str],
        steps: "dict[type[Step], Any]",  # `HostedStep`s
        commands: Mapping[str, frozenset[str]] | None = None,
        fence: Fence = Fence.PING,
    ) -> None:
        super().__init__(transcript, cast, scope=scope, fresh=fresh, identify=identify, steps=steps)
        self.usual = usual
        self.fence_kind = fence
        self.told: deque[tuple[str, Command]] = deque()
        self.notes: list[str] = []
        self._silent: set[str] = set()
        self.parties = {
            actor.name: Party(actor=actor, commands=(commands or {}).get(actor.name, frozenset()))
            for actor in transcript.actors
        }
        self.ids: dict[tuple[str, str], str] = {}  # what a client made of the ids that the script gives
        self.position = 0  # number of the step that is being played
        self._is_silent = False

    # --- the peer -----------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether the script has come to its end."""
        return self._is_over

    def outcome(self) -> Outcome:
        """How the case ended."""
        notes = tuple(dict.fromkeys(self.notes))
        return Outcome(problems=tuple(self.problems), notes=notes, silent=frozenset(self._silent))

    def give_up(self, actor: str) -> None:
        """Wait no longer for somebody."""
        self._silent.add(actor)
        self.notes.append(f"{actor}: given up after a while without anything from it")

    def begin(self) -> Sequence[Directed]:
        """Play as far as it goes before anybody has connected."""
        return self._push()

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """Take note of a connection; a step fetches it."""
        actor = self.parties[self._identify(connection)].actor
        line = Line(
            number=connection,
            actor=actor,
            account=self.cast.accounts[owner_of(actor)],
            is_first=all(one.actor is not actor for one in self._by_number.values()),
            heard=len(self.parties[actor.name].reports),
        )
        self._by_number[connection] = line
        self.parties[actor.name].arrivals.append(line)
        line.inbox.append(event)
        return self._push()

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Take an event in, and go on with the script as far as it goes."""
        line = self._by_number[connection]
        if isinstance(event, Whitespace) or (isinstance(event, Violation) and not event.fatal):
            return []
        if self._is_over:
            return self._see_off(line, event)
        directed: list[Directed] = []
        if isinstance(event, ElementReceived):
            line.seen.append(event)
        if isinstance(event, StreamOpened):
            line.header = event
        if isinstance(event, _ENDS):
            line.is_gone = True
        if line.is_usual:
            directed.extend(self._answers(line, event))
            line.inbox.append(event)
        elif isinstance(event, ElementReceived) and line.is_bound:
            directed.extend(self._sort(line, event))
        else:
            line.inbox.append(event)
        return [*directed, *self._push()]

    def reported(self, actor: str, report: Report) -> Sequence[Directed]:
        """A driver tells of something."""
        self.parties[actor].reports.append(report)
        return self._push()

    def exited(self, actor: str, how: str) -> Sequence[Directed]:
        """A client's program has ended of its own accord; `how` is empty when that is in order."""
        self.parties[actor].exit = how or "ended"
        return self._push()

    def note_crash(self, actor: str) -> None:
        """Hold it against a client if its program has not ended in order after all was over."""
        party = self.parties[actor]
        if party.has_crashed and not any(one.cause == party.exit for one in self.problems):
            self.problems.insert(0, self._at(self.transcript.steps[-1], crashed(actor, party)))

    def refused(self, actor: str) -> Sequence[Directed]:
        """A connection has not come about because the client broke the handshake of direct TLS off."""
        self.parties[actor].refusals += 1
        return self._push()

    def silence(self) -> Sequence[Directed]:
        """Nothing more will come for now."""
        self._is_silent = True
        directed = self._push()
        self._is_silent = False
        return directed

    def _see_off(self, line: Line, event: Event) -> Sequence[Directed]:
        """After the script the usual server goes on; whom it does not know is let go in order."""
        if line.is_usual or (line.is_bound and not line.is_silenced):
            return self.usual.received(line.number, event)
        if not isinstance(event, StreamEnded) or line.is_silenced:
            return []
        effects: tuple[Effect, ...] = (Send(data=stream_footer()), CloseConnection())
        return [Directed(connection=line.number, effect=effect) for effect in effects]

    # --- what the usual server gets -----------------------------------------------------------

    def _sort(self, line: Line, event: ElementReceived) -> Sequence[Directed]:
        """Keep what the script speaks of, now or later; the usual server answers the rest."""
        if line.has_erred:
            return []
        line.has_erred = event.name == _STREAM_ERROR
        identifier = event.attributes.get("id", "")
        closed = {identifier, self._body(event)} & line.asked
        if closed:
            line.fences |= closed
            self._count(line, event, 1)
            return []
        is_answer = event.name == _IQ and event.attributes.get("type") in ("result", "error")
        is_ours = line.has_erred or (is_answer and identifier in line.requests)
        if is_ours or self._may_be_meant(line, event):
            line.inbox.append(event)
            self._count(line, event, 1)
            return []
        return self._answers(line, event)

    def _count(self, line: Line, event: ElementReceived, number: int) -> None:
        """What the script takes has been handled too (XEP-0198, 4)."""
        if event.name.namespace == CLIENT:
            self.usual.counted(line.number, number)

    def _answers(self, line: Line, event: Event) -> list[Directed]:
        """What the usual server does about an event; to a stream that we have closed it says nothing."""
        if line.is_silenced:
            return []
        return [
            directed
            for directed in self.usual.received(line.number, event)
            if not self._by_number[directed.connection].is_silenced
        ]

    @staticmethod
    def _body(event: ElementReceived) -> str:
        return "" if event.name != _MESSAGE else event.tree.findtext(f"{{{CLIENT}}}body") or ""

    def _may_be_meant(self, line: Line, event: ElementReceived) -> bool:
        present = self.transcript.steps[min(self.position, len(self.transcript.steps) - 1)]
        if isinstance(present, Connects) and present.actor == line.actor.name:
            return False  # what belongs to a login is none of the script's business
        for step in self.transcript.steps[self.position :]:
            if step.actor != line.actor.name or not isinstance(step, Sends | SendsOneOf):
                continue
            if any(_is_of_its_kind(node, event) for node in _sendable(step)):
                return True
        return False

    def give_to_usual(self, line: Line, event: ElementReceived) -> Script:
        """Let the usual server have what the script does not want."""
        self._count(line, event, -1)
        for directed in self._answers(line, event):
            yield self._by_number[directed.connection], directed.effect

    # --- the script ---------------------------------------------------------------------------

    def _run(self, steps: "dict[type[Step], Any]") -> Script:
        for position, step in enumerate(self.transcript.steps):
            self.position = position
            try:
                problem = yield from steps[type(step)](self, step)
            except HaltError as halt:
                problem = halt.problem
            if problem is not None:
                self.problems.append(self._at(step, problem))
            if problem is not None or self.has_said_all:
                break
        self.position = len(self.transcript.steps)
        if not self.problems:
            yield from self._settle()

    def _settle(self) -> Script:
        """See to it that every client has dealt with what it was sent, and is well."""
        for line in [*self.lines.values()]:
            if line.is_bound and not line.is_gone:
                yield from self.fence(line)
        for name in self.parties:
            yield from self.fence_reports(name)
        for name, party in self.parties.items():
            if party.has_crashed:
                self.problems.append(self._at(self.transcript.steps[-1], crashed(name, party)))

    def _at(self, step: Step, problem: Problem) -> Problem:
        return at_step(problem, self.transcript.path, step)

    def tell(self, actor: str, command: Command) -> None:
        """Have a driver carry out a command; without a driver nobody hears it."""
        party = self.parties[actor]
        if not party.has_driver:
            return
        if command.name not in party.commands:
            message = f"the driver of {actor} has no command {command.name}"
            raise HaltError(Problem(cause=message, message=message, is_environment=True))
        self.told.append((actor, command))

    def line(self, actor: str) -> Generator[None, None, Line]:
        """The actor's present connection; when it has none, the next one that it opens."""
        if actor not in self.lines:
            yield from self.next_line(actor)
        return self.lines[actor]

    def next_line(self, actor: str) -> Generator[None, None, Line]:
        """Wait for a connection that no step has had yet."""
        party = self.parties[actor]
        while not party.arrivals:
            if party.refusals:
                raise RefusedError(Problem(cause=_HANDSHAKE, message=f"{actor}: {_HANDSHAKE}."))
            yield from self._wait(actor, "a connection")
        self.lines[actor] = party.arrivals.popleft()
        return self.lines[actor]

    def _wait(self, actor: str, wanted: str) -> Generator[None, None, None]:
        """Let time pass; raise when there is nothing to wait for any more."""
        party = self.parties[actor]
        if party.has_crashed:
            raise HaltError(crashed(actor, party))
        if self._is_silent:
            self._is_silent = False
            raise HaltError(missing(actor, wanted, party))
        yield None

    def await_event(self, line: Line) -> Generator[None, None, Event]:
        """Wait for the actor's next event; `Silence` when nothing comes."""
        while not line.inbox:
            party = self.parties[line.actor.name]
            if party.has_crashed:
                raise HaltError(crashed(line.actor.name, party))
            if self._is_silent:
                self._is_silent = False
                return Silence(seconds=0)
            yield None
        event = line.inbox.popleft()
        if isinstance(event, TlsStarted) and line.shakes_hands:
            line.tls = event
            return (yield from self.await_event(line))
        return event

    def await_kind(self, line: Line, *kinds: type[Event]) -> Generator[None, None, Event]:
        """Wait for an event of some kinds. Raises HaltError when another comes first, or nothing."""
        event = yield from self.await_event(line)
        if not isinstance(event, kinds):
            raise HaltError(self.unexpected(line, event, _KINDS.get(kinds[0], kinds[0].__name__)))
        return event

    def await_named(self, line: Line, *names: Name) -> Generator[None, None, ElementReceived]:
        """Wait for an element of one of the names. Raises HaltError when something else comes."""
        event = yield from self.await_event(line)
        if not isinstance(event, ElementReceived) or event.name not in names:
            raise HaltError(self.unexpected(line, event, " or ".join(f"<{name.local}/>" for name in names)))
        return event

    def unexpected(self, line: Line, event: Event, wanted: str) -> Problem:
        """Describe an event that is not what was awaited."""
        name = line.actor.name
        if isinstance(event, Silence):
            return missing(name, wanted, self.parties[name])
        return Problem(
            cause=f"{told(event)} instead of {wanted}",
            message=f"{name} should have sent {wanted}; {told(event)} came{self.last_words(name)}.",
            difference=_shown(event),
        )

    def says_it_failed(self, line: Line) -> bool:
        """Whether the driver tells of a failure.

        It does not tell on which connection: an old failure is no word about a later one.
        """
        reports = self.parties[line.actor.name].reports
        return line.is_first and any(report.event in _LAST_REPORTS for report in reports)

    def says(self, line: Line, event: str) -> bool:
        """Whether the driver has told of an event since there is this connection."""
        return any(one.event == event for one in self.parties[line.actor.name].reports[line.heard :])

    def last_words(self, actor: str) -> str:
        """What the driver said of a failure, for the end of a sentence."""
        return last_words(self.parties[actor])

    def begin_tls(self, line: Line) -> Script:
        """Have the handshake begin once what is sent next has left, which holds `<proceed/>`."""
        line.is_secured = line.shakes_hands = True
        line.has_opened = line.has_features = False
        yield line, StartTls()

    def take_silence(self) -> bool:
        """Whether nothing more will come for now; true once for each time that this is told."""
        is_silent, self._is_silent = self._is_silent, False
        return is_silent

    @property
    def by_number(self) -> Mapping[int, Line]:
        """All connections that there have been."""
        return self._by_number

    def shape(
        self, line: Line, step: Step, nodes: Sequence[Node], elements: "Sequence[etree._Element]"
    ) -> Script:
        """Send elements; an answer to what the client sent carries the id that the client gave it."""
        for element in elements:
            if element.get("id") is None:
                give_id(element, line.seen, self.fresh)
            given = self.ids.get((line.actor.name, element.get("id", "")))
            if given is None or element.get("type") not in ("result", "error"):
                continue
            element.set("id", given)
            _answer_from_asked(element, line, given)
            if not given:  # there was none to give back (RFC 6120, 8.3.1)
                del element.attrib["id"]
        if any(node.name == _PROCEED for node in nodes):
            yield from self.begin_tls(line)
        yield from super().shape(line, step, nodes, elements)

    def say_elements(self, line: Line, elements: "Sequence[etree._Element]") -> Script:
        """Send elements as they are."""
        for element in elements:
            yield line, Send(data=serialize(element))

    # --- the fence ----------------------------------------------------------------------------

    def fence(self, line: Line) -> Generator[Any, None, bool]:
        """Wait until the client has dealt with what it was sent; False when it does not tell."""
        if line.is_gone:
            return True
        name = line.actor.name
        if not line.is_bound:
            return (yield from self._await_end(line))
        marker = f"{_FENCE}{self.fresh('marker')}"
        line.asked.add(marker)
        if self.fence_kind is Fence.PING:
            yield from self.say_elements(line, [_ping(line, marker)])
        elif self.fence_kind is Fence.MARKER and self.parties[name].has_driver:
            yield from self.say_elements(line, [_marker(line, marker)])
            yield from self._await_report(name, marker)
            answer = Command(name="send-message", fields=(line.account.domain, "chat", marker))
            self.told.append((name, answer))
        while marker not in line.fences and not line.is_gone:
            if self._is_silent:
                self._is_silent = False
                self.give_up(name)
                return False
            if self.parties[name].exit:
                return True
            yield None
        return True

    def fence_reports(self, actor: str) -> Generator[None, None, None]:
        """Wait until all that a driver has said is here: its output is in order, so it is asked nonsense."""
        party = self.parties[actor]
        if not party.has_driver or party.exit:
            return
        marker = f"{_FENCE}{self.fresh('nonsense')}"
        self.told.append((actor, Command(name=marker)))
        while not any(marker in str(one.values.get("command", "")) for one in party.reports):
            if self.take_silence() or party.exit:
                return
            yield None

    def _await_report(self, name: str, marker: str) -> Generator[None, None, None]:
        """Until the driver has handed the message on; if it never does, the wait for the answer ends it."""
        party = self.parties[name]
        while not any(marker in str(report.values.get("body", "")) for report in party.reports):
            if self._is_silent or party.exit:
                return
            yield None

    def _await_end(self, line: Line) -> Generator[None, None, bool]:
        """Before login there is nobody to ask: the client goes away, or its driver says that it failed."""
        name = line.actor.name
        party = self.parties[name]
        while not line.is_gone and not party.exit:
            if self.says_it_failed(line):
                return True
            if self._is_silent:
                self._is_silent = False
                self.give_up(name)
                return False
            yield None
        return True


#: `Any` because a script takes one class of step. Gives the problem that ends the case, if there is one.
HostedStep = Callable[[HostedPlay, Any], Generator[Any, None, Problem | None]]

_KINDS: Mapping[type[Event], str] = {
    Connected: "a connection",
    StreamOpened: "a stream header",
    StreamEnded: "the end of the stream",
    TlsStarted: "a TLS handshake",
}


def _sendable(step: Sends | SendsOneOf) -> tuple[Node, ...]:
    if isinstance(step, Sends):
        return step.nodes
    return tuple(node for alternative in step.alternatives for node in alternative.nodes)


def _is_of_its_kind(node: Node, event: ElementReceived) -> bool:
    """Whether an element may be what a pattern means, as far as can be told before its time."""
    if node.name != event.name:
        return False
    kind = node.attributes.get(Name("", "type"))
    if kind is not None and "{" not in kind.source and kind.source != event.attributes.get("type", ""):
        return False
    if node.name != _IQ or not node.children:
        return True
    return any(Name.of(str(child.tag)) == node.children[0].name for child in event.tree)


def _shown(event: Event) -> tuple[str, ...]:
    if not isinstance(event, ElementReceived):
        return ()
    return tuple(f"+ {line}" for line in event.raw.decode("utf-8", "replace").splitlines())


def _answer_from_asked(element: "etree._Element", line: Line, identifier: str) -> None:
    """An answer without `from` is taken for the account's own (RFC 6120, 8.1.2.1); give it who was asked."""
    asked = [one.attributes.get("to") for one in line.seen if one.attributes.get("id") == identifier]
    if asked and asked[-1] and element.get("from") is None:
        element.set("from", asked[-1])


def _ping(line: Line, marker: str) -> "etree._Element":
    attributes = {"type": "get", "id": marker, "from": line.account.domain, "to": line.jid}
    return build(_IQ, attributes, build(Name(PING, "ping")))


def _marker(line: Line, marker: str) -> "etree._Element":
    attributes = {"type": "chat", "id": marker, "from": line.account.domain, "to": line.jid}
    return build(_MESSAGE, attributes, build(Name(CLIENT, "body"), None, marker))


def close(line: Line) -> Script:
    """Drop the connection."""
    line.is_gone = True
    yield line, CloseConnection()
