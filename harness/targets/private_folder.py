"""A folder for one launched server: removed when the block ends, or when the harness is killed.

The keepers of the servers (`keeper.py`) remove it too, but none is there before the first process is
started, and the reference server has none at all. So a shell waits at a pipe whose other end only the
harness holds, and removes the folder when the harness dies.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WATCHER = "trap '' INT TERM HUP; read -r line; rm -rf -- \"$1\""


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """Make a folder that nobody else may look into."""
    with tempfile.TemporaryDirectory(prefix=prefix) as made:
        watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHER, "sh", made],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        try:
            yield Path(made)
        finally:
            _dismiss(watcher)


def _dismiss(watcher: "subprocess.Popen[bytes]") -> None:
    """End it before it can see the end of the pipe; it may have been ended by somebody else."""
    watcher.kill()
    watcher.wait()
    assert watcher.stdin is not None
    watcher.stdin.close()
