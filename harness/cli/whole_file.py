"""Files that people keep: replaced as a whole, or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write beside the file and put it in its place; whatever goes wrong (OSError), the old one stays."""
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        beside.write_text(text, "utf-8", "backslashreplace")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
