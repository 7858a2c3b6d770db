"""Building a client's driver, once for each state of its folder, and saying what is missing for it."""

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import trio

from harness.errors import TargetError
from harness.targets.client_description import ClientDescription
from harness.targets.instance import Finding

_BUILD_SECONDS = 600
_DONE = "built"


def command_of(description: ClientDescription, build: Path) -> list[str]:
    """The command that runs the driver."""
    return [_filled(word, build) for word in shlex.split(description.run)]


def _filled(text: str, build: Path) -> str:
    return text.replace("{build}", str(build)).replace("{python}", sys.executable)


def examine_client(description: ClientDescription) -> Finding:
    """Say whether a client can be built and run, and how to get what it needs."""
    missing = [program for program in description.needs if shutil.which(program) is None]
    return Finding(
        name=description.name,
        present=not missing,
        version=description.description,
        advice=_advice(description, missing),
    )


def _advice(description: ClientDescription, missing: Sequence[str]) -> str:
    packages = f"apt install {' '.join(description.apt)}" if description.apt else ""
    return f"{', '.join(missing)} is missing; {packages}".rstrip("; ") if missing else ""


async def built(description: ClientDescription, folder: Path, reaper: Reaper) -> Path:
    """Build the driver below `folder` unless that is done; return the folder that `{build}` stands for.

    Raises TargetError with the last lines of what the build said.
    """
    missing = [program for program in description.needs if shutil.which(program) is None]
    packages = f"install {' '.join(description.apt)}" if description.apt else ""
    if missing:
        what = f"{description.name} cannot be built: {', '.join(missing)} is missing"
        raise TargetError(what, advice=packages)
    build = folder / f"{description.name}-{_fingerprint(description)}"
    if not description.build:
        return build
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)
    with build.with_suffix(".log").open("ab") as log:
        # Somebody else may be building it at this moment.
        await trio.to_thread.run_sync(fcntl.flock, log, fcntl.LOCK_EX, abandon_on_cancel=True)
        if not (build / _DONE).exists():
            log.truncate(0)
            shutil.rmtree(build, ignore_errors=True)
            build.mkdir()
            if await _build(description, build, log, reaper):
                told = _last_lines(Path(log.name))
                raise TargetError(f"{description.name} cannot be built: {told}", advice=packages)
            (build / _DONE).touch()
    return build


async def _build(description: ClientDescription, build: Path, log: BinaryIO, reaper: Reaper) -> int:
    """Run the build command and return its exit status."""
    process = await trio.lowlevel.open_process(
        ["/bin/sh", "-c", _filled(description.build, build)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=description.directory,
        start_new_session=True,
    )
    try:
        with trio.fail_after(_BUILD_SECONDS):
            return await process.wait()
    except trio.TooSlowError as error:
        what = f"{description.name}: the build did not end within {_BUILD_SECONDS} s"
        raise TargetError(what) from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with trio.CancelScope(shield=True):
            await process.wait()


def _last_lines(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()] or lines
    return " | ".join(telling[:2] or ["it says nothing"])


def _fingerprint(description: ClientDescription) -> str:
    digest = hashlib.sha256(sys.executable.encode())
    folder = Path(description.directory)
    shared = folder.parent.glob("contract.*")  # what several drivers include
    for file in sorted([*folder.rglob("*"), *shared]):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
