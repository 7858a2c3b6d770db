"""Memory that is not given back."""

import base64
from collections.abc import Sequence
from statistics import median

from harness.fuzz.measures.measure import Measure, Shown
from harness.fuzz.measures.strangers import stranger
from harness.fuzz.property import Property
from harness.fuzz.servers.bench import Bench
from harness.results.verdicts import Level
from harness.wire.effects import Receive, Send
from harness.xmpp.namespaces import SASL

_KIB = 1024
_LOGINS, _WARMING = 60, 30
_ROUNDS, _LAST = 8, 3  # what was free before is filled first

_MOST_KEPT = 24 * _KIB  # bytes for each login that has failed


MEMORY = Property(
    name="memory-is-given-back",
    number="P-22",
    title="Logins that fail leave nothing behind in memory",
    steps=None,
    level=Level.SHOULD,
)


async def _memory(bench: Bench) -> Sequence[Shown] | None:
    """What each failed login leaves behind."""
    if not bench.health.memory():
        return None
    await _fail(bench, _WARMING)
    figures = []
    for _ in range(_ROUNDS):
        before = bench.health.memory()
        await _fail(bench, _LOGINS)
        figures.append((bench.health.memory() - before) / _LOGINS)
    last = figures[-_LAST:]
    if median(last) <= _MOST_KEPT or min(last) <= _MOST_KEPT / 2:
        return []
    return [Shown(data=_auth("somebody"), cause="each failed login leaves memory behind")]


async def _fail(bench: Bench, number: int) -> None:
    for _ in range(number):
        async with stranger(bench) as one:
            await one.perform(Send(data=_auth(bench.session.fresh("nobody"))))
            await one.perform(Receive())  # the header
            await one.perform(Receive())  # the features
            await one.perform(Receive())  # the failure


def _auth(name: str) -> bytes:
    message = base64.b64encode(f"n,,n={name},r=abcdef".encode()).decode()
    final = base64.b64encode(b"c=biws,r=wrong,p=d3Jvbmc=").decode()
    text = f"<auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'>{message}</auth>"
    return f"{text}<response xmlns='{SASL}'>{final}</response>".encode()


KEPT = Measure(name="memory", judges=MEMORY, take=_memory)
