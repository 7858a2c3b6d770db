"""What a server says it has handled (XEP-0198)."""

from collections.abc import Sequence

from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.station import Pair
from harness.wire.events import ElementReceived
from harness.xmpp.namespaces import STREAM_MANAGEMENT, Name

COUNTS = Property(
    name="acknowledged-as-sent",
    number="P-14",
    title="The number of stanzas that a server acknowledges is that of the stanzas it was sent",
    requirements=("xep0198-4-count-stanzas-only",),
    steps=None,
)


async def _acknowledgements(bench: Bench) -> Sequence[Shown] | None:
    """What a server says it has handled is what it was sent: stanzas, and nothing else (XEP-0198, 4)."""
    pair = await bench.pair()
    ping = b"<iq type='get' id='%s'><ping xmlns='urn:xmpp:ping'/></iq>"
    request = f"<r xmlns='{STREAM_MANAGEMENT}'/>".encode()
    await pair.romeo.say(f"<enable xmlns='{STREAM_MANAGEMENT}'/>".encode())
    if not (await pair.romeo.ask())[1]:
        return None
    wrong = []
    handled = await _handled(pair, request)
    if handled is None:
        return None  # nothing is acknowledged
    for name, data, number in (
        ("white space", b" \n ", 0),
        ("requests for acknowledgement", request * 2, 0),
        ("stanzas", ping % b"a1" + ping % b"a2", 2),
    ):
        if handled is None:
            break
        now = await _handled(pair, data + request)
        if now is not None and now - handled != number + 1:  # the question behind the last request
            wrong.append((name, data))
        handled = now
    return [Shown(data=data, cause=f"{name} are counted wrongly") for name, data in wrong]


async def _handled(pair: Pair, data: bytes) -> int | None:
    """Send something that ends in a request for acknowledgement; what the last answer says."""
    await pair.romeo.say(data)
    events, is_answered = await pair.romeo.ask()
    told = [
        int(one.attributes.get("h", "0"))
        for one in events
        if isinstance(one, ElementReceived) and one.name == Name(STREAM_MANAGEMENT, "a")
    ]
    return told[-1] if told and is_answered else None


ACKNOWLEDGED = Measure(name="acknowledgements", judges=COUNTS, take=_acknowledgements)
