"""A request and its answer."""

from harness.fuzz.servers.station import Station
from harness.wire.events import ElementReceived, Event
from harness.wire.writer import escape
from harness.xmpp.namespaces import CLIENT, Name

_IQ = Name(CLIENT, "iq")


async def request(station: Station, type: str, payload: str, to: str = "") -> ElementReceived | None:
    """Ask something; None where no answer comes."""
    return (await exchange(station, type, payload, to))[1]


async def exchange(
    station: Station, type: str, payload: str, to: str = ""
) -> tuple[list[Event], ElementReceived | None]:
    """Ask something, and refuse what others ask meanwhile; all that came, and the answer."""
    identity = station.fresh("ask")
    address = f" to='{escape(to)}'" if to else ""
    await station.say(f"<iq type='{type}' id='{identity}'{address}>{payload}</iq>".encode())
    events = await station.hear([identity])
    await station.refuse_requests(events)
    return events, answer_in(events, identity)


def answer_in(events: list[Event], identity: str) -> ElementReceived | None:
    """The answer with this id, if it is among them."""
    answers = [
        one
        for one in events
        if isinstance(one, ElementReceived)
        and one.name == _IQ
        and one.attributes.get("id") == identity
        and one.attributes.get("type") in ("result", "error")
    ]
    return answers[0] if answers else None


def is_result(answer: ElementReceived | None) -> bool:
    """Whether what was asked for has been done."""
    return answer is not None and answer.attributes.get("type") == "result"
