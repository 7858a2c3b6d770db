"""What Prosody's own recorder (mod_scansion_record) has written, read as a recording.

It writes every stanza as it was, with ids, stamps and addresses that no other session will have.
"""

from harness.errors import ScriptError
from harness.recording.middle import Source
from harness.recording.session import Listening, Recording
from harness.transcript.layout import Entry, lay_out
from harness.wire.events import ElementReceived, StreamEnded, Violation
from harness.wire.reader import StreamReader
from harness.wire.writer import stream_header

#: What the recorder writes in place of each password.
_NO_PASSWORD = "password"
_VERBS = {"sends": Source.CLIENT, "receives": Source.SERVER}


def read_prosody(text: str, path: str) -> Recording:
    """Read a recorder's file; `path` is what errors call it. Raises ScriptError for what it never writes."""
    layout = lay_out(text, path)
    jids = {_name(one): _jid(one) for one in layout.blocks}
    passwords = {_property(one, "password") for one in layout.blocks} - {"", _NO_PASSWORD}
    recording = Recording(domain=next(iter(jids.values()), "").partition("/")[0].rpartition("@")[2])
    for password in passwords:
        recording.secrets.add(password)
    open_sessions: dict[str, Listening] = {}
    for step in layout.steps:
        actor, verb = _taken_apart(step, jids)
        if verb == "connects":
            open_sessions[actor] = recording.session()
            open_sessions[actor].connected(jids[actor])
        elif actor not in open_sessions:
            raise step.head.fault(f"{actor} has not connected")
        elif verb == "disconnects":
            _end(recording, open_sessions.pop(actor))
        else:
            for stanza in _stanzas(step):
                open_sessions[actor].hear(_VERBS[verb], stanza)
    return recording


def _name(block: Entry) -> str:
    return block.head.text.partition("]")[2].strip()


def _end(recording: Recording, listening: Listening) -> None:
    """It is written down when others have been told already, so it belongs behind the last own words."""
    listening.hear(Source.CLIENT, StreamEnded(raw=b""))
    ended = recording.happenings.pop()
    own = [at for at, one in enumerate(recording.happenings) if one.session == ended.session]
    recording.happenings.insert(own[-1] + 1, ended)


def _jid(block: Entry) -> str:
    jid = _property(block, "jid")
    if not jid:
        advice = "give what mod_scansion_record has written"
        raise block.head.fault("this actor has no jid", advice=advice)
    return jid


def _property(block: Entry, key: str) -> str:
    pairs = (line.text.strip().partition(":") for line in block.body)
    return next((value.strip() for name, _, value in pairs if name == key), "")


def _taken_apart(step: Entry, jids: dict[str, str]) -> tuple[str, str]:
    words = step.head.text.strip().removesuffix(":")
    for actor in sorted(jids, key=len, reverse=True):
        verb = words.removeprefix(actor).strip()
        if words.startswith(f"{actor} ") and (verb in _VERBS or verb in ("connects", "disconnects")):
            return actor, verb
    raise step.head.fault(
        "Prosody's recorder writes no such line",
        advice="a script is played with `run`; a .log is complete as .scs when Prosody has been stopped",
    )


def _stanzas(step: Entry) -> list[ElementReceived]:
    reader = StreamReader()
    reader.push(stream_header(attributes={}) + step.body_text.encode("utf-8", "surrogateescape"))
    stanzas = []
    while (event := reader.next_event()) is not None:
        if isinstance(event, Violation):
            raise _unreadable(step, event.message)
        if isinstance(event, ElementReceived):
            stanzas.append(event)
    if reader.pending.strip():
        raise _unreadable(step, "the element has no end")
    return stanzas


def _unreadable(step: Entry, why: str) -> ScriptError:
    return step.head.fault(f"what is said here is no XML: {why}")
