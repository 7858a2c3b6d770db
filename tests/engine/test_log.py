"""What is kept of a case, and when it is too much."""

import itertools

import pytest

from harness.engine.log import Bounds, CaseLog
from harness.engine.throttling import is_throttled
from harness.monitors.observed import Direction
from harness.wire.effects import CloseConnection, Send
from harness.wire.events import Disconnected, Silence
from harness.wire.reader import StreamReader

HEADER = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"


def stanza_error(kind: str, condition: str) -> str:
    return f"<iq type='error'><error type='{kind}'><{condition} xmlns='{{0}}stanzas'/></error></iq>"


def log(bounds: Bounds | None = None) -> CaseLog:
    ticks = itertools.count()
    return CaseLog(lambda: float(next(ticks)), bounds=bounds)


def test_both_directions_are_kept_and_observed() -> None:
    kept = log()
    tap = kept.tap("Romeo")
    tap.sent(Send(data=HEADER))
    for event in StreamReader().feed(HEADER + b"<message><body>\xc3\xa4</body></message>"):
        tap.received(event)
    tap.received(Silence(seconds=2.0))
    tap.sent(CloseConnection())
    assert [(one.direction, one.kind) for one in kept.exchanges] == [
        ("sent", "bytes"),
        ("received", "bytes"),
        ("received", "bytes"),
        ("", "note"),
        ("sent", "disconnected"),
    ]
    assert kept.exchanges[2].text == "<message><body>ä</body></message>"
    assert [one.direction for one in kept.observed] == [
        Direction.SENT,
        Direction.RECEIVED,
        Direction.RECEIVED,
        Direction.SENT,
    ]


def test_a_masked_send_is_shown_masked() -> None:
    kept = log()
    kept.tap("Romeo").sent(Send(data=b"<a>secret</a>", masked=b"<a>[masked]</a>"))
    assert kept.exchanges[0].text == "<a>[masked]</a>"


@pytest.mark.parametrize("bounds", [Bounds(events=3), Bounds(size=100)])
def test_a_flood_is_noticed(bounds: Bounds) -> None:
    kept = log(bounds)
    tap = kept.tap("Romeo")
    events = StreamReader().feed(HEADER + b"<presence/>" * 5)
    tap.received(events[0])
    assert not kept.is_flooded
    for event in events[1:]:
        tap.received(event)
    assert kept.is_flooded


def test_the_record_of_a_case_has_an_end() -> None:
    kept = log()
    tap = kept.tap("Romeo")
    for _ in range(200):
        tap.sent(Send(data=b"x" * 30_000))
    for _ in range(6000):
        tap.sent(Send(data=b"x"))
    assert sum(len(one.text) for one in kept.exchanges) < 3_000_000
    assert len(kept.exchanges) <= 5001
    assert kept.exchanges[-1].text == "what follows is not kept: there is too much of it"


@pytest.mark.parametrize("event", [Disconnected(clean=True), Silence(seconds=1)])
def test_a_target_may_be_lost(event: Disconnected | Silence) -> None:
    kept = log()
    assert not kept.has_lost_target
    kept.tap("Romeo").received(event)
    assert kept.has_lost_target


@pytest.mark.parametrize(
    ("stanza", "expected"),
    [
        (stanza_error("wait", "resource-constraint"), True),
        (stanza_error("wait", "policy-violation"), True),
        (stanza_error("modify", "policy-violation"), False),
        (stanza_error("wait", "service-unavailable"), False),
        ("<stream:error><resource-constraint xmlns='{0}streams'/></stream:error>", True),
        ("<stream:error><policy-violation xmlns='{0}streams'/></stream:error>", False),
        ("<iq type='result'/>", False),
    ],
)
def test_throttling(stanza: str, expected: bool) -> None:
    kept = log()
    tap = kept.tap("Romeo")
    data = stanza.replace("{0}", "urn:ietf:params:xml:ns:xmpp-").encode()
    for event in StreamReader().feed(HEADER + data):
        tap.received(event)
    assert is_throttled(kept.observed) is expected
