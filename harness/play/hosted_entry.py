"""Clients under test come and go: logging in as usual, leaving, being refused, losing the connection."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from harness.play.acts import Problem
from harness.play.hosted import HaltError, HostedPlay, RefusedError, close
from harness.play.served import Line, Script
from harness.play.served_login import names
from harness.transcript import script
from harness.wire.driver import Command
from harness.wire.effects import Send
from harness.wire.events import (
    Connected,
    Disconnected,
    ElementReceived,
    Silence,
    StreamEnded,
    StreamOpened,
    TlsFailed,
    TlsStarted,
    Violation,
)
from harness.wire.writer import stream_footer
from harness.xmpp.namespaces import STREAM, Name

_ERROR = Name(STREAM, "error")

#: What a step is: it gives the problem that ends the case, if there is one.
Course = Generator[Any, None, Problem | None]


def connects(play: HostedPlay, step: script.Connects) -> Course:
    """Let the client log in. That it cannot is no verdict here: scenarios about logging in spell it out."""
    try:
        line = yield from connection_of(play, step.actor)
    except HaltError as halt:
        if not play.parties[step.actor].has_crashed:
            halt.problem = replace(halt.problem, is_environment=True)
        raise
    yield from _serve_as_usual(play, line)
    while not play.usual.bound_jid(line.number):
        event = yield from play.await_event(line)
        if isinstance(event, Disconnected | StreamEnded | Silence | TlsFailed | Violation):
            problem = play.unexpected(line, event, "a login")
            return replace(problem, cause=f"cannot log in: {problem.cause}", is_environment=True)
    let_in(play, line, play.usual.bound_jid(line.number))
    if play.parties[step.actor].has_driver:
        yield from await_report(play, line, "connected")
    return None


def connection_of(play: HostedPlay, actor: str) -> Generator[Any, None, Line]:
    """Have the client connect, unless it was told what to do, and wait for its next connection."""
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


def let_in(play: HostedPlay, line: Line, jid: str) -> None:
    """Take note that the client has a session, and that from here on the script is asked first."""
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
    ask(play, step.actor, Command(name="disconnect"))
    return (yield from _ends(play, step.actor, is_abrupt=True))


def closes_stream(play: HostedPlay, step: script.ClosesStream) -> Course:
    """Have the client close its stream; it has to do so by a closing tag."""
    ask(play, step.actor, Command(name="disconnect"))
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
            yield from pass_on(play, line, event)
        elif not isinstance(event, Connected | StreamOpened | TlsStarted | ElementReceived | Violation):
            return play.unexpected(line, event, "the end of its stream")
    if isinstance(event, StreamEnded) and not line.has_said_end:
        yield line, Send(data=stream_footer())
    yield from close(line)
    line.is_bound = False
    play.lines.pop(actor, None)
    return None


def pass_on(play: HostedPlay, line: Line, event: ElementReceived) -> Script:
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
    if not line.has_said_end:
        yield line, Send(data=stream_footer())
    line.is_silenced = line.has_said_end = True
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
    try:
        line = yield from connection_of(play, step.actor)
    except RefusedError:
        return None
    while True:
        yield from _serve_as_usual(play, line)
        yield from _until_decided(play, line)
        yield from play.fence_reports(step.actor)
        reported = play.says(line, "connected")
        if (play.usual.bound_jid(line.number) or reported) and step.may:
            return None
        if play.usual.bound_jid(line.number) or reported:
            message = f"{step.actor} logged in."
            return Problem(cause="logged in", message=message, difference=last_sent(line))
        if not party.arrivals:
            return None
        line = yield from play.next_line(step.actor)


def _until_decided(play: HostedPlay, line: Line) -> Script:
    """Until the client has logged in, has gone, or its driver says that it failed."""
    party = play.parties[line.actor.name]
    while not (line.is_gone or party.exit or play.usual.bound_jid(line.number)):
        if play.says_it_failed(line):
            return
        if play.take_silence():
            play.give_up(line.actor.name)
            return
        yield None


def last_sent(line: Line) -> tuple[str, ...]:
    """Show what the client has sent last."""
    return tuple(f"+ {event.raw.decode('utf-8', 'replace')}" for event in line.seen[-3:])


def ask(play: HostedPlay, actor: str, command: Command) -> None:
    """Tell the driver, unless the script has told it what to do already."""
    party = play.parties[actor]
    if not party.is_asked:
        play.tell(actor, command)
    party.is_asked = False


def await_report(play: HostedPlay, line: Line, event: str) -> Course:
    """Wait until the driver has told of an event. Raises HaltError when it does not."""
    party = play.parties[line.actor.name]
    while not play.says(line, event):
        if party.exit or play.take_silence():
            cause = f"its driver does not say that it is {event}"
            message = f"{line.actor.name} has a session, but {cause}."
            raise HaltError(Problem(cause=cause, message=message, is_environment=True))
        yield None
    return None
