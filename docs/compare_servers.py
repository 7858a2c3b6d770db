"""Notes what a run showed of several servers, for the page that compares them.

`xmpp-harness run openfire prosody ejabberd jabberd2` leaves a record; `python docs/compare_servers.py
out/latest/record.jsonl` writes `docs/servers.json`.
"""

import sys
from pathlib import Path

import msgspec

from harness.cli.recorded import read_cases, run_of
from harness.results.coverage import Coverage, DocumentCoverage, coverage_by_document
from harness.results.records import MONITORS
from harness.results.summary import Run

FILE = Path(__file__).with_name("servers.json")


def main() -> None:
    """Write the file anew from the record that is named."""
    run = run_of(read_cases(Path(sys.argv[1])))
    content = {
        "servers": {one.name: one.label for one in run.targets},
        "scenarios": len({one.case for one in run.cases if one.family != MONITORS}),
        "documents": {
            one.document: counts
            for one in coverage_by_document(run, run.cases)
            if one.document and (counts := _counts(one, run))
        },
    }
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def _counts(document: DocumentCoverage, run: Run) -> dict[str, dict[str, int]]:
    """By server; empty where nothing of the document was measured on any."""
    words = {"held": Coverage.HELD, "broken": Coverage.BROKEN, "unmeasured": Coverage.UNMEASURED}
    found = {}
    for column, target in enumerate(run.targets):
        cells = [one.cells[column] for one in document.results]
        found[target.name] = {word: cells.count(state) for word, state in words.items()}
    return found if any(one["held"] or one["broken"] for one in found.values()) else {}


if __name__ == "__main__":
    main()
