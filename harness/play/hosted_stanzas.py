"""What clients under test send, and what their drivers report."""

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
from harness.play.hosted import HostedPlay, close
from harness.play.hosted_entry import Course, pass_on
from harness.play.party import Party, crashed, mismatch
from harness.play.scene import request_names
from harness.play.served import Line
from harness.transcript import script
from harness.transcript.script import Alternative, Standing
from harness.wire.driver import Command, Report
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
from harness.xmpp.namespaces import CLIENT, STREAM, STREAM_ERRORS, Name

_STANZAS = {Name(CLIENT, local) for local in ("iq", "message", "presence")}
_IQ = Name(CLIENT, "iq")
_ID = Name("", "id")
_ERROR = Name(STREAM, "error")


def is_asked(play: HostedPlay, step: script.IsAsked) -> Course:
    """Tell the driver."""
    fields = [
        served_steps.filled(play, step.values[name]) if name in step.values else ""
        for name in _fields(step.command)
    ]
    play.parties[step.actor].is_asked = True
    play.tell(step.actor, Command(name=step.command, fields=tuple(fields)))
    return None
    yield


def _fields(command: str) -> tuple[str, ...]:
    return tuple(Command(name=command).values)


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
            yield from pass_on(play, line, event)
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
    is_own = written is not None and _is_literal(written) and _is_of_its_own_accord(node)
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


def _is_of_its_own_accord(node: Node) -> bool:
    """Whether a stanza is no answer, so that its id is the client's to choose."""
    kind = node.attributes.get(Name("", "type"))
    return node.name in _STANZAS and (
        node.name != _IQ or (kind is not None and kind.source in ("get", "set"))
    )


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
    if _is_fenced(step) and not line.inbox:
        yield from _fence_twice(play, line)
    while True:
        event = yield from _first_event(play, line, step)
        if isinstance(event, Violation):
            continue  # the monitors tell of it; what counts is what comes of it
        for alternative in step.alternatives:
            if _begins(play, line, alternative, event):
                problem = yield from _rest(play, line, alternative)
                play.parties[step.actor].is_asked = False
                play.has_said_all = alternative.is_all
                return problem or _judged(play, step.actor, alternative)
        nodes = [one.nodes[0] for one in step.alternatives if one.nodes]
        if not isinstance(event, ElementReceived):
            return play.unexpected(line, event, "one of the allowed answers")
        if not line.is_bound or _answers(line, event):
            return mismatch(play.judge.closest(nodes, event), step.actor)
        yield from pass_on(play, line, event)


def _is_fenced(step: script.SendsOneOf) -> bool:
    """Whether silence is right here; where it is wrong, more than a fence has to show it."""
    return any(one.nothing and one.is_right for one in step.alternatives)


def _fence_twice(play: HostedPlay, line: Line) -> Generator[Any, None, None]:
    """Some clients answer in tasks of their own, and a later request before an earlier one.

    Before that the driver has to have carried out what it was told, which comes another way.
    """
    yield from play.fence_reports(line.actor.name)
    yield from play.fence(line)
    yield from play.fence(line)


def _first_event(play: HostedPlay, line: Line, step: script.SendsOneOf) -> Generator[Any, None, Event]:
    if _is_fenced(step):
        event = line.inbox.popleft() if line.inbox else Silence(seconds=0)
        is_parting = isinstance(event, StreamEnded | Disconnected)
        # Whoever plays the script itself, without a driver, leaves when it has done nothing.
        is_ours = not play.parties[step.actor].has_driver
        return Silence(seconds=0) if is_parting and is_ours else event
    event = yield from play.await_event(line)
    if isinstance(event, Silence) and line.is_bound:
        yield from play.fence(line)
        return line.inbox.popleft() if line.inbox else event
    return event


def _begins(play: HostedPlay, line: Line, alternative: Alternative, event: Event) -> bool:
    if alternative.nothing:
        return isinstance(event, Silence)
    if alternative.stream_end and not alternative.nodes:
        return isinstance(event, StreamEnded | Disconnected | TlsFailed)
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
        yield from _fence_twice(play, line)
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
            yield from pass_on(play, line, event)
        elif not isinstance(event, Connected | TlsStarted | StreamOpened | Violation):
            return play.unexpected(line, event, "a stream error")
    standings = dict(step.conditions)
    found = [Name.of(str(child.tag)) for child in event.tree]
    named = [one.local for one in found if one.namespace == STREAM_ERRORS and one.local != "text"]
    condition = next(iter(named), "")
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
            yield from _fence_twice(play, line)
        yield from play.fence_reports(step.actor)
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
        for number, report in enumerate(party.reports):
            if number not in party.taken and _is_like(play, step, report):
                party.taken.add(number)
                return None
        if party.has_crashed:
            return crashed(step.actor, party)
        if party.exit:
            break
        if play.take_silence():
            if has_fenced or line is None or line.is_gone:
                break
            has_fenced = True
            yield from play.fence(line)
            continue
        yield None
    left = [report for number, report in enumerate(party.reports) if number not in party.taken]
    like = [report for report in left if report.event == step.event]
    shown = [f"+ {one.event} {msgspec.json.encode(dict(one.values)).decode()}" for one in like[-3:]]
    is_mute = all(report.event != step.event for report in party.reports)
    return Problem(
        cause=f"nothing reported instead of {step.event}",
        message=f"{step.actor} should have told its user of this: {step.event}.",
        difference=tuple(shown),
        hint=f'a driver that never reports this says so: lacks = ["{step.event}"]' if is_mute else "",
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
