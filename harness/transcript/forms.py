"""The sentences of the language: how a step may be worded, and what it becomes."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto
from typing import TypedDict

from harness.errors import ScriptError
from harness.pattern.nodes import Template
from harness.pattern.template import parse_template
from harness.transcript.bodies import Body
from harness.transcript.raw import read_raw
from harness.transcript.script import (
    Authenticates,
    Binds,
    ClosesConnection,
    ClosesStream,
    Connects,
    Dialect,
    Disconnects,
    DoesNotLogIn,
    EndsStream,
    IsAsked,
    LosesConnection,
    MayReceive,
    OpensConnection,
    OpensStream,
    Receives,
    ReceivesHeader,
    ReceivesInAnyOrder,
    ReceivesNothing,
    ReceivesOneOf,
    ReceivesRaw,
    ReceivesStreamEnd,
    ReceivesStreamError,
    RefusesTls,
    Reports,
    Sends,
    SendsNothing,
    SendsOneOf,
    SendsRaw,
    SendsStreamError,
    StartsTls,
    Step,
)
from harness.wire.driver import COMMANDS, REPORTS


class Common(TypedDict):
    """The fields that every step has."""

    actor: str
    line: int
    text: str
    covers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A step's line taken apart: the common fields, the words that vary, the body."""

    common: Common
    words: re.Match[str]
    body: Body

    def template(self, group: str) -> Template | None:
        """The varying word of that name as a template, if it is there."""
        if self.words[group] is None:
            return None
        head = self.body.entry.head
        return parse_template(
            self.words[group],
            line=head.number,
            column=head.text.index(self.words[group]) + 1,
            path=head.path,
            strict_placeholders=self.body.dialect is Dialect.HARNESS,
        )

    def fault(self, group: str, message: str, known: Iterable[str]) -> ScriptError:
        """Say that the varying word is none of those that are known."""
        head = self.body.entry.head
        written = self.words[group]
        close = get_close_matches(written.replace(" ", "-"), list(known), n=3, cutoff=0.5)
        advice = f"perhaps {' or '.join(close)}" if close else f"there are: {', '.join(known)}"
        return head.fault(message, column=head.text.index(written) + 1, advice=advice)


class BodyRule(Enum):
    """Whether a step has a body."""

    NEEDED = auto()
    POSSIBLE = auto()
    NONE = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One wording: `example` is shown to people, `words` is matched with what follows the actor's name."""

    example: str
    words: re.Pattern[str]
    body: BodyRule
    build: Callable[[Sentence], Step]


def _form(example: str, build: Callable[[Sentence], Step], body: BodyRule, words: str = "") -> Form:
    return Form(example=example, words=re.compile(words or re.escape(example)), body=body, build=build)


def _receives(sentence: Sentence) -> Step:
    if sentence.body.entry.body_text.strip() == "nothing":
        return ReceivesNothing(**sentence.common)
    return Receives(**sentence.common, nodes=sentence.body.expected_nodes())


def _receives_header(sentence: Sentence) -> Step:
    attributes = sentence.body.header_attributes()
    return ReceivesHeader(
        **sentence.common,
        attributes={name: value for name, value in attributes.items() if value is not None},
        absent=tuple(name for name, value in attributes.items() if value is None),
        optional=sentence.body.optional_attributes(),
    )


def _receives_stream_error(sentence: Sentence) -> Step:
    conditions, notes = sentence.body.conditions()
    return ReceivesStreamError(**sentence.common, conditions=conditions, notes=notes)


def _sends_raw(sentence: Sentence) -> Step:
    chunks = read_raw(sentence.body.entry.body)
    return SendsRaw(**sentence.common, chunks=chunks, byte_by_byte=sentence.words["slow"] is not None)


def _may_receive(sentence: Sentence) -> Step:
    nodes = sentence.body.expected_nodes()
    return MayReceive(**sentence.common, nodes=nodes, repeated=sentence.words["many"] is not None)


def _receives_raw(sentence: Sentence) -> Step:
    chunks = read_raw(sentence.body.entry.body)
    return ReceivesRaw(**sentence.common, chunks=chunks, byte_by_byte=sentence.words["slow"] is not None)


def _sends_stream_error(sentence: Sentence) -> Step:
    conditions, notes = sentence.body.conditions()
    return SendsStreamError(**sentence.common, conditions=conditions, notes=notes)


def _is_asked(sentence: Sentence) -> Step:
    command = sentence.words["command"].replace(" ", "-")
    if command not in COMMANDS:
        raise sentence.fault("command", f"no command is called {command!r}", COMMANDS)
    values = sentence.body.values(COMMANDS[command])
    return IsAsked(**sentence.common, command=command, values=values)


def _reports(sentence: Sentence) -> Step:
    event = sentence.words["event"].replace(" ", "-")
    if event not in REPORTS:
        raise sentence.fault("event", f"no report is called {event!r}", REPORTS)
    values = sentence.body.values(REPORTS[event])
    return Reports(**sentence.common, event=event, values=values, never=sentence.words["never"] is not None)


FORMS: tuple[Form, ...] = (
    _form("connects", lambda it: Connects(**it.common), BodyRule.NONE),
    _form("disconnects", lambda it: Disconnects(**it.common), BodyRule.NONE),
    _form("sends", lambda it: Sends(**it.common, nodes=it.body.nodes_to_send()), BodyRule.NEEDED),
    _form("receives", _receives, BodyRule.NEEDED),
    _form(
        "receives in any order",
        lambda it: ReceivesInAnyOrder(**it.common, nodes=it.body.expected_nodes()),
        BodyRule.NEEDED,
    ),
    _form(
        "receives one of",
        lambda it: ReceivesOneOf(**it.common, alternatives=it.body.alternatives()),
        BodyRule.NEEDED,
    ),
    _form("may receive", _may_receive, BodyRule.NEEDED, r"may receive(?P<many> any number of)?"),
    _form(
        "receives nothing", lambda it: ReceivesNothing(**it.common), BodyRule.NONE, r"receives:?\s+nothing"
    ),
    _form(
        "receives nothing like",
        lambda it: ReceivesNothing(**it.common, nodes=it.body.expected_nodes()),
        BodyRule.NEEDED,
    ),
    _form(
        "opens a connection",
        lambda it: OpensConnection(**it.common, direct_tls=it.words["tls"] is not None),
        BodyRule.NONE,
        r"opens a (?P<tls>TLS )?connection",
    ),
    _form(
        "opens a stream",
        lambda it: OpensStream(
            **it.common, attributes=it.body.header_attributes(), optional=it.body.optional_attributes()
        ),
        BodyRule.POSSIBLE,
    ),
    _form("sends raw", _sends_raw, BodyRule.NEEDED, r"sends raw(?P<slow> byte by byte)?"),
    _form("receives a stream header", _receives_header, BodyRule.POSSIBLE),
    _form("receives a stream error", _receives_stream_error, BodyRule.NEEDED),
    _form("receives the stream's end", lambda it: ReceivesStreamEnd(**it.common), BodyRule.NONE),
    _form(
        "receives the end of the stream or connection",
        lambda it: ReceivesStreamEnd(**it.common, abrupt=True),
        BodyRule.NONE,
    ),
    _form("starts TLS", lambda it: StartsTls(**it.common), BodyRule.NONE),
    _form("may start TLS", lambda it: StartsTls(**it.common, may_fail=True), BodyRule.NONE),
    _form(
        "authenticates",
        lambda it: Authenticates(**it.common, mechanism=it.words["mechanism"] or ""),
        BodyRule.NONE,
        r"authenticates(?: with (?P<mechanism>legacy plain|legacy digest|[A-Z0-9_-]{1,20}))?",
    ),
    _form(
        "binds resource 'balcony'",
        lambda it: Binds(**it.common, resource=it.template("resource")),
        BodyRule.NONE,
        r"binds(?:(?: the)? resource:?\s+(?P<quote>['\"])(?P<resource>.*)(?P=quote))?",
    ),
    _form("closes the stream", lambda it: ClosesStream(**it.common), BodyRule.NONE),
    _form("closes the connection", lambda it: ClosesConnection(**it.common), BodyRule.NONE),
    _form(
        "is asked to send message", _is_asked, BodyRule.POSSIBLE, r"is asked to (?P<command>[a-z][a-z -]*)"
    ),
    _form(
        "reports message",
        _reports,
        BodyRule.POSSIBLE,
        r"reports (?P<never>nothing like )?(?P<event>[a-z][a-z -]*)",
    ),
    _form(
        "sends one of",
        lambda it: SendsOneOf(**it.common, alternatives=it.body.alternatives()),
        BodyRule.NEEDED,
    ),
    _form(
        "sends nothing like",
        lambda it: SendsNothing(**it.common, nodes=it.body.expected_nodes()),
        BodyRule.NEEDED,
    ),
    _form("sends a stream error", _sends_stream_error, BodyRule.NEEDED),
    _form("ends the stream", lambda it: EndsStream(**it.common), BodyRule.NONE),
    _form("ends the stream or connection", lambda it: EndsStream(**it.common, abrupt=True), BodyRule.NONE),
    _form("refuses TLS", lambda it: RefusesTls(**it.common), BodyRule.NONE),
    _form("does not log in", lambda it: DoesNotLogIn(**it.common), BodyRule.NONE),
    _form("may log in", lambda it: DoesNotLogIn(**it.common, may=True), BodyRule.NONE),
    _form("receives raw", _receives_raw, BodyRule.NEEDED, r"receives raw(?P<slow> byte by byte)?"),
    _form("loses the connection", lambda it: LosesConnection(**it.common), BodyRule.NONE),
)


def read_step(common: Common, words: str, body: Body) -> Step:
    """The step that a line says; `words` follow the actor's name. The colon at the end is optional."""
    plain = words.strip().removesuffix(":").rstrip()
    head = body.entry.head
    column = len(head.text) - len(head.text.removeprefix(common["actor"]).lstrip()) + 1
    for form in FORMS:
        found = form.words.fullmatch(plain)
        if found is None:
            continue
        if form.body is BodyRule.NEEDED and not body.entry.body:
            raise head.fault(f"`{plain}` needs indented lines below it", column=column)
        if form.body is BodyRule.NONE and body.entry.body:
            raise body.entry.body[0].fault(f"`{plain}` has nothing below it", column=2)
        return form.build(Sentence(common=common, words=found, body=body))
    raise head.fault(f"no step is worded {plain!r}", column=column, advice=_advice(plain))


def _advice(words: str) -> str:
    examples = [form.example for form in FORMS]
    close = get_close_matches(words, examples, n=3, cutoff=0.5)
    return f"perhaps {' or '.join(close)}" if close else f"there are: {', '.join(examples)}"
