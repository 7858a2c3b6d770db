"""Where Hypothesis keeps what has shown something: a folder, Redis, or an artifact of a CI on GitHub."""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from hypothesis.database import (
    DirectoryBasedExampleDatabase,
    ExampleDatabase,
    GitHubArtifactDatabase,
    MultiplexedDatabase,
    ReadOnlyDatabase,
)

from harness.errors import UsageError

_ARTIFACT = re.compile(r"github:(?P<owner>[\w.-]+)/(?P<repository>[\w.-]+)(?:/(?P<artifact>[\w.-]+))?")
_NAME = "hypothesis-example-db"  # what Hypothesis's own documentation calls the artifact


def database_of(word: str, usual: Path) -> ExampleDatabase:
    """What `--database` names: a folder, `redis://HOST:PORT/NUMBER` or `github:OWNER/REPOSITORY[/ARTIFACT]`.

    What an artifact has is read only; what is new goes to the `usual` folder. Raises UsageError.
    """
    if word.startswith(("redis://", "rediss://", "unix://")):
        return _on_redis(word)
    if found := _ARTIFACT.fullmatch(word):
        artifact = GitHubArtifactDatabase(found["owner"], found["repository"], found["artifact"] or _NAME)
        return MultiplexedDatabase(_in_folder(usual), ReadOnlyDatabase(artifact))
    if word.startswith("github:"):
        raise UsageError(f"{word} names no repository", advice="write github:OWNER/REPOSITORY[/ARTIFACT]")
    return _in_folder(Path(word) if word else usual)


def _on_redis(address: str) -> ExampleDatabase:
    if find_spec("redis") is None:
        raise UsageError("Redis needs a library", advice="pip install 'xmpp-harness[redis]'")
    redis = import_module("redis")  # an extra
    try:
        server = redis.Redis.from_url(address, socket_connect_timeout=5)
        server.ping()
    except (redis.RedisError, ValueError) as error:
        raise UsageError(f"the database {address} cannot be used: {error}") from error
    keeping = import_module("hypothesis.extra.redis").RedisExampleDatabase(
        server, key_prefix=b"xmpp-harness:"
    )
    assert isinstance(keeping, ExampleDatabase)
    return keeping


def _in_folder(folder: Path) -> ExampleDatabase:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
    except OSError as error:
        raise UsageError(f"the database {folder} cannot be used: {error.strerror}") from error
    return DirectoryBasedExampleDatabase(folder)
