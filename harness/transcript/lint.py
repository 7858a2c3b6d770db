"""What is dubious in a transcript that can be read all the same.

Each rule is a function from a transcript to remarks; `RULES` lists them.
"""

import re
from collections.abc import Callable, Collection, Iterator

from harness.pattern.expressions import fits
from harness.pattern.nodes import Kind, Literal, Node, Placeholder, Template
from harness.pattern.reader import TYPE
from harness.pattern.template import captures, is_constant, refers, variables
from harness.transcript.remarks.connections import connections
from harness.transcript.remarks.directives import directives, unknown_features
from harness.transcript.remarks.remark import Remark
from harness.transcript.scope_names import is_provided
from harness.transcript.script import (
    Connects,
    Dialect,
    DoesNotLogIn,
    EndsStream,
    OpensConnection,
    OpensStream,
    ReceivesNothing,
    RefusesTls,
    Reports,
    Sends,
    SendsNothing,
    SendsOneOf,
    SendsRaw,
    SendsStreamError,
    Side,
    Step,
    Transcript,
)
from harness.transcript.walk import (
    ID,
    actor_templates,
    descendants,
    expected_nodes,
    made_up_answers,
    node_templates,
    sent_nodes,
    step_templates,
)
from harness.xmpp.namespaces import CLIENT, Name

_ADDRESSES = (Name("", "to"), Name("", "from"), Name("", "jid"))
# RFC 2606, 2 and RFC 6761, 6: names that are nobody's, fit for servers that must not be found.
_NOBODYS = re.compile(r"(^|[.@])(example(\.(com|net|org))?|invalid|test)(/|$)")
_LIKE_OURS = re.compile(
    r"\{(any|jid|full jid|bare jid|timestamp|integer|base64|uuid|regex:|capture:|one of:)"
)
_KNOWN_PROPERTIES = frozenset({"jid", "password", "resource", "account", "connect_host", "connect_port"})


def lint(
    transcript: Transcript,
    requirements: Collection[str] | None = None,
    features: Collection[str] | None = None,
) -> list[Remark]:
    """All remarks on a transcript, by line.

    With `requirements` the ids in `## covers:` are looked up, with `features` the words in `## needs:`.
    """
    found = [remark for rule in RULES for remark in rule(transcript)]
    if requirements is not None:
        found.extend(_unknown_requirements(transcript, requirements))
    if features is not None:
        found.extend(unknown_features(transcript, features))
    return sorted(set(found))


def _unknown_requirements(transcript: Transcript, known: Collection[str]) -> Iterator[Remark]:
    lines = transcript.source.split("\n")
    stated = [*transcript.covers, *(identifier for step in transcript.steps for identifier in step.covers)]
    for identifier in dict.fromkeys(stated):
        if identifier in known:
            continue
        number = next((index for index, line in enumerate(lines, 1) if identifier in line), 1)
        column = lines[number - 1].find(identifier) + 1
        message = f"no requirement has the id {identifier!r}"
        yield Remark(line=number, column=max(column, 1), code="unknown-requirement", message=message)


def _two_elements(transcript: Transcript) -> Iterator[Remark]:
    for step in transcript.steps:
        nodes = (*sent_nodes(step), *getattr(step, "nodes", ()))
        for node in nodes[1:]:
            is_apart = not transcript.source.split("\n")[node.line - 2].strip()
            is_dubious = transcript.dialect is Dialect.SCANSION or is_apart
            if is_dubious and node is not nodes[0]:
                message = "more than one element in a body: is the line `X receives:` missing above?"
                yield _at(node, "two-elements", message)


def _placeholder_in_sent(transcript: Transcript) -> Iterator[Remark]:
    for step in transcript.steps:
        for template in node_templates(sent_nodes(step)):
            if transcript.dialect is Dialect.SCANSION and not is_constant(template):
                message = (
                    f"{template.source!r} goes out as it stands: a matcher has no meaning in what is sent"
                )
                yield _in(template, step, "placeholder-in-sent", message)


def _reused_capture(transcript: Transcript) -> Iterator[Remark]:
    """In Scansion a second capture gets a new value; in our dialect it is a comparison, and meant."""
    seen: set[str] = set()
    for step, template, name in _captures(transcript):
        if name in seen and transcript.dialect is Dialect.SCANSION:
            message = f"{name!r} is captured before: a different value is taken over without failing"
            yield _in(template, step, "reused-capture", message)
        seen.add(name)


def _unused_capture(transcript: Transcript) -> Iterator[Remark]:
    names = [name for _step, _template, name in _captures(transcript)]
    used = {
        name for step in transcript.steps for template in step_templates(step) for name in variables(template)
    }
    for step, template, name in _captures(transcript):
        if names.count(name) == 1 and name not in used:
            message = f"{name!r} is captured and never used"
            yield _in(template, step, "unused-capture", message)


def _typeless_presence(transcript: Transcript) -> Iterator[Remark]:
    if transcript.dialect is Dialect.HARNESS:
        return
    for step in transcript.steps:
        for node in expected_nodes(step):
            if node.name == Name(CLIENT, "presence") and TYPE not in node.attributes:
                yield _at(node, "typeless-presence", "a presence without `type` matches any presence here")


def _narrow_nothing(transcript: Transcript) -> Iterator[Remark]:
    for step in transcript.steps:
        if not isinstance(step, ReceivesNothing) or transcript.dialect is Dialect.SCANSION:
            continue
        for node in step.nodes:
            meant = node.optional_attributes.get(TYPE)
            if node.name == Name(CLIENT, "message") and meant is not None and meant.source == "normal":
                message = "this rules out normal messages only; perhaps type='{optional}' is meant"
                yield _at(node, "narrow-nothing", message)


def _fixed_answer_id(transcript: Transcript) -> Iterator[Remark]:
    for step, node in made_up_answers(transcript.steps):
        message = "an answer must carry the id of its request: capture it, or write ${X's last request id}"
        yield _in(node.attributes[ID], step, "fixed-answer-id", message)


def _hard_coded_domain(transcript: Transcript) -> Iterator[Remark]:
    if transcript.dialect is Dialect.SCANSION:
        return  # made portable when it is played
    for actor in transcript.actors:
        for template in (actor.jid,) if actor.jid else ():
            message = f"{actor.name} has a literal address: without one it gets a fresh account"
            if not refers(template):
                yield Remark(
                    line=_line(template, actor.line), column=1, code="fixed-address", message=message
                )
    for step in transcript.steps:
        for node in descendants((*sent_nodes(step), *expected_nodes(step))):
            for name in _ADDRESSES:
                address = node.attributes.get(name)
                if address is not None and _is_hard_coded(address):
                    message = (
                        f"{address.source!r} is one domain's: use ${{domain}}, or a name such as x.invalid"
                    )
                    yield _in(address, step, "hard-coded-domain", message)


def _is_hard_coded(template: Template) -> bool:
    if not template.parts or not all(isinstance(part, Literal) for part in template.parts):
        return False
    return bool(template.source) and not _NOBODYS.search(template.source)


def _unknown_variable(transcript: Transcript) -> Iterator[Remark]:
    names = [actor.name for actor in transcript.actors]
    kept = {name for _step, _template, name in _captures(transcript)}
    for actor in transcript.actors:
        for template in actor_templates(actor):
            for name in variables(template):
                if not is_provided(name, names):
                    message = f"nothing gives ${{{name}}} a value"
                    line = _line(template, actor.line)
                    yield Remark(
                        line=line, column=_column(template), code="unknown-variable", message=message
                    )
    for step in transcript.steps:
        for template in step_templates(step):
            for name in variables(template):
                if name not in kept and not is_provided(name, names):
                    yield _in(template, step, "unknown-variable", f"nothing gives ${{{name}}} a value")


def _foreign_placeholder(transcript: Transcript) -> Iterator[Remark]:
    if transcript.dialect is Dialect.HARNESS:
        return
    for step in transcript.steps:
        for template in () if isinstance(step, SendsRaw) else step_templates(step):
            if any(isinstance(part, Literal) and _LIKE_OURS.search(part.text) for part in template.parts):
                message = (
                    "this is literal text in a Scansion script; `## dialect: harness` makes it a placeholder"
                )
                yield _in(template, step, "foreign-placeholder", message)


#: What a client under test has to do, or its driver to say.
_ASSERTING = (
    Connects,
    OpensConnection,
    OpensStream,
    Reports,
    Sends,
    SendsOneOf,
    SendsNothing,
    SendsStreamError,
    EndsStream,
    RefusesTls,
    DoesNotLogIn,
)


def _asserts_nothing(transcript: Transcript) -> Iterator[Remark]:
    steps = transcript.steps
    if Side.CLIENT in transcript.tests and any(isinstance(step, _ASSERTING) for step in steps):
        return
    if not any("receive" in step.text or step.text.endswith(("starts TLS", "connects")) for step in steps):
        yield Remark(line=1, column=1, code="asserts-nothing", message="no step waits for anything")


def _stanza_without_type(transcript: Transcript) -> Iterator[Remark]:
    for step in transcript.steps:
        for node in (*sent_nodes(step), *expected_nodes(step)):
            mentioned = {*node.attributes, *node.optional_attributes, *node.absent_attributes}
            if node.name == Name(CLIENT, "iq") and TYPE not in mentioned:
                yield _at(node, "iq-without-type", "an iq must have a type (RFC 6120, 8.1.4)")


def _unknown_property(transcript: Transcript) -> Iterator[Remark]:
    for actor in transcript.actors:
        for key in actor.properties.keys() - _KNOWN_PROPERTIES:
            if transcript.dialect is Dialect.HARNESS:
                message = f"{actor.name} has an unknown property {key!r}"
                yield Remark(line=actor.line, column=1, code="unknown-property", message=message)


def _loose_regex(transcript: Transcript) -> Iterator[Remark]:
    for step in transcript.steps:
        for template in step_templates(step):
            for part in template.parts:
                if isinstance(part, Placeholder) and part.kind is Kind.REGEX and fits(part.regex, ""):
                    yield _in(template, step, "loose-regex", "this regex accepts an empty value")


Rule = Callable[[Transcript], Iterator[Remark]]

RULES: tuple[Rule, ...] = (
    _two_elements,
    _placeholder_in_sent,
    _reused_capture,
    _unused_capture,
    _typeless_presence,
    _narrow_nothing,
    _fixed_answer_id,
    connections,
    directives,
    _hard_coded_domain,
    _unknown_variable,
    _foreign_placeholder,
    _asserts_nothing,
    _stanza_without_type,
    _unknown_property,
    _loose_regex,
)


def _captures(transcript: Transcript) -> Iterator[tuple[Step, Template, str]]:
    for step in transcript.steps:
        for template in step_templates(step):
            for name in captures(template):
                yield step, template, name


def _at(node: Node, code: str, message: str) -> Remark:
    return Remark(line=node.line, column=node.column, code=code, message=message)


def _in(template: Template, step: Step, code: str, message: str) -> Remark:
    return Remark(line=_line(template, step.line), column=_column(template), code=code, message=message)


def _line(template: Template, otherwise: int) -> int:
    return int(template.place.rsplit(":", 2)[1]) if template.place else otherwise


def _column(template: Template) -> int:
    return int(template.place.rsplit(":", 1)[1]) if template.place else 1
