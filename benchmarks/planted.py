"""Does fuzzing find what is planted? Each fault, of the reference server and of the reference client.

A fixed budget and some seeds for each:

    python benchmarks/planted.py [--seeds 3] [--seconds 20] [FAULT ...]

For each fault: whether a property was found broken that it breaks, after how many seconds, and how large the
sample was in the end; what else was found. Without a fault nothing may be found. Written to
benchmarks/results/planted.json.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import trio
from measuring import write

from harness.catalogue.requirements import load_requirements
from harness.catalogue.scenarios import Scenario, scenarios_folder
from harness.engine.client_stage import client_stage
from harness.engine.probe import probe
from harness.engine.starting import session_of
from harness.fuzz.campaign import Campaign
from harness.fuzz.clients.bench import ClientBench
from harness.fuzz.clients.side import CLIENTS, families_of
from harness.fuzz.findings import Findings
from harness.fuzz.reduction import Confirmed
from harness.fuzz.servers.bench import Bench, bench_of
from harness.fuzz.servers.health import Health
from harness.fuzz.servers.side import SERVERS, usual_families
from harness.fuzz.settings import Settings
from harness.strategies.client_families import CLIENT_FAMILIES
from harness.strategies.derive import FAMILIES, batches
from harness.targets.client_description import REFERENCE_CLIENT, load_client
from harness.targets.description import Description, load

_NO_CLIENT_FAULT = "client without fault"

#: By fault: the properties and monitors of which one has to be found broken, and the largest sample in bytes
#: (0: it is not a sample). The placeholders of addresses count as they are written.
PLANTED: dict[str, tuple[set[str], int]] = {
    "split-characters-broken": ({"P-02", "P-01", "P-12"}, 120),
    "bad-utf-8-replaced": ({"P-03", "P-04"}, 120),
    "single-quotes-ignored": ({"P-01", "P-35"}, 120),
    "cdata-ends-late": ({"P-01", "P-02", "P-12", "P-35"}, 140),
    "bad-xml-tolerated": ({"P-03", "P-05"}, 120),
    "bound-bad-xml-tolerated": ({"P-03", "P-05"}, 120),
    "comment-becomes-text": ({"P-05"}, 120),
    "entities-expanded": ({"P-05"}, 200),
    "size-checked-at-end": ({"P-25"}, 0),
    "buffer-copied-each-time": ({"P-21"}, 0),
    "failed-login-leaks": ({"P-22"}, 0),
    "each-message-leaks": ({"P-22b"}, 0),
    "attributes-not-escaped": ({"P-12", "P-15", "well-formed-output"}, 140),
    "control-reference-accepted": ({"P-03", "well-formed-output"}, 120),
    "header-prefix-lost": ({"P-12", "well-formed-output"}, 160),
    "namespace-cut-at-bar": ({"P-12"}, 160),
    "long-names-cut": ({"P-12", "well-formed-output"}, 2600),
    "from-like-own-passed-on": ({"P-13", "from-stamped"}, 160),
    "from-in-capitals-passed-on": ({"P-13", "from-stamped"}, 160),
    "second-payload-carried-out": ({"P-11", "P-31", "iq-replies", "iq-shape"}, 200),
    "iq-answered-twice": ({"P-11", "iq-replies"}, 200),
    "iq-without-id-unanswered": ({"P-11b"}, 200),
    "error-answered-by-error": ({"P-40", "no-error-for-error"}, 200),
    "roster-crash-swallowed": ({"P-11", "P-34"}, 200),
    "message-before-login-delivered": ({"P-15b"}, 160),
    "restart-changes-host": ({"P-17"}, 0),
    "unoffered-mechanism-accepted": ({"P-18"}, 0),
    "clear-bytes-survive-starttls": ({"P-16b"}, 0),
    "early-response-kills-server": ({"P-24"}, 120),
    "two-stream-errors": ({"P-06", "stream-error-is-last", "nothing-after-stream-end"}, 120),
    "bound-two-stream-errors": ({"P-06", "stream-error-is-last", "nothing-after-stream-end"}, 120),
    "starttls-by-local-name": ({"P-37", "P-07", "P-19"}, 120),
    "acknowledgement-requests-counted": ({"P-14"}, 120),
    "whitespace-counted": ({"P-14"}, 120),
    "nested-stanza-routed": ({"P-12c", "P-13"}, 260),
    "second-forged-stanza-id-kept": ({"P-13b"}, 260),
    "slow-client-stalls-others": ({"P-20c", "P-20", "P-15"}, 120),
    "bad-admin-query-kills-room": ({"P-20b", "P-11", "P-34"}, 260),
    "address-prepared-unstably": ({"P-39"}, 200),
    "type-before-to-lost": ({"P-35", "P-12", "P-11"}, 200),
    "unasked-approval-taken": ({"P-42"}, 0),
    "unsubscriber-kept": ({"P-42"}, 0),
    "last-group-not-told": ({"P-41"}, 0),
    "roster-push-to-one-resource": ({"P-41", "P-41c"}, 0),
    "removal-keeps-subscription": ({"P-42", "P-42c"}, 0),
    "approval-wrong-state": ({"P-42"}, 0),
    "subscription-always-delivered": ({"P-42d"}, 0),
    "subscription-from-full-jid": ({"P-42c", "from-stamped"}, 0),
    "presence-to-all-contacts": ({"P-42e"}, 0),
    "unknown-user-told-apart": ({"P-28"}, 0),
    "password-of-anybody-set": ({"P-30"}, 0),
    "muc-changes-show-addresses": ({"P-33"}, 0),
    "muc-own-role-free": ({"P-33b"}, 0),
    "each-tag-costs-memory": ({"P-23"}, 0),
    "errors-repeat-themselves": ({"P-23"}, 0),
    "tls-required-in-name-only": ({"P-16"}, 0),
    "bound-stream-ends-unexplained": ({"P-06b"}, 120),
    "request-before-login-answered": ({"P-15c", "P-15b"}, 160),
    "roster-crash-told": ({"P-27"}, 200),
    "early-abort-deafens-server": ({"P-24", "P-20"}, 0),
    "lingerers-stay": ({"P-26"}, 10),
    "violation-locks-account": ({"P-43"}, 120),
    "fiftieth-answer-lost": ({"flaky", "P-45"}, 200),
}


#: Each sample before a login needs a program of its own: where few of them show it, only these are tried.
_NEGOTIATION_ALONE = frozenset({"clear-bytes-kept", "scram-wrong-signature-accepted"})

#: The same of the reference client.
CLIENT_PLANTED: dict[str, tuple[set[str], int]] = {
    "forged-push-accepted": ({"P-C6a"}, 400),
    "forged-carbons-accepted": ({"P-C6c"}, 600),
    "plain-where-tls-is-withheld": ({"P-C8"}, 400),
    "comes-back-at-once": ({"P-C4"}, 200),
    "clear-bytes-kept": ({"P-C10"}, 600),
    "scram-wrong-signature-accepted": ({"P-C11"}, 0),
    "scram-nonce-unchecked": ({"P-C11c"}, 400),
    "answer-from-anybody-taken": ({"P-C6b"}, 400),
    "unasked-roster-taken": ({"P-C13"}, 400),
    "crashes-at-bad-xml": ({"P-C1"}, 120),
    "bad-xml-swallowed": ({"P-C2"}, 120),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One campaign."""

    fault: str
    seed: int
    found: bool
    seconds: float
    size: int
    by: str
    others: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("faults", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    rows = []
    everything = ["", *PLANTED, _NO_CLIENT_FAULT, *CLIENT_PLANTED]
    for fault in given.faults or everything:
        for seed in range(1, given.seeds + 1):
            row = trio.run(_campaign, fault, seed, given.seconds)
            rows.append(row)
            shown = f"{row.by} {row.seconds:.1f} s {row.size} bytes" if row.found else "not found"
            print(f"{fault or 'no fault':34} seed {seed}  {shown}  {' | '.join(row.others)}", flush=True)
    if not given.faults:
        _write(rows)


def _write(rows: Sequence[Row]) -> None:
    faults = {**PLANTED, **CLIENT_PLANTED}
    planted = [row for row in rows if row.fault in faults]
    killed = {row.fault for row in planted if row.found}
    times = [row.seconds for row in planted if row.found]
    figures = {
        "faults": len(faults),
        "found by at least one seed": len(killed),
        "found by every seed": sum(
            all(row.found for row in planted if row.fault == fault) for fault in faults
        ),
        "median seconds to find": round(statistics.median(times), 1) if times else None,
        "found without a fault": sum(len(row.others) for row in rows if row.fault not in faults),
        "campaigns": [asdict(row) for row in rows],
    }
    targets: dict[str, object] = {"found by every seed": len(faults), "found without a fault": 0}
    write("planted", figures, targets)


async def _campaign(fault: str, seed: int, seconds: float) -> Row:
    wanted, _ = {**PLANTED, **CLIENT_PLANTED}.get(fault, (set(), 0))
    is_client = fault in (_NO_CLIENT_FAULT, *CLIENT_PLANTED)
    best: list[tuple[float, int, str]] = []
    others: dict[str, None] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            families=_client_families(fault) if is_client else _families(),
            seconds=seconds,
            seed=seed * 1000,
            folder=Path(folder),
            target=REFERENCE_CLIENT if is_client else "reference",
            words=REFERENCE_CLIENT if is_client else "reference",
            table=load_requirements(),
            side=CLIENTS if is_client else SERVERS,
        )
        campaign = Campaign(
            open_bench=lambda: _client_bench(fault) if is_client else _bench(_description(fault)),
            settings=settings,
            findings=Findings(settings=settings),
        )

        def found(confirmed: Confirmed, path: Path, text: str) -> None:
            trouble = confirmed.trouble
            names = {"flaky"} if confirmed.is_flaky else {trouble.broken.name, trouble.broken.number}
            if names & wanted:
                size = sum(len(one.data) for one in confirmed.samples)
                best.append((campaign.seconds, size, f"{trouble.broken.number} {trouble.cause}"))
                campaign.stop()
            else:
                others[f"{'flaky ' if confirmed.is_flaky else ''}{trouble}"] = None

        campaign.findings.tell = found
        await campaign.run()
        if campaign.died:
            others[f"died: {campaign.died}"] = None
    time, size, by = best[0] if best else (0.0, 0, "")
    return Row(
        fault=fault,
        seed=seed,
        found=bool(best),
        seconds=round(time, 1),
        size=size,
        by=by,
        others=tuple(others),
    )


def _families() -> dict[str, object]:
    return {name: batches(name) if name in FAMILIES else None for name in usual_families()}


def _client_families(fault: str) -> dict[str, object]:
    if fault in _NEGOTIATION_ALONE:
        return {**families_of(["negotiation"])}
    return {**families_of([name for name, one in CLIENT_FAMILIES.items() if not one.is_amplifying])}


@asynccontextmanager
async def _client_bench(fault: str) -> AsyncIterator[ClientBench]:
    description = load_client(REFERENCE_CLIENT)
    if fault in CLIENT_PLANTED:
        environment = {**description.environment, "XMPP_FAULTS": fault}
        description = msgspec.structs.replace(description, environment=environment)
    sanity = scenarios_folder() / "client_sanity/logs_in_and_out.scs"
    async with client_stage(
        description, Scenario(path=sanity, name="sanity", table=load_requirements())
    ) as stage:
        await stage.prepare()
        yield ClientBench(stage=stage)


def _description(fault: str) -> Description:
    description = load("reference")
    faults = (fault,) if fault else ()
    settings = msgspec.structs.replace(description.settings, process=True, faults=faults)
    return msgspec.structs.replace(description, settings=settings)


@asynccontextmanager
async def _bench(description: Description) -> AsyncIterator[Bench]:
    async with session_of(description) as running:
        running.session.take(await probe(running.session))
        async with bench_of(running.session, Health(instance=running.instance)) as bench:
            yield bench


if __name__ == "__main__":
    sys.exit(main())
