"""What each step of a transcript is against a client under test: sends are checked, receives are sent."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import msgspec

from harness.pattern.difference import Difference
from harness.pattern.make import make
from harness.pattern.nodes import Literal, Node, Template
from harness.pattern.template import match_template
from harness.play import served_steps
from harness.play.acts import Problem
from harness.play.commands import command_for
from harness.play.hosted import HaltError, HostedPlay, HostedStep, Party, close, mismatch
from harness.play.scene import request_names
from harness.play.served import Line, Script
from harness.play.served_login import (
    authenticate,
    bind,
    header_and_features,
    legacy_authenticate,
    names,
    start_tls,
)
from harness.transcript import script
from harness.transcript.script import Alternative, Standing, Step
from harness.wire.driver import Command, Report
from harness.wire.effects import Send
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
)
from harness.wire.writer import stream_footer
from harness.xmpp.namespaces import CLIENT, STREAM, STREAM_ERRORS, XMLNS, Name

_STANZAS = {Name(CLIENT, local) for local in ("iq", "message", "presence")}
_ID = Name("", "id")
_ERROR = Name(STREAM, "error")

#: What a step of this module is.
Course = Generator[Any, None, Problem | None]


# --- connecting and leaving -----------------------------------------------------------------------


def connects(play: HostedPlay, step: script.Connects) -> Course:
    """Let the client log in. That it cannot is no verdict here: scenarios about logging in spell it out."""
    line = yield from _connection(play, step.actor)
    yield from _serve_as_usual(play, line)
    while not play.usual.bound_jid(line.number):
        event = yield from play.await_event(line)
        if isinstance(event, Disconnected | StreamEnded | Silence | TlsFailed):
            problem = play.unexpected(line, event, "a login")
            return replace(problem, cause=f"cannot log in: {problem.cause}", is_environment=True)
    _is_bound(play, line, play.usual.bound_jid(line.number))
    if play.parties[step.actor].has_driver:
        yield from _await_report(play, line, "connected")
    return None


def _connection(play: HostedPlay, actor: str) -> Generator[Any, None, Line]:
    party = play.parties[actor]
    if not party.is_asked:
        play.tell(actor, Command(name="connect"))
    party.is_asked = False
    return (yield from play.next_line(actor))


def _serve_as_usual(play: HostedPlay, line: Line) -> Script:
    line.is_usual = True
    while line.inbox:
        event = line.inbox.popleft()
        for directed in (
            play.usual.connected(line.number, event)
            if isinstance(event, Connected)
            else play.usual.received(line.number, event)
        ):
            yield line, directed.effect


def _is_bound(play: HostedPlay, line: Line, jid: str) -> None:
    line.is_usual = False
    line.is_authenticated = line.is_bound = True
    line.jid = jid
    play.judge.scope.update(names(line))
    line.inbox.clear()


def disconnects(play: HostedPlay, step: script.Disconnects) -> Course:
    """Have the client close its stream, and answer; whom nobody can tell is sent away."""
    if step.actor not in play.lines:
        return None
    if not play.parties[step.actor].has_driver:
        return (yield from says_stream_end(play, step))
    _ask(play, step.actor, Command(name="disconnect"))
    return (yield from _ends(play, step.actor, is_abrupt=True))


def closes_stream(play: HostedPlay, step: script.ClosesStream) -> Course:
    """Have the client close its stream; it has to do so by a closing tag."""
    _ask(play, step.actor, Command(name="disconnect"))
    return (yield from _ends(play, step.actor, is_abrupt=False))


def ends_stream(play: HostedPlay, step: script.EndsStream) -> Course:
    """The client closes its stream by itself."""
    return (yield from _ends(play, step.actor, is_abrupt=step.abrupt))


def sees_connection_end(play: HostedPlay, step: script.ClosesConnection) -> Course:
    """The client drops the connection."""
    return (yield from _ends(play, step.actor, is_abrupt=True))


def _ends(play: HostedPlay, actor: str, *, is_abrupt: bool) -> Course:
    line = yield from play.line(actor)
    ends = (StreamEnded, Disconnected, TlsFailed) if is_abrupt else (StreamEnded,)
    while True:
        event = yield from play.await_event(line)
        if isinstance(event, ends):
            break
        if isinstance(event, ElementReceived) and event.name != _ERROR:
            yield from _pass_on(play, line, event)
        elif not isinstance(event, Connected | StreamOpened | TlsStarted | ElementReceived | Violation):
            return play.unexpected(line, event, "the end of its stream")
    if isinstance(event, StreamEnded):
        yield line, Send(data=stream_footer())
    yield from close(line)
    line.is_bound = False
    play.lines.pop(actor, None)
    return None


def _pass_on(play: HostedPlay, line: Line, event: ElementReceived) -> Script:
    """Give the usual server an element that the script does not want, if it knows the line."""
    if line.is_bound:
        yield from play.give_to_usual(line, event)


def loses_connection(play: HostedPlay, step: script.LosesConnection) -> Course:
    """Drop the connection under the client."""
    line = yield from play.line(step.actor)
    yield from close(line)
    play.lines.pop(step.actor, None)
    return None


def says_stream_end(play: HostedPlay, step: script.ReceivesStreamEnd | script.Disconnects) -> Course:
    """Close the stream and await the other half."""
    line = yield from play.line(step.actor)
    yield from play.open(line)
    yield line, Send(data=stream_footer())
    while not line.is_gone:
        event = yield from play.await_event(line)
        if isinstance(event, Silence):
            play.notes.append(f"{step.actor}: did not close its half of the stream")
            break
    yield from close(line)
    line.is_bound = False
    play.lines.pop(step.actor, None)
    return None


def does_not_log_in(play: HostedPlay, step: script.DoesNotLogIn) -> Course:
    """Serve the client as usual; it gives up, before or after other attempts."""
    party = play.parties[step.actor]
    line = yield from _connection(play, step.actor)
    while True:
        yield from _serve_as_usual(play, line)
        yield from play.fence(line)
        reported = any(report.event == "connected" for report in party.reports)
        if play.usual.bound_jid(line.number) or reported:
            message = f"{step.actor} logged in."
            return Problem(cause="logged in", message=message, difference=_last_sent(line))
        if not party.arrivals:
            return None
        line = yield from play.next_line(step.actor)


def _last_sent(line: Line) -> tuple[str, ...]:
    return tuple(f"+ {event.raw.decode('utf-8', 'replace')}" for event in line.seen[-3:])


# --- what the client sends ------------------------------------------------------------------------


def is_asked(play: HostedPlay, step: script.IsAsked) -> Course:
    """Tell the driver."""
    fields = [_text(play, step.values[name]) if name in step.values else "" for name in _fields(step.command)]
    play.parties[step.actor].is_asked = True
    play.tell(step.actor, Command(name=step.command, fields=tuple(fields)))
    return None
    yield


def _fields(command: str) -> tuple[str, ...]:
    return tuple(Command(name=command).values)


def _text(play: HostedPlay, template: Template) -> str:
    return served_steps.filled(play, template)


def _ask(play: HostedPlay, actor: str, command: Command) -> None:
    """Tell the driver, unless the script has told it what to do already."""
    party = play.parties[actor]
    if not party.is_asked:
        play.tell(actor, command)
    party.is_asked = False


def sends(play: HostedPlay, step: script.Sends) -> Course:
    """The client sends these, one after the other, among whatever else it sends."""
    line = yield from play.line(step.actor)
    for node in step.nodes:
        play.judge.scope.update(request_names(step.actor, line.requests))
        if not _take_waiting(play, line, node):
            _have_sent(play, line, node)
            problem = yield from _await_sent(play, line, node)
            if problem is not None:
                return problem
    play.parties[step.actor].is_asked = False
    return None


def _take_waiting(play: HostedPlay, line: Line, node: Node) -> bool:
    """Take an element that has come already."""
    for event in list(line.inbox):
        if isinstance(event, ElementReceived) and _accept(play, line, node, event) is None:
            line.inbox.remove(event)
            return True
    return False


def _have_sent(play: HostedPlay, line: Line, node: Node) -> None:
    """Have the client send it: by the command that makes clients send such things, if there is one."""
    party = play.parties[line.actor.name]
    if not line.is_bound or party.is_asked or _is_answer(play, line, node):
        return
    command = command_for(make(node, play.judge.scope, play.fresh).element)
    if command is not None:
        play.tell(line.actor.name, command)


def _is_answer(play: HostedPlay, line: Line, node: Node) -> bool:
    kind = node.attributes.get(Name("", "type"))
    return node.name == Name(CLIENT, "iq") and kind is not None and kind.source not in ("get", "set")


def _await_sent(play: HostedPlay, line: Line, node: Node) -> Course:
    closest: Difference | None = None
    has_fenced = False
    while True:
        event = yield from play.await_event(line)
        if isinstance(event, ElementReceived):
            difference = _accept(play, line, node, event)
            if difference is None:
                return None
            if not line.is_bound or _answers(line, event):
                return mismatch(difference, line.actor.name)
            closest = difference if event.name == node.name else closest
            yield from _pass_on(play, line, event)
        elif isinstance(event, Silence) and line.is_bound and not has_fenced:
            has_fenced = True
            yield from play.fence(line)
        elif isinstance(event, Silence) and closest is not None:
            return mismatch(closest, line.actor.name)
        elif not isinstance(event, Connected | TlsStarted):
            return play.unexpected(line, event, wanted(node))


def _answers(line: Line, event: ElementReceived) -> bool:
    kind, identifier = event.attributes.get("type"), event.attributes.get("id", "")
    return kind in ("result", "error") and identifier in line.requests


def _accept(play: HostedPlay, line: Line, node: Node, event: ElementReceived) -> Difference | None:
    """Match an element; the id that a client gives to its own stanza is its own business, and kept."""
    identifier = event.attributes.get("id", "")
    written = node.attributes.get(_ID)
    is_own = written is not None and node.name in _STANZAS and _is_literal(written)
    if is_own and written is not None and written.source not in line.requests:
        node = replace(node, attributes={name: one for name, one in node.attributes.items() if name != _ID})
    difference = play.judge.accept(node, event)
    if difference is not None:
        return difference
    if is_own and written is not None:
        play.ids[line.actor.name, written.source] = identifier
    if identifier in line.requests:
        line.requests.remove(identifier)
    return None


def _is_literal(template: Template) -> bool:
    return all(isinstance(part, Literal) for part in template.parts)


def wanted(node: Node) -> str:
    """Name a pattern in a few words."""
    template = node.attributes.get(Name("", "type"))
    return f"<{node.name.local}{f' type={template.source!r}' if template else ''}/>"


def sends_one_of(play: HostedPlay, step: script.SendsOneOf) -> Course:
    """The client does one of the allowed things, whole."""
    line = yield from play.line(step.actor)
    play.judge.scope.update(request_names(step.actor, line.requests))
    if any(one.nothing for one in step.alternatives) and not line.inbox:
        yield from play.fence(line)
    while True:
        event = yield from _first_event(play, line, step)
        for alternative in step.alternatives:
            if _begins(play, line, alternative, event):
                problem = yield from _rest(play, line, alternative)
                play.parties[step.actor].is_asked = False
                return problem or _judged(play, step.actor, alternative)
        nodes = [one.nodes[0] for one in step.alternatives if one.nodes]
        if not isinstance(event, ElementReceived):
            return play.unexpected(line, event, "one of the allowed answers")
        if not line.is_bound or _answers(line, event):
            return mismatch(play.judge.closest(nodes, event), step.actor)
        yield from _pass_on(play, line, event)


def _first_event(play: HostedPlay, line: Line, step: script.SendsOneOf) -> Generator[Any, None, Event]:
    if any(one.nothing for one in step.alternatives):
        return line.inbox.popleft() if line.inbox else Silence(seconds=0)
    event = yield from play.await_event(line)
    if isinstance(event, Silence) and line.is_bound:
        yield from play.fence(line)
        return line.inbox.popleft() if line.inbox else event
    return event


def _begins(play: HostedPlay, line: Line, alternative: Alternative, event: Event) -> bool:
    if alternative.nothing:
        return isinstance(event, Silence)
    if alternative.stream_end and not alternative.nodes:
        return isinstance(event, StreamEnded | Disconnected)
    first = alternative.nodes[0]
    return isinstance(event, ElementReceived) and _accept(play, line, first, event) is None


def _rest(play: HostedPlay, line: Line, alternative: Alternative) -> Course:
    for node in alternative.nodes[1:]:
        problem = yield from _await_sent(play, line, node)
        if problem is not None:
            return problem
    if alternative.stream_end:
        while not line.is_gone:
            event = yield from play.await_event(line)
            if isinstance(event, Silence):
                return play.unexpected(line, event, "the end of its stream")
        yield from close(line)
    return None


def _judged(play: HostedPlay, actor: str, alternative: Alternative) -> Problem | None:
    note = alternative.note or f"the alternative at line {alternative.line}"
    return _standing(play, actor, alternative.standing, note)


def _standing(play: HostedPlay, actor: str, standing: Standing, note: str) -> Problem | None:
    if standing is Standing.REQUIRED:
        return None
    if standing is Standing.PERMITTED:
        play.notes.append(f"{actor}: permitted: {note}")
        return None
    return Problem(cause=note, message=f"{actor}: {note}", standing=standing)


def sends_nothing(play: HostedPlay, step: script.SendsNothing) -> Course:
    """Nothing like these has come from the client since the case began, once it has dealt with everything."""
    line = play.lines.get(step.actor)
    if line is not None:
        yield from play.fence(line)
    for number, one in play.by_number.items():
        if one.actor.name != step.actor:
            continue
        for event in play.by_number[number].seen:
            if any(play.judge.fits(node, event) for node in step.nodes):
                text = event.raw.decode("utf-8", "replace")
                cause = f"<{event.name.local}/> instead of nothing"
                message = f"{step.actor} must not send this."
                return Problem(cause=cause, message=message, difference=(f"+ {text}",))
    return None


def sends_stream_error(play: HostedPlay, step: script.SendsStreamError) -> Course:
    """The client tells what is wrong by a stream error."""
    line = yield from play.line(step.actor)
    while True:
        event = yield from play.await_event(line)
        if isinstance(event, ElementReceived) and event.name == _ERROR:
            break
        if isinstance(event, ElementReceived):
            yield from _pass_on(play, line, event)
        elif not isinstance(event, Connected | TlsStarted | StreamOpened):
            return play.unexpected(line, event, "a stream error")
    standings = dict(step.conditions)
    found = [Name.of(str(child.tag)) for child in event.tree]
    condition = next((one.local for one in found if one.namespace == STREAM_ERRORS), "")
    if condition not in standings and "any" not in standings:
        cause = f"the stream error {condition or 'without condition'} instead of {step.conditions[0][0]}"
        return Problem(cause=cause, message=f"{step.actor} sent {cause}.")
    standing = standings.get(condition, standings.get("any", Standing.REQUIRED))
    return _standing(play, step.actor, standing, step.notes.get(condition, f"the condition {condition}"))


# --- what its driver reports ----------------------------------------------------------------------


def reports(play: HostedPlay, step: script.Reports) -> Course:
    """The driver tells of an event, or must not have."""
    party = play.parties[step.actor]
    if not party.has_driver:
        return None
    line = play.lines.get(step.actor)
    if step.never:
        if line is not None:
            yield from play.fence(line)
        for report in party.reports:
            if _is_like(play, step, report):
                text = f"+ {report.event} {msgspec.json.encode(dict(report.values)).decode()}"
                message = f"{step.actor} must not have taken this in."
                return Problem(cause=f"reports {step.event}", message=message, difference=(text,))
        return None
    return (yield from _await_like(play, step, party, line))


def _await_like(play: HostedPlay, step: script.Reports, party: Party, line: Line | None) -> Course:
    has_fenced = False
    while True:
        for number in range(party.read, len(party.reports)):
            if _is_like(play, step, party.reports[number]):
                party.reports.insert(party.read, party.reports.pop(number))
                party.read += 1
                return None
        if party.exit:
            break
        if play.take_silence():
            if has_fenced or line is None or line.is_gone:
                break
            has_fenced = True
            yield from play.fence(line)
            continue
        yield None
    like = [report for report in party.reports[party.read :] if report.event == step.event]
    shown = [f"+ {one.event} {msgspec.json.encode(dict(one.values)).decode()}" for one in like[-3:]]
    return Problem(
        cause=f"nothing reported instead of {step.event}",
        message=f"{step.actor} should have told its user of this: {step.event}.",
        difference=tuple(shown),
    )


def _is_like(play: HostedPlay, step: script.Reports, report: Report) -> bool:
    if report.event != step.event:
        return False
    for name, template in step.values.items():
        value = report.values.get(name, "")
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if match_template(template, text, play.judge.scope) is None:
            return False
    return True


def _await_report(play: HostedPlay, line: Line, event: str) -> Course:
    party = play.parties[line.actor.name]
    while not any(report.event == event for report in party.reports):
        if party.exit or play.take_silence():
            cause = f"its driver does not say that it is {event}"
            message = f"{line.actor.name} has a session, but {cause}."
            raise HaltError(Problem(cause=cause, message=message, is_environment=True))
        yield None
    return None


# --- the stream level -----------------------------------------------------------------------------


def accepts_connection(play: HostedPlay, step: script.OpensConnection) -> Course:
    """Wait for the connection."""
    line = yield from _connection(play, step.actor)
    event = yield from play.await_kind(line, Connected)
    assert isinstance(event, Connected)
    line.tls = event.tls
    line.is_secured = event.tls is not None
    return None


def accepts_stream(play: HostedPlay, step: script.OpensStream) -> Course:
    """Wait for the client's header, with the attributes that the script gives."""
    line = yield from play.line(step.actor)
    event = yield from play.await_kind(line, StreamOpened)
    assert isinstance(event, StreamOpened)
    for name, template in step.attributes.items():
        value = _header_value(event, name)
        if template is None and value is not None:
            return _header_problem(step, event, f"the stream header has {name}")
        if template is not None and (
            value is None or match_template(template, value, play.judge.scope) is None
        ):
            return _header_problem(step, event, f"the stream header's {name} is {value!r}")
    yield from served_steps.answer_header_if_unscripted(play, line, step)
    return None


def _header_value(event: StreamOpened, name: Name) -> str | None:
    if name.namespace == XMLNS:
        return event.namespaces.get(None if name.local == "xmlns" else name.local)
    return event.attributes.get(str(name))


def _header_problem(step: Step, event: StreamOpened, cause: str) -> Problem:
    shown = (f"+ {event.raw.decode('utf-8', 'replace')}",)
    return Problem(cause=cause, message=f"{step.actor}: {cause}.", difference=shown)


def starts_tls(play: HostedPlay, step: script.StartsTls) -> Course:
    """Agree to TLS; the handshake succeeds."""
    line = yield from play.line(step.actor)
    yield from start_tls(play, line)
    if line.tls is None:
        cause = "the TLS handshake failed"
        return Problem(cause=cause, message=f"{step.actor}: {cause}{play.last_words(step.actor)}.")
    return None


def refuses_tls(play: HostedPlay, step: script.RefusesTls) -> Course:
    """Agree to TLS and show a certificate that the client must not trust."""
    line = yield from play.line(step.actor)
    yield from start_tls(play, line)
    while not line.is_gone:
        event = yield from play.await_event(line)
        if isinstance(event, Silence):
            play.notes.append(f"{step.actor}: given up after a while without anything from it")
            break
        if isinstance(event, StreamOpened | ElementReceived):
            cause = "goes on over TLS that it must not trust"
            return Problem(cause=cause, message=f"{step.actor} {cause}.", difference=_last_sent(line))
        if isinstance(event, Disconnected | TlsFailed | StreamEnded | Violation):
            break
    yield from close(line)
    play.lines.pop(step.actor, None)
    return None


def authenticates(play: HostedPlay, step: script.Authenticates) -> Course:
    """Let the client authenticate."""
    line = yield from play.line(step.actor)
    if step.mechanism.startswith("legacy"):
        yield from legacy_authenticate(play, line)
        _let_in(play, line)
        return None
    yield from header_and_features(play, line)
    yield from authenticate(play, line)
    if not line.is_authenticated:
        cause = "the client's credentials are not right"
        return Problem(cause=cause, message=f"{step.actor}: {cause}.", difference=_last_sent(line))
    return None


def binds(play: HostedPlay, step: script.Binds) -> Course:
    """Bind a resource, and hand the client over to the usual server."""
    line = yield from play.line(step.actor)
    yield from bind(play, line)
    _let_in(play, line)
    return None


def _let_in(play: HostedPlay, line: Line) -> None:
    """The usual server has to know a client that the script has let in."""
    jid = play.usual.bind_directly(line.number, line.account.username, line.jid.partition("/")[2])
    _is_bound(play, line, jid)


def says_raw(play: HostedPlay, step: script.ReceivesRaw) -> Course:
    """Send bytes as they stand."""
    line = yield from play.line(step.actor)
    data, cuts, pauses = b"", [], {}
    for template, pause in step.chunks:
        data += _text(play, template).encode("utf-8", "surrogateescape")
        cuts.append(len(data))
        if pause:
            pauses[len(data)] = pause
    if b"<stream:stream" in data:
        line.has_opened = True
    else:
        yield from play.open(line)
    if step.byte_by_byte:
        cuts = list(range(1, len(data) + 1))
    yield line, Send(data=data, cuts=tuple(cuts[:-1]), pauses=pauses)
    return None


def has_nothing_to_say(play: HostedPlay, step: Step) -> Course:
    """What may come does not come, and what must not come is not sent."""
    return None
    yield


#: `Any` because a script takes the one class of step that it stands beside.
HOSTED_STEPS: dict[type[Step], HostedStep] = {
    script.Connects: connects,
    script.Disconnects: disconnects,
    script.Sends: sends,
    script.Receives: served_steps.says,
    script.ReceivesInAnyOrder: served_steps.says,
    script.ReceivesOneOf: served_steps.says_one_of,
    script.MayReceive: has_nothing_to_say,
    script.ReceivesNothing: has_nothing_to_say,
    script.OpensConnection: accepts_connection,
    script.OpensStream: accepts_stream,
    script.ReceivesHeader: served_steps.says_header,
    script.ReceivesStreamError: served_steps.says_stream_error,
    script.ReceivesStreamEnd: says_stream_end,
    script.StartsTls: starts_tls,
    script.Authenticates: authenticates,
    script.Binds: binds,
    script.ClosesStream: closes_stream,
    script.ClosesConnection: sees_connection_end,
    script.IsAsked: is_asked,
    script.Reports: reports,
    script.SendsOneOf: sends_one_of,
    script.SendsNothing: sends_nothing,
    script.SendsStreamError: sends_stream_error,
    script.EndsStream: ends_stream,
    script.RefusesTls: refuses_tls,
    script.DoesNotLogIn: does_not_log_in,
    script.ReceivesRaw: says_raw,
    script.LosesConnection: loses_connection,
}
