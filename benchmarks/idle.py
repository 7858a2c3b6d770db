"""What a client actor costs that is logged in and waits: resident memory of this process.

    python benchmarks/idle.py

The private Prosody is another process. 5,000 actors without TLS, then, for information, 500 with it.
"""

import gc
import os
import resource

import psutil
import trio
from measuring import Bench, logged_in, prosody, write

from harness.negotiation.client import ClientState, TlsPolicy
from harness.play.cast import Account
from harness.play.seat import Seat
from harness.transcript.script import Actor
from harness.transport.connection import Connection

ACTORS, SECURED, AT_ONCE = 5000, 500, 50
FEW = 100  # that log in before: what they make the process load, is loaded once
DESCRIPTORS = 2 * ACTORS + 1000

TARGETS: dict[str, object] = {f"KiB each, {ACTORS} without TLS": "<= 30"}


async def seated(bench: Bench, numbers: range, policy: TlsPolicy) -> list[tuple[Seat, Connection]]:
    """Log actors in, some at once."""
    left = iter(numbers)
    actors: list[tuple[Seat, Connection]] = []

    async def worker() -> None:
        for number in left:
            name = f"bench{number}"
            state = ClientState(domain=bench.instance.domain)
            connection = await logged_in(bench, name, state=state, policy=policy)
            account = Account(username=name, password="", domain=bench.instance.domain)
            actors.append((Seat(actor=Actor(name=name, line=1), account=account, state=state), connection))

    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE):
            nursery.start_soon(worker)
    return actors


def resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    return int(psutil.Process(os.getpid()).memory_info().rss)


async def main() -> None:
    """One run: memory is the same each time."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if most == resource.RLIM_INFINITY else min(DESCRIPTORS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    figures: dict[str, object] = {}
    async with prosody(FEW + ACTORS + SECURED) as bench:
        kept = await seated(bench, range(FEW // 2), TlsPolicy.NEVER)
        kept += await seated(bench, range(FEW // 2, FEW), TlsPolicy.REQUIRED)
        begun = FEW
        for count, policy, what in (
            (ACTORS, TlsPolicy.NEVER, "without TLS"),
            (SECURED, TlsPolicy.REQUIRED, "with TLS"),
        ):
            before = resident()
            kept += await seated(bench, range(begun, begun + count), policy)
            figures[f"KiB each, {count} {what}"] = round((resident() - before) / count / 1024, 1)
            begun += count
        for _, connection in kept:
            await connection.aclose()
    write("idle", figures, TARGETS)


if __name__ == "__main__":
    trio.run(main)
