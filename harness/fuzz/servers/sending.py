"""Samples on the wire: many in one session, or each on a connection of its own, and what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import trio

from harness.engine.log import CaseLog
from harness.engine.session import Session
from harness.fuzz.servers.station import ROMEO, Pair, Station, connection_to
from harness.fuzz.trial import Reading, Trial, ending_of, is_end, read_as_sent
from harness.strategies.sample import Claim, Place, Sample, filled
from harness.transport.connection import Connection
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import Connected, ElementReceived, Event
from harness.wire.writer import stream_footer, stream_header
from harness.xmpp.namespaces import CLIENT, TLS, Name

_IQ = Name(CLIENT, "iq")
_WAITING = 0.05  # seconds for what is unfinished, of which nothing has to come


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sent:
    sample: Sample
    token: str
    data: bytes
    cuts: tuple[int, ...]
    fence: str
    question: bytes

    @property
    def is_last(self) -> bool:
        """Whether nothing can follow it."""
        return self.sample.claim is not Claim.LEGAL


async def try_in_session(pair: Pair, samples: Sequence[Sample]) -> list[Trial]:
    """Send samples one behind the other, each with a request behind it that shows when it is dealt with.

    Where a stream ends, what was behind has not been tried, and is left out.
    """
    romeo, juliet = pair.romeo, pair.juliet
    sent = [_prepared(pair, sample) for sample in samples]
    events: list[Event] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_send_all, romeo, sent)
        events += await romeo.hear([one.fence for one in sent], _patience(sent))
        nursery.cancel_scope.cancel()  # whoever does not read any more is not written to any longer
    ending = ending_of(events)
    if ending is not None and not is_end(events[-1]):
        events += await _rest(romeo.connection)
        ending = ending_of(events)
    is_heard = isinstance(events[-1] if events else None, ElementReceived)
    pair.is_parted = ending is not None or not is_heard or any(one.is_last for one in sent)
    overheard, is_answered = await juliet.ask()
    await juliet.refuse_requests(overheard)
    pair.is_over |= not is_answered
    return _trials(pair, sent, events, overheard, is_answered)


def _patience(sent: Sequence[_Sent]) -> float | None:
    """What swallows all that follows is not waited for: nothing has to come."""
    is_swallowed = len(sent) == 1 and read_as_sent(sent[0].data)[0] is Reading.UNFINISHED
    return _WAITING if is_swallowed else None


def _prepared(pair: Pair, sample: Sample) -> _Sent:
    romeo = pair.romeo
    token = romeo.fresh("token")
    names = _names(romeo, pair.juliet, token)
    fence, question = romeo.question()
    data = filled(sample.data, names)
    cuts = _moved(sample, names)
    return _Sent(sample=sample, token=token, data=data, cuts=cuts, fence=fence, question=question)


def _moved(sample: Sample, names: Mapping[str, str]) -> tuple[int, ...]:
    """Cuts behind placeholders move with what takes their place."""
    return tuple(sorted({len(filled(sample.data[:cut], names)) for cut in sample.cuts}))


def _names(sender: Station, peer: Station, token: str) -> dict[str, str]:
    domain = sender.account.domain
    return {
        "me": sender.account.jid,
        "my JID": sender.jid,
        "peer": peer.account.jid,
        "PEER": peer.account.jid.upper(),
        "peer's JID": peer.jid,
        "domain": domain,
        "muc": f"conference.{domain}",
        "token": token,
    }


async def _send_all(romeo: Station, sent: Sequence[_Sent]) -> None:
    waiting = b""
    for one in sent:
        closing = stream_footer() if one.is_last else b""
        if one.cuts:
            await romeo.say(waiting)
            await romeo.say(one.data + one.question, one.cuts)
            waiting = closing
        else:
            waiting += one.data + one.question + closing
    if waiting:
        await romeo.say(waiting)


def _is_proceed(event: Event) -> bool:
    """Whether all that follows belongs to a handshake (RFC 6120, 5.4.3.3)."""
    return isinstance(event, ElementReceived) and event.name == Name(TLS, "proceed")


async def _rest(connection: Connection, patience: float | None = None) -> list[Event]:
    """Read until the connection has ended, nothing comes, or TLS is about to begin."""
    events: list[Event] = []
    while not events or not (is_end(events[-1]) or _is_proceed(events[-1])):
        event = await connection.perform(Receive(patience=patience))
        assert event is not None, "Receive is always answered"
        events.append(event)
    return events


def _trials(
    pair: Pair,
    sent: Sequence[_Sent],
    events: Sequence[Event],
    overheard: Sequence[Event],
    is_answered: bool,
) -> list[Trial]:
    settled = {one.attributes.get("id") for one in events if _is_iq(one) and isinstance(one, ElementReceived)}
    pair.tokens[:0] = [one.token for one in sent]
    strays = tuple(one for one in _elements(overheard) if _is_stray(one, pair))
    ending = ending_of(events)
    trials = []
    for one in sent:
        is_settled = one.fence in settled
        reading, whole = read_as_sent(one.data)
        trials.append(
            Trial(
                sample=one.sample,
                token=one.token,
                data=one.data,
                reading=reading,
                sent=whole,
                sender=pair.romeo.jid,
                peer=pair.juliet.jid,
                domain=pair.romeo.account.domain,
                answers=tuple(each for each in _elements(events) if _belongs(each, one.token)),
                arrivals=tuple(each for each in _elements(overheard) if _belongs(each, one.token)),
                strays=strays if len(sent) == 1 else (),
                replies=tuple(_elements(events)) if len(sent) == 1 else (),
                is_peer_well=is_answered,
                ending=None if is_settled and one is not sent[-1] else ending,
                is_settled=is_settled,
            )
        )
        if not is_settled:
            break
    return trials


def _elements(events: Sequence[Event]) -> list[ElementReceived]:
    return [event for event in events if isinstance(event, ElementReceived)]


def _is_iq(event: Event) -> bool:
    return isinstance(event, ElementReceived) and event.name == _IQ


def _belongs(element: ElementReceived, token: str) -> bool:
    identity = element.attributes.get("id", "")
    return identity == token or identity.startswith(f"{token}-")


def _is_stray(element: ElementReceived, pair: Pair) -> bool:
    """Whether a message came from the sender that carries none of the tokens it has ever sent."""
    if element.name != Name(CLIENT, "message") or element.attributes.get("from") != pair.romeo.jid:
        return False
    return not any(token.encode() in element.raw for token in pair.tokens)


async def try_alone(session: Session, log: CaseLog, pair: Pair, sample: Sample) -> Trial:
    """Send a sample on a connection of its own, before any login, and a closing tag behind it.

    Whether something has arrived is still to be asked (`with_arrivals`).
    """
    token = session.fresh("token")
    names = _names(pair.romeo, pair.juliet, token)
    data = filled(sample.data, names)
    connection = connection_to(session, log, ROMEO)
    is_header = sample.place is Place.HEADER
    reading, whole = read_as_sent(data, has_header=not is_header)
    try:
        opened = await connection.perform(OpenConnection())
        if not isinstance(opened, Connected):
            events: list[Event] = [opened] if opened is not None else []
        else:
            events = await _spoken(connection, session, sample, data, names, reading)
    finally:
        await connection.aclose()
    return Trial(
        sample=sample,
        token=token,
        data=data,
        reading=reading,
        sent=whole,
        domain=session.endpoint.domain,
        sender=pair.romeo.jid,
        peer=pair.juliet.jid,
        answers=tuple(each for each in _elements(events) if _belongs(each, token)),
        replies=tuple(_elements(events)),
        ending=ending_of(events),
    )


async def with_arrivals(pair: Pair, trials: Sequence[Trial]) -> list[Trial]:
    """Trials of samples that were tried alone, with what the other user got of them."""
    overheard, is_answered = await pair.juliet.ask()
    pair.is_over |= not is_answered
    heard = _elements(overheard)
    return [
        replace(one, arrivals=tuple(each for each in heard if _belongs(each, one.token))) for one in trials
    ]


async def _spoken(
    connection: Connection,
    session: Session,
    sample: Sample,
    data: bytes,
    names: Mapping[str, str],
    reading: Reading,
) -> list[Event]:
    header = (
        b""
        if sample.place is Place.HEADER
        else stream_header(attributes={"to": session.endpoint.domain, "version": "1.0"})
    )
    cuts = tuple(cut + len(header) for cut in _moved(sample, names))
    await connection.perform(Send(data=header + data + stream_footer(), cuts=cuts))
    patience = _WAITING if reading is Reading.UNFINISHED else None
    return await _rest(connection, patience)
