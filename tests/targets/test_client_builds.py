"""Drivers are built once, what went wrong is told, and what is missing is named."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import trio

from harness.errors import TargetError
from harness.targets.client_builds import built, command_of, examine_client
from harness.targets.client_description import ClientDescription
from harness.targets.driven import Reaper, reaping


@pytest.fixture
def reaper() -> Iterator[Reaper]:
    with reaping() as made:
        yield made


def client(tmp_path: Path, build: str = "", **keys: object) -> ClientDescription:
    folder = tmp_path / "mine.js"
    folder.mkdir(exist_ok=True)
    (folder / "client.toml").write_text("")
    described = ClientDescription(name="mine.js", run="{build}/x", build=build, directory=str(folder))
    return msgspec.structs.replace(described, **keys)


COUNTING = "echo x >> ../builds; echo made > {build}/x"


def times(tmp_path: Path) -> int:
    return len((tmp_path / "builds").read_text().split())


async def test_a_driver_is_built_once_until_something_changes(tmp_path: Path, reaper: Reaper) -> None:
    one, cache = client(tmp_path, COUNTING), tmp_path / "cache"
    first = await built(one, cache, reaper)
    assert await built(one, cache, reaper) == first
    assert (first / "x").read_text() == "made\n"
    assert times(tmp_path) == 1
    (tmp_path / "mine.js" / "driver.c").write_text("changed")
    assert await built(one, cache, reaper) != first
    (tmp_path / "contract.h").write_text("changed too")
    await built(one, cache, reaper)
    assert times(tmp_path) == 3


async def test_what_was_built_before_goes_when_nobody_uses_it(tmp_path: Path, reaper: Reaper) -> None:
    one, cache = client(tmp_path, COUNTING), tmp_path / "cache"
    builds = []
    for state in ("first", "second", "third"):
        (tmp_path / "mine.js" / "driver.c").write_text(state)
        builds.append(await built(one, cache, reaper))
        if state == "first":
            os.utime(builds[0] / "built", (0, 0))
    assert [one.exists() for one in builds] == [False, True, True]
    assert sorted(one.name for one in cache.iterdir()) == sorted(
        f"{build.name}{end}" for build in builds[1:] for end in ("", ".log")
    )


async def test_two_at_once_build_it_once(tmp_path: Path, reaper: Reaper) -> None:
    one = client(tmp_path, f"sleep 0.3; {COUNTING}")
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(built, one, tmp_path / "cache", reaper)
    assert times(tmp_path) == 1


async def test_a_build_that_was_cut_short_is_begun_anew(tmp_path: Path, reaper: Reaper) -> None:
    one = client(tmp_path, f"test -e ../again || sleep 600; test ! -e {{build}}/rest; {COUNTING}")
    with trio.move_on_after(0.3):
        await built(one, tmp_path / "cache", reaper)
    (next((tmp_path / "cache").glob("mine.js-*[0-9a-f]")) / "rest").write_text("")
    (tmp_path / "again").write_text("")
    with trio.fail_after(20):
        place = await built(one, tmp_path / "cache", reaper)
    assert not (place / "rest").exists()


@pytest.mark.parametrize(
    ("build", "told"),
    [
        ("echo one; echo a.c:1: error: odd; echo last; exit 1", "mine.js cannot be built: a.c:1: error: odd"),
        ("no-such-compiler -o x", "no-such-compiler"),
        ("exit 3", "the build ended with status 3"),
        ("printf '\\377\\376'; exit 1", "cannot be built"),
        ("kill -9 $$", "cannot be built"),
    ],
)
async def test_a_build_that_fails(build: str, told: str, tmp_path: Path, reaper: Reaper) -> None:
    one = client(tmp_path, build, apt=("no-such-package",))
    with pytest.raises(TargetError) as caught:
        await built(one, tmp_path / "cache", reaper)
    assert told in str(caught.value)
    assert "apt install no-such-package" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_what_is_needed_and_missing_is_named(tmp_path: Path, reaper: Reaper) -> None:
    one = client(tmp_path, COUNTING, needs=("sh", "no-such-compiler"), apt=("no-such-package",))
    with pytest.raises(TargetError, match=r"no-such-compiler is not there .apt install no-such-package"):
        await built(one, tmp_path / "cache", reaper)
    assert not (tmp_path / "builds").exists()


async def test_the_doctor_tells_what_is_missing_and_what_a_build_will_get(
    tmp_path: Path, reaper: Reaper
) -> None:
    cache = tmp_path / "cache"
    lacking = examine_client(client(tmp_path, needs=("no-such-program",), apt=("no-such-package",)), cache)
    assert not lacking.present
    assert lacking.advice == "no-such-program is not there; apt install no-such-package"
    one = client(
        tmp_path, COUNTING, needs=("sh",), pip=("odd==1",), npm=("even@2",), apt=("no-such-package",)
    )
    found = examine_client(one, cache)
    assert found.present
    assert found.advice == "the first run gets odd==1 by pip; the first run gets even@2 by npm"
    await built(one, cache, reaper)
    assert examine_client(one, cache).advice == ""


def test_the_doctor_asks_for_no_package_where_a_manager_gets_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go").write_text("#!/bin/sh\n")
    (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert examine_client(client(tmp_path, needs=("go",), apt=("no-such-package",)), tmp_path).present
    assert not examine_client(client(tmp_path, needs=("sh",), apt=("no-such-package",)), tmp_path).present


def test_a_command_is_filled_in(tmp_path: Path) -> None:
    one = client(tmp_path, run="'{build}/the driver' {python} -x")
    command = command_of(one, Path("/b"))
    assert command[0] == "/b/the driver"
    assert command[1].startswith("/")
    assert command[2] == "-x"


async def test_a_build_that_prints_without_end_is_stopped(tmp_path: Path, reaper: Reaper) -> None:
    with trio.fail_after(20), pytest.raises(TargetError, match="the build prints without end"):
        await built(client(tmp_path, "yes error: this is bad"), tmp_path / "cache", reaper)
    (log,) = (tmp_path / "cache").glob("*.log")
    assert log.stat().st_size < 32 << 20


async def test_what_a_build_leaves_behind_keeps_nobody_waiting(tmp_path: Path, reaper: Reaper) -> None:
    one = client(tmp_path, f"env -i setsid sleep 20 & {COUNTING}; exit 1")
    with trio.fail_after(10):
        for _ in range(2):
            with pytest.raises(TargetError):
                await built(one, tmp_path / "cache", reaper)
    assert times(tmp_path) == 2
