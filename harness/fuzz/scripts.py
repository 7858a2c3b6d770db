r"""A finding as an ordinary `.scs`: the bytes, the cuts, and the steps that show what is wrong.

`xmpp-harness run TARGET FILE` plays it without anything of the fuzzer; it passes when that is mended.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from harness.fuzz.properties import allowed_conditions, fits
from harness.fuzz.property import WATCHED
from harness.fuzz.raw import raw_lines
from harness.fuzz.trial import Trial
from harness.fuzz.troubles import Trouble
from harness.strategies.reading import read
from harness.strategies.sample import Claim, Place, Sample
from harness.strategies.serializing import serialize
from harness.wire.writer import stream_footer
from harness.xmpp.namespaces import STANZA_ERRORS

_NAMES = {
    "me": "Romeo's JID",
    "my JID": "Romeo's full JID",
    "peer": "Juliet's JID",
    "peer's JID": "Juliet's full JID",
    "domain": "domain",
}
#: What stands in the script for what stands in a sample.
_WRITTEN = {name: f"${{{ours}}}" for name, ours in _NAMES.items()} | {
    "token": "${token}",
    "room": "${room}",
    "muc": "conference.${domain}",
}


def script_of(trouble: Trouble, samples: Sequence[Sample]) -> str:
    """Write the script; empty where none could show it."""
    if trouble.script:
        return trouble.script
    if not trouble.broken.has_script or ("arrives with" in trouble.cause and not _expected(samples[-1])):
        return ""
    return "\n".join(
        [*head_of(trouble), *_opening(samples), *_sending(samples), *_showing(trouble, samples), ""]
    )


def head_of(trouble: Trouble, actors: Sequence[str] = ("Romeo", "Juliet")) -> list[str]:
    """All that stands before the first step."""
    covers = ", ".join(trouble.broken.requirements)
    return [
        f"# {trouble.broken.title}",
        f"# Found by fuzzing: {trouble.cause} ({trouble.trial.label}).",
        *([f"## covers: {covers}"] if covers else []),
        "## tests: server",
        f"## tags: fuzz, {trouble.broken.name}" + (", security" if trouble.broken.is_grave else ""),
        "",
        *(line for name in actors for line in (f"[Client] {name}", "")),
        "---------",
        "",
    ]


def _opening(samples: Sequence[Sample]) -> list[str]:
    place = samples[-1].place
    lines = ["Juliet connects", *_there("Juliet"), ""]
    match place:
        case Place.SESSION if any(b"fuzz:" in one.data for one in samples):
            lines += _DECLARING
        case Place.SESSION:
            lines += ["Romeo connects", *_there("Romeo")]
        case Place.OPEN:
            lines += ["Romeo opens a connection", "Romeo opens a stream"]
            lines += ["Romeo receives a stream header", "Romeo receives:", _FEATURES]
        case Place.HEADER:
            lines += ["Romeo opens a connection"]
    return [*lines, ""]


def _there(name: str) -> list[str]:
    """Some servers do not send presence back, so that an answer to something else is waited for."""
    ping = "<iq type='get' id='there' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>"
    return [
        *(f"{name} sends:", "\t<presence/>", f"{name} sends:", f"\t{ping}"),
        *(f"{name} may receive any number of:", "\t<presence/>", f"{name} receives one of:"),
        *("\t<iq type='result' id='there'/>", "\tor:", "\t<iq type='error' id='there'/>"),
    ]


_HEADED = (
    "Romeo opens a stream:\n\txmlns:fuzz='urn:example:fuzz'",
    "Romeo receives a stream header",
    "Romeo receives:\n\t<stream:features/>",
)
_DECLARING = (
    "Romeo opens a connection",
    *_HEADED,
    "Romeo authenticates",
    *_HEADED,
    "Romeo binds",
)
_FEATURES = "\t<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>"


def _sending(samples: Sequence[Sample]) -> list[str]:
    *first, last = samples
    if last.claim is not Claim.LEGAL or last.place is not Place.SESSION:
        last = replace(last, data=last.data + stream_footer())  # as when it was tried
    return [line for one in (*first, last) for line in ("Romeo sends raw:", *raw_of(one), "")]


def raw_of(sample: Sample) -> list[str]:
    """Bytes as the language writes them, in lines that can be read."""
    return raw_lines(sample, _WRITTEN)


def _showing(trouble: Trouble, samples: Sequence[Sample]) -> list[str]:
    if "arrives with" in trouble.cause:
        return [*_expected(samples[-1]), *trouble.broken.lines]
    wrong = next((one for start, one in _NOT_COMING.items() if trouble.cause.startswith(start)), "")
    if wrong:
        return [f"Romeo receives nothing like:\n\t{wrong}"]
    if trouble.broken.judge is fits:
        return _conditions(trouble.trial)
    ending = [_END] if trouble.is_of_a_monitor and samples[-1].place is Place.HEADER else []
    return [*trouble.broken.lines, *ending]


_END = "Romeo receives the end of the stream or connection"
_NOT_COMING = {
    "the stanza error internal-server-error": "<iq type='error'><error>"
    f"<internal-server-error xmlns='{STANZA_ERRORS}'/></error></iq>",
    "a request from before the login is answered": "<iq type='result'/>",
}


def _conditions(trial: Trial) -> list[str]:
    allowed = [f"\t{one}" for one in sorted(allowed_conditions(trial))]
    lines = ["Romeo receives a stream error:", *allowed, "\tdeviates (the condition is a SHOULD): any"]
    return [*WATCHED, *lines]


def _is_uri(namespace: str) -> bool:
    return re.fullmatch(r"[\w.~:/?#@!$&()*+,;=%-]*", namespace, re.ASCII) is not None


def _expected(sample: Sample) -> list[str]:
    """What the other one has to receive: the same, but for the addresses."""
    element = read(sample.data)
    if element is None:
        return []
    text = serialize(element.having("to", None).having("from", None)).decode()
    if any(not _is_uri(one.name.namespace) for one in element.elements):
        return []  # scripts take no such namespaces
    text = text.replace("{", "{{").replace("}", "}}").replace("\n", "&#10;")
    for name, ours in [*_NAMES.items(), ("token", "token"), ("muc", "muc service")]:
        text = text.replace(f"${{{{{name}}}}}", f"${{{ours}}}")
    return ["Juliet may receive any number of:\n\t<presence/>", "Juliet receives:", f"\t{text}", ""]
