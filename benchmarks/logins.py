"""Logins per second against a private Prosody: ours, libstrophe's (C) and slixmpp's, in turn in one run.

    python benchmarks/logins.py [rounds]

Without TLS. A ratio is the median of those of the pairs of rounds, whose order changes: the speed of a
machine that others use too may double from one second to the next. slixmpp loads the system's CA
certificates for every client, which costs more than all the rest; it is measured with that taken out.
Needs gcc, libstrophe-dev, pkg-config and the `bench` extra.
"""

import asyncio
import ssl
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import trio
from measuring import PASSWORD, Bench, Stopwatch, logged_in, median, prosody, write
from slixmpp import ClientXMPP

from harness.negotiation.scram import SaltedPasswords
from harness.wire.effects import Receive, Send
from harness.wire.events import StreamEnded
from harness.wire.writer import stream_footer

LOGINS, AT_ONCE = 400, 100

#: libstrophe takes the strongest mechanism that it is offered.
PLAIN_ONLY = 'disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256" }'

#: With hashed passwords the server keeps a salt for each account; with plain ones it makes one each time.
HASHED = 'authentication = "internal_hashed"'

TARGETS: dict[str, object] = {
    "PLAIN, ours to libstrophe's": ">= 0.9",
    "PLAIN, share of the time in which the server had work with ours": ">= 0.85",
    "SCRAM-SHA-1, ours to slixmpp's without CA loading": ">= 3.5",
}


async def ours(bench: Bench, mechanism: str, salted: SaltedPasswords) -> Stopwatch:
    """Log everybody in and out, some at once."""
    watch = Stopwatch(instance=bench.instance)
    names = iter(range(LOGINS))

    async def worker() -> None:
        for number in names:
            await log_in_and_out(bench, f"bench{number}", mechanism, salted)

    watch.start()
    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE):
            nursery.start_soon(worker)
    watch.stop()
    return watch


async def log_in_and_out(bench: Bench, name: str, mechanism: str, salted: SaltedPasswords) -> None:
    """One login, from the connection to the server's closing tag, which libstrophe awaits too."""
    connection = await logged_in(bench, name, mechanism=mechanism, salted=salted)
    await connection.perform(Send(data=stream_footer()))
    ended = await connection.perform(Receive())
    if not isinstance(ended, StreamEnded):
        raise SystemExit(f"{name}: no closing tag, but {ended}")
    await connection.aclose()


def libstrophe(program: Path, bench: Bench) -> Stopwatch:
    """The same by the C library, which takes the time itself: starting its process is not in it."""
    watch = Stopwatch(instance=bench.instance)
    watch.start()
    instance = bench.instance
    command = [str(program), instance.host, str(instance.port), instance.domain, "bench", str(LOGINS)]
    ended = subprocess.run(
        [*command, str(AT_ONCE), PASSWORD], capture_output=True, text=True, check=True, timeout=300
    )
    watch.stop()
    watch.used = replace(watch.used, wall=float(ended.stdout.split()[0]))
    return watch


def build(folder: Path) -> Path:
    """Compile the C program."""
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libstrophe"], capture_output=True, text=True, check=True
    ).stdout.split()
    source = Path(__file__).with_name("strophe_logins.c")
    program = folder / "strophe_logins"
    subprocess.run(["gcc", "-O2", "-o", str(program), str(source), *flags], check=True)
    return program


def slixmpp(bench: Bench, mechanism: str, logins: int) -> float:
    """Seconds that slixmpp takes for some logins, without its loading of CA certificates."""
    return asyncio.run(_slixmpp(bench, mechanism, logins))


async def _slixmpp(bench: Bench, mechanism: str, logins: int) -> float:
    for loading in ("set_default_verify_paths", "load_default_certs"):
        setattr(ssl.SSLContext, loading, lambda self, *_: None)
    loop = asyncio.get_running_loop()
    names = iter(range(logins))

    async def worker() -> None:
        for number in names:
            client = ClientXMPP(f"bench{number}@{bench.instance.domain}/bench", PASSWORD, sasl_mech=mechanism)
            client.enable_starttls = client.enable_direct_tls = False
            client.enable_plaintext = True
            client.plugin["feature_mechanisms"].unencrypted_plain = True
            client.plugin["feature_mechanisms"].unencrypted_scram = True
            begun = asyncio.Event()
            client.add_event_handler("session_start", lambda _, event=begun: event.set())
            client.connect(bench.instance.host, bench.instance.port)
            await asyncio.wait_for(begun.wait(), 60)
            await client.disconnect()

    start = loop.time()
    await asyncio.gather(*(worker() for _ in range(min(AT_ONCE, logins))))
    return loop.time() - start


async def main() -> None:
    """Measure in turns."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    figures: dict[str, object] = {}
    async with prosody(LOGINS, extra=PLAIN_ONLY) as bench:
        with tempfile.TemporaryDirectory() as folder:
            program = await trio.to_thread.run_sync(build, Path(folder))
            await ours(bench, "PLAIN", SaltedPasswords())  # an account's first login makes the server write
            plain, c = [], []
            for number in range(rounds):
                for is_ours in (True, False) if number % 2 else (False, True):
                    if is_ours:
                        plain.append(await ours(bench, "PLAIN", SaltedPasswords()))
                    else:
                        c.append(await trio.to_thread.run_sync(libstrophe, program, bench))
    wall, wall_of_c = median([one.wall for one in plain]), median([one.wall for one in c])
    ratios = [other.wall / one.wall for one, other in zip(plain, c, strict=True)]
    figures["PLAIN, ours, logins per second"] = round(LOGINS / wall)
    figures["PLAIN, libstrophe, logins per second"] = round(LOGINS / wall_of_c)
    figures["PLAIN, ours to libstrophe's"] = median(ratios)
    figures["PLAIN, CPU ms a login, ours"] = median([one.used.own / LOGINS * 1000 for one in plain])
    for name, ones in (("ours", plain), ("libstrophe", c)):
        used = median([one.used.server / LOGINS * 1000 for one in ones])
        figures[f"PLAIN, server's CPU ms a login with {name}"] = used
        figures[f"PLAIN, server's share of a core with {name}"] = median([one.busy for one in ones])
        worked = median([one.wanted for one in ones])
        figures[f"PLAIN, share of the time in which the server had work with {name}"] = worked
    async with prosody(LOGINS, extra=HASHED) as bench:
        salted = SaltedPasswords()
        await ours(bench, "SCRAM-SHA-1", salted)
        scram, other = [], []
        for _ in range(rounds):
            scram.append((await ours(bench, "SCRAM-SHA-1", salted)).wall)
            other.append(await trio.to_thread.run_sync(slixmpp, bench, "SCRAM-SHA-1", 100) * (LOGINS / 100))
    figures["SCRAM-SHA-1, ours, logins per second"] = round(LOGINS / median(scram))
    figures["SCRAM-SHA-1, slixmpp without CA loading, logins per second"] = round(LOGINS / median(other))
    figures["SCRAM-SHA-1, ours to slixmpp's without CA loading"] = round(median(other) / median(scram), 2)
    write("logins", figures, TARGETS)


if __name__ == "__main__":
    trio.run(main)
