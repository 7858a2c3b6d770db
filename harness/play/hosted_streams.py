"""The steps at the stream level with a client under test: headers, TLS, SASL, binding, raw bytes."""

import re

from harness.pattern.template import match_template
from harness.play import served_steps
from harness.play.acts import Problem
from harness.play.hosted import HostedPlay, close
from harness.play.hosted_entry import Course, connection_of, last_sent, let_in
from harness.play.served import Line
from harness.play.served_login import (
    authenticate,
    bind,
    header_and_features,
    legacy_authenticate,
    start_tls,
)
from harness.transcript import script
from harness.transcript.script import Step
from harness.wire.effects import Send
from harness.wire.events import (
    Connected,
    Disconnected,
    ElementReceived,
    Silence,
    StreamEnded,
    StreamOpened,
    TlsFailed,
    Violation,
)
from harness.xmpp.namespaces import XMLNS, Name

#: A stream header, and the end of a stream, by whatever prefix.
_HEADER = re.compile(rb"<\?xml|<(?:[^\s:>]+:)?stream\s")
_END = re.compile(rb"</(?:[^\s:>]+:)?stream\s*>")


def accepts_connection(play: HostedPlay, step: script.OpensConnection) -> Course:
    """Wait for the connection."""
    line = yield from connection_of(play, step.actor)
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
    for name, optional in step.optional.items():
        value = _header_value(event, name)
        if value is not None and match_template(optional, value, play.judge.scope) is None:
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
            play.give_up(step.actor)
            break
        if isinstance(event, StreamOpened | ElementReceived):
            cause = "goes on over TLS that it must not trust"
            return Problem(cause=cause, message=f"{step.actor} {cause}.", difference=last_sent(line))
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
        _hand_over(play, line)
        return None
    yield from header_and_features(play, line)
    yield from authenticate(play, line)
    if not line.is_authenticated:
        cause = "the client does not authenticate as it should: its credentials or its mechanism are wrong"
        return Problem(cause=cause, message=f"{step.actor}: {cause}.", difference=last_sent(line))
    return None


def binds(play: HostedPlay, step: script.Binds) -> Course:
    """Bind a resource, and hand the client over to the usual server."""
    line = yield from play.line(step.actor)
    yield from bind(play, line)
    _hand_over(play, line)
    return None


def _hand_over(play: HostedPlay, line: Line) -> None:
    """The usual server has to know a client that the script has let in."""
    jid = play.usual.bind_directly(line.number, line.account.username, line.jid.partition("/")[2])
    let_in(play, line, jid)


def says_raw(play: HostedPlay, step: script.ReceivesRaw) -> Course:
    """Send bytes as they stand."""
    line = yield from play.line(step.actor)
    data, cuts, pauses = b"", [], {}
    for template, pause in step.chunks:
        data += served_steps.filled(play, template).encode("utf-8", "surrogateescape")
        cuts.append(len(data))
        if pause:
            pauses[len(data)] = pause
    if b"<proceed" in data:
        yield from play.begin_tls(line)
    elif _HEADER.search(data):
        line.has_opened = True
    else:
        yield from play.open(line)
    if step.byte_by_byte:
        cuts = list(range(1, len(data) + 1))
    if _END.search(data):
        line.is_silenced = line.has_said_end = True
    yield line, Send(data=data, cuts=tuple(cuts[:-1]), pauses=pauses)
    return None


def says_stream_error(play: HostedPlay, step: script.ReceivesStreamError) -> Course:
    """Send a stream error with the first condition; of what else there is only the end may follow."""
    line = yield from play.line(step.actor)
    yield from served_steps.says_stream_error(play, step)
    line.is_silenced = True
    return None


def has_nothing_to_say(play: HostedPlay, step: Step) -> Course:
    """What may come does not come, and what must not come is not sent."""
    return None
    yield
