"""Programs that are installed on this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from harness.errors import TargetError

#: Servers live in directories that are not on every user's PATH.
_ALSO = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/homebrew/sbin")

_ANSWER_SECONDS = 10.0


def find(name: str) -> Path | None:
    """Return where a program is, looking also where servers usually are."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_ALSO])
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def require(name: str, advice: str) -> Path:
    """Return where a program is, or raise TargetError with the advice how to get it."""
    found = find(name)
    if found is None:
        raise TargetError(f"{name} is not installed", advice=advice)
    return found


def output_of(program: Path, *arguments: str) -> str:
    """What a program says on either stream, whatever its exit status; empty when it takes too long."""
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def first_folder(patterns: Iterable[str]) -> Path | None:
    """The first folder that a pattern (absolute, with `*`) matches; the last by name where several do."""
    for pattern in patterns:
        found = sorted(path for path in Path("/").glob(pattern.lstrip("/")) if path.is_dir())
        if found:
            return found[-1]
    return None


def version_in(text: str) -> str:
    """The first thing in a text that looks like a version number, or the empty string."""
    found = re.search(r"\d+(?:\.\d+)+(?:-[A-Z]+)?", text)
    return found.group() if found else ""
