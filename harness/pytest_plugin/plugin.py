"""The plugin: `pytest --xmpp-target prosody` collects `.scs` files as items.

They are played beside one another, and reported one by one, with the same texts as on the console. This
module is loaded by every pytest where the harness is installed, so it loads the rest only when there is a
target.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.pytest_plugin.client import Clients, Server
    from harness.pytest_plugin.fake_server import FakeServer

_HOOKS = "harness.pytest_plugin.hooks"
_TARGETS = "harness.pytest_plugin.targets"
_CLIENT = "harness.pytest_plugin.client"
_FAKE = "harness.pytest_plugin.fake_server"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all of whose names begin with `--xmpp-`."""
    group = parser.getgroup("xmpp", "XMPP conformance")
    group.addoption(
        "--xmpp-target",
        action="append",
        metavar="TARGET",
        help="collect .scs files, and play them on this target (see `xmpp-harness targets`); may be repeated",
    )
    group.addoption("--xmpp-baseline", type=Path, metavar="FILE", help="what the target is known for")
    group.addoption(
        "--xmpp-fail-on",
        choices=["any", "should", "must", "security"],
        default="any",
        help="which surprises make an item fail [default: any]",
    )
    group.addoption(
        "--xmpp-fault", action="append", metavar="FAULT", help="a misbehaviour of the reference server"
    )
    group.addoption(
        "--xmpp-at-once", type=int, default=24, metavar="N", help="cases that run beside one another"
    )
    group.addoption(
        "--xmpp-retry",
        type=int,
        default=0,
        metavar="N",
        help="play what brings a surprise so often again; what then passes is told as flaky",
    )
    parser.addini("xmpp_target", "targets to play .scs files on", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Load what collects and plays, where there is a target."""
    if names := _names(config):
        hooks = importlib.import_module(_HOOKS)
        hooks.take_options(config, names)
        config.pluginmanager.register(hooks, _HOOKS)


def _names(config: pytest.Config) -> Sequence[str]:
    names: Sequence[str] = config.getoption("xmpp_target") or config.getini("xmpp_target")
    return names


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test of one's own run once for each target."""
    if "xmpp_target" in metafunc.fixturenames:
        names = list(dict.fromkeys(_names(metafunc.config))) or [""]
        metafunc.parametrize("xmpp_target", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def xmpp_target(request: pytest.FixtureRequest) -> "Server":
    """The server under test: `name`, `host`, `port`, `domain`, and `account()` for a new account."""
    if not request.param:
        pytest.fail("no target: give --xmpp-target, or xmpp_target in the configuration", pytrace=False)
    targets = request.config.stash[importlib.import_module(_TARGETS).KEY]
    (player,) = [one for one in targets.players if one.word == request.param]
    server: Server = importlib.import_module(_CLIENT).server_of(player)
    return server


@pytest.fixture
def xmpp_client(xmpp_target: "Server") -> "Iterator[Clients]":
    """Called, it logs somebody in: `send`, `receive`, `expect` and `ask` are what the user can do."""
    with importlib.import_module(_CLIENT).clients_of(xmpp_target) as clients:
        yield clients


@pytest.fixture
def xmpp_fake_server() -> "Callable[..., AbstractContextManager[FakeServer]]":
    """With a scenario it makes a block in which a client of one's own connects to `host` and `port`."""
    make: Callable[..., AbstractContextManager[FakeServer]] = importlib.import_module(_FAKE).fake_server
    return make
