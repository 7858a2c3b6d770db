"""Building a client's driver, once for each state of its folder, and saying what is missing for it."""

import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import trio

from harness.errors import TargetError
from harness.targets.client_description import ClientDescription
from harness.targets.driven import Reaper
from harness.targets.instance import Finding
from harness.targets.reaper import VARIABLE, kill_marked

_MANAGERS = {"go", "cargo", "mvn"}  # that get the library themselves
_BUILD_SECONDS = 600
_DONE = "built"
_REST_SECONDS = 0.5  # in which what was said last still arrives
_MOST_SAID = 16 << 20  # bytes
_LONGEST_TOLD = 200  # characters of a line
_DIGITS = 16  # of a fingerprint
_KEPT_SECONDS = 30 * 24 * 3600


def command_of(description: ClientDescription, build: Path) -> list[str]:
    """The command that runs the driver."""
    return [_filled(word, build) for word in shlex.split(description.run)]


def _filled(text: str, build: Path) -> str:
    return text.replace("{build}", str(build)).replace("{python}", sys.executable)


def examine_client(description: ClientDescription, folder: Path) -> Finding:
    """Say whether a client can be built (below `folder`) and run, and how to get what it needs."""
    programs = _missing_programs(description)
    packages = [] if _brings_its_own(description) else _missing_packages(description)
    return Finding(
        name=description.name,
        present=not (programs or packages),
        version=description.description,
        advice="; ".join([*_advice(description, programs, packages), *_to_come(description, folder)]),
    )


def _brings_its_own(description: ClientDescription) -> bool:
    """Whether Debian's packages give but the programs, which may be here anyhow, and not the library."""
    return bool(description.pip or description.npm) or not _MANAGERS.isdisjoint(description.needs)


def _missing_programs(description: ClientDescription) -> list[str]:
    return [program for program in description.needs if shutil.which(program) is None]


def _missing_packages(description: ClientDescription) -> list[str]:
    """Which of Debian's packages are not installed; none where that cannot be told."""
    names = [name for name in description.apt if name not in description.needs]
    asking = shutil.which("dpkg-query")
    if asking is None or not names:
        return []
    command = [asking, "-W", "-f", "${Package} ${db:Status-Status}\n", *names]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in said.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def _advice(description: ClientDescription, programs: Sequence[str], packages: Sequence[str]) -> list[str]:
    """What is missing, and how to get it."""
    wanted = packages or (description.apt if programs else ())
    told = [f"{', '.join(programs)} is not there"] if programs else []
    return [*told, f"apt install {' '.join(wanted)}"] if wanted else told


def _to_come(description: ClientDescription, folder: Path) -> list[str]:
    """What the build will get by itself."""
    if (_place(description, folder) / _DONE).exists():
        return []
    by = {"pip": description.pip, "npm": description.npm}
    return [f"the first run gets {' '.join(names)} by {tool}" for tool, names in by.items() if names]


def _place(description: ClientDescription, folder: Path) -> Path:
    return folder / f"{description.name}-{_fingerprint(description)}"


async def built(description: ClientDescription, folder: Path, reaper: Reaper) -> Path:
    """Build the driver below `folder` unless that is done; return the folder that `{build}` stands for.

    Raises TargetError with the last lines of what the build said.
    """
    missing = _missing_programs(description)
    if missing:
        what = f"{description.name} cannot be built or run: {', '.join(missing)} is not there"
        raise TargetError(what, advice=_get(description.apt))
    build = _place(description, folder)
    if not description.build:
        return build
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)
    with (folder / f"{build.name}.log").open("ab") as log:
        # Somebody else may be building it at this moment.
        await trio.to_thread.run_sync(fcntl.flock, log, fcntl.LOCK_EX, abandon_on_cancel=True)
        if not (build / _DONE).exists():
            log.truncate(0)
            shutil.rmtree(build, ignore_errors=True)
            build.mkdir()
            if status := await _build(description, build, log, reaper):
                told = _last_lines(Path(log.name)) or f"the build ended with status {status}"
                packages = _missing_packages(description) or description.apt
                raise TargetError(f"{description.name} cannot be built: {told}", advice=_get(packages))
            _forget_old(description, folder)
        (build / _DONE).touch()  # when it was used last
    return build


def _forget_old(description: ClientDescription, folder: Path) -> None:
    """Remove what was built of former states of the folder and has not been used for long."""
    for build in folder.glob(f"{description.name}-{'[0-9a-f]' * _DIGITS}"):
        done = build / _DONE
        if done.exists() and time.time() - done.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(build, ignore_errors=True)
            build.with_name(f"{build.name}.log").unlink(missing_ok=True)


def _get(packages: Sequence[str]) -> str:
    return f"apt install {' '.join(packages)}" if packages else ""


async def _build(description: ClientDescription, build: Path, log: BinaryIO, reaper: Reaper) -> int:
    """Run the build command and return its exit status."""
    mark = reaper.mark_of_program()
    process = await trio.lowlevel.open_process(
        ["/bin/sh", "-c", _filled(description.build, build)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=description.directory,
        env={**os.environ, VARIABLE: mark},
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        with trio.move_on_after(_BUILD_SECONDS):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_leave_after, process, nursery.cancel_scope)
                await _keep(process.stdout, log, nursery.cancel_scope)
                await process.wait()
                nursery.cancel_scope.cancel()
        if process.returncode is None:
            is_flooding = log.tell() > _MOST_SAID
            why = "prints without end" if is_flooding else f"did not end within {_BUILD_SECONDS} s"
            raise TargetError(f"{description.name}: the build {why}")
        return process.returncode
    finally:
        log.flush()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        kill_marked(mark)
        with trio.CancelScope(shield=True):
            await process.wait()
            await process.stdout.aclose()


async def _leave_after(process: trio.Process, scope: trio.CancelScope) -> None:
    """Let go of the output soon after the end: something that was started may hold it for ever."""
    await process.wait()
    await trio.sleep(_REST_SECONDS)
    scope.cancel()


async def _keep(output: trio.abc.ReceiveStream, log: BinaryIO, scope: trio.CancelScope) -> None:
    """Write down what the build says; who says too much is not listened to any more."""
    async for data in output:
        log.write(data)
        if log.tell() > _MOST_SAID:
            scope.cancel()


def _last_lines(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()] or lines
    return " | ".join(line[:_LONGEST_TOLD] for line in telling[:2])


def _fingerprint(description: ClientDescription) -> str:
    digest = hashlib.sha256(sys.executable.encode())
    folder = Path(description.directory)
    shared = folder.parent.glob("contract.*")  # what several drivers include
    for file in sorted([*folder.rglob("*"), *shared]):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:_DIGITS]
