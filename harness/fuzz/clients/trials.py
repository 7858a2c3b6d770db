"""From what was played against a client to trials: which sample was dealt with, and what came of it."""

from collections.abc import Sequence
from dataclasses import replace

from harness.engine.case import Played
from harness.fuzz.clients.scripts import fence_of, is_online
from harness.fuzz.trial import Conduct, Trial, ending_of, read_as_sent
from harness.monitors.observed import Direction, Observed
from harness.play.hosted import Fence
from harness.strategies.sample import Place, Sample, filled
from harness.wire.events import Connected, Disconnected, ElementReceived, Event, Rule, StreamOpened, Violation
from harness.xmpp.namespaces import BIND, CLIENT, STREAM_MANAGEMENT, Name

_STANZAS = frozenset(Name(CLIENT, kind) for kind in ("iq", "message", "presence"))
_IQ = Name(CLIENT, "iq")
_ENABLED, _REQUEST = Name(STREAM_MANAGEMENT, "enabled"), Name(STREAM_MANAGEMENT, "r")
_ACKNOWLEDGEMENT = Name(STREAM_MANAGEMENT, "a")
_CRASHES = ("crashed", "ended with status", "hangs", "sends without end", "prints without end")
_MOMENT = 0.5  # seconds; RFC 6120, 3.3 speaks of up to 60
_JID = f"{{{BIND}}}bind/{{{BIND}}}jid"


def crash_of(played: Played) -> str:
    """How the client has failed as a program; empty when it has not."""
    causes = (one.cause for one in played.outcome.problems)
    return next((cause for cause in causes if cause.startswith(_CRASHES)), "")


def has_logged_in(played: Played) -> bool:
    """Whether the client has come to a session."""
    return bool(_full_jid(played))


def has_come_to(played: Played, line: int) -> bool:
    """Whether all steps before a line went as written."""
    places = [one.place for one in played.outcome.problems if one.place is not None]
    return all(place.line >= line for place in places)


def _full_jid(played: Played) -> str:
    """What the server has bound, as the client was told."""
    for one in played.log.observed:
        if one.direction is Direction.SENT and isinstance(one.event, ElementReceived):
            found = one.event.tree.findtext(_JID) if one.event.name == _IQ else None
            if found:
                return found
    told = next((one for one in played.reports if one.event == "connected"), None)
    return str(told.values.get("jid", "")) if told is not None else ""


def trials_of(
    played: Played, samples: Sequence[Sample], tokens: Sequence[str], fence: Fence, *, has_driver: bool = True
) -> list[Trial]:
    """One for each sample; those behind one that ended the stream are not settled."""
    observed = played.log.observed[: played.observed_in_play]
    first = observed[0].connection if observed else 0
    events = [one.event for one in observed if _is_heard(one) and one.connection == first]
    elements = tuple(event for event in events if isinstance(event, ElementReceived))
    conduct = replace(_conduct(played, observed, events, fence), tells=has_driver)
    ending = ending_of(events)
    names = _names(played)
    domain = names["domain"]
    trials = []
    for sample, token in zip(samples, tokens, strict=True):
        data = filled(sample.data, {**names, "token": token})
        reading, sent = read_as_sent(data, has_header=sample.place is not Place.HEADER)
        is_settled = _is_settled(played, elements, token, fence, is_ended=ending is not None)
        trials.append(
            Trial(
                sample=sample,
                token=token,
                data=data,
                reading=reading,
                sent=sent,
                sender=names["my JID"],
                peer=names["peer's JID"],
                domain=domain,
                answers=tuple(one for one in elements if one.attributes.get("id", "") == token),
                replies=elements if len(samples) == 1 else (),
                ending=ending if not is_settled or sample is samples[-1] else None,
                is_settled=is_settled and is_online(sample),
                conduct=conduct,
            )
        )
    return trials


def _is_heard(one: Observed) -> bool:
    return one.direction is Direction.RECEIVED


def _is_settled(
    played: Played, elements: Sequence[ElementReceived], token: str, fence: Fence, *, is_ended: bool
) -> bool:
    marker = fence_of(token)
    match fence:
        case Fence.PING:
            return any(one.name == _IQ and one.attributes.get("id") == marker for one in elements)
        case Fence.MARKER:
            return any(one.values.get("body") == marker for one in played.reports)
    return not is_ended


def _names(played: Played) -> dict[str, str]:
    own = played.accounts.get("Romeo", "romeo@localhost")
    domain = own.partition("@")[2]
    return {
        "me": f"juliet@{domain}",
        "my JID": f"juliet@{domain}/balcony",
        "peer": own,
        "PEER": own,
        "peer's JID": _full_jid(played) or own,
        "domain": domain,
        "muc": f"conference.{domain}",
        "question": "question",
    }


def _conduct(played: Played, observed: Sequence[Observed], events: Sequence[Event], fence: Fence) -> Conduct:
    return Conduct(
        reports=played.reports,
        is_bound=has_logged_in(played),
        crash=crash_of(played),
        headers=sum(map(_is_header, events)),
        returns=_quick_returns(observed),
        counted=_miscount(observed),
        fence=fence,
    )


def _quick_returns(observed: Sequence[Observed]) -> int:
    """How often it came back within a moment of the end of its last connection."""
    returns, ended = 0, -_MOMENT
    for one in observed:
        if isinstance(one.event, Disconnected):
            ended = one.at
        elif isinstance(one.event, Connected):
            returns += one.at - ended < _MOMENT
    return returns


def _is_header(event: Event) -> bool:
    """Where nobody has agreed to a new stream, its header is read as something wrong in the old one."""
    is_misplaced = (
        isinstance(event, Violation) and event.rule is Rule.NOT_WELL_FORMED and b"<?xml" in event.excerpt
    )
    return is_misplaced or isinstance(event, StreamOpened)


def _miscount(observed: Sequence[Observed]) -> str:
    """What is wrong with the counts that a client tells (XEP-0198, 4).

    Each lies between what had been sent when it was asked for and what has been sent when it comes.
    """
    sent = least = told = 0
    is_enabled = False
    for one in observed:
        if not isinstance(one.event, ElementReceived):
            continue
        name = one.event.name
        if one.direction is Direction.SENT:
            is_enabled |= name == _ENABLED
            sent += is_enabled and name in _STANZAS
            least = sent if is_enabled and name == _REQUEST else least
        elif name == _ACKNOWLEDGEMENT and is_enabled:
            told = _number(one.event.attributes.get("h", ""))
            if told > sent:
                return "a count is higher than what was sent"
            if told < 0:
                return "a count is no number"
    return "a count is lower than what was sent" if is_enabled and told < least else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else -1
