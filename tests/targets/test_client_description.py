"""Clients are described by folders; what stands in them is checked."""

from pathlib import Path

import pytest

from harness.errors import DataError, UsageError
from harness.targets.client_description import (
    TlsUse,
    Transport,
    client_names,
    clients_folder,
    is_client,
    load_client,
)


def described(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "client.toml").write_text(text)
    return folder


@pytest.mark.parametrize("name", client_names())
def test_each_client_that_comes_with_it_can_be_read(name: str) -> None:
    one = load_client(name)
    assert one.name == name
    assert one.description
    assert Path(one.directory) == clients_folder() / name
    assert not one.is_attached
    assert not one.build or one.needs or one.pip or one.npm, "doctor has to tell what a build takes"


def test_a_folder_and_its_file_mean_a_client(tmp_path: Path) -> None:
    folder = described(tmp_path, 'run = "x"\ntls = ["direct"]\ntransport = "websocket"\nat_once = 3\n')
    for word in (str(folder), str(folder / "client.toml")):
        assert is_client(word)
        one = load_client(word)
        assert (one.name, one.directory) == ("mine", str(folder))
        assert (one.tls, one.transport, one.at_once) == ((TlsUse.DIRECT,), Transport.WEBSOCKET, 3)
    assert not is_client(str(tmp_path))
    assert not is_client("prosody")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "run is missing"),
        ('run = "  "', "run is missing"),
        ('run = "it\'s"', "No closing quotation"),
        ('run = "x"\ncolor = "red"', "unknown field `color`"),
        ('run = "x"\ntls = ["ssl"]', "tls"),
        ('run = "x"\nat_once = 0', "at_once"),
        ('run = "x"\npatience = 0', "patience"),
        ('run = "x"\nneeds = "g++"', "needs"),
        ('run = "x"\nlacks = ["nonsense"]', "there is no report 'nonsense'"),
        ('run = "x"\nname = "../x"', "'../x' is no name"),
        ('run = "a\\u0000b"', "'run': this cannot be part"),
        ('run = "x"\nenvironment = {"A=B" = "c"}', "'A=B': this cannot be part"),
        ("run = ", "no client's description"),
        ("\N{REPLACEMENT CHARACTER}", "no client's description"),
    ],
)
def test_a_description_that_is_wrong(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=told) as caught:
        load_client(str(described(tmp_path, text)))
    assert caught.value.where.endswith("client.toml")


def test_a_description_that_is_no_text(tmp_path: Path) -> None:
    folder = described(tmp_path, "")
    (folder / "client.toml").write_bytes(b"run = '\xff'")
    with pytest.raises(DataError, match="no client's description"):
        load_client(str(folder))


def test_a_client_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match=r"there is no client 'glox'.*did you mean gloox"):
        load_client("glox")
