"""Pings to a private Prosody, many on the way at once: is it the server that sets the pace?

    python benchmarks/pings.py [rounds]

Without TLS, over one connection and over four in turn. Every answer is read, framed and looked at.
"""

import sys
from collections.abc import Sequence

import trio
from measuring import Bench, Stopwatch, logged_in, median, prosody, write

from harness.transport.connection import Connection
from harness.wire.effects import Receive, Send
from harness.wire.events import ElementReceived
from harness.wire.writer import serialize
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, PING, Name

PINGS, ON_THE_WAY = 8000, 200
CONNECTIONS = (1, 4)

TARGETS: dict[str, object] = {
    f"share of the time in which the server had work, {connections} connections": ">= 0.9"
    for connections in CONNECTIONS
}


async def exchange(connection: Connection, domain: str, pings: int) -> None:
    """Send pings, some at a time, and go on as half of those have been answered."""
    left = list(range(pings))
    waiting: set[str] = set()
    while left or waiting:
        if left and len(waiting) <= ON_THE_WAY // 2:
            batch, left = left[: ON_THE_WAY // 2], left[ON_THE_WAY // 2 :]
            waiting |= {f"ping-{number}" for number in batch}
            await connection.perform(Send(data=b"".join(ping(domain, number) for number in batch)))
        event = await connection.perform(Receive())
        if not isinstance(event, ElementReceived) or event.attributes.get("type") != "result":
            raise SystemExit(f"no answer to a ping, but {event}")
        waiting.remove(event.attributes["id"])


def ping(domain: str, number: int) -> bytes:
    """A ping as play writes it (XEP-0199)."""
    attributes = {"type": "get", "id": f"ping-{number}", "to": domain}
    return serialize(build(Name(CLIENT, "iq"), attributes, build(Name(PING, "ping"))))


async def measure(bench: Bench, connections: Sequence[Connection]) -> Stopwatch:
    """All pings, spread over the connections."""
    watch = Stopwatch(instance=bench.instance)
    watch.start()
    async with trio.open_nursery() as nursery:
        for connection in connections:
            nursery.start_soon(exchange, connection, bench.instance.domain, PINGS // len(connections))
    watch.stop()
    return watch


async def main() -> None:
    """Both ways in turns."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    watches: dict[int, list[Stopwatch]] = {count: [] for count in CONNECTIONS}
    async with prosody(max(CONNECTIONS)) as bench:
        connections = [await logged_in(bench, f"bench{one}") for one in range(max(CONNECTIONS))]
        for _ in range(rounds):
            for count in CONNECTIONS:
                watches[count].append(await measure(bench, connections[:count]))
    figures: dict[str, object] = {}
    for count, ones in watches.items():
        figures[f"pings a second, {count} connections"] = round(PINGS / median([one.wall for one in ones]))
        figures |= {f"{what}, {count} connections": value for what, value in shares(ones).items()}
    write("pings", figures, TARGETS)


def shares(watches: Sequence[Stopwatch]) -> dict[str, float]:
    """How busy both ends were."""
    return {
        "server's share of a core": median([one.busy for one in watches]),
        "share of the time in which the server had work": median([one.wanted for one in watches]),
        "CPU of the harness to that of the server": median(
            [one.used.own / one.used.server for one in watches]
        ),
    }


if __name__ == "__main__":
    trio.run(main)
