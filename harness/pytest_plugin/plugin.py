"""The plugin: `pytest --xmpp-target prosody` collects `.scs` files as items.

They are played beside one another, and reported one by one, with the same texts as on the console. This
module is loaded by every pytest where the harness is installed, so it loads the rest only when there is a
target.
"""

import importlib
from pathlib import Path

import pytest

_HOOKS = "harness.pytest_plugin.hooks"


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
    names = config.getoption("xmpp_target") or config.getini("xmpp_target")
    if names:
        hooks = importlib.import_module(_HOOKS)
        hooks.take_options(config, names)
        config.pluginmanager.register(hooks, _HOOKS)
