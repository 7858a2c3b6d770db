"""How fast the stream reader frames stanzas, against the pull parser of xml.etree on the same bytes.

    python benchmarks/framing.py [rounds]

The rounds alternate between the candidates, so that a noisy machine is unfair to all alike; the ratio
of medians is the result. Written to benchmarks/results/framing.json.
"""

import gc
import json
import os
import platform
import pyexpat
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree.ElementTree import XMLPullParser

import psutil

from harness.wire.events import ElementReceived
from harness.wire.reader import StreamReader

HEADER = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    b"xmlns:stream='http://etherx.jabber.org/streams' "
    b"id='c2s-3f8a' from='example.org' version='1.0' xml:lang='en'>"
)
MESSAGE = (
    b"<message from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony' type='chat' "
    b"id='m%d'>"
    b"<body>Art thou not Romeo, and a Montague? Neither, fair saint, if either thee dislike.</body>"
    b"<active xmlns='http://jabber.org/protocol/chatstates'/>"
    b"<thread>e0ffe42b28561960c6b12b944a092794</thread></message>"
)
PRESENCE = (
    b"<presence from='romeo@montague.example/orchard' to='juliet@capulet.example' id='p%d'><show>away</show>"
    b"<status>be right back</status><priority>5</priority><c xmlns='http://jabber.org/protocol/caps' "
    b"hash='sha-1' node='https://client.example/caps' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>"
)
ROSTER = (
    b"<iq type='result' to='juliet@capulet.example/balcony' id='r%d'>"
    b"<query xmlns='jabber:iq:roster' ver='ver7'>"
    + b"".join(
        b"<item jid='friend%d@montague.example' name='Friend number %d' subscription='both'>"
        b"<group>Friends</group></item>" % (number, number)
        for number in range(20)
    )
    + b"</query></iq>"
)
STANZAS = 1500
TARGETS = {"raw": 1.6, "tree": 3.5}
IDLE = 2000


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    mix = [template % number for number in range(STANZAS // 3) for template in (MESSAGE, PRESENCE, ROSTER)]
    messages = [MESSAGE % number for number in range(STANZAS)]
    loads = {
        "mix, a stanza at a time": mix,
        "mix, 4 KiB at a time": in_pieces(b"".join(mix), 4096),
        "mix, 1,400 bytes at a time": in_pieces(b"".join(mix), 1400),
        "messages, a stanza at a time": messages,
        "messages, 4 KiB at a time": in_pieces(b"".join(messages), 4096),
    }
    rows = {name: compare(pieces, rounds) for name, pieces in loads.items()}
    result = {
        "python": platform.python_version(),
        "expat": pyexpat.EXPAT_VERSION,
        "rounds": rounds,
        "stanzas": STANZAS,
        "targets": TARGETS,
        "rows": rows,
        "idle": idle_cost(),
    }
    for name, row in rows.items():
        ratios = f"raw {row['raw']:.2f}  tree {row['tree']:.2f}"
        print(f"{name:32} {ratios}  (pull parser: {row['pull_us']:.1f} us a stanza)")
    print("idle reader:", result["idle"])
    path = Path(__file__).parent / "results" / "framing.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def compare(pieces: Sequence[bytes], rounds: int) -> dict[str, float]:
    """Ratios of the medians to the pull parser's, and its microseconds for one stanza."""
    candidates: dict[str, Callable[[Sequence[bytes]], int]] = {
        "pull": pull,
        "raw": frame,
        "tree": frame_and_build,
    }
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, candidate in candidates.items():
            gc.collect()
            begin = time.process_time()
            count = candidate(pieces)
            times[name].append(time.process_time() - begin)
            assert count == STANZAS, (name, count)
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "raw": round(medians["raw"] / medians["pull"], 2),
        "tree": round(medians["tree"] / medians["pull"], 2),
        "pull_us": round(medians["pull"] / STANZAS * 1e6, 1),
    }


def pull(pieces: Sequence[bytes]) -> int:
    """As slixmpp does it: count depth, drop what is done."""
    parser = XMLPullParser(("start", "end"))
    parser.feed(HEADER)
    depth = count = 0
    root = None
    for piece in pieces:
        parser.feed(piece)
        for event, element in parser.read_events():
            if event == "start":
                if depth == 0:
                    root = element
                depth += 1
            else:
                depth -= 1
                if depth == 1:
                    count += 1
                    assert root is not None
                    root.clear()
    return count


def frame(pieces: Sequence[bytes]) -> int:
    reader = StreamReader()
    reader.feed(HEADER)
    count = 0
    for piece in pieces:
        for event in reader.feed(piece):
            count += type(event) is ElementReceived
    return count


def frame_and_build(pieces: Sequence[bytes]) -> int:
    reader = StreamReader()
    reader.feed(HEADER)
    count = 0
    for piece in pieces:
        for event in reader.feed(piece):
            if isinstance(event, ElementReceived):
                count += event.tree is not None
    return count


def idle_cost() -> dict[str, float]:
    """KiB that a reader costs which has seen a login and now waits."""
    login = HEADER + b"<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
    process = psutil.Process(os.getpid())
    gc.collect()
    before = process.memory_info().rss
    readers = [logged_in(login) for _ in range(IDLE)]
    resident = (process.memory_info().rss - before) / IDLE / 1024
    tracemalloc.start()
    more = [logged_in(login) for _ in range(IDLE)]
    traced = tracemalloc.get_traced_memory()[0] / IDLE / 1024
    tracemalloc.stop()
    assert len(readers) == len(more)
    return {"resident_kib": round(resident, 1), "traced_kib": round(traced, 1)}


def logged_in(login: bytes) -> StreamReader:
    reader = StreamReader()
    for _ in range(3):  # before TLS, before authentication, after it
        reader.feed(login)
        reader.restart()
    reader.feed(login)
    reader.feed(MESSAGE % 1)
    reader.feed(MESSAGE % 2)
    return reader


if __name__ == "__main__":
    main()
