"""The evidence that comes with the scenarios, made by `xmpp-harness coverage --prove`."""

from pathlib import Path

import msgspec

from harness.errors import DataError
from harness.resources import folder
from harness.results.evidence import Evidence


def evidence_file() -> Path:
    """Where it is."""
    return folder("scenarios") / "evidence.json"


def load_evidence(file: Path | None = None) -> Evidence:
    """Read it; raises DataError when it cannot be read."""
    file = file or evidence_file()
    try:
        return msgspec.json.decode(file.read_bytes(), type=Evidence)
    except (OSError, msgspec.DecodeError) as fault:
        raise DataError(
            f"this evidence cannot be read: {fault}",
            where=str(file),
            advice="xmpp-harness coverage --prove makes it anew",
        ) from fault


def written(evidence: Evidence) -> str:
    """Put it into the form of the file, a line for each case."""
    sides = {
        name: {one: dict(sorted(shown[one].items())) for one in sorted(shown)}
        for name, shown in (("server", evidence.server), ("client", evidence.client))
    }
    return f"{msgspec.json.format(msgspec.json.encode(sides).decode(), indent=1)}\n"
