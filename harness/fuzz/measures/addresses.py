"""Addresses, and what a server makes of them (RFC 7622)."""

from collections.abc import Sequence

from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.fuzz.servers.station import Pair
from harness.results.verdicts import Level
from harness.wire.events import ElementReceived
from harness.wire.writer import escape
from harness.xmpp.namespaces import ROSTER

ADDRESSES = Property(
    name="addresses-stay",
    number="P-39",
    title="An address that has been prepared is its own prepared form",
    level=Level.SHOULD,
    steps=None,
)


#: Localparts of which the lower case or the compatible form is not the last word.
_LOCALS = (
    "Romeo",
    *"\u1d2c\u00df\u1e9e\u0130\u03c2\ufb01\u2126\u212b\u0345\u1f88\u01c5\u33a2\u2160",
    "\uff32omeo",
    "e\u0301",
)


async def _addresses(bench: Bench) -> Sequence[Shown] | None:
    """An address that a server has prepared stays as it is when it is prepared again (RFC 7622, 3)."""
    pair = await bench.pair()
    wrong, taken = [], 0
    await pair.romeo.say(b"<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
    await pair.romeo.ask()
    for local in _LOCALS:
        first = await _pushed(pair, f"{local}@{pair.romeo.account.domain}")
        second = await _pushed(pair, first) if first else None
        taken += bool(first and second)
        if first and second and first != second:
            wrong.append(local)
        if pair.is_over:
            break
    if not taken:
        return None
    cause = "an address is prepared into another one the second time"
    return [Shown(data=_item(f"{wrong[0]}@${{domain}}"), cause=cause)] if wrong else []


async def _pushed(pair: Pair, jid: str) -> str | None:
    """Add a contact, and see by which address it is told; None if it is refused."""
    await pair.romeo.say(_item(jid))
    events, is_answered = await pair.romeo.ask()
    pair.is_over |= not is_answered
    pushes = [
        one for one in events if isinstance(one, ElementReceived) and one.attributes.get("type") == "set"
    ]
    for push in pushes:
        identity = escape(push.attributes.get("id", ""))
        await pair.romeo.say(f"<iq type='result' id='{identity}'/>".encode())
    items = [item for push in pushes for item in push.tree.iter(f"{{{ROSTER}}}item")]
    return str(items[-1].get("jid", "")) if items else None


def _item(jid: str) -> bytes:
    item = f"<item jid='{escape(jid)}'/>"
    return f"<iq type='set' id='add'><query xmlns='{ROSTER}'>{item}</query></iq>".encode()


PREPARED = Measure(name="addresses", judges=ADDRESSES, take=_addresses)
