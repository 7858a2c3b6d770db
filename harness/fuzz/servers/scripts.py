r"""A finding as an ordinary `.scs`: the bytes, the cuts, and the steps that show what is wrong.

`xmpp-harness run TARGET FILE` plays it without anything of the fuzzer; it passes when that is mended.
"""

from collections.abc import Sequence
from dataclasses import replace

from harness.fuzz.property import Steps
from harness.fuzz.raw import raw_lines
from harness.fuzz.servers.steps import ADDRESSES, END, WATCHED
from harness.fuzz.troubles import Trouble
from harness.strategies.sample import Claim, Place, Sample
from harness.wire.writer import stream_footer

#: What stands in the script for what stands in a sample.
WRITTEN = {name: f"${{{ours}}}" for name, ours in ADDRESSES.items()} | {
    "token": "${token}",
    "room": "${room}",
    "muc": "conference.${domain}",
}


def script_of(trouble: Trouble, samples: Sequence[Sample]) -> str:
    """Write the script; empty where none could show it."""
    if trouble.script:
        return trouble.script
    steps = trouble.broken.steps_for(trouble.trial)
    is_apart = len(samples) > 1 and any(one.place is not Place.SESSION for one in samples)
    if steps is None or is_apart:  # those had connections of their own
        return ""
    return "\n".join(
        [*head_of(trouble), *_opening(samples), *_sending(samples), *_showing(trouble, steps), ""]
    )


def head_of(trouble: Trouble, actors: Sequence[str] = ("Romeo", "Juliet"), *, needs: str = "") -> list[str]:
    """All that stands before the first step; it `needs` what `## needs:` has words for."""
    covers = ", ".join(trouble.broken.requirements)
    return [
        f"# {trouble.broken.title}",
        f"# Found by fuzzing: {trouble.cause} ({trouble.trial.label}).",
        f"## covers: {covers}" if covers else "## dialect: harness",
        *([f"## needs: {needs}"] if needs else []),
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
    return raw_lines(sample, WRITTEN)


def _showing(trouble: Trouble, steps: Steps) -> Steps:
    """Those of the property; without any, as far as that may go."""
    is_header = trouble.trial.sample.place is Place.HEADER
    return steps or (*WATCHED, *([END] if is_header else []))
