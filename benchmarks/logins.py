"""Logins per second against a private Prosody: ours, libstrophe's (C) and slixmpp's, in turn in one run.

    python benchmarks/logins.py [rounds]

Without TLS. slixmpp loads the system's CA certificates for every client, which costs more than all the
rest; it is measured with that taken out. Needs gcc, libstrophe-dev, pkg-config and the `bench` extra.
"""

import asyncio
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

import trio
from measuring import PASSWORD, Bench, Stopwatch, median, prosody, write
from slixmpp import ClientXMPP

from harness.negotiation.client import ClientState, Credentials, LoggedIn, TlsPolicy, connect
from harness.negotiation.scram import SaltedPasswords
from harness.transport.connection import Connection, drive
from harness.wire.effects import Send
from harness.wire.writer import stream_footer

LOGINS, AT_ONCE = 400, 100

#: libstrophe takes the strongest mechanism that it is offered.
PLAIN_ONLY = 'disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256" }'

#: With hashed passwords the server keeps one salt for each account; with plain ones it makes a new one each time.
HASHED = 'authentication = "internal_hashed"'

TARGETS: dict[str, object] = {
    "PLAIN, ours to libstrophe's": ">= 0.9",
    "PLAIN, server's share of a core with ours": ">= 0.85",
    "SCRAM-SHA-1, ours to slixmpp's without CA loading": ">= 3.5",
}


async def ours(bench: Bench, mechanism: str, salted: SaltedPasswords) -> Stopwatch:
    """Log everybody in and out, some at once."""
    watch = Stopwatch(instance=bench.instance)
    names = iter(range(LOGINS))

    async def worker() -> None:
        for number in names:
            await log_in(bench, f"bench{number}", mechanism, salted)

    watch.start()
    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE):
            nursery.start_soon(worker)
    watch.stop()
    return watch


async def log_in(bench: Bench, name: str, mechanism: str, salted: SaltedPasswords) -> None:
    """One login, from the connection to the closing tag."""
    domain = bench.instance.domain
    connection = Connection(bench.access.endpoint, bench.access.context, patience=60)
    credentials = Credentials(
        username=name, domain=domain, password=PASSWORD, resource="bench", mechanisms=(mechanism,)
    )
    protocol = connect(
        ClientState(domain=domain), credentials, TlsPolicy.NEVER, nonce=bench.access.nonce, salted=salted
    )
    result = await drive(protocol, connection)
    if not isinstance(result, LoggedIn):
        raise SystemExit(f"{name}: {result.message}")
    await connection.perform(Send(data=stream_footer()))
    await connection.aclose()


def libstrophe(program: Path, bench: Bench) -> float:
    """Seconds that the C library takes for the same."""
    instance = bench.instance
    command = [str(program), instance.host, str(instance.port), instance.domain, "bench", str(LOGINS)]
    ended = subprocess.run(
        [*command, str(AT_ONCE), PASSWORD], capture_output=True, text=True, check=True, timeout=300
    )
    return float(ended.stdout.split()[0])


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
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figures: dict[str, object] = {}
    async with prosody(LOGINS, extra=PLAIN_ONLY) as bench:
        with tempfile.TemporaryDirectory() as folder:
            program = await trio.to_thread.run_sync(build, Path(folder))
            plain, c, busy = [], [], []
            for _ in range(rounds):
                watch = await ours(bench, "PLAIN", SaltedPasswords())
                plain.append(watch.wall)
                busy.append(watch.busy)
                c.append(await trio.to_thread.run_sync(libstrophe, program, bench))
    figures["PLAIN, ours, logins per second"] = round(LOGINS / median(plain))
    figures["PLAIN, libstrophe, logins per second"] = round(LOGINS / median(c))
    figures["PLAIN, ours to libstrophe's"] = round(median(c) / median(plain), 2)
    figures["PLAIN, server's share of a core with ours"] = median(busy)
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
