"""What `--database` may name, and what becomes of what cannot be used."""

import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from hypothesis.database import DirectoryBasedExampleDatabase, MultiplexedDatabase

from harness.cli.example_database import database_of
from harness.errors import UsageError
from tests.needing import needed
from tests.waiting import until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
async def redis_server(tmp_path: Path) -> AsyncIterator[str]:
    program = shutil.which("redis-server")
    needed(program, "redis-server is not installed")
    assert program is not None, "needed"
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = await trio.lowlevel.open_process(command, stdout=subprocess.DEVNULL)
    try:
        await until(lambda: is_listening(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        await process.wait()


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_folder_keeps_what_it_is_given(tmp_path: Path) -> None:
    for word in ("", str(tmp_path / "named")):
        database = database_of(word, tmp_path / "usual")
        database.save(b"key", b"value")
        assert set(database.fetch(b"key")) == {b"value"}
    assert (tmp_path / "usual").is_dir()


async def test_redis_keeps_what_it_is_given_for_others(redis_server: str, tmp_path: Path) -> None:
    database_of(redis_server, tmp_path).save(b"key", b"value")
    assert set(database_of(redis_server, tmp_path).fetch(b"key")) == {b"value"}


def test_an_artifact_is_read_and_the_folder_written(tmp_path: Path) -> None:
    database = database_of("github:somebody/something", tmp_path)
    assert isinstance(database, MultiplexedDatabase)
    assert isinstance(database._wrapped[0], DirectoryBasedExampleDatabase)


@pytest.mark.parametrize("word", ["a-file", "redis://127.0.0.1:1/0", "redis://[/0"])
def test_what_cannot_be_used_is_named(word: str, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    named = word if "://" in word else str(tmp_path / word)
    with pytest.raises(UsageError, match="cannot be used"):
        database_of(named, tmp_path)
