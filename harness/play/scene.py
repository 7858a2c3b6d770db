"""What the steps of a case work on, from the client's perspective: we are the actors, the target is a server.

What an actor receives goes through its inbox: an element that a step does not ask for and that is
background (see `background`) is answered and set aside.
"""

from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from harness.negotiation.client import ClientState, Credentials, TlsPolicy
from harness.negotiation.scram import SaltedPasswords
from harness.pattern.nodes import Node, Template
from harness.pattern.template import make_template
from harness.play.acts import Act, Outcome, Playing, Problem, at_step
from harness.play.background import background
from harness.play.cast import Cast, first_scope, owner_of, variables
from harness.play.expectations import Judge
from harness.play.sasl_messages import sasl_texts, scram_ends
from harness.play.seat import Seat
from harness.transcript.script import Actor, Authenticates, Binds, Dialect, Sends, Step, Transcript
from harness.wire.effects import Effect, Protocol, Receive, Send, T
from harness.wire.events import (
    Disconnected,
    ElementReceived,
    Event,
    Silence,
    StreamEnded,
    StreamOpened,
    Violation,
    Whitespace,
)
from harness.xmpp.namespaces import AUTH, CLIENT, REGISTER, SASL, STREAM, TLS, Name

#: Needed by scenarios that see to TLS themselves, or are about what goes on without it.
_STARTTLS = "starttls"

#: How a proof changes what a step sends: gets its line, patterns and elements, gives those to be sent.
Changing = Callable[[int, Sequence[Node], "list[etree._Element]"], "list[etree._Element]"]


def entering(transcript: Transcript) -> frozenset[str]:
    """The actors that authenticate, bind or register in steps of their own."""
    return frozenset(step.actor for step in transcript.steps if _is_entrance(step))


def _is_entrance(step: Step) -> bool:
    if isinstance(step, Authenticates | Binds):
        return True
    nodes = step.nodes if isinstance(step, Sends) else ()
    named = (name for node in nodes for name in (node.name, *(child.name for child in node.children)))
    return any(name.namespace in (SASL, AUTH, REGISTER) for name in named)


class Scene:
    """The seats, the names, and the ways to send and to receive."""

    def __init__(
        self,
        transcript: Transcript,
        cast: Cast,
        *,
        fresh: Callable[[str], str],
        policy: TlsPolicy = TlsPolicy.IF_OFFERED,
        mechanisms: tuple[str, ...] | None = None,
        salted: SaltedPasswords | None = None,
        is_tls_required: bool = False,
    ) -> None:
        #: The actors that log in without a word on TLS: it goes under their connections.
        self.secured = entering(transcript) if is_tls_required and _STARTTLS not in transcript.needs else ()
        self.transcript = transcript
        self.cast = cast
        self.fresh = fresh
        self.policy = policy
        self.mechanisms = mechanisms
        self.salted = salted or SaltedPasswords()
        self.judge = Judge(
            scope=first_scope(transcript, cast, fresh),
            strictness=transcript.strictness,
            rebind=transcript.dialect is Dialect.SCANSION,
        )
        self.seats = {actor.name: self._seat(actor) for actor in transcript.actors}
        self.notes: list[str] = []
        self.is_over = False  # what has happened leaves nothing more to do
        self.fenced: set[str] = set()
        self._variables = sorted(variables(transcript))
        self.changing: Changing | None = None
        self.registered: list[tuple[str, str | None]] = []  # what was asked for by XEP-0077, see `learn`

    def _seat(self, actor: Actor) -> Seat:
        account = self.cast.accounts[owner_of(actor)]
        return Seat(actor=actor, account=account, state=ClientState(domain=account.domain))

    @property
    def scope(self) -> dict[str, str]:
        """The names of the case and their values."""
        return self.judge.scope

    def credentials(self, seat: Seat) -> Credentials:
        """What an actor logs in with."""
        return Credentials(
            username=seat.account.username,
            domain=seat.account.domain,
            password=seat.account.password,
            resource=self.resource(seat),
            mechanisms=self.mechanisms,
        )

    def resource(self, seat: Seat) -> str | None:
        """The resource that an actor asks for; None lets the server choose."""
        template = seat.actor.resource
        return None if template is None else self.text(template)

    def name_sasl_messages(self, seat: Seat) -> None:
        """Give values to the names of what an actor may say next in SASL."""
        self.scope.update(sasl_texts(self._variables, self.scope))
        ends = scram_ends(
            self._variables,
            seat.name,
            seat.exchange,
            seat.account.password,
            bindings={} if seat.state.tls is None else seat.state.tls.bindings,
            salted=self.salted,
        )
        self.scope.update(ends)

    def text(self, template: Template) -> str:
        """Fill in a template."""
        made, captures = make_template(template, self.scope, self.fresh)
        self.scope.update(captures)
        return made

    def raw(self, template: Template) -> bytes:
        """Fill in a template of raw bytes: U+DC80 to U+DCFF stand for the bytes that are no UTF-8."""
        return self.text(template).encode("utf-8", "surrogateescape")

    def is_service(self, address: str) -> bool:
        """Whether an address belongs to one of the domain's services, such as a room."""
        domain = address.partition("/")[0].rpartition("@")[2]
        return bool(domain) and domain != self.cast.domain

    # --- acts ---------------------------------------------------------------------------------

    def act(self, seat: Seat, effect: Effect) -> Playing[Event | None]:
        """Have one effect carried out."""
        return (yield Act(actor=seat.name, effect=effect))

    def on(self, seat: Seat, protocol: Protocol[T]) -> Playing[T]:
        """Run protocol code on the actor's connection; events already in the inbox come first."""
        answer: Event | None = None
        try:
            while True:
                effect = protocol.send(answer)
                if isinstance(effect, Receive) and seat.inbox:
                    answer = seat.inbox.popleft()
                else:
                    answer = yield Act(actor=seat.name, effect=effect)
        except StopIteration as stop:
            seat.inbox.extend(seat.state.pushed_back)
            seat.state.pushed_back.clear()
            result: T = stop.value
            return result

    def send(self, seat: Seat, data: bytes, masked: bytes | None = None) -> Playing[None]:
        """Send bytes."""
        seat.has_said = True
        yield Act(actor=seat.name, effect=Send(data=data, masked=masked))

    def next_event(self, seat: Seat) -> Playing[Event]:
        """Return the next event that means something, background or not."""
        if seat.inbox:
            return seat.inbox.popleft()
        return (yield from self.read(seat))

    def read(self, seat: Seat) -> Playing[Event]:
        """Return the next event from the wire, past the inbox."""
        while True:
            event = yield Act(actor=seat.name, effect=Receive())
            if event is None or isinstance(event, Whitespace):
                continue
            if isinstance(event, Violation) and not event.fatal:
                continue  # the monitors tell of it; the conversation goes on
            self._learn(seat, event)
            return event

    def _learn(self, seat: Seat, event: Event) -> None:
        if isinstance(event, Disconnected):
            seat.is_open = False
        elif isinstance(event, StreamOpened):
            seat.state.header = event
        elif isinstance(event, ElementReceived):
            self._learn_element(seat, event)

    def _learn_element(self, seat: Seat, element: ElementReceived) -> None:
        seat.may_proceed = element.name == Name(TLS, "proceed")
        seat.exchange.note(element.tree)
        if element.name == Name(STREAM, "features"):
            seat.state.features = element.tree
        elif is_request(element.name, element.attributes):
            seat.requests.append(element.attributes.get("id", ""))

    def learn(self, seat: Seat, element: "etree._Element") -> None:
        """Take note of an account that is asked for, a password that is changed (None: a removal)."""
        query = element.find(f"{{{REGISTER}}}query")
        if query is None or element.get("type") != "set":
            return
        username = (query.findtext(f"{{{REGISTER}}}username") or seat.account.username).strip()
        if query.find(f"{{{REGISTER}}}remove") is not None:
            self.registered.append((username, None))
        elif (password := query.findtext(f"{{{REGISTER}}}password")) is not None:
            self.registered.append((username, password))

    def answer_background(self, seat: Seat, element: ElementReceived) -> Playing[bool]:
        """Answer and set aside an element if it is background; tell whether it was."""
        if self.transcript.dialect is Dialect.SCANSION:
            return False
        aside = background(element, self.scope, seat.account.jid)
        if aside is None:
            return False
        seat.set_aside.append(element)
        self.notes.append(f"{seat.name}: set aside: {aside.why}")
        if aside.answer is not None:
            yield Act(actor=seat.name, effect=Send(data=aside.answer))
        return True

    def take_optional(self, seat: Seat, element: ElementReceived) -> bool:
        """Use up a pattern of `may receive` that the element matches."""
        for index, (node, is_repeated) in enumerate(seat.optional):
            if node.name == element.name and self.judge.accept(node, element) is None:
                if not is_repeated:
                    del seat.optional[index]
                return True
        return False

    # --- problems -----------------------------------------------------------------------------

    def unexpected(self, seat: Seat, event: Event, wanted: str) -> Problem:
        """Describe an event that is not the element that was awaited."""
        return Problem(
            cause=f"{told(event)} instead of {wanted}",
            message=f"{seat.name} expected {wanted}; {told(event)} came.",
        )

    def at(self, step: Step, problem: Problem) -> Problem:
        """Add the place to a problem."""
        return at_step(problem, self.transcript.path, step)

    def outcome(self, problems: Sequence[Problem]) -> Outcome:
        """Close the case's books."""
        return Outcome(problems=tuple(problems), notes=tuple(self.notes), fenced=frozenset(self.fenced))


def is_request(name: Name, attributes: Mapping[str, str]) -> bool:
    """Whether an element asks for an answer."""
    return name == Name(CLIENT, "iq") and attributes.get("type") in ("get", "set")


def request_names(actor: str, requests: Sequence[str]) -> dict[str, str]:
    """The name for the oldest request to an actor that is not answered yet, if there is one."""
    return {f"{actor}'s last request id": requests[0]} if requests else {}


def told(event: Event) -> str:
    """Name an event in a few words, without values that differ from run to run."""
    match event:
        case ElementReceived():
            kind = event.attributes.get("type")
            return f"<{event.name.local}{f' type={kind!r}' if kind else ''}/>"
        case StreamOpened():
            return "a stream header"
        case StreamEnded():
            return "the end of the stream"
        case Disconnected(clean=clean):
            return "the end of the connection" if clean else "a reset of the connection"
        case Silence():
            return "nothing"
        case Violation(rule=rule):
            return f"a violation ({rule.value})"
        case _:
            return type(event).__name__
