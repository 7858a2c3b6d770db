"""Target files: what may stand in them, and what is said when something else does."""

from pathlib import Path

import msgspec
import pytest

from harness.errors import DataError, UsageError
from harness.targets.description import (
    Description,
    Provider,
    Tls,
    launcher_names,
    load,
    names,
    targets_folder,
)
from harness.targets.launching import launcher

LAUNCHED = 'launcher = "prosody"\n[settings]\n'
ATTACHED = 'host = "127.0.0.1"\ndomain = "example.org"\n'


def write(directory: Path, text: str) -> Path:
    path = directory / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", names())
def test_every_target_file_is_read_and_has_a_launcher(name: str) -> None:
    description = load(name)
    assert description.name == name
    assert description.launcher in launcher_names()
    launcher(description.launcher).examine()


def test_everything_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        name = "staging"
        product = "Something"
        host = "xmpp.example.org"
        port = 5333
        direct_tls_port = 5334
        domain = "example.org"
        tls = "starttls"
        pin = "00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00ff"
        login_mechanisms = ["SCRAM-SHA-1"]
        patience = 4.5

        [accounts]
        provider = "given"
        [[accounts.list]]
        name = "romeo"
        password = "secret"

        [services]
        muc = "rooms.example.org"

        [features]
        present = ["urn:example:1"]
        absent = ["carbons"]

        [delays]
        reconnect = 0.02
        """,
    )
    description = load(path)
    assert description.is_attached
    assert (description.name, description.port, description.direct_tls_port) == ("staging", 5333, 5334)
    assert description.tls is Tls.STARTTLS
    assert description.accounts.provider is Provider.GIVEN
    assert description.accounts.list[0].name == "romeo"
    assert description.services.muc == "rooms.example.org"
    assert description.features.absent == ("carbons",)
    assert description.delays.reconnect == 0.02


def test_defaults(tmp_path: Path) -> None:
    description = load(write(tmp_path, ATTACHED))
    assert description.name == "mine"
    assert description.tls is Tls.IF_OFFERED
    assert description.accounts.provider is Provider.IN_BAND


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            ATTACHED + "pord = 1", "unknown key pord (did you mean port? keys: accounts, at_once,", id="key"
        ),
        pytest.param(
            ATTACHED + '[accounts]\nprovidr = "given"',
            "unknown key accounts.providr (did you mean provider? keys: admin, create, list,",
            id="key-in-table",
        ),
        pytest.param(
            ATTACHED + 'tls = "startls"',
            "tls: 'startls' is not known (did you mean starttls? tls: direct, if-offered, none, starttls)",
            id="choice",
        ),
        pytest.param(
            ATTACHED + '[accounts]\nprovider = "hok"',
            "accounts.provider: 'hok' is not known (did you mean hook? ",
            id="choice-in-table",
        ),
        pytest.param(ATTACHED + "tls = 3", "tls: 3 is not known", id="choice-of-another-type"),
        pytest.param(ATTACHED + 'port = "x"', "port: Expected `int`, got `str`", id="type"),
        pytest.param(ATTACHED + "port = 0", "port: 0 is not a port", id="port"),
        pytest.param(
            ATTACHED + "direct_tls_port = 65536", "direct_tls_port: 65536 is not a port", id="tls-port"
        ),
        pytest.param(ATTACHED + "at_once = 0", "at_once: 0 is not enough", id="at-once"),
        pytest.param(
            LAUNCHED + "max_stanza_bytes = -1", "settings.max_stanza_bytes: -1 is not enough", id="bytes"
        ),
        pytest.param(
            LAUNCHED + "start_seconds = nan", "settings.start_seconds: nan is not a time", id="start"
        ),
        pytest.param(ATTACHED + "patience = inf", "patience: inf is not a time to wait", id="patience-inf"),
        pytest.param(ATTACHED + "patience = nan", "patience: nan is not a time to wait", id="patience-nan"),
        pytest.param(ATTACHED + "patience = -1", "patience: -1.0 is not a time to wait", id="patience-less"),
        pytest.param(ATTACHED + "[delays]\nreconnect = inf", "delays.reconnect: inf is not", id="delay-inf"),
        pytest.param(ATTACHED + "pin = '00ff'", "pin: '00ff' is no SHA-256", id="pin"),
        pytest.param(ATTACHED + "ca = '/none.pem'", "ca: cannot read '/none.pem': No such", id="no-ca"),
        pytest.param(ATTACHED + "ca = '/'", "ca: cannot read '/': Is a directory", id="ca-is-a-folder"),
        pytest.param(ATTACHED + f"ca = '{__file__}'", f"ca: {__file__} holds no certificate", id="odd-ca"),
        pytest.param("launcher = 'prosdy'", "launcher: 'prosdy' is not known (did you mean", id="launcher"),
        pytest.param(ATTACHED + "patience = 0", "patience: 0.0 is not a time to wait", id="patience"),
        pytest.param(
            ATTACHED + "[delays]\nreconnect = -1.0",
            "delays.reconnect: -1.0 is not a time to wait",
            id="delay",
        ),
        pytest.param("host = ", "this is not TOML: ", id="syntax"),
        pytest.param('product = "x"', "a target is either launched or attached to", id="neither"),
        pytest.param(ATTACHED + 'launcher = "prosody"', "a target is either launched or", id="both"),
        pytest.param('launcher = "prosody"\ndomain = "a<b"', "domain: 'a<b' is no domain name", id="name"),
        pytest.param('host = "127.0.0.1"', "domain is missing", id="domain"),
        pytest.param(
            ATTACHED + '[accounts]\nprovider = "server"',
            "accounts.provider: a server that we only",
            id="own-way",
        ),
        pytest.param(
            ATTACHED + '[accounts]\nprovider = "given"', "accounts.list is missing", id="given-without-list"
        ),
        pytest.param(
            ATTACHED + '[accounts]\nprovider = "admin"\nadmin = "a@b"',
            "accounts.admin or accounts.",
            id="admin",
        ),
        pytest.param(ATTACHED + '[accounts]\nprovider = "hook"', "accounts.create is missing", id="hook"),
        pytest.param(
            ATTACHED + '[accounts]\nprovider = "hook"\ncreate = "true \\u0000"',
            "accounts.create: there is a NUL in it",
            id="nul",
        ),
        pytest.param(
            ATTACHED + '[[accounts.list]]\nname = "a\\u0000"\npassword = "b"',
            "accounts.list.name: there is a NUL in it",
            id="nul-in-list",
        ),
        pytest.param("name = " + "[" * 5000, "this is not TOML: ", id="nested"),
        pytest.param(ATTACHED + 'tls = "direct"', "direct_tls_port is missing", id="direct"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: {expected}")


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(UsageError, match=r"there is no target 'prosdy' \(did you mean prosody\? targets: "):
        load("prosdy")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such target file"):
        load(tmp_path / "none.toml")


def test_every_key_is_documented() -> None:
    documented = (targets_folder() / "README.md").read_text(encoding="utf-8")
    for field in msgspec.structs.fields(Description):
        inner = field.type
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            keys = [key.name for key in msgspec.structs.fields(inner)]
            prefixes = ["", f"{field.name}."]
        else:
            keys, prefixes = [field.name], [""]
        for key in keys:
            assert any(f"`{prefix}{key}`" in documented for prefix in prefixes), key


def test_an_unknown_launcher() -> None:
    with pytest.raises(DataError, match=r"there is no launcher 'pidgin' \(launchers: .*prosody"):
        launcher("pidgin")


@pytest.mark.parametrize(
    ("text", "configuration"),
    [
        ('launcher = "prosody"', "fixtures/servers/prosody"),
        ('launcher = "prosody"\n[settings]\nstart_seconds = 5.0', "fixtures/servers/prosody"),
        (
            'launcher = "prosody"\n[settings]\nrequire_tls = true\nextra = "a = 1"',
            "fixtures/servers/prosody with require_tls, extra",
        ),
        (ATTACHED, ""),
    ],
)
def test_how_a_server_is_set_up(tmp_path: Path, text: str, configuration: str) -> None:
    assert load(write(tmp_path, text)).configuration == configuration
