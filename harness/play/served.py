"""A case from the server's perspective: the transcript itself is the server.

How it works. The script is a generator that yields effects, and `None` where it has to wait for the
client. It is pushed on after every event, so that a wait is a loop around `yield None` until what is
awaited stands in the actor's inbox. What the client is to receive is made from the same patterns that
the client matches; what the client sends is matched. Requests that the script does not mention, above
all the client's fences, are answered as any server would.

`Shaping` is how a proof changes what this server says: it gets each group of elements that a step makes
and returns those to be sent instead. A stream header is such an element too, and `STREAM_END` stands for
the closing tag. `choices` says, by the line of a step, which alternative is taken; the first is the
usual one, and of what may come nothing comes.
"""

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from harness.negotiation.scram import SaltedPasswords
from harness.pattern.difference import Difference
from harness.pattern.make import make
from harness.pattern.nodes import Node
from harness.play.acts import Problem
from harness.play.cast import Account, Cast, owner_of, variables
from harness.play.expectations import Judge
from harness.play.sasl_messages import SaslExchange, sasl_texts, scram_ends
from harness.play.scene import is_request, request_names
from harness.transcript.script import Actor, Dialect, Step, Transcript
from harness.wire.effects import CloseConnection, Directed, Effect, RestartStream, Send, StartTls
from harness.wire.events import Connected, ElementReceived, Event, StreamOpened, TlsStarted, Whitespace
from harness.wire.writer import serialize, stream_footer, stream_header
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, DISCO_INFO, PING, SASL, STANZA_ERRORS, STREAM, TLS, XML, Name

LANG = f"{{{XML}}}lang"
_IQ = Name(CLIENT, "iq")
_FEATURES = Name(STREAM, "features")

#: Code of the script that ends with nothing: yields effects with their line, or None to wait.
Script = Generator["tuple[Line, Effect] | None", None, None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Making:
    """What a step is about to send: its step, and the elements with the patterns they were made from."""

    step: Step
    nodes: tuple[Node, ...]
    elements: "tuple[etree._Element, ...]"
    scope: Mapping[str, str]


#: Turns the elements that a step would send into those that are sent.
Shaping = Callable[[Making], "Sequence[etree._Element]"]

#: Writes an element as it stands in the stream.
Style = Callable[["etree._Element"], bytes]

STREAM_HEADER = Name(STREAM, "stream")
STREAM_END = Name(STREAM, "end")


def as_made(making: Making) -> "Sequence[etree._Element]":
    """Send what the script says."""
    return making.elements


@dataclass(kw_only=True)
class Line:
    """One connection of the client, with the actor behind it."""

    number: int
    actor: Actor
    account: Account
    inbox: deque[Event] = field(default_factory=deque)
    header: StreamOpened | None = None  # the client's
    tls: TlsStarted | None = None
    has_opened: bool = False  # our header for the present stream is out
    has_features: bool = False  # and our features
    is_secured: bool = False
    has_proceeded: bool = False  # `<proceed/>` has been said by a step of its own
    is_authenticated: bool = False
    is_bound: bool = False
    is_tolerant: bool = False  # raw bytes came; what nobody awaits is passed over
    jid: str = ""
    is_usual: bool = False  # the usual server lets the client in (see `hosted`)
    is_silenced: bool = False  # our closing tag or a stream error is out
    is_first: bool = True  # of its actor's
    heard: int = 0  # how many reports its actor's driver had given before
    has_erred: bool = False  # the client has sent a stream error, after which nothing counts
    has_said_end: bool = False  # our closing tag is
    shakes_hands: bool = False  # a handshake begins that no step speaks of
    is_gone: bool = False  # the client has closed its stream or connection
    seen: list[ElementReceived] = field(default_factory=list)  # everything that the client has sent
    asked: set[str] = field(default_factory=set)  # fences that are set
    fences: set[str] = field(default_factory=set)  # and those that are closed
    requests: list[str] = field(default_factory=list)  # ids of our iq requests that wait for an answer
    exchange: SaslExchange = field(default_factory=SaslExchange)


class ServedPlay:
    """A `Peer` that plays a transcript's server.

    `scope` holds the names that both sides know from the start; `identify` names the actor behind a
    connection.
    """

    mechanisms: tuple[str, ...] = ()  # that are offered; empty: all that we have

    def __init__(
        self,
        transcript: Transcript,
        cast: Cast,
        *,
        scope: Mapping[str, str],
        fresh: Callable[[str], str],
        identify: Callable[[int], str],
        steps: "dict[type[Step], StepScript]",
        shaping: Shaping = as_made,
        style: Style = serialize,
        choices: Mapping[int, int] | None = None,
    ) -> None:
        self.transcript = transcript
        self.cast = cast
        self.fresh = fresh
        self.shaping = shaping
        self.style = style
        self.choices = choices or {}
        self.judge = Judge(
            scope=dict(scope),
            strictness=transcript.strictness,
            rebind=transcript.dialect is Dialect.SCANSION,
        )
        self.problems: list[Problem] = []
        self.lines: dict[str, Line] = {}
        self._identify = identify
        self._by_number: dict[int, Line] = {}
        self._script = self._run(steps)
        self._is_over = False
        self._variables = sorted(variables(transcript))
        self._salted = SaltedPasswords()
        self.has_said_all = False  # what has happened leaves nothing more to do

    # --- the peer -------------------------------------------------------------------------------

    def connected(self, connection: int, event: Connected) -> Sequence[Directed]:
        """Seat the actor that has connected."""
        actor = next(one for one in self.transcript.actors if one.name == self._identify(connection))
        line = Line(number=connection, actor=actor, account=self.cast.accounts[owner_of(actor)])
        self.lines[actor.name] = self._by_number[connection] = line
        line.inbox.append(event)
        return self._push()

    def received(self, connection: int, event: Event) -> Sequence[Directed]:
        """Take an event in, and go on with the script as far as it goes."""
        line = self._by_number[connection]
        if isinstance(event, Whitespace):
            return []
        if isinstance(event, ElementReceived) and self._is_fence(event):
            return [Directed(connection=connection, effect=Send(data=answer_to(event)))]
        if isinstance(event, StreamOpened):
            line.header = event
        line.inbox.append(event)
        return self._push()

    @staticmethod
    def _is_fence(event: ElementReceived) -> bool:
        return event.name == _IQ and event.attributes.get("id", "").startswith("fence-")

    def _push(self) -> list[Directed]:
        directed = []
        while not self._is_over:
            try:
                said = next(self._script)
            except StopIteration:
                self._is_over = True
                break
            if said is None:
                break
            line, effect = said
            directed.append(Directed(connection=line.number, effect=effect))
        return directed

    # --- the script -----------------------------------------------------------------------------

    def _run(self, steps: "dict[type[Step], StepScript]") -> Script:
        for step in self.transcript.steps:
            yield from steps[type(step)](self, step)
            if self.has_said_all:
                return

    def line(self, actor: str) -> Generator[None, None, Line]:
        """Wait until the actor has connected."""
        while actor not in self.lines:
            yield None
        return self.lines[actor]

    def await_event(self, line: Line) -> Generator[None, None, Event]:
        """Wait for the actor's next event."""
        while not line.inbox:
            yield None
        return line.inbox.popleft()

    def await_kind(self, line: Line, *kinds: type[Event]) -> Generator[None, None, Event]:
        """Wait for an event of some kinds, passing over others."""
        while True:
            event = yield from self.await_event(line)
            if isinstance(event, kinds):
                return event

    def await_element(self, line: Line, node: Node) -> Generator[None, None, Difference | None]:
        """Wait for an element and match it."""
        while True:
            event = yield from self.await_kind(line, ElementReceived)
            assert isinstance(event, ElementReceived)
            self.judge.scope.update(request_names(line.actor.name, line.requests))
            self._name_sasl_messages(line)
            line.exchange.note(event.tree)
            difference = self.judge.accept(node, event)
            if event.attributes.get("id", "") in line.requests:
                line.requests.remove(event.attributes.get("id", ""))
            if difference is None or not line.is_tolerant:
                line.is_tolerant = False
                return difference

    def _name_sasl_messages(self, line: Line) -> None:
        self.judge.scope.update(sasl_texts(self._variables, self.judge.scope))
        ends = scram_ends(
            self._variables,
            line.actor.name,
            line.exchange,
            line.account.password,
            bindings={} if line.tls is None else line.tls.bindings,
            salted=self._salted,
        )
        self.judge.scope.update(ends)

    def await_named(self, line: Line, *names: Name) -> Generator[None, None, ElementReceived]:
        """Wait for an element of one of the names."""
        while True:
            event = yield from self.await_kind(line, ElementReceived)
            assert isinstance(event, ElementReceived)
            if event.name in names:
                return event

    def say(
        self, line: Line, step: Step, nodes: Sequence[Node], *, complete: "Completion | None" = None
    ) -> Script:
        """Make elements and send them; what begins a new stream is followed by a restart.

        `complete` adds to features what the script leaves to the server.
        """
        yield from self.open(line, nodes[0].name if nodes else None)
        made = [make(node, self.judge.scope, self.fresh) for node in nodes]
        for one in made:
            self.judge.scope.update(one.captures)
            if complete is not None and Name.of(str(one.element.tag)) == _FEATURES:
                complete(self, line, one.element, step)
        yield from self.shape(line, step, nodes, [one.element for one in made])

    def shape(
        self, line: Line, step: Step, nodes: Sequence[Node], elements: "Sequence[etree._Element]"
    ) -> Script:
        """Send elements as the shaping wants them; what begins a new stream is preceded by a restart."""
        making = Making(step=step, nodes=tuple(nodes), elements=tuple(elements), scope=dict(self.judge.scope))
        if any(node.name in _RESTARTING for node in nodes):
            yield line, RestartStream()
            line.has_opened = line.has_features = False
        if any(node.name == _PROCEED for node in nodes):
            line.has_proceeded = True
            yield line, StartTls()
        for element in self.shaping(making):
            name = Name.of(str(element.tag))
            if name == STREAM_HEADER:
                yield line, Send(data=stream_header(attributes={str(k): str(v) for k, v in element.items()}))
            elif name == STREAM_END:
                yield from self.end(line)
            else:
                attributes = {str(key): str(value) for key, value in element.items()}
                if is_request(name, attributes):
                    line.requests.append(attributes.get("id", ""))
                line.exchange.note(element)
                yield line, Send(data=self.style(element))

    def open(self, line: Line, first: Name | None = None) -> Script:
        """Send our header if it is not out."""
        if line.has_opened or line.is_bound:
            return
        line.has_opened = True
        yield line, Send(data=stream_header(attributes=self.header_attributes(line)))

    def header_attributes(self, line: Line) -> dict[str, str]:
        """What our header says; a client of before XMPP 1.0 is told no version (RFC 6120, 4.7.5)."""
        attributes = {"from": line.account.domain, "id": self.fresh("stream"), LANG: "en"}
        if line.header is None or "version" in line.header.attributes:
            attributes["version"] = "1.0"
        return attributes

    def end(self, line: Line) -> Script:
        """Close the stream and the connection."""
        yield line, Send(data=stream_footer())
        yield line, CloseConnection()


#: After these a client opens its stream anew.
_PROCEED = Name(TLS, "proceed")
_RESTARTING = {Name(SASL, "success"), _PROCEED}

#: `Any` because a script takes one class of step.
StepScript = Callable[[ServedPlay, Any], Script]


#: Adds to the features that a step makes.
Completion = Callable[["ServedPlay", "Line", "etree._Element", Step], None]


def answer_to(event: ElementReceived) -> bytes:
    """Answer a request as any server would: a ping and a disco#info with a result, others with an error."""
    attributes = {"id": event.attributes.get("id", ""), "type": "result"}
    if "to" in event.attributes:
        attributes["from"] = event.attributes["to"]
    payload = Name.of(str(event.tree[0].tag)) if len(event.tree) else Name("", "")
    if payload == Name(PING, "ping"):
        return serialize(build(_IQ, attributes))
    if payload == Name(DISCO_INFO, "query"):
        return serialize(build(_IQ, attributes, build(payload)))
    error = build(
        Name(CLIENT, "error"), {"type": "cancel"}, build(Name(STANZA_ERRORS, "service-unavailable"))
    )
    return serialize(build(_IQ, attributes | {"type": "error"}, error))
