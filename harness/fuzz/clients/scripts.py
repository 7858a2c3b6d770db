"""What clients are sent, as scripts for the server's side: those that are tried, and those that are kept.

A trial sends bytes and waits for what comes of them; what is found is judged by the steps behind them, so
that `xmpp-harness run CLIENT FILE` plays it without anything of the fuzzer, and
it passes when that is mended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.fuzz.clients.steps import answering
from harness.fuzz.raw import raw_lines
from harness.fuzz.trial import Reading, read_as_sent
from harness.fuzz.troubles import Trouble
from harness.play.hosted import Fence
from harness.strategies.sample import Claim, Harm, Moment, Place, Sample

#: What stands in scripts for what stands in samples; the token is given by whoever sends.
NAMES: Mapping[str, str] = {
    "me": "juliet@${domain}",
    "my JID": "juliet@${domain}/balcony",
    "peer": "${Romeo's JID}",
    "PEER": "${Romeo's JID}",
    "peer's JID": "${Romeo's full JID}",
    "domain": "${domain}",
    "muc": "conference.${domain}",
    "question": "${question}",
}
_CLOSING = "\\|150ms|</stream:stream>"  # by which whoever waits for more is let go
_RAW = "Romeo receives raw:"
_ENDS = "Romeo ends the stream or connection"


@dataclass(frozen=True, kw_only=True)
class _Way:
    """The steps before the bytes come, and what stands behind them."""

    steps: Sequence[str]
    behind: str = ""


def _asked(command: str, sent: str) -> _Way:
    steps = ("Romeo connects", *command.split("\n"), "Romeo sends:", *sent.split("\n"))
    return _Way(steps=steps)


_OPENED = ("Romeo opens a connection", "Romeo opens a stream")
_TLS_OFFERED = (
    "Romeo receives:",
    "\t<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
)
_ASKED = "Romeo is asked to {}:\n\tjid='juliet@${{domain}}/balcony'"
_QUESTION = "\t<iq type='get' id='{{capture:question}}'><{} xmlns='{}'/></iq>"
_WAYS: Mapping[Moment | None, _Way] = {
    None: _Way(steps=("Romeo connects",)),
    Moment.FEATURES: _Way(steps=(*_OPENED, "Romeo receives a stream header"), behind=_CLOSING),
    Moment.PROCEED: _Way(
        steps=(
            *(*_OPENED, "Romeo receives a stream header", *_TLS_OFFERED, "Romeo sends:"),
            "\t<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        ),
    ),
    Moment.CHALLENGE: _Way(
        steps=(
            *(*_OPENED, "Romeo starts TLS", "Romeo opens a stream", "Romeo receives a stream header"),
            "Romeo receives:",
            "\t<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
            "<mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>",
            "Romeo sends:",
            "\t<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'/>",
        ),
        behind=_CLOSING,
    ),
    Moment.VERSION: _asked(_ASKED.format("query version"), _QUESTION.format("query", "jabber:iq:version")),
    Moment.DISCO: _asked(
        _ASKED.format("query disco"), _QUESTION.format("query", "http://jabber.org/protocol/disco#info")
    ),
    Moment.PING: _asked(_ASKED.format("ping"), _QUESTION.format("ping", "urn:xmpp:ping")),
    Moment.ROSTER: _asked("Romeo is asked to get roster", _QUESTION.format("query", "jabber:iq:roster")),
}
_HEADER = _Way(steps=_OPENED, behind=_CLOSING)  # what is unfinished is not waited for
_NEEDS = {Moment.CHALLENGE: "SCRAM-SHA-1"}
_COMING_BACK = 5  # times that one that comes back at once is met, and sent away


def fence_of(token: str) -> str:
    """The id of what shows that a sample has been dealt with."""
    return f"after-{token}"


def trial_script(samples: Sequence[Sample], tokens: Sequence[str], fence: Fence) -> str:
    """The script by which samples are tried; several only where they are all for one session."""
    first = samples[0]
    lines = [*_head(first), "[Client] Romeo", "", "---------", ""]
    if first.moment is Moment.LOGIN:
        return "\n".join([*lines, "Romeo may log in", ""])
    way = _way(first)
    lines += way.steps
    if first.family == "management":  # whoever wants acknowledgements has asked for them then
        lines += answering(fence)
    for sample, token in zip(samples, tokens, strict=True):
        asked = _question(token, fence) if is_online(sample) else ""
        behind = asked + way.behind
        lines += [_RAW, *raw_lines(sample, _named(token), behind)]
    return "\n".join([*lines, *_awaiting(samples, tokens, fence), ""])


def first_raw_line(script: str) -> int:
    """The number of the line at which samples begin; 0 where there are no bytes to send."""
    lines = script.split("\n")
    return lines.index(_RAW) + 1 if _RAW in lines else 0


def is_online(sample: Sample) -> bool:
    """Whether it is for a client that has logged in."""
    return sample.place is Place.SESSION


def _awaiting(samples: Sequence[Sample], tokens: Sequence[str], fence: Fence) -> list[str]:
    """What is waited for behind the bytes: the end, or an answer where the client has taken them."""
    last = samples[-1]
    if Harm.LOOP in last.harms:
        return [_ENDS, *["Romeo loses the connection"] * _COMING_BACK]
    if last.place is not Place.SESSION:
        return [_ENDS]
    is_broken = last.claim is not Claim.LEGAL and read_as_sent(last.data)[0] is not Reading.UNFINISHED
    if not is_broken or fence is not Fence.PING:
        return [_ENDS] if is_broken else []
    return _answered_or_ended(fence_of(tokens[-1]))


def _answered_or_ended(identity: str) -> list[str]:
    answers = [f"\t<iq type='{kind}' id='{identity}'/>" for kind in ("result", "error")]
    ends = ["\t<stream:error/>\n\tthe stream's end", "\tthe stream's end"]
    return ["Romeo sends one of:", "\n\tor:\n".join([*answers, *ends])]


def _way(sample: Sample) -> _Way:
    return _HEADER if sample.place is Place.HEADER else _WAYS[sample.moment]


def _head(sample: Sample) -> list[str]:
    lines = ["## tests: client", "## dialect: harness"]
    if sample.terms:
        lines.append(f"## server: {', '.join(sample.terms)}")
    needs = {*filter(None, [_NEEDS.get(sample.moment) if sample.moment else None])}
    needs |= {word for term in sample.terms for word in term.split() if word == "SCRAM-SHA-1"}
    if needs and not (sample.terms and "tls none" in sample.terms):
        lines.append(f"## needs: {', '.join(sorted(needs))}")
    return lines


def _named(token: str) -> dict[str, str]:
    return {**NAMES, "token": token}


def _question(token: str, fence: Fence) -> str:
    identity = fence_of(token)
    addresses = "from='${domain}' to=\"${Romeo's full JID}\""
    match fence:
        case Fence.PING:
            return f"<iq type='get' id='{identity}' {addresses}><ping xmlns='urn:xmpp:ping'/></iq>"
        case Fence.MARKER:
            return f"<message type='chat' id='{identity}' {addresses}><body>{identity}</body></message>"
    return ""


# --- what is kept ---------------------------------------------------------------------------------


def client_script_of(trouble: Trouble, samples: Sequence[Sample]) -> str:
    """Write the script of a finding."""
    first, broken = samples[0], trouble.broken
    steps = broken.steps_for(trouble.trial)
    if steps is None:
        return ""
    covers = ", ".join(broken.requirements)
    tags = f"## tags: fuzz, {broken.name}" + (", security" if broken.is_grave else "")
    lines = [
        f"# {broken.title}",
        f"# Found by fuzzing: {_in_one_line(f'{trouble.cause} ({trouble.trial.label})')}.",
        *([f"## covers: {covers}"] if covers else []),
        *_head(first),
        *(tags, "", "[Client] Romeo", "", "---------", ""),
    ]
    if first.moment is Moment.LOGIN:
        if Harm.LOGIN in first.harms:
            return "\n".join([*lines, "Romeo does not log in", ""])
        return "\n".join([*lines, "Romeo may log in", *steps, ""])
    way = _way(first)
    lines += [*way.steps, ""]
    for sample in samples:
        lines += [_RAW, *raw_lines(sample, _named("${token}"), way.behind), ""]
    return "\n".join([*lines, *steps, ""])


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
