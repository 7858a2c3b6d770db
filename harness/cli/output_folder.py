"""The folder that a run writes to: its own, whoever else runs at the same moment."""

import contextlib
import errno
import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

from harness.errors import HarnessError, UsageError

_ALL = Path("out")


@contextlib.contextmanager
def output_folder(given: Path | None) -> Iterator[Path]:
    """Make the folder and keep other runs out of it until the block ends.

    Without one that is given it is `out/DATE-TIME`, with a number behind it if need be, and `out/latest`
    points to it. Raises HarnessError when it cannot be made, UsageError when another run writes to it.
    """
    try:
        folder = _given(given) if given is not None else _fresh(_ALL)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise HarnessError(
            f"the folder for the reports cannot be made: {error.strerror or error}",
            where=str(given or _ALL),
            advice="name another one with --out",
        ) from error
    try:
        _lock(descriptor, folder)
        yield folder
    finally:
        os.close(descriptor)


def _given(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _fresh(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    now = time.strftime("%Y%m%d-%H%M%S")
    for number in itertools.count(1):
        folder = parent / (now if number == 1 else f"{now}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue  # another run began within the same second
        _point(parent / "latest", folder.name)
        return folder
    raise AssertionError("there is always another number")


def _point(link: Path, name: str) -> None:
    """Have the link point there, in one step; a file system without links goes without."""
    beside = link.with_name(f".latest-{os.getpid()}")
    with contextlib.suppress(OSError):
        beside.symlink_to(name)
        try:
            beside.replace(link)
        finally:
            beside.unlink(missing_ok=True)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise UsageError(
                "another run writes to this folder", where=str(folder), advice="name another one with --out"
            ) from error
