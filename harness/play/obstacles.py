"""Why a scenario cannot be played with a client, as far as its driver tells before anything is played."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from harness.pattern.nodes import Literal, Node
from harness.play.commands import command_for_pattern
from harness.transcript.script import (
    ClosesConnection,
    ClosesStream,
    Connects,
    Disconnects,
    DoesNotLogIn,
    IsAsked,
    OpensConnection,
    ReceivesRaw,
    Reports,
    Sends,
    SendsRaw,
    Step,
    Transcript,
)
from harness.transcript.terms import Terms, in_clear, terms_of, with_tls_first
from harness.xmpp.namespaces import CLIENT

_WEBSOCKET = "websocket"
#: What no client can be told to do.
_UNTOLD: Mapping[type[Step], str] = {
    SendsRaw: "no client can be told to send raw bytes",
    ClosesConnection: "no client can be told to drop its connection",
}
#: The feature of a client without a driver that is told its whole JID.
KNOWS_RESOURCE = "resource"

#: An XML declaration with something else behind it than a stream header.
_DECLARED_ELEMENT = re.compile(r"\s*<\?xml[^>]*\?>\s*<(?!(?:[^\s:>]+:)?stream\s)")

#: How `## client: tls` is called among a client's features.
_TLS = {
    "required": "tls-starttls",
    "optional": "tls-starttls",
    "direct": "tls-direct",
    "disabled": "tls-none",
}
#: Ways of TLS that leave the beginning of the stream to the server's offer.
_IN_CLEAR = frozenset({"tls-starttls", "tls-none"})


def terms_for(transcript: Transcript, features: AbstractSet[str]) -> Terms | str:
    """On what terms a client with these features is served; why not, where it cannot be."""
    terms = terms_of(transcript)
    is_websocket = _WEBSOCKET in features
    begins_in_clear = not is_websocket and not features.isdisjoint(_IN_CLEAR)
    carried = terms if begins_in_clear else with_tls_first(transcript, terms)
    if carried is None:
        where = "over WebSocket (RFC 7395, 3.9)" if is_websocket else "for a client that begins with TLS"
        return f"there is no STARTTLS {where}"
    if _TLS[carried.client_tls] in features:
        return carried
    clear = in_clear(transcript, terms) if _TLS["disabled"] in features else None
    return clear or f"the client has no {_TLS[terms.client_tls]}"


def obstacle(transcript: Transcript, commands: AbstractSet[str], features: AbstractSet[str]) -> str:
    """Return what is missing, or an empty text. Without `commands` there is no driver."""
    terms = terms_for(transcript, features)
    if isinstance(terms, str):
        return terms
    if _WEBSOCKET in features and (told := next(filter(None, map(_not_in_messages, transcript.steps)), "")):
        return told
    for step in transcript.steps:
        if type(step) in _UNTOLD:
            return _UNTOLD[type(step)]
    if not commands:
        is_named = any(actor.resource is not None for actor in transcript.actors)
        if is_named and KNOWS_RESOURCE not in features:
            return "the command is not told which resource to ask for: {jid} stands nowhere in it"
        return _for_driverless(transcript)
    asked: set[str] = set()
    for step in transcript.steps:
        if isinstance(step, Reports) and not step.never and f"no-{step.event}" in features:
            return f"the driver cannot report {step.event}"
        wanted = _wanted(step, is_asked=step.actor in asked)
        asked = asked | {step.actor} if isinstance(step, IsAsked) else asked - {step.actor}
        if wanted and wanted not in commands:
            return f"the driver has no command {wanted}"
    return ""


def _not_in_messages(step: Step) -> str:
    """Why raw bytes cannot go over WebSocket, or would mean something else there."""
    if not isinstance(step, ReceivesRaw):
        return ""
    parts = [part for template, _ in step.chunks for part in template.parts]
    text = "".join(part.text if isinstance(part, Literal) else "x" for part in parts)
    if step.byte_by_byte:
        return "a message comes in one piece over WebSocket"
    if not text.strip():
        return "there is no white space between stanzas over WebSocket (RFC 7395, 3.8)"
    if _DECLARED_ELEMENT.match(text):
        return "any message over WebSocket may have an XML declaration (RFC 7395, 3.3.3)"
    if any("\udc80" <= character <= "\udcff" for character in text):
        return "a message over WebSocket is in UTF-8, or is none (RFC 6455, 8.1)"
    return ""


def _for_driverless(transcript: Transcript) -> str:
    for step in transcript.steps:
        if isinstance(step, Reports):
            return "needs a driver that reports"
        wanted = _wanted(step, is_asked=False)
        if wanted not in ("", "connect") and not isinstance(step, Disconnects):
            return f"needs a driver with the command {wanted}"
    return ""


def _is_of_stream(node: Node) -> bool:
    return node.name.namespace != CLIENT


def _wanted(step: Step, *, is_asked: bool) -> str:
    """The command that a step needs."""
    match step:
        case IsAsked(command=command):
            return command
        case Connects() | OpensConnection() | DoesNotLogIn() if not is_asked:
            return "connect"
        case ClosesStream() | Disconnects() if not is_asked:
            return "disconnect"
        case Sends(nodes=nodes) if not is_asked:
            wanted = (command_for_pattern(node) for node in nodes if not _is_of_stream(node))
            return next(filter(None, wanted), "")
        case _:
            return ""
