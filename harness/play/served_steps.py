"""What each step of a transcript is for the scripted server: sends become expectations and the reverse."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.pattern.nodes import Template
from harness.pattern.template import make_template
from harness.play.acts import Problem
from harness.play.cast import names_after_binding, names_after_header
from harness.play.served import STREAM_END, STREAM_HEADER, Line, Script, ServedPlay
from harness.play.served_login import (
    authenticate,
    bind,
    complete_features,
    header_and_features,
    legacy_authenticate,
    log_in,
    shake_hands,
    start_tls,
)
from harness.results.records import StepPlace
from harness.transcript import script
from harness.transcript.script import Step
from harness.wire.effects import CloseConnection, Send
from harness.wire.events import Disconnected, StreamEnded, StreamOpened
from harness.wire.writer import stream_footer
from harness.xmpp.elements import build
from harness.xmpp.namespaces import STREAM, STREAM_ERRORS, Name

_FEATURES = Name(STREAM, "features")


def connects(play: ServedPlay, step: script.Connects) -> Script:
    """Let the actor in."""
    line = yield from play.line(step.actor)
    yield from log_in(play, line)


def disconnects(play: ServedPlay, step: script.Disconnects) -> Script:
    """Answer the closing tag; an actor already gone is tolerated."""
    if step.actor not in play.lines or not play.lines[step.actor].is_bound:
        return
    line = play.lines[step.actor]
    yield from play.await_kind(line, StreamEnded, Disconnected)
    line.is_bound = False
    yield line, Send(data=stream_footer())
    del play.lines[step.actor]


def awaits(play: ServedPlay, step: script.Sends) -> Script:
    """The client sends these."""
    line = yield from play.line(step.actor)
    for node in step.nodes:
        difference = yield from play.await_element(line, node)
        if difference is not None:
            place = StepPlace(file=play.transcript.path, line=step.line, text=step.text)
            play.problems.append(
                Problem(
                    cause=difference.cause,
                    message="the server's side received something else",
                    difference=difference.lines,
                    place=place,
                )
            )
            return


def says(play: ServedPlay, step: script.Receives | script.ReceivesInAnyOrder) -> Script:
    """The client receives these."""
    line = yield from play.line(step.actor)
    has_features = any(node.name == _FEATURES for node in step.nodes)
    yield from play.say(line, step, step.nodes, complete=complete_features if has_features else None)
    line.has_features = line.has_features or has_features


def says_one_of(play: ServedPlay, step: script.ReceivesOneOf) -> Script:
    """The client receives one of the alternatives."""
    line = yield from play.line(step.actor)
    chosen = step.alternatives[play.choices.get(step.line, 0)]
    play.has_said_all = chosen.is_all
    if chosen.nodes:
        yield from play.say(line, step, chosen.nodes)
        line.has_features = line.has_features or any(node.name == _FEATURES for node in chosen.nodes)
    if chosen.stream_end:
        yield from play.end(line)


def says_nothing(play: ServedPlay, step: Step) -> Script:
    """There is nothing to say; whoever proves the step may say something all the same."""
    line = yield from play.line(step.actor)
    yield from play.say(line, step, ())


def says_perhaps(play: ServedPlay, step: script.MayReceive) -> Script:
    """Say it if that is the choice."""
    line = yield from play.line(step.actor)
    if step.line in play.choices:
        yield from play.say(line, step, step.nodes)


def accepts_connection(play: ServedPlay, step: script.OpensConnection) -> Script:
    """Wait for the connection."""
    yield from play.line(step.actor)


def accepts_stream(play: ServedPlay, step: script.OpensStream) -> Script:
    """Wait for the client's header; ours is for the next step that needs it."""
    line = yield from play.line(step.actor)
    yield from play.await_kind(line, StreamOpened)
    yield from answer_header_if_unscripted(play, line, step)


#: Steps that negotiate, and send our header where the script does not.
_NEGOTIATING = (script.StartsTls, script.RefusesTls, script.Authenticates, script.Binds)


def answer_header_if_unscripted(play: ServedPlay, line: Line, step: Step) -> Script:
    """Send our header when the next step negotiates and does not speak of it."""
    following = [one for one in play.transcript.steps if one.actor == step.actor and one.line > step.line]
    if following and isinstance(following[0], _NEGOTIATING):
        yield from play.open(line)


def absorbs(play: ServedPlay, step: script.SendsRaw) -> Script:
    """Raw bytes come; what they mean is for the steps that follow."""
    line = yield from play.line(step.actor)
    line.is_tolerant = True


def says_header(play: ServedPlay, step: script.ReceivesHeader) -> Script:
    """Send a header with the attributes that the client expects."""
    line = yield from play.line(step.actor)
    attributes = play.header_attributes(line)
    attributes |= _made(play, step.attributes)
    attributes |= _made(play, step.optional)
    for name in step.absent:
        attributes.pop(str(name), None)
    line.has_opened = True
    play.judge.scope.update(
        names_after_header(line.actor.name, attributes.get("id", ""), line.account.password, play.transcript)
    )
    yield from play.shape(line, step, (), [build(STREAM_HEADER, attributes)])


def _made(play: ServedPlay, templates: Mapping[Name, Template]) -> dict[str, str]:
    made = {}
    for name, template in templates.items():
        made[str(name)] = filled(play, template)
    return made


def filled(play: ServedPlay, template: Template) -> str:
    """Fill in a template and keep what it captures."""
    made, captures = make_template(template, play.judge.scope, play.fresh)
    play.judge.scope.update(captures)
    return made


def says_stream_error(play: ServedPlay, step: script.ReceivesStreamError) -> Script:
    """Send a stream error with the first condition."""
    line = yield from play.line(step.actor)
    yield from play.open(line)
    condition = next((one for one, _ in step.conditions if one != "any"), "undefined-condition")
    error = build(Name(STREAM, "error"), None, build(Name(STREAM_ERRORS, condition)))
    yield from play.shape(line, step, (), [error])


def says_stream_end(play: ServedPlay, step: script.ReceivesStreamEnd) -> Script:
    """Close the stream."""
    line = yield from play.line(step.actor)
    yield from play.open(line)
    yield from play.shape(line, step, (), [build(STREAM_END)])
    line.is_bound = False
    del play.lines[step.actor]


def starts_tls(play: ServedPlay, step: script.StartsTls) -> Script:
    """Agree to TLS; where `<proceed/>` has been said, only the handshake is left."""
    line = yield from play.line(step.actor)
    yield from (shake_hands if line.has_proceeded else start_tls)(play, line)


def authenticates(play: ServedPlay, step: script.Authenticates) -> Script:
    """Let the actor authenticate."""
    line = yield from play.line(step.actor)
    if step.mechanism.startswith("legacy"):
        yield from legacy_authenticate(play, line)
        return
    yield from header_and_features(play, line)
    yield from authenticate(play, line)


def binds(play: ServedPlay, step: script.Binds) -> Script:
    """Bind a resource."""
    line = yield from play.line(step.actor)
    yield from bind(play, line)
    play.judge.scope.update(names_after_binding(line.actor.name, line.jid))


def sees_stream_end(play: ServedPlay, step: script.ClosesStream) -> Script:
    """The client closes its stream; answering is for the next step."""
    line = yield from play.line(step.actor)
    yield from play.await_kind(line, StreamEnded, Disconnected)


def sees_connection_end(play: ServedPlay, step: script.ClosesConnection) -> Script:
    """The client drops the connection."""
    line = yield from play.line(step.actor)
    yield from play.await_kind(line, Disconnected)
    del play.lines[step.actor]


def drops_connection(play: ServedPlay, step: script.LosesConnection) -> Script:
    """Drop the connection, if the end of the stream has not done so."""
    if step.actor in play.lines:
        yield play.lines.pop(step.actor), CloseConnection()


#: `Any` because a script takes the one class of step that it stands beside.
SERVED_STEPS: dict[type[Step], Callable[[ServedPlay, Any], Script]] = {
    script.Connects: connects,
    script.Disconnects: disconnects,
    script.Sends: awaits,
    script.Receives: says,
    script.ReceivesInAnyOrder: says,
    script.ReceivesOneOf: says_one_of,
    script.MayReceive: says_perhaps,
    script.ReceivesNothing: says_nothing,
    script.OpensConnection: accepts_connection,
    script.OpensStream: accepts_stream,
    script.SendsRaw: absorbs,
    script.ReceivesHeader: says_header,
    script.ReceivesStreamError: says_stream_error,
    script.ReceivesStreamEnd: says_stream_end,
    script.StartsTls: starts_tls,
    script.Authenticates: authenticates,
    script.Binds: binds,
    script.ClosesStream: sees_stream_end,
    script.ClosesConnection: sees_connection_end,
    script.LosesConnection: drops_connection,
}
